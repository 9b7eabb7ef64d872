//! Owns the family of agents that write Claude Code's JSON lines: `system`, `assistant`, `user`, `result`.
//!
//! It turns lines into events and keeps the state a verdict needs. What a text means, what counts as success, how tokens
//! are counted and what other lines there are differs between the members of the family and belongs to their adapters:
//! see [`Dialect`].
//!
//! Nothing inside a message of the model or a tool's result may become a refusal, a success or a failure. Members put
//! their own words into the assistant's channel; only a dialect can tell them from the model's, and it must do so by
//! what a model cannot write.

mod blocks;
mod ending;
mod money;

use std::borrow::Cow;

use crate::json::{Object, Value};
use crate::judge::End;
use crate::text::{cut, is_blank};
use crate::{Event, Malformed, Refusal, Usage, usage};

pub use blocks::{Begun, MAX_DETAIL_BYTES, Pending, detail};
pub use ending::Ending;
pub use money::micro_usd;

/// The longest text of a notice or a refusal that is kept, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 8 << 10;

/// The longest session id or model name that is believed, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// The most blocks that one message is read for.
const MAX_BLOCKS: usize = 1000;

/// What one member of the family means by its lines.
pub trait Dialect {
    /// What kind of tool one of this name is: shell, edit, read, search, web, mcp or other.
    fn tool_kind(&self, name: &str) -> &'static str;

