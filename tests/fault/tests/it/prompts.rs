//! Standard input always ends, whoever reads it and however much there is.

use serde_json::json;

use crate::bed::{Backend, Bed, on_both};

on_both!(an_agent_that_never_reads, an_agent_that_reads_to_the_end, an_agent_that_dies_while_there_is_more);

/// As much as a prompt may have in practice.
fn megabyte() -> Vec<u8> {
    let mut text: Vec<u8> = "line of a long prompt — длинный\n".bytes().cycle().take(1024 * 1024).collect();
    // A character must not be cut.
    while std::str::from_utf8(&text).is_err() {
        text.pop();
    }
    text
}

fn an_agent_that_never_reads(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"codex_ok": {"answer": "unread"}}]));
    let _ =
        bed.aid(["run", "codex", "--id", "t-in", "-"]).stdin(megabyte()).run().expect_code(0).expect_stdout("unread");
    bed.record("t-in").expect_done("unread");
}

fn an_agent_that_reads_to_the_end(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"echo_stdin_to": "got"}, {"codex_ok": {"answer": "read"}}]));
    let _ = bed.aid(["run", "codex", "--id", "t-in", "-"]).stdin(megabyte()).run().expect_code(0);
    let got = std::fs::read(bed.at("got")).expect("its input");
    let shown = bed.aid(["show", "t-in", "--prompt"]).run().expect_code(0).stdout;
    assert!(got == shown, "the agent got {} bytes, the record has {}", got.len(), shown.len());
    let task = bed.record("t-in").task;
    assert_eq!(task["prompt"].as_str().map(str::as_bytes), Some(&megabyte()[..]), "the prompt is kept as it was given");
    let whole = String::from_utf8(got).expect("text");
    assert!(
        whole.contains(std::str::from_utf8(&megabyte()).expect("text").trim_end()),
        "the prompt reached the agent whole"
    );
}

fn an_agent_that_dies_while_there_is_more(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"kill_self": "KILL"}]));
    let _ = bed.aid(["run", "codex", "--id", "t-in", "-"]).stdin(megabyte()).run().expect_code(1);
    let record = bed.record("t-in");
    record.expect_failed("incomplete");
    assert_eq!(record.task["exit_code"], 128 + 9, "{record}");
}
