//! Tests of the codex family with a dialect that takes every text at its word.

use super::{Dialect, Reader, Turn};
use crate::{Event, Kv, Malformed, Refusal, Tool};

#[derive(Debug, Default)]
struct Literal;

impl Dialect for Literal {
    fn retry_cause<'m>(&self, message: &'m str) -> Option<&'m str> {
        message.strip_prefix("retry: ")
    }

    fn refusal(&self, message: &str, status: Option<u64>, is_final: bool) -> Refusal {
        let class = status.map_or_else(|| message.to_owned(), |status| status.to_string());
        Refusal { class, message: message.to_owned(), pool: None, retry_at: None, final_: is_final }
    }
}

fn read(lines: &[&str]) -> (Vec<Event>, Reader<Literal>) {
    let mut reader = Reader::new(Literal);
    let mut events = Vec::new();
    for line in lines {
        reader.on_line(line, &mut events).unwrap_or_else(|_| panic!("malformed: {line}"));
    }
    (events, reader)
}

fn tool(id: &str, name: &str, kind: &str, detail: &str, ok: Option<bool>) -> Tool {
    let (id, name, kind, detail) = (id.to_owned(), name.to_owned(), kind.to_owned(), detail.to_owned());
    Tool { id, name, kind, detail, ok, exit_code: None }
}

#[test]
fn a_line_without_a_type_is_malformed_and_a_blank_one_is_not() {
    let mut reader = Reader::new(Literal);
    for line in ["{}", r#"{"type":1}"#, "plain text", "[]"] {
        assert_eq!(reader.on_line(line, &mut Vec::new()), Err(Malformed), "{line}");
    }
    for line in ["", "  \t", r#"{"type":"something.new","item":7}"#] {
        assert_eq!(reader.on_line(line, &mut Vec::new()), Ok(()), "{line}");
    }
}

#[test]
fn members_of_an_unexpected_type_are_left_out_without_harm() {
    let (events, reader) = read(&[
        r#"{"type":"thread.started","thread_id":7}"#,
        r#"{"type":"item.completed","item":"text"}"#,
        r#"{"type":"item.completed","item":{"id":3,"type":"command_execution","command":[],"exit_code":"0"}}"#,
        r#"{"type":"error","message":{}}"#,
        r#"{"type":"turn.completed","usage":{"input_tokens":"many","output_tokens":5}}"#,
    ]);
    assert_eq!(events[0], Event::ToolEnd(tool("", "command_execution", "shell", "", None)));
    assert!(matches!(&events[1], Event::Usage(usage) if usage.input.is_none() && usage.output == Some(5)));
    assert_eq!(events[2..], [Event::Finished]);
    assert_eq!(reader.state().session, None);
}

#[test]
fn the_first_id_of_an_item_names_the_tool() {
    let (events, _) = read(&[
        r#"{"type":"item.completed","item":{"id":"item_1","type":"web_search","id":"ws_1","query":"rust sse","action":{"type":"search"}}}"#,
    ]);
    assert_eq!(events, [Event::ToolEnd(tool("item_1", "web_search", "web", "rust sse", None))]);
}

#[test]
fn changes_listed_only_at_the_start_of_an_edit_are_reported_at_its_end() {
    let started = r#"{"type":"item.started","item":{"id":"item_1","type":"file_change","changes":[{"path":"a","kind":"add"},{"path":"b","kind":"renamed"}]}}"#;
    let completed = r#"{"type":"item.completed","item":{"id":"item_1","type":"file_change","status":"completed"}}"#;
    let change = |key: &str, value: &str| Event::FileChange(Kv { key: key.into(), value: value.into() });
    assert_eq!(read(&[started]).0, []);
    assert_eq!(read(&[started, completed]).0, [change("a", "add"), change("b", "update")]);
}

#[test]
fn a_failed_edit_changed_nothing() {
    let (events, _) = read(&[
        r#"{"type":"item.completed","item":{"id":"i","type":"file_change","changes":[{"path":"a","kind":"add"}],"status":"failed"}}"#,
    ]);
    assert_eq!(events, [Event::ToolEnd(tool("i", "file_change", "edit", "a", Some(false)))]);
}

#[test]
fn a_command_is_named_at_its_end_even_when_only_its_start_said_it() {
    let (events, _) = read(&[
        r#"{"type":"item.started","item":{"id":"i","type":"command_execution","command":"ls","status":"in_progress"}}"#,
        r#"{"type":"item.completed","item":{"id":"i","type":"command_execution","exit_code":3,"status":"failed"}}"#,
    ]);
    let ended = Tool { exit_code: Some(3), ..tool("i", "command_execution", "shell", "ls", Some(false)) };
    assert_eq!(events[1], Event::ToolEnd(ended));
}

