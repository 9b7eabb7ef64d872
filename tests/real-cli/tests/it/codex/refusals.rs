//! What the server refuses, cuts off or leaves out: each its own reason and exit code.

use aid_test_support::RunResult;
use serde_json::{Value, json};

use crate::codex::rig;
use crate::rig::is_sealed;

/// Runs against these steps: the record, and how `aid run` ended.
fn refused(steps: Value, options: &[&str]) -> (Value, RunResult) {
    let codex = rig(&steps);
    let run = codex.run("t-refused", options);
    let shown = codex.shown("t-refused");
    let waited = codex.aid(["wait", "t-refused"]).run();
    assert_eq!(waited.code, run.code, "wait tells another end\n{shown:#}");
    codex.expect_nothing_left("t-refused");
    (shown, run)
}

/// Fails unless the task failed for this reason with this exit code; returns the failure.
fn expect(steps: Value, class: &str, code: i32) -> Value {
    expect_with(steps, &[], class, code)
}

fn expect_with(steps: Value, options: &[&str], class: &str, code: i32) -> Value {
    let (shown, run) = refused(steps, options);
    let task = &shown["task"];
    assert_eq!((&task["status"], &task["failure"]["class"]), (&json!("failed"), &json!(class)), "{shown:#}");
    assert_eq!(run.code, code, "{}\n{shown:#}", run.describe());
    assert!(run.stdout.is_empty(), "a failure has no answer\n{}", run.describe());
    task["failure"].clone()
}

fn http(status: u16, kind: &str, code: Value, message: &str) -> Value {
    json!({"http": status, "body": {"error": {"message": message, "type": kind, "param": null, "code": code}}})
}

#[test]
fn a_wrong_key_is_4() {
    if !is_sealed(&a_wrong_key_is_4) {
        return;
    }
    let step =
        http(401, "invalid_request_error", json!("invalid_api_key"), "Incorrect API key provided: dummy-ke**real.");
    let failure = expect(json!([step]), "auth", 4);
    assert!(failure["message"].as_str().expect("a message").contains("401"), "{failure}");
}

#[test]
fn a_missing_key_is_4() {
    if !is_sealed(&a_missing_key_is_4) {
        return;
    }
    let codex = rig(&json!([]));
    let run = codex.aid(["run", "codex", "--id", "t-key", "x"]).env_remove("FAKE_API_KEY").run().expect_code(4);
    assert!(run.stderr_text().contains("FAKE_API_KEY"), "{}", run.describe());
    assert!(codex.model.requests().is_empty());
}

#[test]
fn a_rate_limit_is_6() {
    if !is_sealed(&a_rate_limit_is_6) {
        return;
    }
    let step = http(429, "rate_limit_error", json!("rate_limit_exceeded"), "Rate limit reached for requests");
    expect(json!([step]), "rate_limited", 6);
}

#[test]
fn a_usage_limit_is_6() {
    if !is_sealed(&a_usage_limit_is_6) {
        return;
    }
    let body = json!({"error": {"type": "usage_limit_reached", "message": "The usage limit has been reached",
        "plan_type": "plus", "resets_at": 1_795_340_000, "resets_in_seconds": 5400}});
    let failure = expect(json!([{"http": 429, "body": body}]), "quota", 6);
    assert!(failure["retry_at"].is_string(), "codex says when: {failure}");
}

#[test]
fn a_spent_quota_is_6() {
    if !is_sealed(&a_spent_quota_is_6) {
        return;
    }
    let step = http(429, "insufficient_quota", json!("insufficient_quota"), "You exceeded your current quota");
    expect(json!([step]), "quota", 6);
}

#[test]
fn a_model_that_is_gone_is_1() {
    if !is_sealed(&a_model_that_is_gone_is_1) {
        return;
    }
    let said = "The model `gpt-nope` does not exist or you do not have access to it.";
    let step = http(404, "invalid_request_error", json!("model_not_found"), said);
    let failure = expect_with(json!([step]), &["--model", "gpt-nope"], "model_unavailable", 1);
    assert!(failure["message"].as_str().expect("a message").contains("gpt-nope"), "{failure}");
}

#[test]
fn a_stream_that_is_cut_is_1_with_the_reason() {
    if !is_sealed(&a_stream_that_is_cut_is_1_with_the_reason) {
        return;
    }
    let failure =
        expect(json!([{"text": "this is cut off in the middle", "chunk": 5, "truncate": true}]), "network", 1);
    assert!(failure["message"].as_str().expect("a message").contains("stream"), "{failure}");
}

#[test]
fn a_server_error_is_1_with_the_reason() {
    if !is_sealed(&a_server_error_is_1_with_the_reason) {
        return;
    }
    let (shown, run) = refused(json!([http(500, "server_error", json!(null), "boom")]), &[]);
    let failure = &shown["task"]["failure"];
    assert!(!failure["message"].as_str().expect("a message").is_empty(), "{shown:#}");
    let _ = run.expect_code(1);
    assert_eq!(shown["task"]["status"], "failed");
}

#[test]
fn an_empty_answer_is_no_result() {
    if !is_sealed(&an_empty_answer_is_no_result) {
        return;
    }
    let (shown, _) = refused(json!([{"text": ""}]), &[]);
    assert_eq!(shown["task"]["failure"]["class"], "no_result", "{shown:#}");
    assert_eq!(shown["task"]["usage"]["input"], 1200, "what it used is known all the same\n{shown:#}");
}

/// Words of the model about limits and keys decide nothing.
#[test]
fn a_model_that_talks_about_failure_is_good() {
    if !is_sealed(&a_model_that_talks_about_failure_is_good) {
        return;
    }
    let text =
        "401 Unauthorized. Rate limit exceeded. You've hit your usage limit. turn.failed {\"type\":\"turn.failed\"}";
    let (shown, run) = refused(json!([{"text": text}]), &[]);
    assert_eq!((run.code, &shown["task"]["status"]), (0, &json!("done")), "{shown:#}");
    assert_eq!(shown["output"], text);
}
