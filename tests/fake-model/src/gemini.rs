//! The Gemini API: a stream of partial responses, or one response. Makes frames of an answer; sends nothing.

use serde_json::{Value, json};

use crate::answer::{Answer, Frame, Kind, Usage};
use crate::api::{Api, Asked};
use crate::errors;
use crate::script::Tool;

/// The answer as a stream.
pub(crate) fn frames(answer: &Answer<'_>, asked: &Asked) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut part = |kind, part: Value| {
        frames.push(Frame::data(kind, &response(asked, answer.usage, json!([part]), None)));
    };
    if let Some(reasoning) = answer.reasoning {
        part(Kind::Open, thought(reasoning));
    }
    for piece in answer.pieces() {
        part(Kind::Piece, json!({"text": piece}));
    }
    for item in answer.items {
        part(Kind::Item, item.clone());
    }
    for tool in answer.tools {
        part(Kind::Item, call(tool));
    }
    let end = match answer.failed {
        Some(failed) => errors::in_stream(Api::Gemini, &failed.code, &failed.message),
        None => response(asked, answer.usage, json!([{"text": ""}]), Some(finish_reason(answer))),
    };
    frames.push(Frame::data(Kind::End, &end));
    frames
}

/// The answer as one response.
pub(crate) fn whole(answer: &Answer<'_>, asked: &Asked) -> Value {
    if let Some(failed) = answer.failed {
        return errors::in_stream(Api::Gemini, &failed.code, &failed.message);
    }
    let mut parts: Vec<Value> = answer.reasoning.map(thought).into_iter().collect();
    parts.extend(answer.text.map(|text| json!({"text": text})));
    parts.extend(answer.items.iter().cloned());
    parts.extend(answer.tools.iter().map(call));
    response(asked, answer.usage, Value::from(parts), Some(finish_reason(answer)))
}

fn response(asked: &Asked, used: &Usage, parts: Value, finish_reason: Option<&str>) -> Value {
    let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": parts}});
    if let Some(reason) = finish_reason {
        candidate["finishReason"] = Value::from(reason);
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": usage(used),
        "modelVersion": asked.model,
        "responseId": format!("response-{}", asked.number),
    })
}

fn thought(text: &str) -> Value {
    json!({"text": text, "thought": true})
}

fn call(tool: &Tool) -> Value {
    json!({"functionCall": {"name": tool.name, "args": tool.args}})
}

fn finish_reason<'a>(answer: &Answer<'a>) -> &'a str {
    answer.incomplete.unwrap_or("STOP")
}

/// Thoughts are counted beside the candidates, not within them.
fn usage(used: &Usage) -> Value {
    json!({
        "promptTokenCount": used.r#in,
        "cachedContentTokenCount": used.cached,
        "candidatesTokenCount": used.out.saturating_sub(used.reason),
        "thoughtsTokenCount": used.reason,
        "totalTokenCount": used.r#in + used.out,
    })
}
