//! Owns the family of agents that write codex's JSON lines: `thread.started`, `turn.*`, `item.*`, `error`.
//!
//! It turns lines into events and keeps the state a verdict needs. What a provider's text means, and what counts as
//! success, differs between the members of the family and belongs to their adapters: see [`Dialect`].
//!
//! Only `error` and `turn.failed` are the provider's channel. Nothing inside an item (what the model or a tool wrote)
//! may become a refusal, a success or a failure.

mod items;

use crate::json::Object;
use crate::text::cut;
use crate::{Event, Malformed, Refusal, Usage};

/// The longest text of a notice or a refusal that is kept, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 8 << 10;

/// The longest session id that is believed, in bytes.
const MAX_SESSION_BYTES: usize = 256;

/// What one member of the family means by its messages.
pub trait Dialect {
    /// The cause inside a message that only says that the agent tries again; none for any other message.
    fn retry_cause<'m>(&self, message: &'m str) -> Option<&'m str>;

    /// What the provider's text means. `status` is the HTTP status where the agent gives it beside the text.
    /// `is_final` goes into the answer: the agent gave up.
    fn refusal(&self, message: &str, status: Option<u64>, is_final: bool) -> Refusal;
}

/// Reads one run.
#[derive(Debug, Default)]
pub struct Reader<D> {
    dialect: D,
    state: State,
    items: items::Pending,
    /// Class and message of the last refusal that was not final, so that five retries for one cause are one event.
    last_retry: Option<(String, String)>,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub struct State {
    /// Whether the agent said anything at all that belongs to the protocol.
    pub spoke: bool,
    /// The agent's id of its session.
    pub session: Option<String>,
    /// Where its turn stands.
    pub turn: Turn,
    /// The last assistant message, also of a turn that did not end well.
    pub last_message: Option<String>,
    /// Whether that message belongs to the turn that was started last.
    pub answered: bool,
    /// The last `turn.completed`'s counts, as totals of the session.
    pub usage: Option<Usage>,
    /// The last `error` that was no retry notice, while nothing has come after it.
    pub last_error: Option<Refusal>,
    /// The last retry notice, while nothing but such notices has come after it.
    pub last_retry_notice: Option<String>,
}

/// Where a turn stands.
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Turn {
    /// No turn was started.
    #[default]
    None,
    /// It has begun and not ended.
    Running,
    /// The agent's own success mark.
    Completed,
    /// The agent's own failure mark. Only a new turn gets out of it.
    Failed(Refusal),
}

impl<D: Dialect> Reader<D> {
    /// Starts with nothing read.
    pub fn new(dialect: D) -> Self {
        Self { dialect, state: State::default(), items: items::Pending::default(), last_retry: None }
    }

    /// What was seen so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Gives up the last message without a copy: it can be megabytes.
    pub fn take_last_message(&mut self) -> Option<String> {
        self.state.last_message.take()
    }

    /// A line of stdout was too long to be read. It may have been the answer.
    pub fn on_dropped(&mut self) {
        self.state.last_message = None;
        self.state.answered = false;
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
        if kind != "error" && kind != "turn.failed" {
            self.state.last_error = None;
            self.state.last_retry_notice = None;
        }
        match &*kind {
            "thread.started" => self.thread_started(&object, events),
            "turn.started" => self.turn_started(),
            "item.started" => self.item(&object, items::Phase::Started, events),
            "item.completed" => self.item(&object, items::Phase::Completed, events),
            "turn.completed" => self.turn_completed(&object, events),
            "error" => self.error(&object, events),
            "turn.failed" => self.turn_failed(&object, events),
            _ => return Ok(()),
        }
        self.state.spoke = true;
        Ok(())
    }

    fn thread_started(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let Some(id) = object.string("thread_id") else { return };
        let believable = !id.is_empty() && id.len() <= MAX_SESSION_BYTES;
        if believable && self.state.session.is_none() {
            self.state.session = Some(id.clone().into_owned());
            events.push(Event::Session(id.into_owned()));
        }
    }

    fn turn_started(&mut self) {
        self.state.turn = Turn::Running;
        self.state.answered = false;
        self.last_retry = None;
    }

    fn item(&mut self, object: &Object<'_>, phase: items::Phase, events: &mut Vec<Event>) {
        let Some(item) = object.object("item") else { return };
        let Some(kind) = item.string("type") else { return };
        if kind == "agent_message" && phase == items::Phase::Completed {
            self.message(&item, events);
        } else {
            self.items.read(&kind, &item, phase, events);
        }
    }

    fn message(&mut self, item: &Object<'_>, events: &mut Vec<Event>) {
        // Before the new one is decoded, so that two long ones never lie side by side.
        self.state.last_message = None;
        let text = item.string("text").unwrap_or_default().into_owned();
        self.state.answered = true;
        self.state.last_message = Some(text.clone());
        if !text.is_empty() {
            events.push(Event::Message(text));
        }
    }

    fn turn_completed(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        if matches!(self.state.turn, Turn::Failed(_)) {
            return;
        }
        self.state.turn = Turn::Completed;
        self.state.usage = object.object("usage").and_then(|usage| read_usage(&usage));
        events.extend(self.state.usage.clone().map(Event::Usage));
        events.push(Event::Finished);
    }

    fn error(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let Some(message) = object.string("message") else { return };
        events.push(Event::Notice(cut(&message, MAX_MESSAGE_BYTES).into_owned()));
        let Some(cause) = self.dialect.retry_cause(&message) else {
            self.state.last_error = Some(self.dialect.refusal(&message, None, true));
            return;
        };
        self.state.last_retry_notice = Some(cut(&message, MAX_MESSAGE_BYTES).into_owned());
        let refusal = self.dialect.refusal(cause, None, false);
        let said = (refusal.class.clone(), refusal.message.clone());
        if refusal.class != "other" && self.last_retry.as_ref() != Some(&said) {
            self.last_retry = Some(said);
            events.push(Event::Refusal(refusal));
        }
    }

    fn turn_failed(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let error = object.object("error").unwrap_or_default();
        let refusal = match (error.string("message"), self.state.last_error.take()) {
            (Some(message), _) => self.dialect.refusal(&message, error.u64("status"), true),
            (None, Some(earlier)) => earlier,
            (None, None) => self.dialect.refusal("the turn failed and no reason was given", None, true),
        };
        self.state.turn = Turn::Failed(refusal.clone());
        events.push(Event::Refusal(refusal));
    }
}

/// Totals of the session. None when nothing was counted: an agent that reports only zeros did not count.
fn read_usage(usage: &Object<'_>) -> Option<Usage> {
    let usage = Usage {
        input: usage.u64("input_tokens"),
        cached_input: usage.u64("cached_input_tokens"),
        cache_write: usage.u64("cache_write_input_tokens"),
        output: usage.u64("output_tokens"),
        reasoning: usage.u64("reasoning_output_tokens"),
        cost_micro_usd: None,
        model: None,
        cumulative: true,
    };
    let counts = [usage.input, usage.cached_input, usage.cache_write, usage.output, usage.reasoning];
    counts.iter().any(|count| count.is_some_and(|tokens| tokens > 0)).then_some(usage)
}

#[cfg(test)]
mod tests;
