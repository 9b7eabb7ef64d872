//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_kit::Event;
use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recordings, refusals, word};

/// Name, outcome, final text, what the run used (input, cached, output, reasoning).
type Expected = (&'static str, &'static str, Option<&'static str>, Option<[u64; 4]>);

const HELLO: Option<&str> = Some("Hello from the fake model. Done.");
const ONE_CALL: Option<[u64; 4]> = Some([1200, 200, 34, 5]);
const TWO_CALLS: Option<[u64; 4]> = Some([2400, 400, 68, 10]);
const TOOL_CALLS: Option<[u64; 4]> = Some([2500, 900, 70, 10]);

const EXPECTED: &[Expected] = &[
    ("auth_401", "auth", None, None),
    ("bad_flag", "other", None, None),
    ("cmd_background", "success", Some("left it running"), TWO_CALLS),
    ("empty_answer", "no-result", None, ONE_CALL),
    ("failed_context", "context", None, None),
    ("http_404_model", "model", None, None),
    ("http_500_then_ok", "success", Some("recovered"), ONE_CALL),
    ("incomplete_max_tokens", "other", Some("partial "), None),
    ("markers", "success", None, ONE_CALL),
    ("mcp_tool", "success", Some("mcp done"), TWO_CALLS),
    ("multi_turn", "success", Some("[MILESTONE] All done.\nFinal answer."), Some([4800, 800, 136, 20])),
    ("no_api_key_env", "auth", None, None),
    ("nogit_noskip_safe", "other", None, None),
    ("plain", "success", HELLO, ONE_CALL),
    ("quota_429", "quota", None, None),
    ("rate_limit_429", "rate-limit", None, None),
    ("read_only_write_attempt", "success", Some("tried"), Some([3600, 600, 102, 15])),
    ("resume_1_first", "success", Some("ok banana"), Some([1000, 0, 10, 1])),
    ("resume_2_by_id", "success", Some("banana"), Some([2000, 500, 20, 2])),
    ("sig_sigint_pid_in_cmd", "incomplete", Some("about to run long"), None),
    ("slow_drip", "success", None, ONE_CALL),
    ("stdin_dash", "success", HELLO, ONE_CALL),
    ("tool_patch", "success", Some("Patched."), TOOL_CALLS),
    ("tool_shell", "success", Some("Created made_by_shell.txt."), TOOL_CALLS),
    ("truncated_stream", "network", None, None),
    ("usage_limit_429", "quota", None, None),
    ("web_search_item", "success", Some("searched"), ONE_CALL),
];

/// Too long for the table; their golden files have the text.
const LONG_ANSWERS: [&str; 2] = ["markers", "slow_drip"];

#[test]
fn every_recording_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer, usage)) in recordings.iter().zip(EXPECTED) {
        let verdict = read_whole(recording).verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        if !LONG_ANSWERS.contains(name) {
            assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        }
        let used = verdict.usage.map(|used| {
            assert!(!used.cumulative, "{name}: a verdict's usage is a difference");
            [used.input, used.cached_input, used.output, used.reasoning].map(|count| count.expect("a count"))
        });
        assert_eq!(used, *usage, "{name}");
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
fn a_final_refusal_is_said_once_and_retries_before_it_are_not_final() {
    for recording in recordings() {
        let reading = read_whole(&recording);
        let failed = String::from_utf8_lossy(&recording.stdout).contains(r#"{"type":"turn.failed""#);
        let refusals = refusals(&reading.stdout_events);
        let (last, earlier) = refusals.split_last().map_or((None, &[][..]), |(last, rest)| (Some(last), rest));
        assert_eq!(last.is_some_and(|refusal| refusal.final_), failed, "{}", recording.name);
        assert!(earlier.iter().all(|refusal| !refusal.final_), "{}", recording.name);
        assert!(reading.stderr_events.iter().all(|event| matches!(event, Event::Notice(_))), "{}", recording.name);
    }
}

#[test]
fn a_usage_limit_says_when_it_ends() {
    let recording = crate::support::recording("usage_limit_429");
    let reading = read_whole(&recording);
    let refusals = refusals(&reading.stdout_events);
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].retry_at.as_deref(), Some("9:33 AM"));
    assert!(refusals[0].message.starts_with("You’ve hit your usage limit."), "the text is whole");
}
