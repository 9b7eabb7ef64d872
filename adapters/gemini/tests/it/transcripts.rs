//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::Event;
use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recording, recordings, refusals, word};

/// Name, outcome, final text, what the run used (input, cached, output, reasoning).
type Expected = (&'static str, &'static str, Option<&'static str>, Option<[u64; 4]>);

const HELLO: Option<&str> = Some("Hello from the fake model. Done.");
const ONE_CALL: Option<[u64; 4]> = Some([1200, 200, 39, 5]);
const TWO_CALLS: Option<[u64; 4]> = Some([2400, 400, 78, 10]);
const FOUR_CALLS: Option<[u64; 4]> = Some([4800, 800, 156, 20]);

const EXPECTED: &[Expected] = &[
    ("approval_plan", "success", Some("tried"), FOUR_CALLS),
    ("auth_401_stream_fast", "auth", None, None),
    ("empty_answer", "other", None, FOUR_CALLS),
    ("http_404_model_stream_fast", "model", None, None),
    ("http_500_stream_fast", "capacity", None, None),
    ("http_500_then_ok", "success", Some("recovered"), ONE_CALL),
    ("markers_stream", "success", None, ONE_CALL),
    ("max_tokens_finish", "success", Some("cut"), ONE_CALL),
    ("max_turns", "other", None, TWO_CALLS),
    ("multi_turn_stream", "success", Some("[MILESTONE] All done.\nFinal answer."), FOUR_CALLS),
    ("no_key", "auth", None, None),
    ("nogit", "success", Some("x"), TWO_CALLS),
    ("plain_recommended", "success", HELLO, ONE_CALL),
    ("plain_stream", "success", HELLO, Some([1277, 200, 46, 5])),
    ("rate_perday_stream_fast", "quota", None, None),
    ("rate_permin_stream_fast", "rate-limit", None, None),
    ("resume_1_first", "success", Some("ok banana"), Some([1000, 0, 11, 1])),
    ("resume_2_by_id", "success", Some("banana2"), Some([2000, 500, 22, 2])),
    ("resume_unknown", "other", None, None),
    ("sig_sigterm_pid_norelaunch_in_cmd", "incomplete", Some("about to run long"), None),
    ("slow_drip", "other", None, None),
    ("tool_bad", "success", Some("ok"), Some([6000, 1000, 195, 25])),
    ("truncated_stream", "network", Some("this is cut off in the mid"), None),
    ("truncated_then_ok", "success", Some("The answer is forty-two."), None),
];

/// Too long for the table; their golden files have the text.
const LONG_ANSWERS: [&str; 2] = ["markers_stream", "slow_drip"];

#[test]
fn every_recording_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer, usage)) in recordings.iter().zip(EXPECTED) {
        let reading = read_whole(recording);
        let verdict = reading.verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        if !LONG_ANSWERS.contains(name) {
            assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        }
        let used = verdict.usage.map(|used| {
            assert!(!used.cumulative, "{name}: gemini counts each run for itself");
            [used.input, used.cached_input, used.output, used.reasoning].map(|count| count.expect("a count"))
        });
        assert_eq!(used, *usage, "{name}");
        let started = recording.stdout.starts_with(b"{\"type\":\"init\"");
        assert_eq!(verdict.session.is_some(), started, "{name}");
        let finished = reading.stdout_events.contains(&Event::Finished);
        assert_eq!(finished, *outcome == "success", "{name}: no success without the mark, and no mark without success");
    }
}

#[test]
fn every_recording_gives_its_golden_events() {
    for recording in recordings() {
        check_golden(&directory(), &recording, &read_whole(&recording));
    }
}

#[test]
fn a_final_refusal_is_said_once_and_stderr_only_gives_notices() {
    for recording in recordings() {
        let reading = read_whole(&recording);
        let failed = String::from_utf8_lossy(&recording.stdout).contains(r#""status":"error","error":{"type""#)
            || ["empty_answer", "truncated_stream"].contains(&recording.name.as_str());
        let failed = failed && !["tool_bad", "approval_plan"].contains(&recording.name.as_str());
        let refusals = refusals(&reading.stdout_events);
        assert_eq!(refusals.len(), usize::from(failed), "{}", recording.name);
        assert!(refusals.iter().all(|refusal| refusal.final_), "{}", recording.name);
        assert!(reading.stderr_events.iter().all(|event| matches!(event, Event::Notice(_))), "{}", recording.name);
    }
}

#[test]
fn limits_name_their_model_and_their_end() {
    let of = |name: &str| {
        let reading = read_whole(&recording(name));
        let refusals = refusals(&reading.stdout_events);
        (refusals[0].pool.clone(), refusals[0].retry_at.clone())
    };
    let model = || Some("gemini-2.5-pro".to_owned());
    assert_eq!(of("rate_perday_stream_fast"), (model(), None));
    assert_eq!(of("rate_permin_stream_fast"), (model(), Some("in 2s".into())));
    assert_eq!(of("auth_401_stream_fast"), (None, None));
}

#[test]
fn each_model_of_a_run_is_counted_for_itself() {
    let events = read_whole(&recording("plain_stream")).stdout_events;
    let samples: Vec<_> = events
        .iter()
        .filter_map(
            |event| if let Event::Usage(used) = event { Some((used.model.as_deref()?, used.input?)) } else { None },
        )
        .collect();
    assert_eq!(samples, [("gemini-3.5-flash-lite", 77), ("gemini-3.8-flash", 1200)]);
    assert!(!events.iter().any(|event| matches!(event, Event::Model(_))), "`auto` is no model");
}

#[test]
fn what_was_said_before_a_tool_call_ends_its_line() {
    let events = read_whole(&recording("multi_turn_stream")).stdout_events;
    let said: String = events
        .iter()
        .filter_map(|event| if let Event::MessageDelta(piece) = event { Some(piece.as_str()) } else { None })
        .collect();
    assert_eq!(said, "Looking around.\nNow testing.\n[MILESTONE] All done.\nFinal answer.");
}
