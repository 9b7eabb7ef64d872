//! The aid adapter for opencode, as recorded with version 1.18.33.
//!
//! Owns what aid knows about opencode alone: who it is ([`manifest`]), its switches ([`plan`]) and its own words. What it has
//! in common with its family is the kit's. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;

use aid_adapter_kit::opencode_shaped::judge::Ended;
use aid_adapter_kit::opencode_shaped::{Class, Dialect, Reader, launch, stderr};
use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

use crate::parse::OpencodeDialect;

/// One run of opencode.
#[derive(Debug)]
pub struct Opencode {
    stdout: Reader<OpencodeDialect>,
    stderr: Tail,
    /// The session that was to be continued.
    resume: Option<String>,
    /// The agent profile that it was told to run as.
    profile: Option<String>,
    /// Whether it said that it does not.
    fell_back: bool,
}

impl Default for Opencode {
    fn default() -> Self {
        let stderr = Tail::new(stderr::TAIL_BYTES);
        Self { stdout: Reader::new(OpencodeDialect, None), stderr, resume: None, profile: None, fell_back: false }
    }
}

impl Adapter for Opencode {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::MEMBER.plan(request)
    }

    fn begin(&mut self, request: Request) {
        self.stdout = Reader::new(OpencodeDialect, request.model.as_deref());
        self.profile = launch::profile(&request);
        self.resume = request.resume;
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match from {
            Source::Out => self.stdout.on_line(line, events)?,
            Source::Err => {
                let profile = self.profile.as_deref().filter(|profile| stderr::says_fallback(line, profile));
                if let Some(profile) = profile.filter(|_| !self.fell_back) {
                    // It goes on with more rights than it was given, so it has to be ended.
                    let text =
                        format!("{} does not run as agent {profile:?}, but as its default one", OpencodeDialect::NAME);
                    events.push(Event::Refusal(Class::Other.refusal(text, true)));
                    self.fell_back = true;
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
            name: OpencodeDialect::NAME,
            state: self.stdout.state(),
            exit,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            missing_profile: self.profile.as_deref().filter(|_| self.fell_back),
            stderr: &self.stderr,
        };
        ended.verdict(answer)
    }
}

aid_adapter_kit::export!(Opencode);
