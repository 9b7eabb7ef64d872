//! The aid adapter for Claude Code, as recorded with version 2.1.197.
//!
//! Owns everything aid knows about claude: who it is ([`manifest`]), how it is started ([`plan`]), what its output means
//! and when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;
mod refusal;
mod startup;
mod verdict;

use aid_adapter_kit::claude_shaped::Reader;
use aid_adapter_kit::{
    Adapter, Autonomy, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of claude.
#[derive(Debug)]
pub struct Claude {
    stdout: Reader<parse::ClaudeDialect>,
    stderr: Tail,
    /// What it was allowed to do.
    autonomy: Autonomy,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Claude {
    fn default() -> Self {
        Self {
            stdout: Reader::new(parse::ClaudeDialect::default()),
            stderr: Tail::new(STDERR_TAIL_BYTES),
            autonomy: Autonomy::Full,
            resume: None,
        }
    }
}

impl Adapter for Claude {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::plan(request)
    }

    fn begin(&mut self, request: Request) {
        self.autonomy = request.autonomy;
        self.resume = request.resume;
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match from {
            Source::Out => self.stdout.on_line(line, events)?,
            Source::Err => self.stderr.push(line),
        }
        Ok(())
    }

    fn on_dropped(&mut self, from: Source) {
        if from == Source::Out {
            self.stdout.on_dropped();
        }
    }

    fn verdict(&mut self, exit: &ExitStatus) -> Verdict {
        let words = self.stdout.state_mut().last_words();
        let claimed = self.stdout.state_mut().ending.as_mut().and_then(|ended| ended.ending.text.take());
        let run = verdict::Run {
            state: self.stdout.state(),
            exit,
            autonomy: self.autonomy,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        run.verdict(claimed, words)
    }
}

aid_adapter_kit::export!(Claude);
