//! Owns what a line of JSON means by the rules of a definition. Must not judge a run, and never looks into prose: a class
//! of refusal comes from a whole code, a success from whole values.

use std::rc::Rc;

use aid_adapter_kit::json::Object;
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Kv, Malformed, Refusal, Tool};

use crate::definition::{AnswerIs, Definition, Path, RefusalPaths, Rule, RuleEvent, Success, ToolPaths};
use crate::node::{Node, hold};
use crate::state::State;

/// The longest text of a notice, a refusal or a tool's detail that is kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 8 << 10;
/// The longest id or name that is believed, in bytes.
const MAX_ID_BYTES: usize = 256;
/// The most events of one line.
const MAX_EVENTS: usize = 1024;
/// Bytes of a line for which it may have an event: many short lines come in one call, which has a limit of its own.
const BYTES_PER_EVENT: usize = 2;

/// Reads one line.
pub(crate) fn read_line(
    definition: &Definition,
    state: &mut State,
    line: &str,
    events: &mut Vec<Event>,
) -> Result<(), Malformed> {
    if line.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Ok(());
    }
    let node = Node::line(Object::parse(line)?);
    let room = (line.len() / BYTES_PER_EVENT).clamp(1, MAX_EVENTS);
    let mut reading = Reading { definition, state, events, room, left_out: 0 };
    for rule in &definition.rules {
        if hold(&rule.when, &node) {
            reading.apply(rule, &node);
        }
    }
    reading.count(&node);
    reading.look_for_mark(&node);
    reading.say_what_was_left_out();
    Ok(())
}

struct Reading<'r, 'e> {
    definition: &'r Definition,
    state: &'r mut State,
    events: &'e mut Vec<Event>,
    /// How many more events this line may have.
    room: usize,
    left_out: usize,
}

impl Reading<'_, '_> {
    fn apply(&mut self, rule: &Rule, line: &Rc<Node<'_>>) {
        let Some(path) = &rule.each else { return self.happen(&rule.event, line) };
        let Some(list) = line.at(path) else { return };
        for element in list.elements() {
            if hold(&rule.filter, element) {
                self.happen(&rule.event, element);
            }
        }
    }

    fn happen(&mut self, event: &RuleEvent, node: &Rc<Node<'_>>) {
        let text = |path: &Path| node.at(path).and_then(|found| found.text());
        match event {
            RuleEvent::Message(path) => self.work(text(path), Self::message),
            RuleEvent::Delta(path) => self.work(text(path), Self::delta),
            RuleEvent::Reasoning(path) => self.work(text(path), |this, text| this.push_text(Event::Reasoning, text)),
            RuleEvent::Answer(path) => self.work(text(path), |this, text| this.state.answer.say(text)),
            RuleEvent::Notice(path) => {
                if let Some(text) = text(path) {
                    self.push_text(Event::Notice, cut(&text, MAX_MESSAGE_BYTES).into_owned());
                }
            }
            RuleEvent::Session(path) => self.session(text(path)),
            RuleEvent::Model(path) => {
                if let Some(model) = text(path).filter(|text| is_name(text)) {
                    self.push(Event::Model(model));
                }
            }
            RuleEvent::ToolStart(paths) => self.work(Some(tool(paths, node)), |this, tool| {
                this.push(Event::ToolStart(Tool { ok: None, exit_code: None, ..tool }));
            }),
            RuleEvent::ToolEnd(paths) => {
                self.work(Some(tool(paths, node)), |this, tool| this.push(Event::ToolEnd(tool)));
            }
            RuleEvent::FileChange { file, change, changes } => {
                let change = change.as_ref().and_then(text);
                let change = change.and_then(|word| meaning(changes, &word)).unwrap_or("update").to_owned();
                self.work(text(file).filter(|file| !file.is_empty()), |this, file| {
                    this.push(Event::FileChange(Kv { key: file, value: change }));
                });
            }
            RuleEvent::Retry(paths) => self.retry(paths, node),
            RuleEvent::Failure(paths) => self.failure(paths, node),
            RuleEvent::Begin => self.begin(),
        }
    }

    /// What shows that the agent got over a refusal.
    fn work<T>(&mut self, what: Option<T>, happen: impl FnOnce(&mut Self, T)) {
        if let Some(what) = what {
            self.state.spoke = true;
            self.state.last_retry = None;
            happen(self, what);
        }
    }

    fn message(&mut self, text: String) {
        match self.definition.answer {
            AnswerIs::Last => self.state.answer.propose(text.clone()),
            AnswerIs::All => {
                if !self.state.answer.is_empty() && !text.is_empty() {
                    self.state.answer.append("\n");
                }
                self.state.answer.append(&text);
            }
        }
        self.push_text(Event::Message, text);
    }

    fn delta(&mut self, text: String) {
        if self.definition.answer == AnswerIs::All {
            self.state.answer.append(&text);
        }
        self.push_text(Event::MessageDelta, text);
    }

