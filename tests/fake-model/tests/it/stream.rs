//! The event streams that steps become.

use serde_json::json;

use crate::support::Model;

#[test]
fn a_text_is_a_message_with_the_default_usage() {
    let answer = Model::start(&json!([{"text": "Hello"}])).ask();
    assert!(answer.whole && answer.status == 200);
    assert!(answer.headers.contains(&"content-type: text/event-stream".to_owned()), "{:?}", answer.headers);
    assert_eq!(
        answer.types(),
        [
            "response.created",
            "response.output_item.added",
            "response.output_text.delta",
            "response.output_item.done",
            "response.completed"
        ]
    );
    let message = &answer.items()[0];
    assert_eq!(message["content"], json!([{"type": "output_text", "text": "Hello", "annotations": []}]));
    assert_eq!((&message["type"], &message["role"]), (&json!("message"), &json!("assistant")));
    let response = &answer.events()[4]["response"];
    assert_eq!(response["status"], "completed");
    assert_eq!(
        response["usage"],
        json!({
            "input_tokens": 1200, "input_tokens_details": {"cached_tokens": 200},
            "output_tokens": 34, "output_tokens_details": {"reasoning_tokens": 5}, "total_tokens": 1234
        })
    );
}

#[test]
fn everything_a_step_says_comes_in_order() {
    let answer = Model::start(&json!([{
        "reasoning": "thinking", "text": "saying", "phase": "commentary",
        "items": [{"type": "web_search_call", "id": "ws_1"}],
        "tools": [
            {"name": "exec_command", "args": {"cmd": "ls"}},
            {"name": "apply_patch", "custom": "*** Begin Patch\n"},
            {"name": "echo_it", "namespace": "mcp__x", "args": {}}
        ],
        "usage": {"in": 7, "out": 3}
    }]))
    .ask();
    let items = answer.items();
    let types: Vec<_> = items.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        ["reasoning", "message", "web_search_call", "function_call", "custom_tool_call", "function_call"]
    );
    assert_eq!(items[0]["summary"], json!([{"type": "summary_text", "text": "thinking"}]));
    assert_eq!(items[1]["phase"], "commentary");
    assert_eq!(items[2]["id"], "ws_1");
    assert_eq!((&items[3]["name"], &items[3]["arguments"]), (&json!("exec_command"), &json!("{\"cmd\":\"ls\"}")));
    assert_eq!((&items[4]["name"], &items[4]["input"]), (&json!("apply_patch"), &json!("*** Begin Patch\n")));
    assert_eq!(items[5]["namespace"], "mcp__x");
    let calls: std::collections::BTreeSet<_> = items[3..].iter().map(|item| item["call_id"].to_string()).collect();
    assert_eq!(calls.len(), 3, "each call has its own id");
    let end = answer.events().pop().unwrap();
    let usage = &end["response"]["usage"];
    assert_eq!((&usage["input_tokens"], &usage["output_tokens"]), (&json!(7), &json!(3)));
    assert_eq!(usage["input_tokens_details"]["cached_tokens"], 200, "what is not said keeps its default");
}

#[test]
fn an_empty_text_is_a_message_without_deltas() {
    let answer = Model::start(&json!([{"text": ""}])).ask();
    assert_eq!(answer.items()[0]["content"][0]["text"], "");
    assert!(answer.deltas().is_empty());
}

#[test]
fn pieces_are_cut_between_characters() {
    let answer = Model::start(&json!([{"text": "aé🚀bc", "chunk": 2}])).ask();
    assert_eq!(answer.deltas(), ["aé", "🚀b", "c"]);
    assert_eq!(answer.items()[0]["content"][0]["text"], "aé🚀bc");
}

#[test]
fn a_delay_comes_before_each_piece() {
    let model = Model::start(&json!([{"text": "abc", "chunk": 1, "delay": 0.05}]));
    let before = std::time::Instant::now();
    assert_eq!(model.ask().deltas().len(), 3);
    assert!(before.elapsed() >= std::time::Duration::from_millis(150));
}

#[test]
fn a_cut_stream_has_half_of_the_text_and_no_end() {
    let answer = Model::start(&json!([{"text": "abcdef", "chunk": 1, "truncate": true}])).ask();
    assert!(!answer.whole);
    assert_eq!(answer.deltas().concat(), "abc");
    assert!(answer.items().is_empty());
    assert!(!answer.types().contains(&"response.completed".to_owned()));
}

#[test]
fn a_failure_and_an_incomplete_answer_end_the_stream_as_such() {
    let model = Model::start(&json!([
        {"text": "part", "incomplete": "max_output_tokens"},
        {"failed": {"code": "context_length_exceeded", "message": "too long"}}
    ]));
    let incomplete = model.ask();
    let end = incomplete.events().pop().unwrap();
    assert_eq!(end["type"], "response.incomplete");
    assert_eq!(end["response"]["incomplete_details"], json!({"reason": "max_output_tokens"}));
    assert_eq!(end["response"]["usage"]["output_tokens"], 34);
    assert_eq!(incomplete.items().len(), 1);

    let failed = model.ask();
    assert_eq!(failed.types(), ["response.created", "response.failed"]);
    let response = &failed.events()[1]["response"];
    assert_eq!(response["error"], json!({"code": "context_length_exceeded", "message": "too long"}));
}

#[test]
fn a_hang_after_text_sends_the_text_and_then_nothing() {
    let model = Model::start(&json!([{"text": "so far", "hang": true}]));
    let mut client = model.connect();
    client.post("/v1/responses", "", b"{}");
    assert_eq!(client.head().0, 200);
    let mut seen = String::new();
    while !seen.contains("response.output_item.done") {
        seen.push_str(std::str::from_utf8(&client.chunk().unwrap()).unwrap());
    }
    assert!(seen.contains("so far"));
    assert_silent(&mut client);
}

#[test]
fn a_hang_alone_sends_nothing_at_all() {
    let model = Model::start(&json!([{"hang": true}, {"text": "next"}]));
    let mut client = model.connect();
    client.post("/v1/responses", "", b"{}");
    // The first request was taken; the next one is answered, and the first one still has nothing.
    model.await_log();
    assert_eq!(model.ask().deltas(), ["next"]);
    assert_silent(&mut client);
}

/// Nothing is there to read, and the connection is open.
fn assert_silent(client: &mut crate::support::Client) {
    assert!(client.reader.buffer().is_empty());
    client.writer.set_nonblocking(true).unwrap();
    let why = client.writer.peek(&mut [0; 1]).unwrap_err();
    assert_eq!(why.kind(), std::io::ErrorKind::WouldBlock);
}
