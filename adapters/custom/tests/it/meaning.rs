//! What rules mean, one by one, in small definitions.

use aid_adapter_kit::{Event, ExitStatus, Outcome, Usage};
use serde_json::{Value, json};

use crate::support::{exit_code, read_text, refusals, rule, small, with_rules, word};

fn events(rules: Value, line: &str) -> Vec<Event> {
    read_text(&with_rules(rules), &format!("{line}\n"), "", exit_code(0)).stdout_events
}

#[test]
fn conditions_hold_or_do_not() {
    let cases = [
        (json!({ "path": "a", "is": ["x"] }), vec![r#"{"a":"x"}"#], vec![r#"{"a":"y"}"#, "{}", r#"{"a":["x"]}"#]),
        (
            json!({ "path": "a", "is": [1, true] }),
            vec![r#"{"a":1}"#, r#"{"a":true}"#],
            vec![r#"{"a":"1"}"#, r#"{"a":1.5}"#],
        ),
        (json!({ "path": "a.b", "is": ["x"] }), vec![r#"{"a":{"b":"x"}}"#], vec![r#"{"a.b":"x"}"#, r#"{"a":"b"}"#]),
        (json!({ "path": "a.1", "is": [2] }), vec![r#"{"a":[1,2]}"#, r#"{"a":{"1":2}}"#], vec![r#"{"a":[2]}"#]),
        (json!({ "path": "a", "not": ["x"] }), vec!["{}", r#"{"a":"y"}"#, r#"{"a":null}"#], vec![r#"{"a":"x"}"#]),
        (json!({ "path": "a", "exists": true }), vec![r#"{"a":false}"#], vec!["{}", r#"{"a":null}"#]),
        (json!({ "path": "a", "exists": false }), vec!["{}"], vec![r#"{"a":0}"#]),
        (
            json!({ "path": "a", "empty": true }),
            vec!["{}", r#"{"a":""}"#, r#"{"a":[ ]}"#, r#"{"a":{}}"#],
            vec![r#"{"a":" "}"#, r#"{"a":[1]}"#, r#"{"a":0}"#],
        ),
        (json!({ "path": "a", "empty": false }), vec![r#"{"a":[1]}"#], vec!["{}", r#"{"a":[]}"#]),
        (
            json!({ "path": "a", "above": 0 }),
            vec![r#"{"a":1}"#],
            vec![r#"{"a":0}"#, r#"{"a":"1"}"#, "{}", r#"{"a":-1}"#],
        ),
    ];
    for (condition, fits, does_not) in cases {
        let rules =
            json!([{ "when": [condition], "event": "begin" }, { "when": [condition], "event": "notice", "text": "n" }]);
        let fires = |line: &str| {
            let line = format!("{},\"n\":\"fired\"}}", line.strip_suffix('}').expect("an object"));
            events(rules.clone(), &line.replace("{,", "{")) == [Event::Notice("fired".into())]
        };
        assert!(fits.iter().all(|line| fires(line)), "{condition}");
        assert!(!does_not.iter().any(|line| fires(line)), "{condition}");
    }
}

#[test]
fn the_elements_of_a_list_are_looked_at_one_by_one() {
    let mut say = rule("m", "message", json!({ "each": "c", "text": "t" }));
    say["where"] = json!([{ "path": "k", "is": ["text"] }]);
    let line = r#"{"type":"m","c":[{"k":"text","t":"a"},{"k":"tool","t":"b"},{"k":"text","t":"c"},"d",{"k":"text"}]}"#;
    assert_eq!(events(json!([say]), line), [Event::Message("a".into()), Event::Message("c".into())]);
    let bare = rule("m", "notice", json!({ "each": "c", "text": "." }));
    assert_eq!(
        events(json!([bare]), r#"{"type":"m","c":["a",1]}"#),
        [Event::Notice("a".into()), Event::Notice("1".into())]
    );
}

#[test]
fn the_last_message_is_the_answer_unless_another_is_named() {
    let rules = json!([
        rule("say", "message", json!({ "text": "t" })),
        rule("result", "answer", json!({ "text": "t" })),
        rule("turn", "begin", json!({})),
    ]);
    let answer = |lines: &[&str]| {
        let stdout = lines.iter().map(|line| format!("{line}\n")).collect::<String>() + "{\"type\":\"done\"}\n";
        let verdict = read_text(&with_rules(rules.clone()), &stdout, "", exit_code(0)).verdict;
        (word(&verdict.outcome).to_owned(), verdict.final_text)
    };
    let say = |text: &str| format!("{{\"type\":\"say\",\"t\":\"{text}\"}}");
    let result = r#"{"type":"result","t":"r"}"#;
    let turn = r#"{"type":"turn"}"#;
    let (a, b, blank) = (say("a"), say("b"), say(""));
    let success = |text: &str| ("success".to_owned(), Some(text.to_owned()));
    assert_eq!(answer(&[&a, &b]), success("b"));
    assert_eq!(answer(&[&a, result, &b]), success("r"));
    assert_eq!(answer(&[&a, &blank]), ("no-result".to_owned(), None));
    assert_eq!(answer(&[&a, turn]), ("no-result".to_owned(), None));
    assert_eq!(answer(&[result, turn, &b]), success("b"));
}

#[test]
fn a_new_turn_needs_a_mark_of_its_own() {
    let rules = json!([rule("say", "message", json!({ "text": "t" })), rule("turn", "begin", json!({}))]);
    let stdout =
        "{\"type\":\"say\",\"t\":\"a\"}\n{\"type\":\"done\"}\n{\"type\":\"turn\"}\n{\"type\":\"say\",\"t\":\"b\"}\n";
    let definition = with_rules(rules);
    assert_eq!(word(&read_text(&definition, stdout, "", exit_code(0)).verdict.outcome), "incomplete");
    let whole = format!("{stdout}{{\"type\":\"done\"}}\n");
    assert_eq!(word(&read_text(&definition, &whole, "", exit_code(0)).verdict.outcome), "success");
}

#[test]
fn parts_make_an_answer_too() {
    let output = |rules: Value| json!({ "format": "jsonl", "answer": "all", "rules": rules });
    let mark = json!({ "rule": "mark", "when": [{ "path": "type", "is": ["done"] }] });
    let parts = small(output(json!([rule("d", "delta", json!({ "text": "t" }))])), mark.clone(), None);
    let stdout = "{\"type\":\"d\",\"t\":\"a \"}\n{\"type\":\"d\",\"t\":\"b\"}\n{\"type\":\"done\"}\n";
    assert_eq!(read_text(&parts, stdout, "", exit_code(0)).verdict.final_text.as_deref(), Some("a b"));
    let messages = small(output(json!([rule("d", "message", json!({ "text": "t" }))])), mark, None);
    assert_eq!(read_text(&messages, stdout, "", exit_code(0)).verdict.final_text.as_deref(), Some("a \nb"));
}

fn refusing() -> String {
    let paths = json!({
        "message": "m", "code": "c", "class": "other", "pool": "p", "retry_at": "at",
        "classes": [{ "value": "429", "means": "rate-limit" }, { "value": "no_key", "means": "auth" }],
    });
    with_rules(json!([
        rule("again", "retry", paths.clone()),
        rule("fail", "failure", paths),
        rule("say", "message", json!({ "text": "t" })),
    ]))
}

#[test]
fn a_class_comes_from_a_whole_code() {
    for (line, class) in [
        (r#"{"type":"fail","m":"x","c":429}"#, "rate-limit"),
        (r#"{"type":"fail","m":"x","c":"no_key"}"#, "auth"),
        (r#"{"type":"fail","m":"no_key 429","c":"x no_key"}"#, "other"),
        (r#"{"type":"fail","m":"no_key"}"#, "other"),
    ] {
        let reading = read_text(&refusing(), &format!("{line}\n"), "", exit_code(0));
        assert_eq!(word(&reading.verdict.outcome), class, "{line}");
        let refusals = refusals(&reading.stdout_events);
        assert!(refusals.len() == 1 && refusals[0].final_, "{line}");
    }
    let line = "{\"type\":\"fail\",\"m\":\"slow\",\"c\":429,\"p\":\"m-1\",\"at\":\"in 2s\"}\n";
    let Outcome::Failure(refusal) = read_text(&refusing(), line, "", exit_code(1)).verdict.outcome else { panic!() };
    assert_eq!((refusal.pool.as_deref(), refusal.retry_at.as_deref()), (Some("m-1"), Some("in 2s")));
}

#[test]
fn a_failure_stays_whatever_comes_after_it() {
    let fail = "{\"type\":\"fail\",\"m\":\"x\",\"c\":429}\n";
    let rest = "{\"type\":\"say\",\"t\":\"a\"}\n{\"type\":\"done\"}\n";
    for stdout in [format!("{fail}{rest}"), format!("{rest}{fail}")] {
        assert_eq!(word(&read_text(&refusing(), &stdout, "", exit_code(0)).verdict.outcome), "rate-limit");
    }
    let reading = read_text(&refusing(), &format!("{fail}{rest}"), "", exit_code(0));
    assert!(!reading.stdout_events.contains(&Event::Finished));
}

#[test]
fn retries_are_said_once_and_decide_only_an_end_that_nothing_else_explains() {
    let again = "{\"type\":\"again\",\"m\":\"slow down\",\"c\":429}\n";
    let say = "{\"type\":\"say\",\"t\":\"a\"}\n";
    let reading = read_text(&refusing(), &again.repeat(3), "", exit_code(1));
    assert_eq!(word(&reading.verdict.outcome), "rate-limit");
    let refusals = refusals(&reading.stdout_events);
    assert!(refusals.len() == 1 && !refusals[0].final_);
    let outcome = |stdout: &str, code| read_text(&refusing(), stdout, "", exit_code(code)).verdict.outcome;
    let Outcome::Incomplete(missing) = outcome(again, 0) else { panic!() };
    assert!(missing.contains("its last word: slow down"), "{missing}");
    // Work after it shows that the agent got over it.
    assert!(matches!(outcome(&format!("{again}{say}"), 1), Outcome::Incomplete(_)));
    assert_eq!(outcome(&format!("{again}{say}{{\"type\":\"done\"}}\n"), 0), Outcome::Success);
    // A failure without a reason has the last one.
    assert_eq!(word(&outcome(&format!("{again}{{\"type\":\"fail\"}}\n"), 0)), "rate-limit");
}

#[test]
fn an_agent_that_said_nothing_did_not_start() {
    let Outcome::Failure(refusal) = read_text(&refusing(), "", "bad flag\n", exit_code(2)).verdict.outcome else {
        panic!()
    };
    assert_eq!(refusal.message, "the agent did not start: exit code 2; stderr: bad flag");
    assert!(matches!(read_text(&refusing(), "", "", exit_code(0)).verdict.outcome, Outcome::Incomplete(_)));
}

#[test]
fn tools_have_kinds_and_ends() {
    let rules = json!([
        rule(
            "start",
            "tool_start",
            json!({
            "id": "id", "name": "n", "detail": "in", "kinds": [{ "value": "Bash", "means": "shell" }] })
        ),
        rule("end", "tool_end", json!({ "id": "id", "failed": "bad", "exit_code": "code" })),
        rule(
            "end",
            "file_change",
            json!({
            "each": "files", "file": "path", "change": "kind", "changes": [{ "value": "create", "means": "add" }] })
        ),
    ]);
    let found = events(rules.clone(), r#"{"type":"start","id":"1","n":"Bash","in":{"command":"ls"}}"#);
    let [Event::ToolStart(tool)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((tool.kind.as_str(), tool.detail.as_str(), tool.ok), ("shell", r#"{"command":"ls"}"#, None));
    let line = r#"{"type":"end","id":"1","bad":true,"code":3,"files":[{"path":"a","kind":"create"},{"path":"b"},{}]}"#;
    let found = events(rules, line);
    let [Event::ToolEnd(tool), Event::FileChange(one), Event::FileChange(two)] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((tool.kind.as_str(), tool.ok, tool.exit_code), ("other", Some(false), Some(3)));
    assert_eq!((one.value.as_str(), two.key.as_str(), two.value.as_str()), ("add", "b", "update"));
}

#[test]
fn one_line_has_a_bounded_number_of_events() {
    let rules = json!([rule("m", "notice", json!({ "each": "c", "text": "." })), rule("m", "begin", json!({}))]);
    let list = vec!["1"; 900].join(",");
    let found = events(rules, &format!("{{\"type\":\"m\",\"c\":[{list}]}}"));
    assert_eq!(found.len(), 900);
    let many: Vec<Value> = (0..64).map(|_| rule("m", "notice", json!({ "text": "t" }))).collect();
    let found = events(json!(many), r#"{"type":"m","t":"x"}"#);
    assert_eq!(found.len(), 11, "half of the line's bytes, and what was left out");
    assert_eq!(found.last(), Some(&Event::Notice("54 more events of one line are left out".into())));
}

fn counting(counts: &str, more: Value) -> String {
    let mut usage = json!({
        "when": [{ "path": "type", "is": ["u"] }], "counts": counts, "input": "i", "output": "o",
        "input_includes_cached": true, "output_includes_reasoning": true,
    });
    for (key, value) in more.as_object().expect("paths") {
        usage[key] = value.clone();
    }
    let output = json!({ "format": "jsonl", "answer": "last", "rules": [] });
    small(output, json!({ "rule": "mark", "when": [{ "path": "type", "is": ["done"] }] }), Some(usage))
}

fn used(definition: &str, lines: &[&str], exit: ExitStatus) -> (Vec<Usage>, Option<Usage>) {
    let stdout: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let reading = read_text(definition, &stdout, "", exit);
    let told = reading.stdout_events.into_iter();
    (
        told.filter_map(|event| if let Event::Usage(usage) = event { Some(usage) } else { None }).collect(),
        reading.verdict.usage,
    )
}

const LINES: [&str; 3] =
    [r#"{"type":"u","i":10,"o":1}"#, r#"{"type":"u","i":30,"o":4}"#, r#"{"type":"u","i":0,"o":0}"#];

#[test]
fn counts_of_steps_are_added() {
    let (told, sum) = used(&counting("step", json!({})), &LINES, exit_code(0));
    assert_eq!(
        told.iter().map(|usage| usage.input).collect::<Vec<_>>(),
        [Some(10), Some(30)],
        "zeros were not counted"
    );
    let sum = sum.expect("a sum");
    assert_eq!((sum.input, sum.output, sum.cumulative), (Some(40), Some(5), false));
}

#[test]
fn counts_of_a_run_are_told_as_differences() {
    let (told, sum) = used(&counting("run", json!({})), &LINES, exit_code(0));
    assert_eq!(told.iter().map(|usage| usage.input).collect::<Vec<_>>(), [Some(10), Some(20)]);
    assert!(told.iter().all(|usage| !usage.cumulative));
    assert_eq!(sum.map(|sum| (sum.input, sum.output)), Some((Some(30), Some(4))));
    // It began to count anew.
    let (_, sum) = used(&counting("run", json!({})), &[LINES[1], LINES[0]], exit_code(0));
    assert_eq!(sum.map(|sum| (sum.input, sum.output)), Some((Some(40), Some(5))));
}

#[test]
fn counts_of_a_session_leave_out_what_was_before() {
    let definition = counting("session", json!({}));
    let (told, whole) = used(&definition, &LINES[..2], exit_code(0));
    assert!(told.iter().all(|usage| usage.cumulative));
    assert_eq!(whole.and_then(|usage| usage.input), Some(30));
    let resumed = |previous| ExitStatus { resumed_from: Some("s".into()), previous_usage: previous, ..exit_code(0) };
    let (_, unknown) = used(&definition, &LINES[..2], resumed(None));
    assert_eq!(unknown, None, "nobody knows what was before");
    let (_, rest) = used(&definition, &LINES[..2], resumed(Some(told[0].clone())));
    assert_eq!(rest.map(|rest| (rest.input, rest.output, rest.cumulative)), Some((Some(20), Some(3), false)));
}

#[test]
fn parts_that_are_told_apart_are_added_and_unknown_ones_leave_the_whole_unknown() {
    let more = json!({ "cached_input": "c", "input_includes_cached": false, "reasoning": "r",
        "output_includes_reasoning": false, "cost_usd": "usd", "model": "m" });
    let definition = counting("step", more);
    let (told, _) =
        used(&definition, &[r#"{"type":"u","i":10,"c":5,"o":1,"r":2,"usd":0.0000015,"m":"x"}"#], exit_code(0));
    let usage = &told[0];
    assert_eq!((usage.input, usage.cached_input, usage.output, usage.reasoning), (Some(15), Some(5), Some(3), Some(2)));
    assert_eq!((usage.cost_micro_usd, usage.model.as_deref()), (Some(2), Some("x")));
    let (told, _) = used(&definition, &[r#"{"type":"u","i":10,"o":1,"r":2,"usd":-1}"#], exit_code(0));
    assert_eq!((told[0].input, told[0].output, told[0].cost_micro_usd), (None, Some(3), None));
}