    fn session(&mut self, id: Option<String>) {
        if let Some(id) = id.filter(|id| is_name(id) && self.state.session.is_none()) {
            self.state.spoke = true;
            self.state.session = Some(id.clone());
            self.push(Event::Session(id));
        }
    }

    fn retry(&mut self, paths: &RefusalPaths, node: &Rc<Node<'_>>) {
        self.state.spoke = true;
        let refusal = refusal(paths, node, false);
        let refusal = refusal.unwrap_or_else(|refusal| Refusal { message: "the agent tries again".into(), ..refusal });
        let is_new = self.state.last_retry.as_ref() != Some(&refusal);
        self.state.last_retry = Some(refusal.clone());
        // Five retries for one cause are one event.
        if is_new {
            self.push(Event::Notice(refusal.message.clone()));
            if refusal.class != "other" {
                self.push(Event::Refusal(refusal));
            }
        }
    }

    fn failure(&mut self, paths: &RefusalPaths, node: &Rc<Node<'_>>) {
        self.state.spoke = true;
        if self.state.failure.is_some() {
            return;
        }
        let refusal = refusal(paths, node, true).unwrap_or_else(|unsaid| match self.state.last_retry.take() {
            Some(retry) => Refusal { final_: true, ..retry },
            None => Refusal { message: "the agent said that it failed, and not why".into(), ..unsaid },
        });
        self.state.failure = Some(refusal.clone());
        self.push(Event::Refusal(refusal));
    }

    fn begin(&mut self) {
        self.state.spoke = true;
        self.state.marked = false;
        self.state.answer.clear();
    }

    fn count(&mut self, line: &Rc<Node<'_>>) {
        let Some(paths) = &self.definition.usage else { return };
        if hold(&paths.when, line)
            && let Some(usage) = self.state.used.add(paths, line)
        {
            self.push(Event::Usage(usage));
        }
    }

    fn look_for_mark(&mut self, line: &Rc<Node<'_>>) {
        let Success::Mark(when) = &self.definition.success else { return };
        if self.state.marked || self.state.failure.is_some() || !hold(when, line) {
            return;
        }
        self.state.spoke = true;
        self.state.marked = true;
        // Never left out: the host waits for it.
        self.events.push(Event::Finished);
    }

    fn push_text(&mut self, event: fn(String) -> Event, text: String) {
        if !text.is_empty() {
            self.push(event(text));
        }
    }

    fn push(&mut self, event: Event) {
        // What decides something is always told; there are few of them.
        let decides = matches!(&event, Event::Refusal(_) | Event::Session(_) | Event::Usage(_));
        if self.room == 0 && !decides {
            self.left_out += 1;
            return;
        }
        self.room = self.room.saturating_sub(1);
        self.events.push(event);
    }

    fn say_what_was_left_out(&mut self) {
        if self.left_out > 0 {
            self.events.push(Event::Notice(format!("{} more events of one line are left out", self.left_out)));
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_ID_BYTES && !text.chars().any(char::is_control)
}

fn tool(paths: &ToolPaths, node: &Rc<Node<'_>>) -> Tool {
    let at = |path: &Option<Path>| node.at(path.as_ref()?);
    let text = |path| at(path).and_then(|found| found.text()).unwrap_or_default();
    let name = text(&paths.name);
    let kind = meaning(&paths.kinds, &name).unwrap_or("other").to_owned();
    let ok = at(&paths.ok).and_then(|found| found.flag());
    let failed = at(&paths.failed).and_then(|found| found.flag());
    Tool {
        id: cut(&text(&paths.id), MAX_ID_BYTES).into_owned(),
        name: cut(&name, MAX_ID_BYTES).into_owned(),
        kind,
        detail: cut(&text(&paths.detail), MAX_MESSAGE_BYTES).into_owned(),
        ok: ok.or(failed.map(|failed| !failed)),
        exit_code: at(&paths.exit_code).and_then(|found| found.value()).and_then(|value| value.as_i32()),
    }
}

/// Err: there is no message in it.
fn refusal(paths: &RefusalPaths, node: &Rc<Node<'_>>, is_final: bool) -> Result<Refusal, Refusal> {
    let text = |path: &Option<Path>| node.at(path.as_ref()?)?.text();
    let name = |path| text(path).filter(|text| is_name(text));
    let class = text(&paths.code).and_then(|code| meaning(&paths.classes, &code)).unwrap_or(&paths.class);
    let mut refusal = Refusal {
        class: class.to_owned(),
        message: String::new(),
        pool: name(&paths.pool),
        retry_at: name(&paths.retry_at),
        final_: is_final,
    };
    match text(&paths.message).filter(|message| !message.trim().is_empty()) {
        Some(message) => {
            refusal.message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
            Ok(refusal)
        }
        None => Err(refusal),
    }
}

fn meaning<'m>(meanings: &'m [(String, String)], word: &str) -> Option<&'m str> {
    meanings.iter().find(|(value, _)| value == word).map(|(_, means)| means.as_str())
}
