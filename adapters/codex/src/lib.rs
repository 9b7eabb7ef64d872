//! The aid adapter for the Codex CLI, as recorded with version 0.169.0.
//!
//! Owns everything aid knows about codex: who it is ([`manifest`]), how it is started ([`plan`]), what its output means
//! and when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;
mod refusal;
mod startup;
mod verdict;

use aid_adapter_kit::codex_shaped::Reader;
use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of codex.
#[derive(Debug)]
pub struct Codex {
    stdout: Reader<parse::CodexDialect>,
    stderr: Tail,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Codex {
    fn default() -> Self {
        Self { stdout: Reader::new(parse::CodexDialect::default()), stderr: Tail::new(STDERR_TAIL_BYTES), resume: None }
    }
}

impl Adapter for Codex {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::plan(request)
    }

    fn begin(&mut self, request: Request) {
        self.stdout = Reader::new(parse::CodexDialect::for_model(request.model));
        self.resume = request.resume;
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match from {
            Source::Out => self.stdout.on_line(line, events)?,
            Source::Err => {
                events.extend(parse::rejected_tool_call(line));
                self.stderr.push(line);
            }
        }
        Ok(())
    }

    fn on_dropped(&mut self, from: Source) {
        if from == Source::Out {
            self.stdout.on_dropped();
        }
    }

    fn verdict(&mut self, exit: &ExitStatus) -> Verdict {
        let final_text = self.stdout.take_last_message();
        let ended = verdict::Ended {
            state: self.stdout.state(),
            exit,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        ended.verdict(final_text)
    }
}

aid_adapter_kit::export!(Codex);
