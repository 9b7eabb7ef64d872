//! Tests of the tolerant JSON reader.

use proptest::prelude::*;

use super::Object;

fn text(json: &str) -> String {
    let line = format!(r#"{{"text":{json}}}"#);
    Object::parse(&line).expect("an object").string("text").expect("a string").into_owned()
}

#[test]
fn the_first_of_a_repeated_key_counts() {
    let object = Object::parse(r#"{"id":"item_1","type":"web_search","id":"ws_1"}"#).expect("an object");
    assert_eq!(object.string("id").as_deref(), Some("item_1"));
    assert_eq!(object.string("type").as_deref(), Some("web_search"));
}

#[test]
fn a_key_is_found_behind_its_escapes() {
    let object = Object::parse(r#"{"\u0074ype":"x"}"#).expect("an object");
    assert_eq!(object.string("type").as_deref(), Some("x"));
}

#[test]
fn a_member_of_another_type_is_absent_and_nothing_else() {
    let object = Object::parse(r#"{"a":1,"b":"x","c":null,"d":{"e":-2}}"#).expect("an object");
    assert_eq!(object.string("a"), None);
    assert_eq!(object.u64("b"), None);
    assert!(object.get("c").is_none());
    assert!(object.object("a").is_none());
    assert_eq!(object.object("d").and_then(|d| d.get("e")).and_then(super::Value::as_i32), Some(-2));
}

#[test]
fn what_is_not_one_object_is_malformed() {
    for line in ["", "[]", "1", "null", r#"{"a":1"#, r#"{"a":1} x"#, r#"{"a":"\x"}"#, "{\"a\":\"\0\"}", "{'a':1}"] {
        assert!(Object::parse(line).is_err(), "{line:?}");
    }
}

#[test]
fn half_a_surrogate_pair_is_replaced_and_a_whole_one_decoded() {
    assert_eq!(text(r#""a\ud83d\ude80b""#), "a🚀b");
    assert_eq!(text(r#""a\ud83db""#), "a\u{fffd}b");
    assert_eq!(text(r#""\ude80\ud83d\n""#), "\u{fffd}\u{fffd}\n");
    assert_eq!(text(r#""\ud83d\u0041""#), "\u{fffd}A");
}

#[test]
fn an_array_gives_no_more_than_asked_and_says_how_many_there_are() {
    let object = Object::parse(r#"{"a":[1,2,3],"b":[1],"c":{}}"#).expect("an object");
    let array = |key: &str, max: usize| {
        object.get(key).and_then(|value| value.as_array(max)).map(|(kept, count)| (kept.len(), count))
    };
    assert_eq!(array("a", 2), Some((2, 3)));
    assert_eq!(array("b", 2), Some((1, 1)));
    assert_eq!(array("c", 2), None);
}

#[test]
fn depth_is_no_recursion() {
    let deep = format!(r#"{{"type":"x","deep":{}{}}}"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
    let object = Object::parse(&deep).expect("an object");
    assert_eq!(object.string("type").as_deref(), Some("x"));
}

proptest! {
    #[test]
    fn any_string_survives_its_json_form(string in any::<String>()) {
        prop_assert_eq!(text(&serde_json::to_string(&string).expect("a string")), string);
    }

    #[test]
    fn no_input_makes_it_panic(line in "[\\[{\"\\\\u0-9a-f,:}\\]]{0,40}") {
        if let Ok(object) = Object::parse(&line) {
            for (_, value) in &object.0 {
                let _ = (value.as_string(), value.as_object(), value.as_array(2));
            }
        }
    }
}
