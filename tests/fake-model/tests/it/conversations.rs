//! Requests that are about something else take no step of the script.

use serde_json::{Value, json};

use crate::support::Model;

fn said(model: &Model, body: &Value) -> Value {
    model.ask_at("/v1/chat/completions", body).json()["choices"][0]["message"]["content"].clone()
}

#[test]
fn a_helper_is_answered_beside_the_script() {
    let model = Model::start(&json!({
        "steps": [{"text": "one"}, {"text": "two"}],
        "conversations": [{"match": {"model": "flash-lite"}, "steps": [{"text": "title"}], "repeat_last": true}]
    }));
    let main = json!({"model": "big"});
    let helper = json!({"model": "some-flash-lite-1"});
    let bodies = [&helper, &main, &helper, &helper, &main];
    let answers = bodies.map(|body| said(&model, body));
    assert_eq!(answers, ["title", "one", "title", "title", "two"]);
    let in_path = model.ask_at("/v1beta/models/flash-lite:generateContent", &json!({})).json();
    assert_eq!(in_path["candidates"][0]["content"]["parts"][0]["text"], "title");
    let places: Vec<_> = model.log().iter().map(|line| (line["conversation"].clone(), line["step"].clone())).collect();
    assert_eq!(places[..2], [(json!(0), json!(0)), (json!(null), json!(0))]);
}

#[test]
fn parallel_conversations_keep_their_own_order() {
    let conversation = |name: &str| json!({"match": {"body": format!("task {name}")}, "steps": [{"text": format!("{name}1")}, {"text": format!("{name}2")}]});
    let model = Model::start(&json!({"steps": [], "conversations": [conversation("a"), conversation("b")]}));
    let ask = |name: &str| said(&model, &json!({"messages": [{"content": format!("do task {name}")}]}));
    assert_eq!([ask("a"), ask("b"), ask("b"), ask("a")], ["a1", "b1", "b2", "a2"]);
    assert_eq!(model.ask_at("/v1/chat/completions", &json!({"x": "task a"})).status, 400, "its steps are used up");
    assert_eq!(model.ask_at("/v1/chat/completions", &json!({"x": "task c"})).status, 400, "nobody's request");
}

#[test]
fn everything_that_is_given_has_to_fit_and_the_first_one_wins() {
    let model = Model::start(&json!({
        "steps": [{"text": "main"}],
        "conversations": [
            {"match": {"model": "m", "body": "hello"}, "steps": [{"text": "both"}]},
            {"match": {"model": "m"}, "steps": [{"text": "model"}]}
        ]
    }));
    assert_eq!(said(&model, &json!({"model": "m"})), "model");
    assert_eq!(said(&model, &json!({"model": "m", "x": "hello"})), "both");
    assert_eq!(said(&model, &json!({"model": "n", "x": "hello"})), "main");
}
