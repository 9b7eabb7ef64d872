//! Owns what a line of gemini's `stream-json` means, and the state of the run so far. Must not judge the run.
//!
//! Only `result` ends a run, and only one whose status is `success` is the success mark. gemini writes such a line also
//! after it has stopped by itself, because it saw a loop or a limit; then an `error` line before it says so.

use aid_adapter_kit::json::Object;
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Malformed, Refusal, Usage};

use crate::answer::{Answer, Said, time_of_day_ms};
use crate::refusal::{self, Spoken};
use crate::stats;
use crate::tools::Pending;

/// The longest error that is kept, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 8 << 10;

/// The longest session id or model name that is believed, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// How the errors begin with which gemini stops, although its `result` says success.
const STOPS: [&str; 2] = ["Loop detected", "Maximum session turns exceeded"];

/// How far the run is.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) enum State {
    /// Nothing of gemini's protocol was seen.
    #[default]
    Silent,
    /// gemini has begun.
    Running,
    /// The success mark.
    Succeeded,
    /// A `result` that says success after gemini stopped by itself; with its words.
    Stopped(String),
    /// A `result` that says anything else.
    Failed(Refusal),
}

/// Reads stdout.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    state: State,
    session: Option<String>,
    model: Option<String>,
    usage: Vec<Usage>,
    answer: Answer,
    tools: Pending,
    /// gemini repeats the prompt before all else.
    saw_prompt: bool,
    /// Lines were there that are no protocol.
    is_garbled: bool,
    /// gemini said why it stops.
    stop: Option<String>,
    /// An `error` after which nothing was done yet.
    last_error: Option<String>,
}

impl Reader {
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    pub(crate) fn usage(&self) -> &[Usage] {
        &self.usage
    }

    pub(crate) fn is_garbled(&self) -> bool {
        self.is_garbled
    }

    /// The model that was asked for, when it is one and not gemini's choice.
    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    pub(crate) fn take_answer(&mut self) -> Said {
        self.answer.take()
    }

    /// A line was too long to be read. What it was decides what is still known.
    pub(crate) fn on_dropped(&mut self) {
        if self.state != State::Silent && !self.saw_prompt {
            // gemini's copy of the prompt: nothing is lost.
            self.saw_prompt = true;
        } else if self.tools.is_open() {
            // What a tool gave. If it was text before it, that is no answer either.
            self.answer.end_text();
        } else {
            self.answer.lose();
        }
    }

    pub(crate) fn on_line(&mut self, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        if line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Ok(());
        }
        let object = Object::parse(line).and_then(|object| Ok((object.string("type").ok_or(Malformed)?, object)));
        let Ok((kind, object)) = object else {
            self.is_garbled = true;
            return Err(Malformed);
        };
        match &*kind {
            "message" => self.message(&object, events),
            "tool_use" => self.tool_use(&object, events),
            "tool_result" => self.tool_result(&object, events),
            "init" => self.init(&object, events),
            "error" => self.error(&object, events),
            "result" => self.result(&object, events),
            _ => {}
        }
        Ok(())
    }

    fn init(&mut self, init: &Object<'_>, events: &mut Vec<Event>) {
        self.run_on();
        let believable = |key| init.string(key).filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES);
        if let Some(id) = believable("session_id").filter(|_| self.session.is_none()) {
            self.session = Some(id.clone().into_owned());
            events.push(Event::Session(id.into_owned()));
        }
        // Only a model's own name says which one answers; `auto`, `pro` and the like are gemini's to choose.
        let model = believable("model").filter(|model| model.starts_with("gemini-") || model.starts_with("gemma-"));
        if let Some(model) = model.filter(|_| self.model.is_none()) {
            self.model = Some(model.clone().into_owned());
            events.push(Event::Model(model.into_owned()));
        }
    }

    fn message(&mut self, message: &Object<'_>, events: &mut Vec<Event>) {
        let role = message.string("role").unwrap_or_default();
        if role == "user" {
            self.saw_prompt = true;
            return self.run_on();
        }
        let Some(text) = message.string("content").filter(|text| role == "assistant" && !text.is_empty()) else {
            return;
        };
        self.run_on();
        self.last_error = None;
        let at_ms = message.string("timestamp").and_then(|timestamp| time_of_day_ms(&timestamp));
        self.answer.push(&text, at_ms);
        let is_piece = message.get("delta").is_some_and(|delta| delta.raw() == "true");
        let text = text.into_owned();
        events.push(if is_piece { Event::MessageDelta(text) } else { Event::Message(text) });
    }

    fn tool_use(&mut self, call: &Object<'_>, events: &mut Vec<Event>) {
        self.end_text(events);
        self.tools.begin(call, events);
    }

    fn tool_result(&mut self, result: &Object<'_>, events: &mut Vec<Event>) {
        self.end_text(events);
        self.tools.end(result, events);
    }

    /// What was said so far is complete. Its last line gets an end, as gemini's text mode gives it one: otherwise a marker
    /// that begins the next text would stand in the middle of a line.
    fn end_text(&mut self, events: &mut Vec<Event>) {
        self.run_on();
        self.last_error = None;
        if self.answer.end_text() {
            events.push(Event::MessageDelta("\n".to_owned()));
        }
    }

    fn error(&mut self, error: &Object<'_>, events: &mut Vec<Event>) {
        self.run_on();
        let Some(message) = error.string("message") else { return };
        let message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
        if STOPS.iter().any(|stop| message.starts_with(stop)) {
            self.stop = Some(message.clone());
        }
        if error.string("severity").is_some_and(|severity| severity == "error") {
            self.last_error = Some(message.clone());
        }
        events.push(Event::Notice(message));
    }

    fn result(&mut self, result: &Object<'_>, events: &mut Vec<Event>) {
        let stats = result.object("stats").unwrap_or_default();
        // Totals of the process: a second result would tell the first one's again.
        if self.usage.is_empty() {
            self.usage = stats::usage(&stats);
            events.extend(self.usage.iter().cloned().map(Event::Usage));
        }
        if matches!(self.state, State::Failed(_)) {
            return;
        }
        if result.string("status").is_none_or(|status| status != "success") {
            let refusal = self.refusal(result);
            self.state = State::Failed(refusal.clone());
            return events.push(Event::Refusal(refusal));
        }
        self.state = match self.stop.clone().or(self.last_error.take()) {
            Some(stop) => State::Stopped(stop),
            None => {
                events.push(Event::Finished);
                State::Succeeded
            }
        };
    }

    fn refusal(&mut self, result: &Object<'_>) -> Refusal {
        let error = result.object("error").unwrap_or_default();
        let earlier = self.last_error.take();
        let message = error.string("message").map(|message| message.into_owned()).or(earlier);
        let kind = error.string("type").unwrap_or_default();
        refusal::read(&Spoken { message: message.as_deref(), kind: &kind, model: self.model() })
    }

    /// A line of gemini's protocol that ends nothing. After a success mark it takes the mark away: the run goes on.
    fn run_on(&mut self) {
        if !matches!(self.state, State::Failed(_)) {
            self.state = State::Running;
        }
    }
}
