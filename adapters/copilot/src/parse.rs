//! Owns what copilot's lines mean. Must not judge the run.
//!
//! Every line is `{type, data, …}`. The provider speaks in `model.call_failure` and `session.error`; nothing inside a
//! message or a tool's result may become a refusal, a success or a failure. Texts come in pieces and then whole: only the
//! whole ones are told.

use std::borrow::Cow;

use aid_adapter_kit::json::{Object, Value};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Malformed, Refusal};

use crate::refusal;
use crate::tools::Tools;

/// The longest text of a notice or a refusal that is kept, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 8 << 10;

/// The longest session id or model name that is believed, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Beginnings of the types that belong to copilot's protocol.
const FAMILIES: [&str; 7] = ["abort", "agent.", "assistant.", "model.", "session.", "tool.", "user."];

/// Reads one run.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    state: State,
    /// The assistant's texts since its last tool call.
    answer: Vec<String>,
    /// The model that was named last.
    model: Option<String>,
    /// The last refusal reported, so that five tries for one cause are one event.
    said: Option<(String, String)>,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whether copilot said anything at all that belongs to its protocol.
    pub(crate) spoke: bool,
    /// Its id of its session. Only the last line names it.
    pub(crate) session: Option<String>,
    /// Tool calls, and those that were denied.
    pub(crate) tools: Tools,
    /// The provider's last refusal, while the assistant has not gone on.
    pub(crate) failure: Option<Refusal>,
    /// The error with which copilot gave up, while the assistant has not gone on.
    pub(crate) error: Option<Refusal>,
    /// Why the run was interrupted.
    pub(crate) aborted: Option<String>,
    /// The last line.
    pub(crate) end: Option<End>,
}

/// The `result` line.
#[derive(Debug)]
pub(crate) struct End {
    exit_code: Option<i32>,
    /// Why it is no success; none when it is the success mark.
    pub(crate) refusal: Option<Refusal>,
}

impl End {
    /// For people: "result exitCode 0".
    pub(crate) fn words(&self) -> String {
        self.exit_code.map_or_else(|| "result without an exitCode".into(), |code| format!("result exitCode {code}"))
    }
}

impl Reader {
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The assistant's texts since its last tool call.
    pub(crate) fn take_answer(&mut self) -> Option<String> {
        let mut texts = std::mem::take(&mut self.answer);
        if texts.len() > 1 { Some(texts.join("\n\n")) } else { texts.pop() }
    }

    /// A line of stdout was too long to be read. It may have been the answer.
    pub(crate) fn on_dropped(&mut self) {
        self.answer.clear();
    }

    pub(crate) fn on_line(&mut self, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        if line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Ok(());
        }
        let object = Object::parse(line)?;
        let kind = object.string("type").ok_or(Malformed)?;
        if kind == "result" {
            self.result(&object, events);
        } else if FAMILIES.iter().any(|family| kind.starts_with(family)) {
            // Half of all lines are pieces of texts that come whole.
            if !kind.ends_with("_delta") {
                self.read(&kind, &object, events);
            }
        } else {
            return Ok(());
        }
        self.state.spoke = true;
        Ok(())
    }

    fn read(&mut self, kind: &str, line: &Object<'_>, events: &mut Vec<Event>) {
        let Some(data) = line.object("data") else { return };
        match kind {
            "session.tools_updated" => self.model(&data, events),
            "assistant.message" => self.message(line, &data, events),
            "assistant.turn_start" => self.state.end = None,
            "assistant.turn_retry" => notice(&data, "reason", "copilot tries again: ", events),
            "tool.execution_start" => {
                self.goes_on();
                self.answer.clear();
                events.push(self.state.tools.started(&data));
            }
            "tool.execution_complete" => self.state.tools.ended(&data, events),
            "model.call_failure" => self.failure(&data, events),
            "session.error" => self.error(&data, events),
            "session.info" if data.string("infoType").as_deref() != Some("file_created") => {
                notice(&data, "message", "", events);
            }
            "session.warning" => notice(&data, "message", "", events),
            "abort" => self.state.aborted = Some(short(&data, "reason").unwrap_or_else(|| "no reason given".into())),
            _ => {}
        }
    }

    fn model(&mut self, data: &Object<'_>, events: &mut Vec<Event>) {
        if let Some(model) = name(data, "model")
            && self.model.as_deref() != Some(&*model)
        {
            self.model = Some(model.clone().into_owned());
            events.push(Event::Model(model.into_owned()));
        }
    }

    fn message(&mut self, line: &Object<'_>, data: &Object<'_>, events: &mut Vec<Event>) {
        // What an agent of the agent's says is its tool's affair: it is not the answer.
        if data.get("parentToolCallId").is_some() || line.get("agentId").is_some() {
            return;
        }
        self.goes_on();
        if let Some(text) = data.string("content").filter(|text| !text.is_empty()) {
            self.answer.push(text.clone().into_owned());
            events.push(Event::Message(text.into_owned()));
        }
    }

    /// Something of the model's: whatever was refused before is overcome.
    fn goes_on(&mut self) {
        self.state.failure = None;
        self.state.error = None;
        self.state.end = None;
    }

    /// A request that failed. Copilot tries again, or says in `session.error` that it does not.
    fn failure(&mut self, data: &Object<'_>, events: &mut Vec<Event>) {
        let refusal = refusal::of_call(data);
        let said = (refusal.class.clone(), refusal.message.clone());
        if self.said.as_ref() != Some(&said) {
            self.said = Some(said);
            events.push(Event::Refusal(refusal.clone()));
        }
        self.state.failure = Some(refusal);
    }

    fn error(&mut self, data: &Object<'_>, events: &mut Vec<Event>) {
        let refusal = refusal::of_session(data, self.state.failure.as_ref());
        events.push(Event::Notice(refusal.message.clone()));
        self.state.error = Some(refusal);
    }

    fn result(&mut self, line: &Object<'_>, events: &mut Vec<Event>) {
        if let Some(id) = name(line, "sessionId").filter(|_| self.state.session.is_none()) {
            self.state.session = Some(id.clone().into_owned());
            events.push(Event::Session(id.into_owned()));
        }
        let exit_code = line.get("exitCode").and_then(Value::as_i32);
        let refusal = (exit_code != Some(0)).then(|| {
            let because = exit_code.map_or_else(|| "no exit code".into(), |code| format!("exit code {code}"));
            self.state.error.clone().unwrap_or_else(|| refusal::unexplained(&because))
        });
        match &refusal {
            Some(refusal) => events.push(Event::Refusal(refusal.clone())),
            None if self.state.aborted.is_none() => events.push(Event::Finished),
            None => {}
        }
        self.state.end = Some(End { exit_code, refusal });
    }
}

fn notice(data: &Object<'_>, key: &str, label: &str, events: &mut Vec<Event>) {
    events.extend(short(data, key).map(|text| Event::Notice(format!("{label}{text}"))));
}

fn short(data: &Object<'_>, key: &str) -> Option<String> {
    data.string(key).map(|text| cut(&text, MAX_MESSAGE_BYTES).into_owned())
}

fn name<'a>(object: &Object<'a>, key: &str) -> Option<Cow<'a, str>> {
    object.string(key).filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES)
}
