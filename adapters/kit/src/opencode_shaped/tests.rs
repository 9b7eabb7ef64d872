//! Tests of the opencode family with a dialect that has no words of its own.

use super::{Dialect, OwnWords, Reader};
use crate::{Event, Kv, Malformed, Tool};

#[derive(Debug, Default)]
struct Plain;

impl Dialect for Plain {
    const NAME: &'static str = "plain";

    fn own_words(&self, text: &str) -> Option<OwnWords> {
        (text == "no answer").then_some(OwnWords::NoAnswer)
    }

    fn asks_again_after(&self, reason: &str) -> bool {
        reason == "unknown"
    }
}

fn read(lines: &[&str]) -> (Vec<Event>, Reader<Plain>) {
    let mut reader = Reader::new(Plain, Some("fake/plain"));
    let mut events = Vec::new();
    for line in lines {
        reader.on_line(line, &mut events).unwrap_or_else(|_| panic!("malformed: {line}"));
    }
    (events, reader)
}

fn tool(name: &str, kind: &str, detail: &str, ok: Option<bool>, exit_code: Option<i32>) -> Event {
    let [id, name, kind, detail] = ["c", name, kind, detail].map(str::to_owned);
    Event::ToolEnd(Tool { id, name, kind, detail, ok, exit_code })
}

fn change(key: &str, value: &str) -> Event {
    Event::FileChange(Kv { key: key.into(), value: value.into() })
}

fn used(tool: &str, state: &str) -> Vec<Event> {
    read(&[&format!(r#"{{"type":"tool_use","part":{{"type":"tool","tool":"{tool}","callID":"c","state":{state}}}}}"#)])
        .0
}

#[test]
fn a_line_without_a_type_is_malformed_and_a_blank_one_is_not() {
    let mut reader = Reader::new(Plain, None);
    for line in ["{}", r#"{"type":1}"#, "plain text", "[]"] {
        assert_eq!(reader.on_line(line, &mut Vec::new()), Err(Malformed), "{line}");
    }
    for line in ["", "  \t", r#"{"type":"something_new","part":7}"#] {
        assert_eq!(reader.on_line(line, &mut Vec::new()), Ok(()), "{line}");
    }
    assert!(!reader.state().spoke);
}

#[test]
fn members_of_an_unexpected_type_are_left_out_without_harm() {
    let (events, reader) = read(&[
        r#"{"type":"step_start","sessionID":7}"#,
        r#"{"type":"text","part":"text"}"#,
        r#"{"type":"text","part":{"text":["x"]}}"#,
        r#"{"type":"tool_use","part":{"tool":1,"callID":[],"state":{"status":1,"input":7,"metadata":{"exit":"0"}}}}"#,
        r#"{"type":"step_finish","part":{"reason":1,"tokens":[],"cost":"x"}}"#,
    ]);
    assert!(matches!(&events[0], Event::ToolEnd(tool) if tool.ok.is_none() && tool.detail == "7"), "{events:?}");
    assert!(matches!(&events[1], Event::Usage(usage) if usage.input.is_none() && !usage.cumulative));
    assert_eq!(events.len(), 2);
    assert_eq!(reader.state().session, None);
}

#[test]
fn a_session_is_named_once_and_never_absurd() {
    let long = format!(r#"{{"type":"step_start","sessionID":"{}"}}"#, "x".repeat(1000));
    let (events, _) =
        read(&[&long, r#"{"type":"step_start","sessionID":"a"}"#, r#"{"type":"step_start","sessionID":"b"}"#]);
    assert_eq!(events, [Event::Session("a".into())]);
}

#[test]
fn tools_say_what_they_are_about_and_how_they_ended() {
    let shell =
        |exit: u8| format!(r#"{{"status":"completed","input":{{"command":"ls"}},"metadata":{{"exit":{exit}}}}}"#);
    assert_eq!(used("bash", &shell(0)), [tool("bash", "shell", "ls", Some(true), Some(0))]);
    assert_eq!(used("bash", &shell(3)), [tool("bash", "shell", "ls", Some(false), Some(3))]);
    let invalid = r#"{"status":"completed","input":{"tool":"question","error":"unavailable"}}"#;
    assert_eq!(used("invalid", invalid), [tool("invalid", "other", "unavailable", Some(false), None)]);
    let mcp = r#"{"status":"completed","input":{"a":1}}"#;
    assert_eq!(used("server_tool", mcp), [tool("server_tool", "mcp", r#"{"a":1}"#, Some(true), None)]);
}

#[test]
fn an_edit_that_ended_well_is_a_change_too() {
    let edit = |status: &str, rest: &str| format!(r#"{{"status":"{status}","input":{{"filePath":"/r/a"}}{rest}}}"#);
    let new = r#","metadata":{"filepath":"/r/a","exists":false}"#;
    assert_eq!(used("write", &edit("completed", new))[1..], [change("/r/a", "add")]);
    assert_eq!(used("edit", &edit("completed", ""))[1..], [change("/r/a", "update")]);
    assert_eq!(used("edit", &edit("error", r#","error":"no""#)), [tool("edit", "edit", "/r/a", Some(false), None)]);
    let patch = r#"{"status":"completed","input":{},"metadata":{"files":[{"filePath":"a","type":"add"},{"filePath":"b","type":"move"}]}}"#;
    assert_eq!(used("apply_patch", patch)[1..], [change("a", "add"), change("b", "update")]);
}

#[test]
fn an_error_that_says_more_is_kept_over_one_that_only_says_that_something_failed() {
    let bad = r#"{"type":"error","error":{"name":"APIError","data":{"message":"x","statusCode":401}}}"#;
    let vague = r#"{"type":"error","error":"run ended"}"#;
    for lines in [[bad, vague], [vague, bad]] {
        let (_, reader) = read(&lines);
        assert_eq!(reader.state().refusal.as_ref().map(|refusal| refusal.class.as_str()), Some("auth"));
    }
    let (events, reader) = read(&[r#"{"type":"error","error":"no answer"}"#]);
    assert_eq!(events, [Event::Notice("no answer".into())]);
    assert_eq!(reader.state().refusal, None);
}
