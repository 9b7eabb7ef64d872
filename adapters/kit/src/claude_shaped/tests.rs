//! Tests of the claude family with a dialect that believes everything but one marked text.

use std::borrow::Cow;

use super::{Dialect, Ending, Line, Reader, State};
use crate::json::Object;
use crate::{Event, Kv, Malformed, Refusal, Tool, Usage};

#[derive(Debug, Default)]
struct Plain {
    cumulative: bool,
}

impl Dialect for Plain {
    fn tool_kind(&self, name: &str) -> &'static str {
        if name == "Write" { "edit" } else { "shell" }
    }

    fn change(&self, _name: &str, _line: &Object<'_>, content: &str) -> &'static str {
        if content == "new" { "add" } else { "update" }
    }

    fn own_words<'a>(&self, line: &Object<'a>, _message: &Object<'a>, _text: &str) -> Option<Cow<'a, str>> {
        line.string("error")
    }

    fn other(&mut self, line: &Line<'_>, state: &mut State, events: &mut Vec<Event>) -> bool {
        if line.kind == "retry" {
            state.retries(refusal("again", false), events);
        }
        matches!(line.kind, "system" | "retry")
    }

    fn refusal(&self, ending: &Ending, _state: &State) -> Option<Refusal> {
        (!ending.is_success()).then(|| refusal("ended", true))
    }

    fn usage(&self, result: &Object<'_>, _state: &State) -> Option<Usage> {
        let input = Some(result.u64("tokens")?);
        Some(Usage { input, cumulative: self.cumulative, ..empty() })
    }
}

fn empty() -> Usage {
    Usage {
        input: None,
        cached_input: None,
        cache_write: None,
        output: None,
        reasoning: None,
        cost_micro_usd: None,
        model: None,
        cumulative: false,
    }
}

fn refusal(message: &str, is_final: bool) -> Refusal {
    Refusal { class: "other".into(), message: message.into(), pool: None, retry_at: None, final_: is_final }
}

fn read_as(dialect: Plain, lines: &[&str]) -> (Vec<Event>, Reader<Plain>) {
    let mut reader = Reader::new(dialect);
    let mut events = Vec::new();
    for line in lines {
        reader.on_line(line, &mut events).unwrap_or_else(|_| panic!("malformed: {line}"));
    }
    (events, reader)
}

fn read(lines: &[&str]) -> (Vec<Event>, Reader<Plain>) {
    read_as(Plain::default(), lines)
}

const HELLO: &str = r#"{"type":"assistant","message":{"content":[{"type":"text","text":"hello"}]}}"#;
const WRITE: &str = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"Write","input":{"file_path":"/a","content":"x"}}]}}"#;
const DONE: &str = r#"{"type":"result","subtype":"success","is_error":false,"result":"hello","tokens":10}"#;

fn tool(ok: Option<bool>) -> Tool {
    let (id, name, kind, detail) = ("t1".into(), "Write".into(), "edit".into(), "/a".into());
    Tool { id, name, kind, detail, ok, exit_code: None }
}

#[test]
fn a_line_without_a_type_is_malformed_and_a_strange_one_is_not() {
    let mut reader = Reader::new(Plain::default());
    for line in ["{}", r#"{"type":1}"#, "plain text", "[]", r#"{"type":"result""#] {
        assert_eq!(reader.on_line(line, &mut Vec::new()), Err(Malformed), "{line}");
    }
    for line in ["", " \t", r#"{"type":"stream_event"}"#, r#"{"type":"assistant","message":7}"#] {
        assert_eq!(reader.on_line(line, &mut Vec::new()), Ok(()), "{line}");
    }
    for line in [
        r#"{"type":"assistant","message":{"content":"text"}}"#,
        r#"{"type":"assistant","message":{"content":[7,{"type":3},{"type":"text","text":4}]}}"#,
        r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":4}]}}"#,
    ] {
        reader.on_line(line, &mut Vec::new()).expect("a line of the protocol");
    }
}

