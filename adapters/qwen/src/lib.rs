//! The aid adapter for Qwen Code, as recorded with version 0.15.10.
//!
//! Owns everything aid knows about qwen: who it is ([`manifest`]), how it is started ([`plan`]), what its output means and
//! when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;
mod refusal;
mod startup;

use aid_adapter_kit::claude_shaped::{Ended, Reader};
use aid_adapter_kit::judge::{End, Findings, Run, denied};
use aid_adapter_kit::text::is_blank;
use aid_adapter_kit::{
    Adapter, Autonomy, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes: an unknown flag is answered with the whole help.
const STDERR_TAIL_BYTES: usize = 16 << 10;

/// One run of qwen.
#[derive(Debug)]
pub struct Qwen {
    stdout: Reader<parse::QwenDialect>,
    stderr: Tail,
    /// What it was allowed to do.
    autonomy: Autonomy,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Qwen {
    fn default() -> Self {
        Self {
            stdout: Reader::new(parse::QwenDialect),
            stderr: Tail::new(STDERR_TAIL_BYTES),
            autonomy: Autonomy::Full,
            resume: None,
        }
    }
}

impl Adapter for Qwen {
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
        let said = self.stdout.state_mut().last_words();
        let is_mark = |ended: &mut Ended| ended.refusal.is_none().then(|| ended.ending.text.take()).flatten();
        let claimed = self.stdout.state_mut().ending.as_mut().and_then(is_mark).filter(|text| !is_blank(text));
        let state = self.stdout.state();
        let ended = state.ending.as_ref();
        let words = ended.map(|ended| ended.ending.words()).unwrap_or_default();
        let run = Run {
            agent: "qwen",
            end: ended.map_or(End::Missing, |ended| ended.end(&words)),
            session: state.session.as_deref(),
            usage: state.usage.as_ref(),
            retry: state.retry.as_ref(),
            exit,
            autonomy: self.autonomy,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        let not_begun = !state.spoke && run.may_not_have_begun();
        run.verdict(Findings {
            denied: ended.and_then(|ended| denied(ended.ending.denials, &ended.ending.denied_tools)),
            // In the assistant's channel, qwen's errors are only what the result makes of them.
            last_word: None,
            not_begun: if not_begun { startup::reason(&run.stderr_lines()) } else { None },
            answer: claimed.or(said).filter(|text| !refusal::is_empty_answer(text)),
        })
    }
}

aid_adapter_kit::export!(Qwen);
