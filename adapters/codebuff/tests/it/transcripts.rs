//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::{Event, ExtEvent, Kv};
use aid_adapter_testkit::check_golden;

use crate::support::{Reading, directory, read_whole, recordings, refusals, word};

/// Name, outcome, final text.
type Expected = (&'static str, &'static str, Option<&'static str>);

const EDITED: Option<&str> = Some("[MILESTONE] hello.py created and edited.\nAll done.");

const EXPECTED: &[Expected] = &[
    ("bad_flag", "other", None),
    ("bad_key", "auth", None),
    ("codexlike-edit", "success", EDITED),
    ("codexlike-err401", "auth", None),
    ("commands", "success", Some("The command failed.")),
    ("edit", "success", EDITED),
    ("empty_answer", "no-result", None),
    ("err402", "quota", None),
    ("err404", "model", None),
    ("err429", "rate-limit", None),
    ("err500", "capacity", None),
    ("length", "other", Some("I have alm")),
    ("markers", "success", None),
    ("max_steps", "other", None),
    ("no_key", "auth", None),
    ("no_such_session", "other", None),
    ("plain", "success", Some("Hello from the fake model. 2+2=4.")),
    ("resume_1_first", "success", Some("ok banana")),
    ("resume_2_by_id", "success", Some("banana")),
    ("sigterm", "incomplete", Some("I wait.")),
    ("truncated_stream", "network", Some("I have alm")),
    ("unknown_tool", "success", Some("Done without it.")),
];

fn reading(name: &str) -> Reading {
    let recordings = recordings();
    read_whole(recordings.iter().find(|recording| recording.name == name).expect("a recording"))
}

#[test]
fn every_recording_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer)) in recordings.iter().zip(EXPECTED) {
        let verdict = read_whole(recording).verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        // Too long for the table; its golden file has the text.
        if *name != "markers" {
            assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        }
        let started = recording.stdout.starts_with(b"{\"type\":\"thread.started\"");
        assert_eq!(verdict.session.is_some(), started, "{name}");
    }
}

#[test]
fn every_recording_gives_its_golden_events() {
    for recording in recordings() {
        check_golden(&directory(), &recording, &read_whole(&recording));
    }
}

#[test]
fn tokens_are_never_known_and_credits_are_no_money() {
    for recording in recordings() {
        let Reading { stdout_events, verdict, .. } = read_whole(&recording);
        assert_eq!(verdict.usage, None, "{}", recording.name);
        assert!(!stdout_events.iter().any(|event| matches!(event, Event::Usage(_))), "{}", recording.name);
        let said = String::from_utf8_lossy(&recording.stdout).contains("\"codebuff_credits\":0");
        let credits = Event::Ext(ExtEvent { kind: "codebuff.credits".into(), json: "{\"credits\":0}".into() });
        assert_eq!(stdout_events.contains(&credits), said, "{}", recording.name);
    }
}

#[test]
fn only_a_failed_turn_is_a_refusal() {
    for recording in recordings() {
        let Reading { stdout_events, stderr_events, .. } = read_whole(&recording);
        let failed = String::from_utf8_lossy(&recording.stdout).contains(r#"{"type":"turn.failed""#);
        let said: Vec<bool> = refusals(&stdout_events).iter().map(|refusal| refusal.final_).collect();
        assert_eq!(said, if failed { vec![true] } else { vec![] }, "{}", recording.name);
        assert_eq!(stderr_events, [], "{}", recording.name);
    }
}

#[test]
fn a_stack_with_paths_is_not_passed_on() {
    let events = reading("codexlike-err401").stdout_events;
    let messages: Vec<&str> = refusals(&events).iter().map(|refusal| refusal.message.as_str()).collect();
    assert_eq!(messages, ["Agent run error: Incorrect API key provided: dummy"]);
}

#[test]
fn changes_are_told_once_they_are_made() {
    let changes = |name: &str| -> Vec<Kv> {
        let events = reading(name).stdout_events.into_iter();
        events.filter_map(|event| if let Event::FileChange(change) = event { Some(change) } else { None }).collect()
    };
    let change = |value: &str| Kv { key: "hello.py".into(), value: value.into() };
    assert_eq!(changes("edit"), [change("add"), change("update")]);
    assert_eq!(changes("codexlike-edit"), [change("update"), change("update")]);
    assert_eq!(changes("commands"), [], "an edit that failed changed nothing");
}

#[test]
fn a_missing_key_is_named_with_what_to_do() {
    let verdict = reading("no_key").verdict;
    let text = format!("{:?}", verdict.outcome);
    assert!(text.contains("\"codebuff has no API key") && text.contains("export CODEBUFF_API_KEY"), "{text}");
}
