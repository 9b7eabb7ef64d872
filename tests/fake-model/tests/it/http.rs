//! Requests, statuses, the order of steps, the log, and how the server starts and ends.

use std::io::Write;

use serde_json::json;

use crate::support::{Model, run};

#[test]
fn a_status_has_its_headers_and_its_body() {
    let model = Model::start(&json!([
        {"http": 429, "headers": {"retry-after": "2", "x-reset": "now"}, "body": {"error": {"code": "rate_limit_exceeded"}}},
        {"http": 503, "body": "plain words"},
        {"http": 500}
    ]));
    let limited = model.ask();
    assert_eq!(limited.status, 429);
    assert!(
        limited.headers.contains(&"retry-after: 2".to_owned()) && limited.headers.contains(&"x-reset: now".to_owned())
    );
    assert!(limited.headers.contains(&"content-type: application/json".to_owned()));
    assert_eq!(limited.json(), json!({"error": {"code": "rate_limit_exceeded"}}));

    let unavailable = model.ask();
    assert_eq!((unavailable.status, unavailable.body.as_slice()), (503, b"plain words".as_slice()));
    let broken = model.ask();
    assert_eq!((broken.status, &broken.json()["error"]["type"]), (500, &json!("server_error")));
}

#[test]
fn headers_of_a_stream_are_sent_too() {
    let answer = Model::start(&json!([{"text": "x", "headers": {"x-used-percent": "80"}}])).ask();
    assert!(answer.headers.contains(&"x-used-percent: 80".to_owned()));
}

#[test]
fn steps_are_used_once_and_the_last_one_repeats_only_when_the_script_says_so() {
    let once = Model::start(&json!({"steps": [{"text": "one"}, {"text": "two"}]}));
    assert_eq!([once.ask().deltas(), once.ask().deltas()], [["one"], ["two"]]);
    let over = once.ask();
    assert_eq!(over.status, 400);
    assert!(over.json()["error"]["message"].as_str().unwrap().contains("no step for request 2"));

    let again = Model::start(&json!({"steps": [{"text": "one"}, {"text": "two"}], "repeat_last": true}));
    let said: Vec<_> = (0..4).map(|_| again.ask().deltas().concat()).collect();
    assert_eq!(said, ["one", "two", "two", "two"]);
}

