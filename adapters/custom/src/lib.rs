//! The aid adapter behind agents that users define.
//!
//! Owns carrying out a definition: how such an agent is started ([`plan`]), what its output means and when a run of it
//! was a success. The definition comes with each request, as the JSON that `definition.schema.json` describes. Must not
//! know a single agent: whatever differs between them stands in their definitions.

mod answer;
pub mod definition;
pub mod manifest;
mod node;
pub mod plan;
mod rules;
mod state;
mod usage;
mod verdict;

use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

use crate::definition::{Definition, Format};
use crate::state::State;

/// How much of stderr is kept for the verdict, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of a user's agent.
#[derive(Debug)]
pub struct Custom {
    /// The definition; in words, why there is none.
    definition: Result<Definition, String>,
    state: State,
    stderr: Tail,
    /// The session that was to be continued.
    resume: Option<String>,
}

impl Default for Custom {
    fn default() -> Self {
        Self {
            definition: Err("there is no definition".into()),
            state: State::default(),
            stderr: Tail::new(STDERR_TAIL_BYTES),
            resume: None,
        }
    }
}

impl Adapter for Custom {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::plan(request)
    }

    fn begin(&mut self, request: Request) {
        self.definition = match definition::of(&request) {
            Some(definition) => definition,
            None => Err("there is no definition".into()),
        };
        self.resume = request.resume;
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match (from, &self.definition) {
            (Source::Err, _) => self.stderr.push(line),
            (Source::Out, Ok(definition)) => match definition.format {
                Format::Text => self.state.text_line(line, events),
                Format::Jsonl => rules::read_line(definition, &mut self.state, line, events)?,
            },
            // Nobody knows what it means, and the verdict says so.
            (Source::Out, Err(_)) => {}
        }
        Ok(())
    }

    fn on_dropped(&mut self, from: Source) {
        if let (Source::Out, Ok(definition)) = (from, &self.definition) {
            self.state.line_dropped(definition);
        }
    }

    fn verdict(&mut self, exit: &ExitStatus) -> Verdict {
        let final_text = self.state.answer.take();
        let ended = verdict::Ended {
            definition: &self.definition,
            state: &self.state,
            exit,
            resume: exit.resumed_from.as_deref().or(self.resume.as_deref()),
            stderr: &self.stderr,
        };
        ended.verdict(final_text)
    }
}

aid_adapter_kit::export!(Custom);
