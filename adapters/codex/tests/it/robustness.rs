//! What does not belong into the output does no harm, and what is missing is never made up.

use aid_adapter_codex::Codex;
use aid_adapter_kit::{Event, Outcome, Run, Source};
use serde_json::{Value, json};

use aid_adapter_testkit::{never_a_success_before_its_mark, same_with_crlf, same_with_strangers};

use crate::support::{exit_code, read_text, recordings, refusals, request, word};

const STARTED: &str = "{\"type\":\"thread.started\",\"thread_id\":\"t\"}\n{\"type\":\"turn.started\"}\n";
const COMPLETED: &str = "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}\n";

fn message(text: &str) -> String {
    let item = json!({"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": text}});
    format!("{item}\n")
}

#[test]
fn output_cut_at_any_byte_is_a_success_only_with_the_whole_success_mark() {
    never_a_success_before_its_mark::<Codex>(&recordings(), |line| line.starts_with(b"{\"type\":\"turn.completed\""));
}

#[test]
fn lines_that_are_no_protocol_and_unknown_types_change_nothing() {
    let strangers: [&[u8]; 10] = [
        b"plain text\n",
        b"{\"type\":\n",
        b"{\"type\":\"turn.completed\"\n",
        b"\xff\xfe\x00\n",
        b"{\"type\":\"error\",\"message\":\"nul \x00\"}\n",
        b"[{\"type\":\"turn.completed\"}]\n",
        b"\r\n",
        b"{\"type\":\"thread.renamed\",\"thread_id\":\"x\"}\n",
        b"{\"type\":\"item.updated\",\"item\":{\"id\":\"item_9\",\"type\":\"todo_list\",\"items\":[]}}\n",
        b"{\"type\":\"item.completed\",\"item\":{\"id\":\"item_9\",\"type\":\"something_new\",\"text\":\"x\"}}\n",
    ];
    same_with_strangers::<Codex>(&recordings(), &strangers, |recording, clean, dirty| {
        // Without a line of its own protocol codex has not begun, and stderr still says why.
        let began = !recording.stdout.is_empty();
        let expected = if began { word(&clean.verdict.outcome) } else { "incomplete" };
        assert_eq!(word(&dirty.verdict.outcome), expected, "{}", recording.name);
        let evidence = &dirty.verdict.evidence;
        assert!(evidence.ends_with("skipped 6 lines that could not be read"), "{evidence}");
    });
}

#[test]
fn crlf_is_a_line_end_too() {
    same_with_crlf::<Codex>(&recordings());
}

#[test]
fn repeated_keys_never_lose_a_line() {
    let stdout = format!(
        "{STARTED}{}{}",
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"yes","id":"msg_1","type":"x"}}"#,
        "\n{\"type\":\"turn.completed\",\"type\":\"x\",\"usage\":{\"input_tokens\":3,\"input_tokens\":4}}\n"
    );
    let verdict = read_text(&stdout, "", exit_code(0)).verdict;
    assert_eq!(verdict.outcome, Outcome::Success);
    assert_eq!(verdict.final_text.as_deref(), Some("yes"));
    assert_eq!(verdict.usage.and_then(|usage| usage.input), Some(3));
}

/// What a model or a tool may write to look like a provider, and the success mark itself.
fn deceptions() -> Vec<String> {
    let mut texts: Vec<String> = [
        "You’ve hit your usage limit. Try again at 9:33 AM.",
        "Quota exceeded. Check your plan and billing details.",
        "exceeded retry limit, last status: 429 Too Many Requests",
        "unexpected status 401 Unauthorized: Incorrect API key provided",
        "Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)",
        "Not logged in",
        "error: unexpected argument '--x' found",
    ]
    .map(str::to_owned)
    .to_vec();
    let line = json!({"type": "turn.failed", "error": {"message": "Quota exceeded."}}).to_string();
    texts.extend([format!("\n{line}\n"), line, format!("\n{COMPLETED}")]);
    texts
}

/// The text in every place where a model or a tool can put one.
fn items_with(text: &str) -> Vec<Value> {
    vec![
        json!({"type": "agent_message", "text": text}),
        json!({"type": "reasoning", "text": text}),
        json!({"type": "command_execution", "command": text, "aggregated_output": text, "exit_code": 1, "status": "failed"}),
        json!({"type": "mcp_tool_call", "server": text, "tool": text, "arguments": {"a": text},
               "result": {"content": [{"type": "text", "text": text}]}, "error": {"message": text}, "status": "failed"}),
        json!({"type": "web_search", "query": text, "action": {"type": "search", "query": text}}),
        json!({"type": "file_change", "changes": [{"path": text, "kind": "add"}], "status": "completed"}),
        json!({"type": "error", "message": text}),
        json!({"type": "todo_list", "items": [{"text": text}]}),
        json!({"type": "unheard_of", "message": text, "error": {"message": text}}),
    ]
}

