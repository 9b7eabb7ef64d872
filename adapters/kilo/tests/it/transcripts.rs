//! Every recording gives what was expected by hand, and exactly what its golden file says.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files; the table below is not rewritten by anything.

use aid_adapter_testkit::check_golden;

use crate::support::{directory, read_whole, recordings, refusals, word};

/// Name, outcome, final text, what the run used (input, cached, output, reasoning, millionths of a dollar).
type Expected = (&'static str, &'static str, Option<&'static str>, Option<[u64; 5]>);

const HELLO: Option<&str> = Some("Hello from the fake model. 2+2=4.");
const EDITED: Option<&str> = Some("[MILESTONE] hello.py created and edited.\nAll done.");
const ONE_STEP: Option<[u64; 5]> = Some([1000, 200, 50, 7, 3210]);
const FIVE_STEPS: Option<[u64; 5]> = Some([6000, 1000, 260, 35, 19200]);

const EXPECTED: &[Expected] = &[
    ("SIGTERM-bash", "incomplete", None, None),
    ("edit", "success", EDITED, FIVE_STEPS),
    ("empty", "no-result", None, ONE_STEP),
    ("err401", "auth", None, None),
    ("err429", "rate-limit", None, None),
    ("err500", "capacity", None, None),
    ("markers", "success", None, ONE_STEP),
    ("noauto-outside", "other", None, ONE_STEP),
    ("plain", "success", HELLO, ONE_STEP),
    ("resume-1", "success", EDITED, FIVE_STEPS),
    ("resume-2-session", "success", HELLO, ONE_STEP),
    ("trunc", "network", Some("this stream is cut before finish"), None),
];

/// Too long for the table; its golden file has the text.
const LONG_ANSWER: &str = "markers";

#[test]
fn every_recording_ends_as_expected() {
    let recordings = recordings();
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, EXPECTED.iter().map(|expected| expected.0).collect::<Vec<_>>());
    for (recording, (name, outcome, answer, usage)) in recordings.iter().zip(EXPECTED) {
        let verdict = read_whole(recording).verdict;
        assert_eq!(word(&verdict.outcome), *outcome, "{name}: {verdict:?}");
        if *name != LONG_ANSWER {
            assert_eq!(verdict.final_text.as_deref(), *answer, "{name}");
        }
        let used = verdict.usage.map(|used| {
            assert!(!used.cumulative, "{name}: a run's own counts");
            [used.input, used.cached_input, used.output, used.reasoning, used.cost_micro_usd]
                .map(|count| count.expect("a count"))
        });
        assert_eq!(used, *usage, "{name}");
        assert_eq!(verdict.session.is_some(), !recording.stdout.is_empty(), "{name}");
    }
}

#[test]
fn every_recording_gives_its_golden_events() {
    for recording in recordings() {
        check_golden(&directory(), &recording, &read_whole(&recording));
    }
}

#[test]
fn only_an_agent_that_gives_up_or_goes_on_for_ever_has_a_final_refusal() {
    for recording in recordings() {
        let reading = read_whole(&recording);
        let (outcome, name) = (word(&reading.verdict.outcome), &recording.name);
        let all = [refusals(&reading.stdout_events), refusals(&reading.stderr_events)].concat();
        let finals = all.iter().filter(|refusal| refusal.final_).count();
        assert!(finals <= 1, "{name}");
        assert!(finals == 0 || !["success", "no-result", "incomplete"].contains(&outcome), "{name}");
    }
}