#[test]
fn only_what_belongs_to_the_protocol_is_speech() {
    assert!(!read(&[r#"{"type":"stream_event"}"#]).1.state().spoke);
    assert!(read(&[r#"{"type":"system","subtype":"status"}"#]).1.state().spoke);
    assert!(!read(&[r#"{"type":"system","subtype":"init"}"#]).1.state().worked);
    assert!(read(&[HELLO]).1.state().worked);
}

#[test]
fn a_session_and_a_model_are_named_once() {
    let init = r#"{"type":"system","subtype":"init","session_id":"a","model":"m"}"#;
    let other = r#"{"type":"system","subtype":"init","session_id":"b","model":"n"}"#;
    let (events, reader) = read(&[init, init, other]);
    let expected = [Event::Session("a".into()), Event::Model("m".into()), Event::Model("n".into())];
    assert_eq!(events, expected);
    assert_eq!(reader.state().session.as_deref(), Some("a"));
}

#[test]
fn a_tool_call_has_a_beginning_an_end_and_a_change() {
    let ended = r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"new"}]}}"#;
    let (events, _) = read(&[WRITE, ended]);
    let change = Kv { key: "/a".into(), value: "add".into() };
    assert_eq!(events, [Event::ToolStart(tool(None)), Event::ToolEnd(tool(Some(true))), Event::FileChange(change)]);

    let failed = r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","is_error":true}]}}"#;
    assert_eq!(read(&[WRITE, failed]).0[1..], [Event::ToolEnd(tool(Some(false)))]);
}

#[test]
fn the_last_words_are_those_after_the_last_tool_call() {
    let (_, mut reader) = read(&[HELLO, WRITE, HELLO, HELLO]);
    assert_eq!(reader.state_mut().last_words().as_deref(), Some("hellohello"));
    assert_eq!(read(&[HELLO, WRITE]).1.state_mut().last_words(), None);
    let (_, mut reader) = read(&[HELLO]);
    reader.on_dropped();
    assert_eq!(reader.state_mut().last_words(), None);
}

#[test]
fn what_an_agent_of_the_agent_says_is_not_its_answer() {
    let inner = HELLO.replacen('{', r#"{"parent_tool_use_id":"t1","#, 1);
    let (events, mut reader) = read(&[&inner]);
    assert_eq!(events, []);
    assert_eq!(reader.state_mut().last_words(), None);
    let inner_call = WRITE.replacen('{', r#"{"parent_tool_use_id":"t1","#, 1);
    let (events, mut reader) = read(&[HELLO, &inner_call]);
    assert_eq!(events.last(), Some(&Event::ToolStart(tool(None))));
    assert_eq!(reader.state_mut().last_words().as_deref(), Some("hello"));
}

#[test]
fn an_agents_own_words_are_a_notice_and_no_answer() {
    let own = HELLO.replacen('{', r#"{"error":"why","#, 1);
    let (events, mut reader) = read(&[&own]);
    assert_eq!(events, [Event::Notice("hello".into())]);
    assert_eq!(reader.state().own_words.as_ref().map(|own| own.reason.as_str()), Some("why"));
    assert_eq!(reader.state_mut().last_words(), None);
    assert_eq!(read(&[&own, HELLO]).1.state().own_words, None);
}

#[test]
fn retries_for_one_cause_are_one_event_until_something_else_comes() {
    let retry = r#"{"type":"retry"}"#;
    let (events, reader) = read(&[retry, retry]);
    assert_eq!(events, [Event::Refusal(refusal("again", false))]);
    assert!(reader.state().retry.is_some());
    assert!(read(&[retry, HELLO]).1.state().retry.is_none());
}

#[test]
fn a_result_is_the_end_until_the_assistant_goes_on() {
    let (events, reader) = read(&[HELLO, DONE]);
    assert_eq!(events.last(), Some(&Event::Finished));
    assert!(reader.state().ending.as_ref().is_some_and(|ended| ended.refusal.is_none()));
    assert!(read(&[HELLO, DONE, WRITE]).1.state().ending.is_none());

    for failed in [
        r#"{"type":"result","subtype":"success","is_error":true}"#,
        r#"{"type":"result","subtype":"success"}"#,
        r#"{"type":"result","subtype":"error_max_turns","is_error":false}"#,
        r#"{"type":"result","is_error":false}"#,
    ] {
        let (events, _) = read(&[failed]);
        assert_eq!(events, [Event::Refusal(refusal("ended", true))], "{failed}");
    }
}

#[test]
fn a_second_result_adds_only_what_is_new() {
    let inputs = |dialect: Plain| -> Vec<Option<u64>> {
        let (events, _) = read_as(dialect, &[DONE, &DONE.replace("10", "25"), &DONE.replace(",\"tokens\":10", "")]);
        events
            .iter()
            .filter_map(|event| if let Event::Usage(usage) = event { Some(usage.input) } else { None })
            .collect()
    };
    assert_eq!(inputs(Plain { cumulative: false }), [Some(10), Some(15)]);
    assert_eq!(inputs(Plain { cumulative: true }), [Some(10), Some(25)]);
}

#[test]
fn denials_are_counted_and_named_once() {
    let denied = r#"{"type":"result","permission_denials":[{"tool_name":"Write"},{"tool_name":"Bash"},{"tool_name":"Write"},{}]}"#;
    let (_, reader) = read(&[denied]);
    let ending = &reader.state().ending.as_ref().expect("an ending").ending;
    assert_eq!((ending.denials, ending.denied_tools.join(",")), (4, "Write,Bash,a tool".to_owned()));
}
