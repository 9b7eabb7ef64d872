//! The aid adapter for the Cursor CLI, from its documentation.
//!
//! The CLI talks to Cursor's own servers alone, so it was never run here: what this crate knows is what is documented and
//! what others report. Where both are silent it takes the careful side.
//!
//! Owns everything aid knows about cursor: who it is ([`manifest`]), how it is started ([`plan`]), what its output means
//! and when a run of it was a success. Must not hold policy: what to do about a refusal is the host's business.

pub mod manifest;
mod parse;
pub mod plan;
mod startup;

use aid_adapter_kit::claude_shaped::Reader;
use aid_adapter_kit::judge::{End, Findings, Run, denied};
use aid_adapter_kit::text::is_blank;
use aid_adapter_kit::{
    Adapter, Autonomy, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of cursor.
#[derive(Debug)]
pub struct Cursor {
    stdout: Reader<parse::CursorDialect>,
    stderr: Tail,
    /// Whether a line of stdout was too long to be read.
    dropped: bool,
    /// What it was allowed to do.
    autonomy: Autonomy,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Cursor {
    fn default() -> Self {
        Self {
            stdout: Reader::new(parse::CursorDialect::default()),
            stderr: Tail::new(STDERR_TAIL_BYTES),
            dropped: false,
            autonomy: Autonomy::Full,
            resume: None,
        }
    }
}

impl Adapter for Cursor {
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
            self.dropped = true;
            self.stdout.on_dropped();
        }
    }

    fn verdict(&mut self, exit: &ExitStatus) -> Verdict {
        let said = self.stdout.state_mut().last_words();
        let claimed = self.stdout.state_mut().ending.as_mut().and_then(|ended| ended.ending.text.take());
        // The result is everything the assistant ever said in one piece: an answer only where it said nothing else.
        let is_answer = |text: &String| !is_blank(text) && !self.dropped && !self.stdout.state().worked;
        let claimed = claimed.filter(is_answer);
        let state = self.stdout.state();
        let ended = state.ending.as_ref();
        let words = ended.map(|ended| ended.ending.words()).unwrap_or_default();
        let run = Run {
            agent: "cursor",
            end: ended.map_or(End::Missing, |ended| ended.end(&words)),
            session: state.session.as_deref(),
            usage: state.usage.as_ref(),
            retry: state.retry.as_ref(),
            exit,
            autonomy: self.autonomy,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        let not_begun = !state.worked && run.may_not_have_begun();
        run.verdict(Findings {
            denied: denied(self.stdout.dialect().rejected(), &[]),
            last_word: None,
            not_begun: if not_begun { startup::reason(&run.stderr_lines()) } else { None },
            answer: said.or(claimed),
        })
    }
}

aid_adapter_kit::export!(Cursor);
