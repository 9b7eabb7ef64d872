//! The aid adapter for the Kilo CLI, as recorded with version 7.7.7.
//!
//! Owns what aid knows about kilo alone: who it is ([`manifest`]), its switches ([`plan`]) and its own words. What it has
//! in common with its family is the kit's. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;

use aid_adapter_kit::opencode_shaped::judge::Ended;
use aid_adapter_kit::opencode_shaped::stderr::{self, Fallback};
use aid_adapter_kit::opencode_shaped::{Class, Dialect, Reader};
use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

use crate::parse::KiloDialect;

/// One run of kilo.
#[derive(Debug)]
pub struct Kilo {
    stdout: Reader<KiloDialect>,
    stderr: Tail,
    /// The session that was to be continued.
    resume: Option<String>,
    fallback: Fallback,
}

impl Default for Kilo {
    fn default() -> Self {
        let stdout = Reader::new(KiloDialect, None);
        let stderr = Tail::new(stderr::TAIL_BYTES);
        Self { stdout, stderr, resume: None, fallback: Fallback::default() }
    }
}

impl Adapter for Kilo {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::MEMBER.plan(request)
    }

    fn begin(&mut self, request: Request) {
        self.stdout = Reader::new(KiloDialect, request.model.as_deref());
        self.resume = request.resume;
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match from {
            Source::Out => self.stdout.on_line(line, events)?,
            Source::Err => {
                if let Some(profile) = self.fallback.on_line(line) {
                    // It goes on with more rights than it was given, so it has to be ended.
                    let text = format!("{} runs not as agent {profile:?} but as its default one", KiloDialect::NAME);
                    events.push(Event::Refusal(Class::Other.refusal(text, true)));
                }
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
        let ended = Ended {
            name: KiloDialect::NAME,
            state: self.stdout.state(),
            exit,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            missing_profile: self.fallback.missing(),
            stderr: &self.stderr,
        };
        ended.verdict(answer)
    }
}

aid_adapter_kit::export!(Kilo);
