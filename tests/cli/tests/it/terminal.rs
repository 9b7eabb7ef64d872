//! What a person sees on a terminal: harmless, and no wider than it is.

use aid_test_support::{AidCommand, Terminal, TestWorld};
use serde_json::json;

use crate::scripts::{finished, ok, world};

/// Runs it on a terminal and returns what appears there.
fn seen(command: AidCommand, columns: u16) -> String {
    let (terminal, end) = Terminal::open(columns);
    let run = command.stdout_to(end).spawn();
    let text = terminal.read_to_end();
    let _ = run.wait().expect_code(0);
    text
}

/// Everything that could do something to a terminal, short of line ends.
fn is_harmless(text: &str) -> bool {
    !text.contains(|c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

const HOSTILE: &str = "be\u{1b}[2Jfore\u{1b}]0;title\u{7}\u{202e}after\r\nlast\0 line\u{9b}31m";

#[test]
fn an_answer_is_made_harmless() {
    let world = world(ok(HOSTILE));
    let id = finished(&world, "hi");
    assert_eq!(seen(world.aid(["output", &id]), 80), "beforeafter\nlast line\n");
    assert_eq!(seen(world.aid(["run", "codex", "hi"]), 80), "beforeafter\nlast line\n");
    let exact = world.aid(["output", &id]).run().expect_code(0);
    assert_eq!(exact.stdout_text(), HOSTILE, "what a program reads is exact");
}

#[test]
fn prompt_and_log_are_made_harmless() {
    let world =
        world(json!([{"out": "raw \u{1b}[31m line\n"}, {"bytes_hex": "ff 00 0a"}, {"codex_ok": {"answer": "x"}}]));
    let id = finished(&world, "do \u{1b}[2J it");
    for words in [["show", &id, "--log"], ["show", &id, "--prompt"], ["show", &id, "--events"]] {
        let text = seen(world.aid(words), 80);
        assert!(is_harmless(&text) && !text.is_empty(), "{words:?}: {text:?}");
    }
    let log = world.aid(["show", &id, "--log"]).run().expect_code(0).stdout;
    assert_eq!(log, world.read(&format!("aid/logs/{id}.jsonl")), "what a program reads is exact");
}

#[test]
fn the_board_fits_the_terminal() {
    let world = world(ok("x"));
    let _ = finished(&world, &format!("{} {}", HOSTILE.replace(['\0', '\r', '\n'], ""), "very long ".repeat(1_000)));
    for columns in [40, 80, 200] {
        let text = seen(world.aid(["board"]), columns);
        let table: Vec<&str> = text.lines().skip(3).collect();
        assert_eq!(table.len(), 2, "{text}");
        assert!(table.iter().all(|line| line.chars().count() <= usize::from(columns)), "{columns}:\n{text}");
        assert!(is_harmless(&text), "{text:?}");
    }
    let piped = world.aid(["board"]).run().expect_code(0).stdout_text();
    let row = piped.lines().nth(4).expect("a row");
    assert!(row.ends_with('…') && row.chars().count() < 200, "a pipe has no width, but a prompt is cut: {row}");
}

#[test]
fn colour_is_for_terminals() {
    let world = world(ok("x"));
    let _ = finished(&world, "hi");
    let board = |term: &str| world.aid(["board"]).env("TERM", term);
    assert!(seen(board("xterm-256color"), 80).contains('\u{1b}'));
    assert!(!seen(board("dumb"), 80).contains('\u{1b}'));
    assert!(!seen(board("xterm-256color").env("NO_COLOR", "1"), 80).contains('\u{1b}'));
}

#[test]
fn json_is_indented_for_people() {
    let world = world(ok("x"));
    let id = finished(&world, "hi");
    let shown = seen(world.aid(["show", &id, "--json"]), 80);
    assert!(shown.starts_with("{\n  \"task\": {\n"), "{shown}");
    assert_eq!(TestWorld::new().aid(["board", "--json"]).run().stdout_text().lines().count(), 1);
}
