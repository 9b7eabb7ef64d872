//! Every recording gives what was expected by hand, and exactly what its golden file says.

use aid_adapter_custom::Custom;
use aid_adapter_kit::Event;
use aid_adapter_testkit::{check_golden, read};

use crate::support::{RECORDED, recordings, transcripts, word};

/// Agent, recording, outcome, answer, what the run used (input, cached, output, millionths of a dollar).
type Expected = (&'static str, &'static str, &'static str, Option<&'static str>, Option<[Option<u64>; 4]>);

const HELLO: Option<&str> = Some("Hello from the fake model. 2+2=4.");
const DONE: Option<&str> = Some("[MILESTONE] hello.py created and edited.\nAll done.");

const EXPECTED: &[Expected] = &[
    ("claude", "edit", "success", DONE, Some([Some(6150), Some(1000), Some(260), Some(32_938)])),
    ("claude", "err401", "auth", None, None),
    ("claude", "noskip-edit", "incomplete", DONE, Some([Some(6150), Some(1000), Some(260), Some(32_938)])),
    ("claude", "plain", "success", HELLO, Some([Some(1030), Some(200), Some(50), Some(5538)])),
    ("copilot", "edit", "success", DONE, None),
    ("copilot", "plain", "success", HELLO, None),
    ("qwen", "edit", "success", DONE, Some([Some(6000), Some(1000), Some(260), None])),
    ("qwen", "err401", "other", Some("[API Error: 401 Incorrect API key provided: dummy]"), None),
    ("qwen", "plain", "success", HELLO, Some([Some(2000), Some(400), Some(100), None])),
];

#[test]
fn every_recording_ends_as_expected() {
    let mut seen = Vec::new();
    for agent in RECORDED {
        for recording in recordings(agent) {
            let name = recording.name.clone();
            let expected = EXPECTED.iter().find(|expected| expected.0 == agent && expected.1 == name);
            let (_, _, outcome, answer, usage) = expected.unwrap_or_else(|| panic!("{agent}/{name} is expected"));
            let reading = read::<Custom>(&recording);
            let verdict = reading.verdict;
            assert_eq!(word(&verdict.outcome), *outcome, "{agent}/{name}: {verdict:?}");
            assert_eq!(verdict.final_text.as_deref(), *answer, "{agent}/{name}");
            let used = verdict.usage.map(|used| {
                assert!(!used.cumulative, "{agent}/{name}: a verdict's usage is a difference");
                [used.input, used.cached_input, used.output, used.cost_micro_usd]
            });
            assert_eq!(used, *usage, "{agent}/{name}");
            assert!(verdict.session.is_some(), "{agent}/{name}");
            let marks = reading.stdout_events.iter().filter(|event| **event == Event::Finished).count();
            assert_eq!(marks, usize::from(*outcome == "success"), "{agent}/{name}");
            seen.push((agent, name));
        }
    }
    assert_eq!(seen.len(), EXPECTED.len(), "{seen:?}");
}

#[test]
fn every_recording_gives_its_golden_events() {
    for agent in RECORDED {
        for recording in recordings(agent) {
            check_golden(&transcripts(agent), &recording, &read::<Custom>(&recording));
        }
    }
}
