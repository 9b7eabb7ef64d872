//! Tests of the errors of the family, by the objects that were recorded and those that providers are known to send.

use serde_json::json;

use super::{AgentError, Class};
use crate::json::Object;

fn read(error: &serde_json::Value) -> AgentError {
    let line = json!({ "error": error }).to_string();
    Object::parse(&line).expect("an object").get("error").map(AgentError::read).expect("an error")
}

fn api(status: u64, message: &str, body: &str) -> AgentError {
    read(&json!({"name": "APIError", "data": {"message": message, "statusCode": status, "responseBody": body}}))
}

fn code(status: u64, code: &str) -> Class {
    api(status, "x", &json!({"error": {"message": "x", "type": "x", "code": code}}).to_string()).class()
}

#[test]
fn every_status_has_its_class_unless_the_server_says_more() {
    for (status, class) in [
        (401, Class::Auth),
        (402, Class::Quota),
        (403, Class::Auth),
        (404, Class::Model),
        (413, Class::Context),
        (429, Class::RateLimit),
        (500, Class::Capacity),
        (529, Class::Capacity),
        (418, Class::Other),
    ] {
        assert_eq!(api(status, "x", "").class(), class, "{status}");
        assert_eq!(api(status, "x", "<html>").class(), class, "{status}");
    }
    assert_eq!(code(429, "insufficient_quota"), Class::Quota);
    assert_eq!(code(401, "CreditsError"), Class::Quota);
    assert_eq!(code(400, "context_length_exceeded"), Class::Context);
    assert_eq!(code(400, "model_not_found"), Class::Model);
    assert_eq!(code(429, "server_error"), Class::RateLimit);
    assert_eq!(code(400, "server_error"), Class::Capacity);
}

#[test]
fn a_text_decides_where_it_begins_and_before_the_status() {
    assert_eq!(api(400, "Your credit balance is too low to access the API", "").class(), Class::Quota);
    assert_eq!(api(400, "the prompt says: quota exceeded", "").class(), Class::Other);
    assert_eq!(api(429, "You exceeded your current quota, please check your plan", "").class(), Class::Quota);
    assert_eq!(api(400, "The model `x` does not exist", "").class(), Class::Model);
    for message in ["Unable to connect. Is the computer able to access the url?", "fetch failed"] {
        assert_eq!(read(&json!({"name": "APIError", "data": {"message": message}})).class(), Class::Network);
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_json_in_the_text() {
    let inner = r#"{"error":{"message":"The server had an error","type":"server_error","code":null}}"#;
    let error = read(&json!({"name": "UnknownError", "data": {"message": inner}}));
    assert_eq!((error.class(), error.message.as_str()), (Class::Capacity, "The server had an error"));
    let flat = read(&json!({"name": "UnknownError", "data": {"message": r#"{"message":"busy","code":"slow_down"}"#}}));
    assert_eq!((flat.class(), flat.message.as_str()), (Class::Capacity, "busy"));
}

#[test]
fn a_text_alone_and_odd_shapes_are_read_too() {
    assert_eq!(read(&json!("run ended")).message, "run ended");
    assert_eq!(read(&json!("\u{1b}[91mred\u{1b}[0m")).message, "red");
    assert_eq!(read(&json!({"name": "ProviderAuthError", "data": {"providerID": "x"}})).class(), Class::Auth);
    assert_eq!(read(&json!({"message": "plain"})).message, "plain");
    for odd in [json!(7), json!([]), json!({}), json!({"name": 1, "data": "x"})] {
        assert_eq!(read(&odd).class(), Class::Other, "{odd}");
    }
}

#[test]
fn the_time_to_try_again_is_the_servers() {
    let at = |headers: serde_json::Value| {
        read(&json!({"name": "APIError", "data": {"message": "x", "responseHeaders": headers}})).retry_at
    };
    assert_eq!(at(json!({"retry-after": "1"})).as_deref(), Some("in 1s"));
    assert_eq!(
        at(json!({"retry-after": "Sun, 22 Nov 2026 08:08:54 GMT"})).as_deref(),
        Some("Sun, 22 Nov 2026 08:08:54 GMT")
    );
    assert_eq!(at(json!({"retry-after-ms": "1500"})).as_deref(), Some("in 2s"));
    assert_eq!(at(json!({"retry-after": "soon"})), None);
    assert_eq!(at(json!({"x": "1"})), None);
}
