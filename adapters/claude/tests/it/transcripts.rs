//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::{Autonomy, Event};
use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recording, recordings, refusals, word};

/// Name, outcome, final text, what the run used (input, cached, written to the cache, output, millionths of a dollar).
type Expected = (&'static str, &'static str, Option<&'static str>, Option<[u64; 5]>);

const HELLO: Option<&str> = Some("Hello from the fake model. 2+2=4.");
const DONE: Option<&str> = Some("[MILESTONE] hello.py created.\nAll done.");
const EDITED: Option<&str> = Some("[MILESTONE] hello.py created and edited.\nAll done.");
const MARKERS: Option<&str> =
    Some("Start.\n[MILESTONE] one\n```\n[MILESTONE] not this\n```\n[FINDING] f\n[MEMORY: lesson] m");
const REPEATED: Option<&str> = Some(
    "Hello from the fake model. 2+2=4.Hello from the fake model. 2+2=4.\
     Hello from the fake model. 2+2=4.Hello from the fake model. 2+2=4.",
);
const ONE_CALL: Option<[u64; 5]> = Some([1030, 200, 30, 50, 5538]);
const FIVE_CALLS: Option<[u64; 5]> = Some([6150, 1000, 150, 260, 32938]);

const EXPECTED: &[Expected] = &[
    ("as_root", "other", None, None),
    ("bad_flag", "other", None, None),
    ("edit", "success", EDITED, FIVE_CALLS),
    ("empty", "no-result", None, Some([2060, 400, 60, 100, 11075])),
    ("err400_context", "context", None, None),
    ("err400_credit", "quota", None, None),
    ("err401", "auth", None, None),
    ("err403", "auth", None, None),
    ("err404", "model", None, None),
    ("err429", "rate-limit", None, None),
    ("err429_once", "success", HELLO, ONE_CALL),
    ("markers", "success", MARKERS, ONE_CALL),
    ("max_budget", "other", None, ONE_CALL),
    ("max_tokens", "other", REPEATED, Some([4120, 800, 120, 200, 22150])),
    ("max_turns", "other", None, ONE_CALL),
    ("no_key", "auth", None, None),
    ("no_prompt", "other", None, None),
    // Claude says success, and nothing was written.
    ("noskip-edit", "other", EDITED, FIVE_CALLS),
    ("plain", "success", HELLO, ONE_CALL),
    ("plan_mode_edit", "success", DONE, Some([3090, 600, 90, 150, 16613])),
    ("refused", "refused", HELLO, ONE_CALL),
    ("resume_1_first", "success", HELLO, ONE_CALL),
    ("resume_2_by_id", "success", HELLO, ONE_CALL),
    ("resume_bogus", "other", None, None),
    ("sigint_bash", "other", None, ONE_CALL),
    ("sigterm_bash", "incomplete", None, None),
    // Its agents' requests are in `modelUsage` and in the price alone.
    ("sub_agent", "success", Some("Main done."), Some([11330, 2200, 330, 550, 60913])),
    // `usage` has only zeros here.
    ("trunc", "success", HELLO, ONE_CALL),
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
            [used.input, used.cached_input, used.cache_write, used.output, used.cost_micro_usd]
                .map(|count| count.expect("a count"))
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
fn a_text_is_told_once_and_never_as_the_answer_again() {
    for recording in recordings() {
        let events = read_whole(&recording).stdout_events;
        let deltas = events.iter().filter(|event| matches!(event, Event::MessageDelta(_))).count();
        assert_eq!(deltas, 0, "{}", recording.name);
        let milestones =
            events.iter().filter(|e| matches!(e, Event::Message(text) if text.contains("All done."))).count();
        assert!(milestones <= 1, "{}", recording.name);
    }
}

#[test]
fn a_refused_login_is_final_at_once_and_told_once() {
    let reading = read_whole(&recording("err401"));
    let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| (r.class.as_str(), r.final_)).collect();
    assert_eq!(said, [("auth", true)]);
    let notices = reading.stdout_events.iter().filter(|event| matches!(event, Event::Notice(_))).count();
    assert_eq!(notices, 8, "each attempt is a sign of life");
}

#[test]
fn a_rate_limit_is_final_only_when_claude_gives_up() {
    let said = |name: &str| -> Vec<bool> {
        refusals(&read_whole(&recording(name)).stdout_events).iter().map(|refusal| refusal.final_).collect()
    };
    assert_eq!(said("err429"), [false, true]);
    assert_eq!(said("err429_once"), [false]);
}

#[test]
fn what_was_denied_is_a_failure_unless_the_run_may_only_read() {
    let mut denied = recording("noskip-edit");
    let verdict = read_whole(&denied).verdict;
    assert!(verdict.evidence.contains("2 tool calls were not permitted (Write, Bash)"), "{}", verdict.evidence);
    denied.request.autonomy = Autonomy::Workspace;
    assert_eq!(word(&read_whole(&denied).verdict.outcome), "other");
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
    let ends: Vec<_> = events
        .iter()
        .filter_map(
            |event| if let Event::ToolEnd(tool) = event { Some((&*tool.kind, &*tool.detail, tool.ok)) } else { None },
        )
        .collect();
    let expected = [
        ("edit", "/repo/hello.py", Some(true)),
        ("shell", "python3 hello.py && echo ran-ok", Some(true)),
        ("read", "/repo/hello.py", Some(true)),
        ("edit", "/repo/hello.py", Some(true)),
    ];
    assert_eq!(ends, expected);
}
