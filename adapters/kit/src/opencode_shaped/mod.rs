//! Owns the family of agents that write opencode's JSON lines: `step_start`, `text`, `reasoning`, `tool_use`,
//! `step_finish`, `error`.
//!
//! It turns lines into events, keeps the state a verdict needs, and reads the error objects of the library through
//! which all of them talk to providers. The agent's own words, and after which ends of a step it goes on, differ
//! between the members and belong to their adapters: see [`Dialect`].
//!
//! Only an `error` line is the provider's channel. Nothing inside a part (what the model or a tool wrote) may become a
//! refusal, a success or a failure. There is no final line: a run that ended well is one whose last step finished with
//! `stop` and left no tool call to answer.

mod errors;
pub mod judge;
pub mod launch;
mod parts;
pub mod stderr;

use crate::json::Object;
use crate::text::cut;
use crate::{Event, Malformed, Refusal, Usage};

use self::errors::AgentError;
pub use self::errors::Class;

/// The longest text of a notice or a refusal that is kept, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 8 << 10;

/// How often in a row an agent may ask its provider, get no end of an answer and no tool call, and simply ask again.
/// Such agents have no bound of their own: they were seen to ask 54 times in 70 seconds.
pub const MAX_UNANSWERED_STEPS: u32 = 5;

/// The longest answer that is kept, in bytes: one step can hold many texts.
const MAX_ANSWER_BYTES: usize = crate::lines::MAX_LINE_BYTES;

/// The longest session id that is believed, in bytes.
const MAX_SESSION_BYTES: usize = 256;

/// What one member of the family means.
pub trait Dialect {
    /// How it is called in messages.
    const NAME: &'static str;

    /// What the agent says about itself with an error that is no provider's; none when the words are not its own.
    fn own_words(&self, text: &str) -> Option<OwnWords>;

    /// Whether the agent asks its provider once more after a step that ended for this reason and called no tool.
    fn asks_again_after(&self, reason: &str) -> bool;
}

/// What an agent says about itself where a provider's error could stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnWords {
    /// The model answered nothing.
    NoAnswer,
    /// It refused a permission in the name of a user who is not there.
    Rejected,
    /// Something failed and the text hides what; this is what a person should know besides.
    Hidden(&'static str),
}

/// Reads one run.
#[derive(Debug, Default)]
pub struct Reader<D> {
    dialect: D,
    state: State,
    /// The part of the requested model that names its provider: the account that a limit is about.
    pool: Option<String>,
    /// Whether the step that runs has called a tool.
    step_called_tool: bool,
    /// How many steps in a row ended without an end of the answer.
    unanswered: u32,
    /// Whether a context that was too long was reported: the agent shortens it and tries once more.
    shortening: bool,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub struct State {
    /// Whether the agent said anything at all that belongs to the protocol.
    pub spoke: bool,
    /// The agent's id of its session.
    pub session: Option<String>,
    /// What it wrote since its last step began or its last tool ended: the answer, once the step has finished well.
    pub answer: Option<String>,
    /// Whether the answer was longer than what is kept.
    pub answer_cut: bool,
    /// How its last step ended, while nothing has come after it.
    pub last_step: Option<Step>,
    /// What all steps used. A count that one of them did not give is unknown.
    pub usage: Option<Usage>,
    /// What a provider said at last, or the last that says more than that something failed.
    pub refusal: Option<Refusal>,
    /// What the agent said of itself, in its own words.
    pub own_error: Option<(OwnWords, String)>,
    /// The agent was told to stop, and said so.
    pub interrupted: bool,
    /// The tool whose use was refused because nobody was there to allow it.
    pub rejected_tool: Option<String>,
    /// The tool of an error that reads like such a refusal, while nothing has come after its step.
    pub last_rejection: Option<String>,
    /// The agent asked and asked.
    pub endless: Option<Refusal>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// In the provider's or the library's word.
    pub reason: String,
    /// Whether a tool was called in it whose result the model has not seen: the agent goes on.
    pub called_tool: bool,
    /// Whether anything was counted. A stream that broke off brings no counts.
    pub counted: bool,
}

impl Step {
    /// The family's success mark: the model said that it is done, and nothing waits for it.
    pub fn is_end(&self) -> bool {
        self.reason == "stop" && !self.called_tool
    }

    /// The provider's stream ended before the answer did.
    pub fn broke_off(&self) -> bool {
        !self.called_tool && !self.counted && matches!(self.reason.as_str(), "unknown" | "other")
    }
}

impl<D: Dialect> Reader<D> {
    /// Starts with nothing read. `model` is the one that was asked for, as `provider/model`.
    pub fn new(dialect: D, model: Option<&str>) -> Self {
        let provider = model.and_then(|model| model.split_once('/')).map(|(provider, _)| provider.to_owned());
        Self {
            dialect,
            state: State::default(),
            pool: provider,
            step_called_tool: false,
            unanswered: 0,
            shortening: false,
        }
    }

    /// What was seen so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Gives up the answer without a copy: it can be megabytes.
    pub fn take_answer(&mut self) -> Option<String> {
        self.state.answer.take()
    }

    /// A line of stdout was too long to be read. It may have been the answer, or a step after the last one.
    pub fn on_dropped(&mut self) {
        self.state.answer = None;
        self.state.last_step = None;
    }

