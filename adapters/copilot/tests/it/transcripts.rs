//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::{Autonomy, Event};
use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recording, recordings, refusals, word};

/// Name, outcome, final text.
type Expected = (&'static str, &'static str, Option<&'static str>);

const HELLO: Option<&str> = Some("Hello from the fake model. 2+2=4.");
const DONE: Option<&str> = Some("[MILESTONE] hello.py created.\nAll done.");
const EDITED: Option<&str> = Some("[MILESTONE] hello.py created and edited.\nAll done.");
const MARKERS: Option<&str> =
    Some("Start.\n[MILESTONE] one\n```\n[MILESTONE] not this\n```\n[FINDING] f\n[MEMORY: lesson] m");

const EXPECTED: &[Expected] = &[
    ("bad_flag", "other", None),
    ("edit", "success", EDITED),
    ("empty", "other", None),
    ("err400_context", "context", None),
    ("err401", "auth", None),
    ("err404", "model", None),
    ("err429", "rate-limit", None),
    ("err429_once", "success", HELLO),
    ("err500", "capacity", None),
    ("markers", "success", MARKERS),
    ("max_tokens", "success", HELLO),
    ("no_key", "auth", None),
    ("no_prompt", "other", None),
    // Copilot says exit code 0, and nothing was written.
    ("not_allowed", "other", DONE),
    ("plain", "success", HELLO),
    ("quota", "quota", None),
    ("read_only_escape", "success", Some("finished")),
    ("resume_1_first", "success", HELLO),
    ("resume_2_by_id", "success", HELLO),
    ("resume_bogus", "other", None),
    // Copilot says exit code 0 here too.
    ("sigint_bash", "incomplete", None),
    ("sigterm_bash", "incomplete", None),
    ("trunc", "network", None),
    ("two", "success", Some("Second.")),
];

#[test]
fn every_recording_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer)) in recordings.iter().zip(EXPECTED) {
        let verdict = read_whole(recording).verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        assert_eq!(verdict.usage, None, "{name}: copilot counts no tokens");
        let ended = String::from_utf8_lossy(&recording.stdout).contains("\n{\"type\":\"result\"");
        assert_eq!(verdict.session.is_some(), ended, "{name}");
    }
}

#[test]
fn every_recording_gives_its_golden_events() {
    for recording in recordings() {
        check_golden(&directory(), &recording, &read_whole(&recording));
    }
}

#[test]
fn no_text_is_told_twice() {
    for recording in recordings() {
        let events = read_whole(&recording).stdout_events;
        assert!(!events.iter().any(|event| matches!(event, Event::MessageDelta(_))), "{}", recording.name);
        let texts: Vec<&String> = events
            .iter()
            .filter_map(|event| if let Event::Message(text) = event { Some(text) } else { None })
            .collect();
        let mut once = texts.clone();
        once.dedup();
        assert_eq!(texts, once, "{}", recording.name);
    }
}

#[test]
fn a_refusal_is_final_only_in_the_last_line() {
    let said = |name: &str| -> Vec<(String, bool)> {
        let events = read_whole(&recording(name)).stdout_events;
        refusals(&events).into_iter().map(|refusal| (refusal.class.clone(), refusal.final_)).collect()
    };
    let twice = |class: &str| vec![(class.to_owned(), false), (class.to_owned(), true)];
    for (name, class) in
        [("err401", "auth"), ("err429", "rate-limit"), ("quota", "quota"), ("err500", "capacity"), ("trunc", "network")]
    {
        assert_eq!(said(name), twice(class), "{name}");
    }
    assert_eq!(said("err429_once"), [("rate-limit".to_owned(), false)]);
    assert_eq!(said("empty"), [("other".to_owned(), true)]);
}

#[test]
fn an_interrupted_run_is_never_marked_as_finished() {
    for name in ["sigint_bash", "sigterm_bash"] {
        assert!(!read_whole(&recording(name)).stdout_events.contains(&Event::Finished), "{name}");
    }
    let verdict = read_whole(&recording("sigint_bash")).verdict;
    assert_eq!(verdict.evidence, "result exitCode 0, SIGINT, after an abort");
}

#[test]
fn what_was_denied_is_a_failure_unless_the_run_may_only_read() {
    let mut denied = recording("not_allowed");
    let verdict = read_whole(&denied).verdict;
    assert!(verdict.evidence.contains("1 tool call was not permitted (create)"), "{}", verdict.evidence);
    denied.request.autonomy = Autonomy::ReadOnly;
    assert_eq!(word(&read_whole(&denied).verdict.outcome), "success");
}

#[test]
fn files_and_commands_are_told_as_they_change_and_end() {
    let events = read_whole(&recording("edit")).stdout_events;
    let changes: Vec<_> = events
        .iter()
        .filter_map(
            |event| if let Event::FileChange(change) = event { Some((&*change.key, &*change.value)) } else { None },
        )
        .collect();
    assert_eq!(changes, [("/repo/hello.py", "add"), ("/repo/hello.py", "update")]);
    let ends = |name: &str| -> Vec<_> {
        let ends = read_whole(&recording(name)).stdout_events.into_iter();
        ends.filter_map(|event| {
            if let Event::ToolEnd(tool) = event { Some((tool.kind, tool.ok, tool.exit_code)) } else { None }
        })
        .collect()
    };
    let end = |kind: &str, exit_code: Option<i32>| (kind.to_owned(), Some(exit_code.unwrap_or(0) == 0), exit_code);
    assert_eq!(ends("edit"), [end("edit", None), end("shell", Some(0)), end("read", None), end("edit", None)]);
    assert_eq!(ends("two"), [end("shell", Some(0)), end("shell", Some(3))]);
}
