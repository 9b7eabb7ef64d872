//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::{Event, Outcome};
use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recording, recordings, refusals, word};

/// Name, outcome, final text, what the run used (input, cached, output).
type Expected = (&'static str, &'static str, Option<&'static str>, Option<[u64; 3]>);

const HELLO: Option<&str> = Some("Hello from the fake model. 2+2=4.");
const MARKERS: Option<&str> =
    Some("Start.\n[MILESTONE] one\n```\n[MILESTONE] not this\n```\n[FINDING] f\n[MEMORY: lesson] m");
const EDITED: Option<&str> = Some("[MILESTONE] hello.py created and edited.\nAll done.");
/// A helper's request is in it.
const TWO_CALLS: Option<[u64; 3]> = Some([2000, 400, 100]);
const THREE_CALLS: Option<[u64; 3]> = Some([3000, 600, 150]);

const EXPECTED: &[Expected] = &[
    ("auto_edit", "success", Some("Now I run it."), TWO_CALLS),
    ("bad_flag", "other", None, None),
    ("edit", "success", EDITED, Some([6000, 1000, 260])),
    ("empty", "no-result", None, THREE_CALLS),
    ("err401", "auth", None, None),
    ("err404", "model", None, None),
    ("lost_network", "network", None, Some([1000, 200, 50])),
    ("markers", "success", MARKERS, TWO_CALLS),
    ("no_auth_type", "auth", None, None),
    ("no_key", "auth", None, None),
    ("no_prompt", "other", None, None),
    ("plain", "success", HELLO, TWO_CALLS),
    ("plan_mode_edit", "success", Some("I will create the file."), TWO_CALLS),
    ("plan_mode_escape", "success", Some("finished"), THREE_CALLS),
    ("resume_1_first", "success", HELLO, TWO_CALLS),
    ("resume_2_by_id", "success", HELLO, TWO_CALLS),
    ("resume_bogus", "other", None, None),
    ("sigint_bash", "incomplete", None, None),
    ("sigterm_bash", "incomplete", None, None),
    ("sub_agent", "success", Some("Main done."), THREE_CALLS),
    ("trunc", "network", None, None),
    ("two", "success", Some("Second."), TWO_CALLS),
];

#[test]
fn every_recording_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer, usage)) in recordings.iter().zip(EXPECTED) {
        let verdict = read_whole(recording).verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        let used = verdict.usage.map(|used| {
            assert!(!used.cumulative, "{name}: a verdict's usage is a difference");
            [used.input, used.cached_input, used.output].map(|count| count.expect("a count"))
        });
        assert_eq!(used, *usage, "{name}");
        let started = recording.stdout.starts_with(b"{\"type\":\"system\",\"subtype\":\"init\"");
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
fn an_error_in_the_answer_is_a_refusal_and_no_success_mark() {
    for name in ["err401", "err404", "trunc", "lost_network"] {
        let reading = read_whole(&recording(name));
        let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|refusal| refusal.final_).collect();
        assert_eq!(said, [true], "{name}");
        assert!(!reading.stdout_events.contains(&Event::Finished), "{name}");
        let texts =
            reading.stdout_events.iter().filter(|e| matches!(e, Event::Message(text) if text.contains("API Error")));
        assert_eq!(texts.count(), 0, "{name}");
    }
}

#[test]
fn what_a_read_only_run_was_denied_is_said() {
    let verdict = read_whole(&recording("plan_mode_escape")).verdict;
    assert_eq!(verdict.outcome, Outcome::Success);
    let denied = "3 tool calls were not permitted (exit_plan_mode, write_file, run_shell_command)";
    assert!(verdict.evidence.contains(denied), "{}", verdict.evidence);
}

#[test]
fn a_continued_session_without_its_past_has_no_usage() {
    let mut recording = recording("resume_2_by_id");
    recording.exit.previous_usage = None;
    let verdict = read_whole(&recording).verdict;
    assert_eq!(verdict.usage, None);
    assert!(verdict.evidence.contains("usage unknown"), "{}", verdict.evidence);
}

#[test]
fn files_are_told_as_they_change() {
    let changes: Vec<_> = read_whole(&recording("edit"))
        .stdout_events
        .into_iter()
        .filter_map(|event| if let Event::FileChange(change) = event { Some((change.key, change.value)) } else { None })
        .collect();
    let change = |value: &str| ("/repo/hello.py".to_owned(), value.to_owned());
    assert_eq!(changes, [change("add"), change("update")]);
}