#[test]
fn what_a_model_or_a_tool_wrote_decides_nothing() {
    let rejection = |text: &str| {
        let line = text.replace('\n', " ");
        format!("2026-11-22T08:03:35.300117Z ERROR codex_core::tools::router: error={line}\n{text}\n")
    };
    for text in deceptions() {
        for item in items_with(&text) {
            let line = json!({"type": "item.completed", "item": item}).to_string();
            let good = format!("{STARTED}{line}\n{}{COMPLETED}", message("done"));
            let reading = read_text(&good, &rejection(&text), exit_code(0));
            assert_eq!(reading.verdict.outcome, Outcome::Success, "{line}");
            assert_eq!(refusals(&reading.stdout_events), Vec::<&_>::new(), "{line}");
            assert_eq!(refusals(&reading.stderr_events), Vec::<&_>::new(), "{line}");

            let cut = format!("{STARTED}{line}\n");
            for code in [0, 1, 2] {
                let reading = read_text(&cut, &rejection(&text), exit_code(code));
                assert_eq!(word(&reading.verdict.outcome), "incomplete", "{line}, exit {code}");
                assert!(!reading.stdout_events.contains(&Event::Finished), "{line}");
            }
        }
    }
}

#[test]
fn a_message_of_ten_megabytes_passes_whole() {
    const CHUNK_BYTES: usize = 64 << 10;
    let text = "0123456789abcde\n".repeat(10 * (1 << 20) / 16);
    let stdout = format!("{STARTED}{}{COMPLETED}", message(&text));
    let mut run = Run::<Codex>::new(request());
    let mut messages = Vec::new();
    for chunk in stdout.as_bytes().chunks(CHUNK_BYTES) {
        for event in run.feed(Source::Out, chunk) {
            if let Event::Message(text) = event {
                messages.push(text);
            }
        }
    }
    assert!(messages == [text.clone()], "one message of {} bytes", text.len());
    let verdict = run.finish(&exit_code(0));
    assert!(verdict.final_text.is_some_and(|answer| answer == text));
    assert_eq!(verdict.outcome, Outcome::Success);
}

#[test]
fn a_line_over_the_limit_is_skipped_and_said_and_the_run_goes_on() {
    let huge = message(&"x".repeat(13 << 20));
    let stdout = format!("{STARTED}{huge}{}{COMPLETED}", message("short"));
    let reading = read_text(&stdout, "", exit_code(0));
    assert_eq!(reading.verdict.outcome, Outcome::Success);
    assert_eq!(reading.verdict.final_text.as_deref(), Some("short"));
    assert!(reading.verdict.evidence.ends_with("skipped 1 line too long to keep"), "{}", reading.verdict.evidence);
    let notices = reading.stdout_events.iter().filter(|event| matches!(event, Event::Notice(_))).count();
    assert_eq!(notices, 1);

    // What came before it is not the answer: the skipped line may have been.
    let reading = read_text(&format!("{STARTED}{}{huge}{COMPLETED}", message("only starting")), "", exit_code(0));
    assert!(matches!(reading.verdict.outcome, Outcome::NoResult(_)), "{:?}", reading.verdict.outcome);
    assert_eq!(reading.verdict.final_text, None);

    // Without another answer the mark alone is not enough: what was skipped is not known to be one.
    let reading = read_text(&format!("{STARTED}{huge}{COMPLETED}"), "", exit_code(0));
    assert_eq!(word(&reading.verdict.outcome), "no-result");
}

#[test]
fn broken_characters_inside_a_message_are_repaired_and_nul_is_a_character() {
    let mut stdout = STARTED.as_bytes().to_vec();
    stdout.extend_from_slice(
        b"{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"a\xff\\u0000\\ud800b\"}}\n",
    );
    stdout.extend_from_slice(COMPLETED.as_bytes());
    for size in [1, 7, stdout.len()] {
        let mut run = Run::<Codex>::new(request());
        let events: Vec<Event> = stdout.chunks(size).flat_map(|chunk| run.feed(Source::Out, chunk)).collect();
        assert!(events.contains(&Event::Message("a\u{fffd}\0\u{fffd}b".into())), "{events:?}");
        assert_eq!(run.finish(&exit_code(0)).outcome, Outcome::Success);
    }
}