#[test]
fn a_connection_is_used_again_and_other_paths_take_no_step() {
    let model = Model::start(&json!([{"text": "one"}, {"http": 401}, {"text": "two"}]));
    let mut client = model.connect();
    client.writer.write_all(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(client.answer().status, 404);
    client.post("/v1/completions", "", b"{}");
    assert_eq!(client.answer().status, 404);
    for (status, text) in [(200, "one"), (401, ""), (200, "two")] {
        client.post("/v1/responses?a=b", "", b"{}");
        let answer = client.answer();
        assert_eq!(answer.status, status);
        if status == 200 {
            assert_eq!(answer.deltas(), [text]);
        }
    }
    client.post("/v1/responses", "Connection: close\r\n", b"{}");
    client.answer();
    assert_eq!(client.line(), "", "the server closes when it is asked to");
}

#[test]
fn a_client_that_expects_to_be_told_is_told() {
    let model = Model::start(&json!([{"text": "x"}]));
    let mut client = model.connect();
    let head = b"POST /responses HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    client.writer.write_all(head).unwrap();
    assert_eq!(client.head().0, 100);
    client.writer.write_all(b"{}").unwrap();
    assert_eq!(client.answer().deltas(), ["x"]);
}

#[test]
fn a_body_in_chunks_is_put_together() {
    let model = Model::start(&json!([{"text": "x"}]));
    let mut client = model.connect();
    let request =
        b"POST /responses HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n";
    client.writer.write_all(request).unwrap();
    assert_eq!(client.answer().status, 200);
    assert_eq!(model.log()[0]["body"], json!({"a": 1}));
}

#[test]
fn a_body_has_a_limit() {
    let model = Model::start(&json!([{"text": "x"}]));
    let mut client = model.connect();
    let text = "x".repeat(16 * 1024 * 1024 - 2);
    client.post("/responses", "", format!("\"{text}\"").as_bytes());
    assert_eq!(client.answer().status, 200);
    assert_eq!(model.log()[0]["body"].as_str().unwrap().len(), text.len());

    let mut client = model.connect();
    let head = "POST /responses HTTP/1.1\r\nContent-Length: 16777217\r\n\r\n";
    client.writer.write_all(head.as_bytes()).unwrap();
    assert_eq!(client.answer().status, 413);
}

#[test]
fn what_is_not_http_or_compressed_is_refused() {
    let model = Model::start(&json!([{"text": "x"}]));
    let mut client = model.connect();
    client.writer.write_all(b"hello\r\n\r\n").unwrap();
    assert_eq!(client.answer().status, 400);
    let mut client = model.connect();
    client.post("/responses", "Content-Encoding: zstd\r\n", b"\x28\xb5\x2f\xfd");
    assert_eq!(client.answer().status, 415);
    assert_eq!(model.ask().deltas(), ["x"], "neither took the step");
}

#[test]
fn the_log_has_every_request_without_its_key() {
    let model = Model::start(&json!([{"text": "x"}]));
    let mut client = model.connect();
    client.post(
        "/v1/responses?key=very-secret-key1&b=c",
        "Authorization: Bearer dummy-key-not-real\r\nX-Api-Key: short\r\nX-Other: kept\r\n",
        br#"{"model":"m"}"#,
    );
    client.answer();
    client.post("/nothing", "", b"not json");
    client.answer();
    let log = model.log();
    assert_eq!(log.len(), 2);
    assert_eq!((&log[0]["method"], &log[0]["step"]), (&json!("POST"), &json!(0)));
    assert_eq!(log[0]["path"], "/v1/responses?key=…key1&b=c");
    assert_eq!(log[0]["headers"]["authorization"], "…real");
    assert_eq!(log[0]["headers"]["x-api-key"], "…");
    assert_eq!(log[0]["headers"]["x-other"], "kept");
    assert_eq!(log[0]["body"], json!({"model": "m"}));
    assert_eq!((&log[1]["body"], &log[1]["step"]), (&json!("not json"), &json!(null)));
}

#[test]
fn it_ends_when_its_input_ends_or_when_it_is_told_to() {
    let mut model = Model::start(&json!([{"hang": true}]));
    let mut client = model.connect();
    client.post("/responses", "", b"{}");
    drop(model.child.stdin.take());
    assert_eq!(model.child.wait().unwrap().code(), Some(0));

    let mut model = Model::start(&json!([]));
    let pid = rustix::process::Pid::from_child(&model.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(!model.child.wait().unwrap().success());
}

#[test]
fn a_wrong_script_or_command_line_is_named() {
    for (args, why) in [
        (&["--steps", r#"[{"text":"a"},{"txt":"b"}]"#][..], "step 1: unknown field `txt`"),
        (&["--steps", r#"[{}]"#], "step 0: the step says nothing"),
        (&["--steps", r#"[{"http":401,"text":"a"}]"#], "step 0: http answers without a stream"),
        (&["--steps", r#"[{"http":99}]"#], "99 is not the status"),
        (&["--steps", r#"[{"text":"a","chunk":0}]"#], "chunk is at least 1"),
        (&["--steps", r#"[{"limit":{"per":"day"},"http":429}]"#], "limit answers without a stream"),
        (&["--steps", r#"[{"limit":{"per":"hour"}}]"#], "step 0: unknown variant `hour`"),
        (&["--steps", r#"{"steps":[],"conversations":[{"match":{},"steps":[]}]}"#], "conversation 0: match needs"),
        (
            &["--steps", r#"{"steps":[],"conversations":[{"match":{"model":"m"},"steps":[{}]}]}"#],
            "conversation 0: step 0: the step says nothing",
        ),
        (&["--steps", r#"[{"text":"a","delay":-1}]"#], "delay is 0 to 600"),
        (&["--steps", r#"[{"tools":[{"name":"t"}]}]"#], "tool t needs either args or custom"),
        (&["--script", "/nonexistent"], "/nonexistent: "),
        (&["--port", "1", "--what"], "unknown argument"),
        (&["--log"], "--log needs a value"),
        (&[], "usage: fake-model"),
    ] {
        let output = run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(said.contains(why), "{args:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}
