//! Agents that write plain text, and whose exit code the user trusts.

use aid_adapter_kit::{Event, Outcome};

use crate::support::{exit_code, read_text, text_definition, word};

#[test]
fn all_of_a_text_is_the_answer() {
    let reading = read_text(&text_definition(), "\none\n\n\n\ntwo\nthree", "noise\n", exit_code(0));
    assert_eq!(word(&reading.verdict.outcome), "success");
    assert_eq!(reading.verdict.final_text.as_deref(), Some("\none\n\n\n\ntwo\nthree"));
    let delta = |text: &str| Event::MessageDelta(text.to_owned());
    // Each line once; the one without an end is read by the verdict.
    assert_eq!(reading.stdout_events, [delta("\none\n"), delta("\n\ntwo\n")]);
    assert!(!reading.stdout_events.contains(&Event::Finished), "there is no mark to be seen");
}

#[test]
fn nothing_is_no_answer() {
    for stdout in ["", "\n", " \n\t\n"] {
        let reading = read_text(&text_definition(), stdout, "", exit_code(0));
        assert_eq!(word(&reading.verdict.outcome), "no-result", "{stdout:?}");
        assert_eq!(reading.verdict.final_text, None);
    }
}

#[test]
fn an_exit_code_takes_the_success_away_and_says_why() {
    let reading = read_text(&text_definition(), "half\n", "Error: no key\n\n", exit_code(1));
    let Outcome::Failure(refusal) = &reading.verdict.outcome else { panic!("{:?}", reading.verdict) };
    assert_eq!(refusal.class, "other", "what stands on stderr is for people");
    assert!(refusal.message.contains("exit code 1; stderr: Error: no key"), "{}", refusal.message);
    assert_eq!(reading.verdict.final_text.as_deref(), Some("half"));
}

#[test]
fn an_answer_beyond_the_bound_is_cut_and_says_so() {
    let line = "x".repeat((1 << 20) - 1) + "\n";
    let reading = read_text(&text_definition(), &line.repeat(17), "", exit_code(0));
    assert_eq!(word(&reading.verdict.outcome), "success");
    assert!(reading.verdict.evidence.contains("the answer is cut at 15 MiB"), "{}", reading.verdict.evidence);
    assert!(reading.verdict.final_text.expect("an answer").len() <= 15 << 20);
}
