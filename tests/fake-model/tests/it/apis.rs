//! The same step as an answer of each API, as a stream and as one object.

use serde_json::{Value, json};

use crate::support::{Answer, Model};

const CHAT: &str = "/v1/chat/completions";
const GEMINI: &str = "/v1beta/models/gemini-x:generateContent";
const GEMINI_STREAM: &str = "/v1beta/models/gemini-x:streamGenerateContent?alt=sse";
const MESSAGES: &str = "/v1/messages";

/// A step with everything that every API has.
fn step() -> Value {
    json!({
        "reasoning": "thinking", "text": "aé🚀bc", "chunk": 2,
        "tools": [{"name": "write", "args": {"path": "a/b"}}, {"name": "ls", "args": {}}],
        "usage": {"in": 1000, "cached": 200, "out": 50, "reason": 7}
    })
}

fn ask(path: &str, body: &Value) -> Answer {
    let answer = Model::start(&json!([step()])).ask_at(path, body);
    assert!(answer.whole && answer.status == 200, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

fn texts(values: &[Value], pointer: &str) -> Vec<String> {
    values.iter().filter_map(|value| value.pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

#[test]
fn chat_in_a_stream() {
    let answer = ask(CHAT, &json!({"model": "m", "stream": true, "stream_options": {"include_usage": true}}));
    let mut chunks = answer.data();
    assert_eq!(chunks.pop(), Some(json!("DONE")));
    let usage = chunks.pop().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"], chat_usage());
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["model"] == "m"));
    assert_eq!(texts(&chunks, "/choices/0/delta/content"), ["", "aé", "🚀b", "c"]);
    assert_eq!(texts(&chunks, "/choices/0/delta/reasoning_content"), ["thinking"]);
    let calls: Vec<Value> =
        chunks.iter().filter_map(|chunk| chunk.pointer("/choices/0/delta/tool_calls/0").cloned()).collect();
    assert_eq!(texts(&calls, "/function/name"), ["write", "ls"]);
    assert_eq!(texts(&calls, "/id"), ["call_0_0", "call_0_1"]);
    let of = |index: u64| calls.iter().filter(move |call| call["index"] == index).cloned().collect::<Vec<_>>();
    let (first, second) = (texts(&of(0), "/function/arguments"), texts(&of(1), "/function/arguments"));
    assert_eq!((first.concat().as_str(), second.concat().as_str()), (r#"{"path":"a/b"}"#, "{}"));
    assert!(first.len() > 3, "the arguments come in pieces: {first:?}");
    assert_eq!(texts(&chunks, "/choices/0/finish_reason"), ["tool_calls"]);
}

#[test]
fn chat_without_being_asked_for_usage_tells_none() {
    let answer = ask(CHAT, &json!({"model": "m", "stream": true}));
    assert!(answer.data().iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn chat_as_one_object() {
    let answer = ask(CHAT, &json!({"model": "m"})).json();
    assert_eq!((&answer["object"], &answer["usage"]), (&json!("chat.completion"), &chat_usage()));
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!((&choice["message"]["content"], &choice["message"]["role"]), (&json!("aé🚀bc"), &json!("assistant")));
    let call = json!({"name": "write", "arguments": r#"{"path":"a/b"}"#});
    assert_eq!(choice["message"]["tool_calls"][0]["function"], call);
}

fn chat_usage() -> Value {
    json!({
        "prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050,
        "prompt_tokens_details": {"cached_tokens": 200}, "completion_tokens_details": {"reasoning_tokens": 7}
    })
}

#[test]
fn gemini_in_a_stream() {
    let chunks = ask(GEMINI_STREAM, &json!({})).data();
    let parts: Vec<Value> =
        chunks.iter().map(|chunk| chunk.pointer("/candidates/0/content/parts/0").unwrap().clone()).collect();
    assert_eq!(parts[0], json!({"text": "thinking", "thought": true}));
    assert_eq!(texts(&parts[1..], "/text"), ["aé", "🚀b", "c", ""]);
    assert_eq!(parts[4], json!({"functionCall": {"name": "write", "args": {"path": "a/b"}}}));
    assert_eq!(texts(&chunks, "/candidates/0/finishReason"), ["STOP"], "only the last one ends it");
    assert_eq!(chunks.last().unwrap()["usageMetadata"], gemini_usage());
    assert!(chunks.iter().all(|chunk| chunk["modelVersion"] == "gemini-x"));
}

#[test]
fn gemini_as_one_object() {
    let answer = ask(GEMINI, &json!({})).json();
    let candidate = &answer["candidates"][0];
    assert_eq!((&candidate["finishReason"], &answer["usageMetadata"]), (&json!("STOP"), &gemini_usage()));
    let parts = candidate["content"]["parts"].as_array().unwrap();
    assert_eq!((parts.len(), &parts[1]), (4, &json!({"text": "aé🚀bc"})));
}

fn gemini_usage() -> Value {
    json!({
        "promptTokenCount": 1000, "cachedContentTokenCount": 200, "candidatesTokenCount": 43,
        "thoughtsTokenCount": 7, "totalTokenCount": 1050
    })
}

#[test]
fn messages_in_a_stream() {
    let answer = ask(MESSAGES, &json!({"model": "m", "stream": true}));
    let events = answer.events();
    let types = answer.types();
    assert_eq!((types[0].as_str(), types.last().unwrap().as_str()), ("message_start", "message_stop"));
    assert_eq!(events[0]["message"]["usage"]["cache_read_input_tokens"], 200);
    assert_eq!(events[0]["message"]["usage"]["input_tokens"], 800);
    assert_eq!(texts(&events, "/delta/text"), ["aé", "🚀b", "c"]);
    assert_eq!(texts(&events, "/content_block/type"), ["thinking", "text", "tool_use", "tool_use"]);
    let first: Vec<Value> = events.iter().filter(|event| event["index"] == 2).cloned().collect();
    assert_eq!(texts(&first, "/delta/partial_json").concat(), r#"{"path":"a/b"}"#);
    let end = &events[events.len() - 2];
    assert_eq!((&end["delta"]["stop_reason"], &end["usage"]["output_tokens"]), (&json!("tool_use"), &json!(50)));
}

#[test]
fn messages_as_one_object() {
    let answer = ask(MESSAGES, &json!({"model": "m"})).json();
    assert_eq!((&answer["stop_reason"], &answer["usage"]["output_tokens"]), (&json!("tool_use"), &json!(50)));
    assert_eq!(texts(answer["content"].as_array().unwrap(), "/text"), ["aé🚀bc"]);
    assert_eq!(answer["content"][2]["input"], json!({"path": "a/b"}));
}

#[test]
fn an_answer_without_calls_stops() {
    let plain = Model::start(&json!({"steps": [{"text": "x"}], "repeat_last": true}));
    assert_eq!(plain.ask_at(CHAT, &json!({})).json()["choices"][0]["finish_reason"], "stop");
    assert_eq!(plain.ask_at(MESSAGES, &json!({})).json()["stop_reason"], "end_turn");
}

#[test]
fn every_stream_is_cut_after_half_of_the_text() {
    for (path, body, pointer) in streams() {
        let cut = json!([{"text": "abcdef", "chunk": 1, "truncate": true}]);
        let answer = Model::start(&cut).ask_at(path, &body);
        assert!(!answer.whole, "{path}");
        assert_eq!(texts(&data(&answer), pointer).concat(), "abc", "{path}");
    }
}

#[test]
fn an_unfinished_stream_ends_well_and_says_too_little() {
    for (path, body, pointer) in streams() {
        let step = json!([{"text": "abcdef", "chunk": 1, "unfinished": true}]);
        let answer = Model::start(&step).ask_at(path, &body);
        assert!(answer.whole, "{path}");
        assert_eq!(texts(&data(&answer), pointer).concat(), "abc", "{path}");
        let text = String::from_utf8(answer.body).unwrap();
        let ends = ["\"finish_reason\":\"", "finishReason", "message_stop", "[DONE]"];
        assert!(!ends.iter().any(|end| text.contains(end)), "{path}: {text}");
    }
}

#[test]
fn an_incomplete_answer_has_its_reason_and_a_failure_its_code() {
    for (path, body, _) in streams() {
        let model = Model::start(&json!([
            {"text": "x", "incomplete": "too_long"}, {"text": "x", "failed": {"code": "oh_no", "message": "why"}}
        ]));
        let incomplete = model.ask_at(path, &body);
        assert!(String::from_utf8_lossy(&incomplete.body).contains("\"too_long\""), "{path}");
        let failed = data(&model.ask_at(path, &body)).pop().unwrap();
        assert!(failed["error"].to_string().contains("oh_no"), "{path}: {failed}");
        assert_eq!(failed["error"]["message"], "why", "{path}");
    }
}

#[test]
fn a_whole_answer_is_cut_and_fails_too() {
    for path in [CHAT, GEMINI, MESSAGES] {
        let model =
            Model::start(&json!([{"failed": {"code": "oh_no", "message": "why"}}, {"text": "x", "truncate": true}]));
        let failed = model.ask_at(path, &json!({}));
        assert_eq!((failed.status, &failed.json()["error"]["message"]), (500, &json!("why")), "{path}");
        let mut client = model.connect();
        client.post(path, "", b"{}");
        let (_, headers) = client.head();
        let promised: usize =
            headers.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = Vec::new();
        // A reset is an end too.
        let _ = std::io::Read::read_to_end(&mut client.reader, &mut body);
        assert_eq!(body.len(), promised / 2, "{path}");
    }
}

#[test]
fn what_an_api_does_not_have_is_refused() {
    let model = Model::start(&json!([{"tools": [{"name": "t", "custom": "x"}]}]));
    let answer = model.ask_at(CHAT, &json!({"stream": true}));
    assert_eq!(answer.status, 400);
    // A Gemini stream in another form than events, and a model without a verb.
    for path in ["/v1beta/models/g:streamGenerateContent", "/v1beta/models/g", "/v1beta/models/g:embedContent"] {
        assert_eq!(model.ask_at(path, &json!({})).status, 404, "{path}");
    }
}

#[test]
fn counting_tokens_takes_no_step() {
    let model = Model::start(&json!([{"text": "x"}]));
    let body = json!({"contents": "0123456789"});
    let count = model.ask_at("/v1beta/models/g:countTokens", &body).json();
    assert_eq!(count["totalTokens"], body.to_string().len() / 4);
    assert!(model.ask_at("/v1/messages/count_tokens", &body).json()["input_tokens"].is_u64());
    assert_eq!(model.ask_at(CHAT, &json!({})).status, 200);
    assert_eq!(model.log()[0]["step"], json!(null));
}

/// Path, body, and where the text of an event is.
fn streams() -> [(&'static str, Value, &'static str); 3] {
    [
        (CHAT, json!({"stream": true}), "/choices/0/delta/content"),
        (GEMINI_STREAM, json!({}), "/candidates/0/content/parts/0/text"),
        (MESSAGES, json!({"stream": true}), "/delta/text"),
    ]
}

/// The events, named or not.
fn data(answer: &Answer) -> Vec<Value> {
    if answer.body.starts_with(b"event: ") { answer.events() } else { answer.data() }
        .into_iter()
        .filter(Value::is_object)
        .collect()
}