    /// One line of stdout.
    ///
    /// # Errors
    /// When the line is not an object with a type. Unknown types are fine: they differ between versions.
    pub fn on_line(&mut self, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        if line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Ok(());
        }
        let object = Object::parse(line)?;
        let kind = object.string("type").ok_or(Malformed)?;
        let is_known = matches!(&*kind, "step_start" | "text" | "reasoning" | "tool_use" | "step_finish" | "error");
        if !is_known {
            return Ok(());
        }
        self.state.spoke = true;
        self.session(&object, events);
        if kind == "error" {
            self.error(&object, events);
            return Ok(());
        }
        let part = object.object("part").unwrap_or_default();
        match &*kind {
            "step_start" => self.step_start(),
            "text" => self.text(&part, events),
            "reasoning" => {
                let text = part.string("text").filter(|text| !text.is_empty());
                events.extend(text.map(|text| Event::Reasoning(text.into_owned())));
            }
            "tool_use" => self.tool_use(&part, events),
            _ => self.step_finish(&part, events),
        }
        Ok(())
    }

    /// There is no line that introduces the session: each one names it.
    fn session(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        if self.state.session.is_some() {
            return;
        }
        let Some(id) = object.string("sessionID") else { return };
        if !id.is_empty() && id.len() <= MAX_SESSION_BYTES {
            self.state.session = Some(id.clone().into_owned());
            events.push(Event::Session(id.into_owned()));
        }
    }

    fn step_start(&mut self) {
        self.state.last_step = None;
        self.state.last_rejection = None;
        self.state.answer = None;
        self.state.answer_cut = false;
        self.step_called_tool = false;
    }

    /// A step may hold many texts; each is whole.
    fn text(&mut self, part: &Object<'_>, events: &mut Vec<Event>) {
        self.state.last_step = None;
        let Some(text) = part.string("text").filter(|text| !text.is_empty()) else { return };
        let text = text.into_owned();
        match &mut self.state.answer {
            None => self.state.answer = Some(text.clone()),
            Some(answer) if answer.len() + 1 + text.len() <= MAX_ANSWER_BYTES => {
                answer.push('\n');
                answer.push_str(&text);
            }
            Some(_) => self.state.answer_cut = true,
        }
        events.push(Event::Message(text));
    }

    fn tool_use(&mut self, part: &Object<'_>, events: &mut Vec<Event>) {
        self.state.last_step = None;
        let used = parts::tool(part, events);
        // What a provider ran on its own side is a part of its answer.
        if used.by_provider {
            return;
        }
        self.step_called_tool = true;
        self.state.answer = None;
        self.state.answer_cut = false;
        if used.rejected {
            self.state.last_rejection = Some(used.name.clone());
            // A server of tools writes the errors of its own tools.
            if used.is_builtin {
                self.state.rejected_tool = Some(used.name);
            }
        }
    }

    fn step_finish(&mut self, part: &Object<'_>, events: &mut Vec<Event>) {
        let used = parts::usage(part);
        let step = Step {
            reason: part
                .string("reason")
                .map_or_else(String::new, |reason| cut(&reason, MAX_SESSION_BYTES).into_owned()),
            called_tool: std::mem::take(&mut self.step_called_tool),
            counted: used.is_some(),
        };
        let used = used.unwrap_or(parts::UNKNOWN);
        self.state.usage = Some(match self.state.usage.take() {
            Some(before) => parts::sum(&before, &used),
            None => used.clone(),
        });
        events.push(Event::Usage(used));
        if step.is_end() {
            events.push(Event::Finished);
        }
        self.count_unanswered(&step, events);
        self.state.last_step = Some(step);
    }

    fn count_unanswered(&mut self, step: &Step, events: &mut Vec<Event>) {
        if step.called_tool || !self.dialect.asks_again_after(&step.reason) {
            self.unanswered = 0;
            return;
        }
        self.unanswered += 1;
        if self.unanswered < MAX_UNANSWERED_STEPS || self.state.endless.is_some() {
            return;
        }
        let class = if step.counted { Class::Other } else { Class::Network };
        let message = format!(
            "{} asked the provider {MAX_UNANSWERED_STEPS} times in a row, each answer broke off (reason {:?}), and it \
             would go on asking",
            D::NAME,
            step.reason
        );
        let refusal = class.refusal(message, true);
        self.state.endless = Some(refusal.clone());
        events.push(Event::Refusal(refusal));
    }

    fn error(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let error = object.get("error").map(AgentError::read).unwrap_or_default();
        self.state.last_step = self.state.last_step.take().filter(|_| self.keeps_mark(&error));
        if error.is_abort() {
            self.state.interrupted = true;
            return events.push(Event::Notice(error.message));
        }
        if let Some(words) = self.dialect.own_words(&error.message) {
            match words {
                OwnWords::Hidden(hint) => {
                    let message = format!("{} ({hint})", error.message);
                    return self.refused(Class::Other.refusal(message, true), events);
                }
                words => {
                    events.push(Event::Notice(error.message.clone()));
                    self.state.own_error = Some((words, error.message));
                    return;
                }
            }
        }
        let class = error.class();
        // The first time the agent shortens what it sends and tries again.
        let goes_on = class == Class::Context && !std::mem::replace(&mut self.shortening, true);
        let mut refusal = class.refusal(error.message, !goes_on);
        if matches!(class, Class::RateLimit | Class::Quota | Class::Auth | Class::Capacity) {
            refusal.pool.clone_from(&self.pool);
        }
        refusal.retry_at = error.retry_at;
        self.refused(refusal, events);
    }

    /// Only that the model answered nothing can be said after the mark without taking it back.
    fn keeps_mark(&self, error: &AgentError) -> bool {
        self.dialect.own_words(&error.message) == Some(OwnWords::NoAnswer)
    }

    fn refused(&mut self, refusal: Refusal, events: &mut Vec<Event>) {
        let says_more = refusal.class != Class::Other.as_str();
        let said_more = self.state.refusal.as_ref().is_some_and(|known| known.class != Class::Other.as_str());
        if says_more || !said_more {
            self.state.refusal = Some(refusal.clone());
        }
        events.push(Event::Refusal(refusal));
    }
}

#[cfg(test)]
mod tests;
