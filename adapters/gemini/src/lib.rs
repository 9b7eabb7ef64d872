//! The aid adapter for the Gemini CLI, as recorded with version 0.61.0.
//!
//! Owns everything aid knows about gemini: who it is ([`manifest`]), how it is started ([`plan`]), what its output means
//! and when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

mod answer;
pub mod manifest;
mod parse;
pub mod plan;
mod refusal;
mod stats;
mod stderr;
mod tools;
mod verdict;

use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of gemini.
#[derive(Debug)]
pub struct Gemini {
    stdout: parse::Reader,
    stderr: Tail,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Gemini {
    fn default() -> Self {
        Self { stdout: parse::Reader::default(), stderr: Tail::new(STDERR_TAIL_BYTES), resume: None }
    }
}

impl Adapter for Gemini {
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
            Source::Out => self.stdout.on_line(line, events)?,
            Source::Err => {
                events.extend(stderr::notice(line));
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
        let answer = self.stdout.take_answer();
        let ended = verdict::Ended {
            reader: &self.stdout,
            exit,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        ended.verdict(answer)
    }
}

aid_adapter_kit::export!(Gemini);
