//! Every transcript gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::{Autonomy, Event};
use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recording, recordings, word};

/// Name, outcome, final text, what the run used (input, cached, written to the cache, output).
type Expected = (&'static str, &'static str, Option<&'static str>, Option<[u64; 4]>);

const COUNTED: Option<[u64; 4]> = Some([1230, 200, 30, 50]);

const EXPECTED: &[Expected] = &[
    ("bad_flag", "other", None, None),
    ("cut_off", "incomplete", None, None),
    ("cut_off_exit_0", "incomplete", None, None),
    ("edit", "success", Some("[MILESTONE] hello.py created.\nAll done."), COUNTED),
    ("empty", "no-result", None, None),
    ("no_login", "auth", None, None),
    ("no_trust", "other", None, None),
    ("plain", "success", Some("Hello. 2+2=4."), None),
    ("plain_usage", "success", Some("Hello. 2+2=4."), COUNTED),
    ("rejected", "other", Some("I could not run it."), None),
    ("resumed", "success", Some("banana"), COUNTED),
    ("resumed_another", "other", Some("banana"), None),
    ("shell_failed", "success", Some("It failed."), None),
    ("two_segments", "success", Some("First half. Second half."), None),
    ("unknown_model", "model", None, None),
];

#[test]
fn every_transcript_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer, usage)) in recordings.iter().zip(EXPECTED) {
        let verdict = read_whole(recording).verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        let used = verdict.usage.map(|used| {
            assert!(!used.cumulative && used.cost_micro_usd.is_none(), "{name}");
            [used.input, used.cached_input, used.cache_write, used.output].map(|count| count.expect("a count"))
        });
        assert_eq!(used, *usage, "{name}");
    }
}

#[test]
fn every_transcript_gives_its_golden_events() {
    for recording in recordings() {
        check_golden(&directory(), &recording, &read_whole(&recording));
    }
}

#[test]
fn each_transcript_says_that_it_was_not_recorded() {
    for recording in recordings() {
        let path = directory().join(format!("{}.run.json", recording.name));
        let run: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
        assert_eq!(run["source"], "documentation", "{}", recording.name);
    }
}

#[test]
fn tools_end_as_they_say() {
    let ends: Vec<_> = read_whole(&recording("shell_failed"))
        .stdout_events
        .into_iter()
        .filter_map(
            |event| if let Event::ToolEnd(tool) = event { Some((tool.kind, tool.ok, tool.exit_code)) } else { None },
        )
        .collect();
    assert_eq!(ends, [("shell".to_owned(), Some(false), Some(3)), ("mcp".to_owned(), Some(false), None)]);
}

#[test]
fn what_was_denied_is_a_failure_unless_the_run_may_only_read() {
    let mut rejected = recording("rejected");
    rejected.request.autonomy = Autonomy::ReadOnly;
    let verdict = read_whole(&rejected).verdict;
    assert_eq!(word(&verdict.outcome), "success");
    assert!(verdict.evidence.contains("1 tool call was not permitted"), "{}", verdict.evidence);
}
