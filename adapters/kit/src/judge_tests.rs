//! Each rule of a judgement, alone.

use super::{End, Findings, Run, denied, used};
use crate::{Autonomy, ExitStatus, Outcome, Refusal, Tail, Usage, Verdict};

fn empty() -> Usage {
    Usage {
        input: None,
        cached_input: None,
        cache_write: None,
        output: None,
        reasoning: None,
        cost_micro_usd: None,
        model: None,
        cumulative: false,
    }
}

fn refusal(class: &str) -> Refusal {
    Refusal { class: class.into(), message: "no".into(), pool: None, retry_at: None, final_: true }
}

struct Case<'a> {
    end: End<'a>,
    code: Option<i32>,
    signal: Option<i32>,
    autonomy: Autonomy,
    resume: Option<&'a str>,
    findings: Findings,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            end: End::Mark("done"),
            code: Some(0),
            signal: None,
            autonomy: Autonomy::Full,
            resume: None,
            findings: Findings { answer: Some("ok".into()), ..Findings::default() },
        }
    }
}

fn verdict(case: Case<'_>) -> Verdict {
    let Case { end, code, signal, autonomy, resume, findings } = case;
    let (stderr_tail, previous_usage) = ("last\n".to_owned(), None);
    let exit = ExitStatus { code, signal, stderr_tail, resumed_from: None, previous_usage };
    let stderr = Tail::new(64);
    let (session, usage, retry) = (Some("s"), None, None);
    Run { agent: "x", end, session, usage, retry, exit: &exit, autonomy, resume, stderr: &stderr }.verdict(findings)
}

fn word(case: Case<'_>) -> String {
    match verdict(case).outcome {
        Outcome::Success => "success".into(),
        Outcome::NoResult(_) => "no-result".into(),
        Outcome::Incomplete(_) => "incomplete".into(),
        Outcome::Failure(refusal) => refusal.class,
    }
}

#[test]
fn only_the_mark_makes_a_success_and_everything_else_takes_it_away() {
    let answerless = || Findings { answer: Some(" \n".into()), ..Findings::default() };
    let not_permitted = || Findings { denied: denied(1, &[]), answer: Some("ok".into()), ..Findings::default() };
    let refused = refusal("auth");
    let cases = [
        ("success", Case::default()),
        ("success", Case { code: None, ..Case::default() }),
        ("success", Case { signal: Some(9), ..Case::default() }),
        ("success", Case { resume: Some("s"), ..Case::default() }),
        ("other", Case { code: Some(1), ..Case::default() }),
        ("incomplete", Case { code: Some(143), ..Case::default() }),
        ("other", Case { resume: Some("another"), ..Case::default() }),
        ("no-result", Case { findings: answerless(), ..Case::default() }),
        ("other", Case { findings: not_permitted(), ..Case::default() }),
        ("other", Case { autonomy: Autonomy::Workspace, findings: not_permitted(), ..Case::default() }),
        ("success", Case { autonomy: Autonomy::ReadOnly, findings: not_permitted(), ..Case::default() }),
        ("auth", Case { end: End::Refused("failed", &refused), ..Case::default() }),
        ("incomplete", Case { end: End::Missing, ..Case::default() }),
    ];
    for (at, (expected, case)) in cases.into_iter().enumerate() {
        assert_eq!(word(case), expected, "case {at}");
    }
}

#[test]
fn without_an_end_the_last_word_counts_and_then_the_beginning() {
    let missing = |last_word: Option<&str>, not_begun: Option<&str>| {
        let (last_word, not_begun) = (last_word.map(refusal), not_begun.map(refusal));
        let findings = Findings { last_word, not_begun, ..Findings::default() };
        word(Case { end: End::Missing, code: Some(1), findings, ..Case::default() })
    };
    assert_eq!(missing(Some("auth"), Some("other")), "auth");
    assert_eq!(missing(None, Some("other")), "other");
    assert_eq!(missing(None, None), "incomplete");
}

#[test]
fn what_is_missing_is_said_with_the_last_thing_on_stderr() {
    let text = |code, signal| match verdict(Case { end: End::Missing, code, signal, ..Case::default() }).outcome {
        Outcome::Incomplete(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(Some(1), None), "x ended (exit code 1) without a result; stderr: last");
    assert_eq!(text(None, Some(15)), "x was ended by SIGTERM before its result; stderr: last");
    assert_eq!(text(Some(130), None), "x was ended by SIGINT before its result; stderr: last");
}

#[test]
fn denials_are_told_with_their_tools() {
    assert_eq!(denied(0, &[]), None);
    assert_eq!(denied(1, &["A".into()]).as_deref(), Some("1 tool call was not permitted (A)"));
    assert_eq!(denied(3, &["A".into(), "B".into()]).as_deref(), Some("3 tool calls were not permitted (A, B)"));
    assert_eq!(denied(2, &[]).as_deref(), Some("2 tool calls were not permitted"));
}

#[test]
fn totals_of_a_session_are_a_runs_only_without_a_past() {
    let total = Usage { input: Some(30), cumulative: true, ..empty() };
    let before = Usage { input: Some(10), cumulative: true, ..empty() };
    let input = |resumed, previous| used(Some(&total), resumed, previous).0.and_then(|usage| usage.input);
    assert_eq!(input(false, None), Some(30));
    assert_eq!(input(true, Some(&before)), Some(20));
    assert_eq!(input(true, None), None);
    let part = Usage { cumulative: false, ..total.clone() };
    assert_eq!(used(Some(&part), true, None).0.and_then(|usage| usage.input), Some(30));
}
