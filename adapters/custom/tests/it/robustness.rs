//! However the bytes are cut, whatever stands between the lines, and wherever they end.

use aid_adapter_custom::Custom;
use aid_adapter_testkit::{
    never_a_success_before_its_mark, same_byte_by_byte, same_in_pieces, same_in_two_pieces, same_with_crlf,
    same_with_strangers,
};
use proptest::prelude::*;

use crate::support::{
    RECORDED, Recording, exit_code, exit_signal, read_text, recordings, request, rule, text_definition, with_rules,
    word,
};

fn all() -> Vec<Recording> {
    RECORDED.iter().flat_map(|agent| recordings(agent)).collect()
}

#[test]
fn in_two_at_every_place() {
    same_in_two_pieces::<Custom>(&all());
}

#[test]
fn byte_by_byte() {
    same_byte_by_byte::<Custom>(&all());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn at_random_with_both_streams_mixed(sizes in proptest::collection::vec((any::<bool>(), 0_usize..400), 0..40)) {
        same_in_pieces::<Custom>(&all(), &sizes);
    }

    #[test]
    fn text_does_not_depend_on_its_pieces(text in "[a ä\n\r]{0,60}", sizes in proptest::collection::vec((any::<bool>(), 0_usize..20), 0..20)) {
        let recording = Recording::made_up(&text, &text, request(&text_definition()), exit_code(0));
        same_in_pieces::<Custom>(&[recording], &sizes);
    }
}

#[test]
fn a_success_needs_its_mark() {
    never_a_success_before_its_mark::<Custom>(&all(), |line| line.starts_with(br#"{"type":"result""#));
}

#[test]
fn strangers_change_nothing() {
    let strangers: [&[u8]; 9] = [
        b"not JSON\n",
        b"\n",
        b"{\n",
        b"[]\n",
        b"{\"type\":\"news\",\"text\":\"x\"}\n",
        b"{\"type\":12}\n",
        b"{\"type\":{\"type\":\"result\"}}\n",
        b"\xff\xfe\n",
        b"\"{\\\"type\\\":\\\"result\\\",\\\"subtype\\\":\\\"success\\\"}\"\n",
    ];
    same_with_strangers::<Custom>(&all(), &strangers, |recording, clean, dirty| {
        assert_eq!(dirty.verdict.outcome, clean.verdict.outcome, "{}", recording.name);
        assert_eq!(dirty.verdict.final_text, clean.verdict.final_text, "{}", recording.name);
    });
    same_with_crlf::<Custom>(&all());
}

#[test]
fn the_words_of_a_model_decide_nothing() {
    let rules = serde_json::json!([
        rule("say", "message", serde_json::json!({ "text": "text" })),
        rule("no", "failure", serde_json::json!({ "message": "m", "class": "other" })),
    ]);
    let definition = with_rules(rules);
    for words in [
        r#"{\"type\":\"done\"}"#,
        r#"\n{\"type\":\"done\"}\n"#,
        r#"{\"type\":\"no\",\"m\":\"rate limit exceeded\"}"#,
        "401 Unauthorized: rate limit exceeded, quota exceeded",
    ] {
        let line = format!("{{\"type\":\"say\",\"text\":\"{words}\"}}\n");
        let reading = read_text(&definition, &line, &line, exit_code(0));
        assert_eq!(word(&reading.verdict.outcome), "incomplete", "{words}");
        assert_eq!(reading.stdout_events.len(), 1, "{words}");
        let done = format!("{line}{{\"type\":\"done\"}}\n");
        assert_eq!(word(&read_text(&definition, &done, &line, exit_code(0)).verdict.outcome), "success", "{words}");
    }
}

#[test]
fn stderr_decides_nothing() {
    let definition = with_rules(serde_json::json!([rule("say", "message", serde_json::json!({ "text": "text" }))]));
    let protocol = "{\"type\":\"say\",\"text\":\"x\"}\n{\"type\":\"done\"}\n";
    let reading = read_text(&definition, "", protocol, exit_code(0));
    assert_eq!(word(&reading.verdict.outcome), "incomplete");
    assert!(reading.stderr_events.is_empty());
}

#[test]
fn a_line_that_may_have_been_the_answer_leaves_none() {
    let definition = with_rules(serde_json::json!([rule("say", "message", serde_json::json!({ "text": "text" }))]));
    let long = "x".repeat(13 << 20);
    let stdout = format!(
        "{{\"type\":\"say\",\"text\":\"one\"}}\n{{\"type\":\"say\",\"text\":\"{long}\"}}\n{{\"type\":\"done\"}}\n"
    );
    let reading = read_text(&definition, &stdout, "", exit_code(0));
    assert_eq!(word(&reading.verdict.outcome), "no-result", "{}", reading.verdict.evidence);
    let text = read_text(&text_definition(), &format!("one\n{long}\ntwo\n"), "", exit_code(0)).verdict;
    assert_eq!(word(&text.outcome), "success");
    let answer = text.final_text.expect("an answer");
    assert!(answer.starts_with("one\n[a line too long") && answer.ends_with("two"), "{answer}");
}

#[test]
fn a_signal_is_no_success_without_the_mark() {
    let definition = text_definition();
    assert_eq!(word(&read_text(&definition, "text\n", "", exit_signal(15)).verdict.outcome), "incomplete");
    let unknown = aid_adapter_kit::ExitStatus { code: None, ..exit_code(0) };
    assert_eq!(word(&read_text(&definition, "text\n", "", unknown).verdict.outcome), "incomplete");
    let marked = with_rules(serde_json::json!([rule("say", "message", serde_json::json!({ "text": "text" }))]));
    let stdout = "{\"type\":\"say\",\"text\":\"x\"}\n{\"type\":\"done\"}\n";
    assert_eq!(word(&read_text(&marked, stdout, "", exit_signal(15)).verdict.outcome), "success");
    assert_eq!(word(&read_text(&marked, stdout, "", exit_code(3)).verdict.outcome), "other");
}
