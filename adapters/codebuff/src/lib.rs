//! The aid adapter for Codebuff, through `aid-codebuff`: the program below `plugin/` that drives codebuff's SDK 0.10.7,
//! because its own CLI has no mode without a terminal.
//!
//! Owns everything aid knows about codebuff: who it is ([`manifest`]), how it is started ([`plan`]), what its output
//! means and when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;
mod refusal;
mod verdict;

use aid_adapter_kit::codex_shaped::Reader;
use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of codebuff.
#[derive(Debug)]
pub struct Codebuff {
    stdout: Reader<parse::CodebuffDialect>,
    stderr: Tail,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Codebuff {
    fn default() -> Self {
        Self { stdout: Reader::new(parse::CodebuffDialect), stderr: Tail::new(STDERR_TAIL_BYTES), resume: None }
    }
}

impl Adapter for Codebuff {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::plan(request)
    }

    fn begin(&mut self, request: Request) {
        self.resume = request.resume;
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match from {
            Source::Out => {
                let before = events.len();
                self.stdout.on_line(line, events)?;
                // Codebuff counts credits, not tokens: a count in its place is the size of the conversation, and
                // whoever adds it up is wrong.
                let said = events.split_off(before);
                events.extend(said.into_iter().filter(|event| !matches!(event, Event::Usage(_))));
                events.extend(parse::credits(line));
            }
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

aid_adapter_kit::export!(Codebuff);
