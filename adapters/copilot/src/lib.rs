//! The aid adapter for the GitHub Copilot CLI, as recorded with version 1.0.102.
//!
//! Owns everything aid knows about copilot: who it is ([`manifest`]), how it is started ([`plan`]), what its output means
//! and when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;
mod refusal;
mod startup;
mod tools;

use aid_adapter_kit::judge::{End, Findings, Run, denied};
use aid_adapter_kit::{
    Adapter, Autonomy, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of copilot.
#[derive(Debug)]
pub struct Copilot {
    stdout: parse::Reader,
    stderr: Tail,
    /// What it was allowed to do.
    autonomy: Autonomy,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Copilot {
    fn default() -> Self {
        Self {
            stdout: parse::Reader::default(),
            stderr: Tail::new(STDERR_TAIL_BYTES),
            autonomy: Autonomy::Full,
            resume: None,
        }
    }
}

impl Adapter for Copilot {
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
        let answer = self.stdout.take_answer();
        let state = self.stdout.state();
        let words = state.end.as_ref().map(|end| end.words()).unwrap_or_default();
        let run = Run {
            agent: "copilot",
            end: match &state.end {
                None => End::Missing,
                Some(parse::End { refusal: None, .. }) => End::Mark(&words),
                Some(parse::End { refusal: Some(refusal), .. }) => End::Refused(&words, refusal),
            },
            session: state.session.as_deref(),
            // Copilot counts requests and credits, no tokens.
            usage: None,
            retry: state.failure.as_ref(),
            exit,
            autonomy: self.autonomy,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        let not_begun = !state.spoke && run.may_not_have_begun();
        let mut verdict = run.verdict(Findings {
            denied: denied(state.tools.denials, &state.tools.denied),
            last_word: state.error.clone(),
            not_begun: if not_begun { startup::reason(&run.stderr_lines()) } else { None },
            answer,
        });
        // Interrupted, copilot still ends its report with exit code 0.
        if let (Some(reason), Some(parse::End { refusal: None, .. })) = (&state.aborted, &state.end) {
            verdict.outcome = aid_adapter_kit::Outcome::Incomplete(format!("copilot was interrupted: {reason}"));
            verdict.evidence.push_str(", after an abort");
        }
        verdict
    }
}

aid_adapter_kit::export!(Copilot);