#[test]
fn an_mcp_call_ends_well_only_without_an_error() {
    let item = |rest: &str| {
        format!(
            r#"{{"type":"item.completed","item":{{"id":"i","type":"mcp_tool_call","server":"s","tool":"t","arguments":{{"a":1}},{rest}}}}}"#
        )
    };
    let good = item(r#""error":null,"status":"completed""#);
    let bad = item(r#""error":{"message":"no"},"status":"completed""#);
    assert_eq!(read(&[&good]).0, [Event::ToolEnd(tool("i", "s.t", "mcp", r#"{"a":1}"#, Some(true)))]);
    assert_eq!(read(&[&bad]).0, [Event::ToolEnd(tool("i", "s.t", "mcp", r#"{"a":1}"#, Some(false)))]);
}

#[test]
fn more_begun_items_than_are_remembered_do_no_harm() {
    let started: Vec<String> = (0..200)
        .map(|id| {
            format!(r#"{{"type":"item.started","item":{{"id":"i{id}","type":"command_execution","command":"c{id}"}}}}"#)
        })
        .collect();
    let ended = |id: u32| {
        format!(
            r#"{{"type":"item.completed","item":{{"id":"i{id}","type":"command_execution","status":"completed"}}}}"#
        )
    };
    let (first, last) = (ended(0), ended(199));
    let mut lines: Vec<&str> = started.iter().map(String::as_str).collect();
    lines.extend([first.as_str(), last.as_str()]);
    let (events, _) = read(&lines);
    assert_eq!(events[200], Event::ToolEnd(tool("i0", "command_execution", "shell", "", Some(true))));
    assert_eq!(events[201], Event::ToolEnd(tool("i199", "command_execution", "shell", "c199", Some(true))));
}

#[test]
fn retries_for_one_cause_are_one_refusal_and_every_one_a_notice() {
    let (events, reader) = read(&[
        r#"{"type":"turn.started"}"#,
        r#"{"type":"error","message":"retry: network"}"#,
        r#"{"type":"error","message":"retry: network"}"#,
        r#"{"type":"error","message":"retry: other"}"#,
        r#"{"type":"error","message":"retry: capacity"}"#,
    ]);
    let classes: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Refusal(refusal) => Some((refusal.class.as_str(), refusal.final_)),
            _ => None,
        })
        .collect();
    assert_eq!(classes, [("network", false), ("capacity", false)]);
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Notice(_))).count(), 4);
    assert_eq!(reader.state().turn, Turn::Running);
    assert_eq!(reader.state().last_error, None);
}

#[test]
fn an_error_counts_as_the_last_word_only_while_nothing_follows() {
    let error = r#"{"type":"error","message":"auth"}"#;
    let message = r#"{"type":"item.completed","item":{"type":"agent_message","text":"on"}}"#;
    assert!(read(&[error]).1.state().last_error.is_some());
    assert_eq!(read(&[error, message]).1.state().last_error, None);
}

#[test]
fn a_failed_turn_says_why_in_its_own_words_or_in_those_of_the_error_before() {
    let class = |lines: &[&str]| match read(lines).1.state().turn.clone() {
        Turn::Failed(refusal) => (refusal.class, refusal.final_),
        other => panic!("{other:?}"),
    };
    let error = r#"{"type":"error","message":"auth"}"#;
    assert_eq!(class(&[error, r#"{"type":"turn.failed","error":{"message":"quota"}}"#]), ("quota".into(), true));
    assert_eq!(class(&[error, r#"{"type":"turn.failed"}"#]), ("auth".into(), true));
    assert_eq!(class(&[r#"{"type":"turn.failed","error":{"message":"x","status":401}}"#]), ("401".into(), true));
}

#[test]
fn only_a_new_turn_gets_out_of_a_failed_one() {
    let failed = r#"{"type":"turn.failed","error":{"message":"quota"}}"#;
    let completed = r#"{"type":"turn.completed"}"#;
    let started = r#"{"type":"turn.started"}"#;
    let (events, reader) = read(&[started, failed, completed]);
    assert!(matches!(reader.state().turn, Turn::Failed(_)));
    assert!(!events.contains(&Event::Finished));
    assert_eq!(read(&[started, failed, started, completed]).1.state().turn, Turn::Completed);
    assert_eq!(read(&[started, completed, started]).1.state().turn, Turn::Running);
}

#[test]
fn a_new_turn_is_not_answered_by_the_message_of_an_earlier_one() {
    let message = r#"{"type":"item.completed","item":{"type":"agent_message","text":"one"}}"#;
    let started = r#"{"type":"turn.started"}"#;
    let (_, reader) = read(&[started, message, started]);
    assert!(!reader.state().answered);
    assert_eq!(reader.state().last_message.as_deref(), Some("one"));
}

#[test]
fn counts_that_are_all_zero_are_no_counts() {
    let (events, reader) =
        read(&[r#"{"type":"turn.completed","usage":{"input_tokens":0,"cached_input_tokens":0,"output_tokens":0}}"#]);
    assert_eq!(events, [Event::Finished]);
    assert_eq!(reader.state().usage, None);
}

#[test]
fn a_session_is_named_once_and_never_absurd() {
    let long = format!(r#"{{"type":"thread.started","thread_id":"{}"}}"#, "x".repeat(1000));
    let (events, reader) =
        read(&[&long, r#"{"type":"thread.started","thread_id":"a"}"#, r#"{"type":"thread.started","thread_id":"b"}"#]);
    assert_eq!(events, [Event::Session("a".into())]);
    assert_eq!(reader.state().session.as_deref(), Some("a"));
}
