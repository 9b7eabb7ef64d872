//! Tests of the classes of refusal, by the texts gemini and its servers were seen to print.

use super::{Spoken, milliseconds, read};

fn class(message: &str) -> String {
    read(&Spoken { message: Some(message), kind: "unknown", model: None }).class
}

const WAIT: &str =
    "\nPlease wait and try again later. To increase your limits, request a quota increase through AI Studio";

/// What stands in `[API Error: …]`, and its class.
const INNER: &[(&str, &str)] = &[
    ("You have exhausted your daily quota on this model.", "quota"),
    ("You have exhausted your capacity on this model. Your quota will reset after 5h12m3s.", "quota"),
    (
        "You exceeded your current quota, please check your plan.\n* Quota exceeded for metric: x, limit: 2\nPlease retry in 2.5s.\nSuggested retry after 2s.",
        "rate-limit",
    ),
    ("You exceeded your current quota, please check your plan.\nPlease retry in 5h2m.", "quota"),
    ("You exceeded your current quota, please check your plan. limit: 0\nPlease retry in 2s.", "quota"),
    ("You exceeded your current quota, please check your plan. limit: 0.5\nPlease retry in 2s.", "rate-limit"),
    ("You exceeded your current quota, please check your plan and billing details.", "quota"),
    ("Resource has been exhausted (e.g. check quota).", "rate-limit"),
    ("The model is overloaded. Please try again later.", "capacity"),
    ("API key not valid. Please pass a valid API key.", "auth"),
    (
        r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}"#,
        "auth",
    ),
    (
        r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}"#,
        "auth",
    ),
    (
        r#"{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT","details":[{"@type":"ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
        "auth",
    ),
    (r#"{"error":{"code":400,"message":"Invalid argument.","status":"INVALID_ARGUMENT"}}"#, "other"),
    (r#"{"error":{"code":403,"message":"No.","status":"PERMISSION_DENIED"}}"#, "auth"),
    (r#"{"error":{"code":500,"message":"An internal error has occurred.","status":"INTERNAL"}}"#, "capacity"),
    (r#"{"error":{"code":503,"message":"busy","status":"x"}}"#, "capacity"),
    (
        r#"{"error":{"message":"{\"error\":{\"code\":429,\"message\":\"No.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":[{\"quotaId\":\"RequestsPerDayPerModel\"}]}]}}","code":429,"status":"Too Many Requests"}}"#,
        "quota",
    ),
    (r#"{"error":{"message":"<html>","code":429,"status":"Too Many Requests"}}"#, "rate-limit"),
    (
        r#"got status: 429 Too Many Requests. {"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}"#,
        "rate-limit",
    ),
    ("got status: 503 Service Unavailable", "capacity"),
    ("Slow down. (Status: RESOURCE_EXHAUSTED)", "rate-limit"),
    ("models/gemini-nope is not found for API version v1beta", "model"),
    ("The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).", "context"),
    ("exception TypeError: fetch failed sending request", "network"),
    ("User location is not supported for the API use.", "refused"),
    ("Something new.", "other"),
    (
        "Exiting due to an error processing the @ command: Error reading files (You have exhausted your daily quota)",
        "other",
    ),
];

#[test]
fn every_text_has_its_class() {
    for (inner, expected) in INNER {
        assert_eq!(class(&format!("[API Error: {inner}]")), *expected, "{inner}");
    }
    for (message, expected) in [
        ("Model stream ended without a finish reason.", "network"),
        ("The model response was blocked due to safety settings.", "refused"),
        ("The model returned an empty response with no text or thoughts.", "other"),
        ("Reached max session turns for this session.", "other"),
    ] {
        assert_eq!(class(message), expected, "{message}");
    }
}

#[test]
fn what_gemini_adds_to_a_status_of_429_and_the_names_of_errors_tell_the_rest() {
    assert_eq!(class(&format!("[API Error: Something new.]{WAIT}")), "rate-limit");
    let named = |kind| read(&Spoken { message: Some("[API Error: new]"), kind, model: None }).class;
    assert_eq!((named("TerminalQuotaError"), named("FatalAuthenticationError")), ("quota".into(), "auth".into()));
    assert_eq!(read(&Spoken { message: None, kind: "", model: None }).class, "other");
}

#[test]
fn what_a_tool_wrote_has_no_class_wherever_it_stands() {
    for text in [
        "Quota exceeded for x. Please retry in 2s.",
        "]\nPlease wait and try again later.",
        "(Status: UNAUTHENTICATED)",
        "{\"error\":{\"code\":429}}",
    ] {
        for message in
            [format!("Error executing tool x: {text}"), format!("[API Error: Error executing tool x: {text}]")]
        {
            let refusal =
                read(&Spoken { message: Some(&message), kind: "no_space_left", model: Some("gemini-2.5-pro") });
            assert_eq!((refusal.class.as_str(), refusal.pool, refusal.retry_at), ("other", None, None), "{message}");
        }
    }
    let quoted = "[API Error: Invalid prompt: 'You have exhausted your daily quota. Please retry in 2s.']";
    let refusal = read(&Spoken { message: Some(quoted), kind: "unknown", model: Some("gemini-2.5-pro") });
    assert_eq!((refusal.class.as_str(), refusal.pool, refusal.retry_at), ("other", None, None));
}

#[test]
fn a_limit_has_a_pool_and_an_end_as_far_as_they_are_said() {
    let of = |message: &str| {
        let refusal = read(&Spoken { message: Some(message), kind: "unknown", model: Some("gemini-2.5-pro") });
        (refusal.pool, refusal.retry_at)
    };
    let pool = |name: &str| Some(name.to_owned());
    assert_eq!(of("[API Error: You have exhausted your daily quota on this model.]"), (pool("gemini-2.5-pro"), None));
    assert_eq!(
        of(
            "[API Error: Quota exceeded for metric: x, limit: 2, model: gemini-3.8-flash\nPlease retry in 2.5s.\nSuggested retry after 2s.]"
        ),
        (pool("gemini-3.8-flash"), Some("in 2s".into()))
    );
    assert_eq!(
        of("[API Error: The model is overloaded. Please retry in 2.5s.]"),
        (pool("gemini-2.5-pro"), Some("in 2.5s".into()))
    );
    assert_eq!(of("[API Error: API key not valid. Please retry in 2s]"), (None, None));
}

#[test]
fn waits_are_read_or_not() {
    let cases =
        [("2s", Some(2000)), ("2.5s", Some(2500)), ("1500ms", Some(1500)), ("1h1m1s", Some(3_661_000)), ("", Some(0))];
    for (wait, expected) in cases {
        assert_eq!(milliseconds(wait), expected, "{wait}");
    }
    for wait in ["2", "s", "2x", "2.s", ".5s", "99999999999999999999s", "9999999999999999999h"] {
        assert_eq!(milliseconds(wait), None, "{wait}");
    }
}