    /// Whether a successful call of an editing tool made the file or changed it: `add` or `update`. `line` is the line
    /// with the tool's result, `content` the result's text.
    fn change(&self, name: &str, line: &Object<'_>, content: &str) -> &'static str;

    /// Whether a text in the assistant's channel is the agent's own and not the model's. Must rest on what a model
    /// cannot write. The answer is the reason that stands beside the text, which may be empty.
    fn own_words<'a>(&self, line: &Object<'a>, message: &Object<'a>, text: &str) -> Option<Cow<'a, str>>;

    /// A `system` line other than `init`, or a line of a type that the family does not share. Whether it belongs to the
    /// member's protocol.
    fn other(&mut self, line: &Line<'_>, state: &mut State, events: &mut Vec<Event>) -> bool;

    /// Why a `result` line is no success, as a refusal; none when the line is the success mark.
    fn refusal(&self, ending: &Ending, state: &State) -> Option<Refusal>;

    /// Totals since the agent's process began, or of the whole session if [`Usage::cumulative`]. None when nothing was
    /// counted.
    fn usage(&self, result: &Object<'_>, state: &State) -> Option<Usage>;
}

/// A line that the family leaves to its member.
#[derive(Debug)]
pub struct Line<'a> {
    /// Its `type`.
    pub kind: &'a str,
    /// Its `subtype`, or nothing.
    pub subtype: &'a str,
    /// All of it.
    pub object: &'a Object<'a>,
}

/// Reads one run.
#[derive(Debug, Default)]
pub struct Reader<D> {
    dialect: D,
    state: State,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub struct State {
    /// Whether the agent said anything at all that belongs to the protocol.
    pub spoke: bool,
    /// Whether a model or a tool could have written something: an assistant's or a tool's line was seen.
    pub worked: bool,
    /// The agent's id of its session.
    pub session: Option<String>,
    /// The model that the agent named last.
    pub model: Option<String>,
    /// The assistant's texts since its last tool call, as they came.
    pub answer: Vec<String>,
    /// The agent's own words in the assistant's channel, and the reason beside them, while nothing of the model's has
    /// come after them.
    pub own_words: Option<OwnWords>,
    /// The last refusal that the agent tried to overcome, while nothing has come after it.
    pub retry: Option<Refusal>,
    /// The last `result`, while nothing of the assistant's has come after it.
    pub ending: Option<Ended>,
    /// The counts of the last `result`.
    pub usage: Option<Usage>,
    /// Tool calls under way.
    pub tools: Pending,
    /// The last refusal reported, so that ten tries for one cause are one event.
    said: Option<(String, String)>,
}

/// What an agent said in its model's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWords {
    /// The text.
    pub text: String,
    /// The reason that stands beside it; empty when none does.
    pub reason: String,
}

/// A `result` line, and what the dialect makes of it.
#[derive(Debug)]
pub struct Ended {
    /// The line.
    pub ending: Ending,
    /// Why it is no success; none when it is the success mark.
    pub refusal: Option<Refusal>,
}

impl Ended {
    /// The line, as [`crate::judge`] wants it; `words` are its [`Ending::words`].
    pub fn end<'a>(&'a self, words: &'a str) -> End<'a> {
        self.refusal.as_ref().map_or(End::Mark(words), |refusal| End::Refused(words, refusal))
    }
}

impl State {
    /// Reports a refusal that the agent tries to overcome, once for each cause.
    pub fn retries(&mut self, refusal: Refusal, events: &mut Vec<Event>) {
        let said = (refusal.class.clone(), refusal.message.clone());
        if self.said.as_ref() != Some(&said) {
            self.said = Some(said);
            events.push(Event::Refusal(refusal.clone()));
        }
        self.retry = Some(refusal);
    }

    /// Something of the model's or a tool's: whatever was said before is not the last word.
    pub fn goes_on(&mut self) {
        self.worked = true;
        self.own_words = None;
        self.retry = None;
        self.ending = None;
    }

    /// The assistant's last words: its texts since its last tool call. None when they are blank.
    pub fn last_words(&mut self) -> Option<String> {
        let texts = std::mem::take(&mut self.answer);
        let text = match <[String; 1]>::try_from(texts) {
            Ok([text]) => text,
            Err(texts) => texts.concat(),
        };
        (!is_blank(&text)).then_some(text)
    }
}

impl<D: Dialect> Reader<D> {
    /// Starts with nothing read.
    pub fn new(dialect: D) -> Self {
        Self { dialect, state: State::default() }
    }

    /// What was seen so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The member, with what it has seen.
    pub fn dialect(&self) -> &D {
        &self.dialect
    }

    /// What was seen so far, to be taken apart: an answer can be megabytes.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// A line of stdout was too long to be read. It may have been the answer.
    pub fn on_dropped(&mut self) {
        self.state.answer.clear();
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
        match &*kind {
            "assistant" => self.assistant(&object, events),
            "user" => self.user(&object, events),
            "result" => self.result(&object, events),
            kind => {
                let subtype = object.string("subtype").unwrap_or_default();
                if (kind, &*subtype) == ("system", "init") {
                    self.init(&object, events);
                } else if !self.dialect.other(
                    &Line { kind, subtype: &subtype, object: &object },
                    &mut self.state,
                    events,
                ) {
                    return Ok(());
                }
            }
        }
        self.state.spoke = true;
        Ok(())
    }

    fn init(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        self.session(object, events);
        if let Some(model) = name(object, "model")
            && self.state.model.as_deref() != Some(&*model)
        {
            self.state.model = Some(model.clone().into_owned());
            events.push(Event::Model(model.into_owned()));
        }
    }

    /// The first one counts.
    fn session(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        if self.state.session.is_some() {
            return;
        }
        if let Some(id) = name(object, "session_id") {
            self.state.session = Some(id.clone().into_owned());
            events.push(Event::Session(id.into_owned()));
        }
    }

    fn assistant(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let Some(message) = object.object("message") else { return };
        // What an agent of the agent's says is its tool's affair: it is not the answer.
        let is_own = object.get("parent_tool_use_id").is_none();
        let Some((blocks, _)) = message.get("content").and_then(|content| content.as_array(MAX_BLOCKS)) else {
            return;
        };
        for block in blocks.into_iter().filter_map(Value::as_object) {
            match (block.string("type").as_deref(), is_own) {
                (Some("text"), true) => self.text(object, &message, &block, events),
                (Some("thinking"), true) => {
                    self.state.goes_on();
                    let text = block.string("thinking").filter(|text| !text.is_empty());
                    events.extend(text.map(|text| Event::Reasoning(text.into_owned())));
                }
                (Some("tool_use"), _) => {
                    self.state.goes_on();
                    if is_own {
                        self.state.answer.clear();
                    }
                    let name = block.string("name").unwrap_or_default();
                    let kind = self.dialect.tool_kind(&name);
                    events.extend(self.state.tools.started(&block, name, kind));
                }
                _ => {}
            }
        }
    }

    fn text(&mut self, object: &Object<'_>, message: &Object<'_>, block: &Object<'_>, events: &mut Vec<Event>) {
        let Some(text) = block.string("text").filter(|text| !text.is_empty()) else { return };
        if let Some(reason) = self.dialect.own_words(object, message, &text) {
            let text = cut(&text, MAX_MESSAGE_BYTES).into_owned();
            events.push(Event::Notice(text.clone()));
            self.state.own_words = Some(OwnWords { text, reason: reason.into_owned() });
            return;
        }
        self.state.goes_on();
        self.state.answer.push(text.clone().into_owned());
        events.push(Event::Message(text.into_owned()));
    }

    fn user(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let Some(message) = object.object("message") else { return };
        let Some((blocks, _)) = message.get("content").and_then(|content| content.as_array(MAX_BLOCKS)) else {
            return;
        };
        for block in blocks.into_iter().filter_map(Value::as_object) {
            if block.string("type").as_deref() == Some("tool_result") {
                self.state.worked = true;
                let dialect = &self.dialect;
                let change = |name: &str, content: &str| dialect.change(name, object, content);
                self.state.tools.ended(&block, change, events);
            }
        }
    }

    fn result(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        // An agent that could not continue a session names it here all the same, and has none.
        let ending = Ending::read(object);
        if ending.is_success() {
            self.session(object, events);
        }
        let total = self.dialect.usage(object, &self.state);
        events.extend(total.as_ref().and_then(|total| new_usage(self.state.usage.as_ref(), total)).map(Event::Usage));
        self.state.usage = total.or(self.state.usage.take());
        let refusal = self.dialect.refusal(&ending, &self.state);
        events.push(refusal.clone().map_or(Event::Finished, Event::Refusal));
        self.state.retry = None;
        self.state.ending = Some(Ended { ending, refusal });
    }
}

/// What a later `result` of the same process adds to the one before it; totals of a session are passed on as they are.
fn new_usage(before: Option<&Usage>, total: &Usage) -> Option<Usage> {
    let Some(before) = before.filter(|_| !total.cumulative) else { return Some(total.clone()) };
    let as_total = |usage: &Usage| Usage { cumulative: true, ..usage.clone() };
    usage::since(&as_total(before), &as_total(total))
}

fn name<'a>(object: &Object<'a>, key: &str) -> Option<Cow<'a, str>> {
    object.string(key).filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES)
}

#[cfg(test)]
mod tests;
