//! The Anthropic Messages API: a stream of named events, or one message. Makes frames of an answer; sends nothing.

use serde_json::{Value, json};

use crate::answer::{Answer, Frame, Kind, Usage, arguments, cut};
use crate::api::{Api, Asked};
use crate::errors;

/// Characters of a call's arguments per event, when the script does not say.
const ARGUMENT_CHARS: usize = 16;

/// The answer as a stream.
pub(crate) fn frames(answer: &Answer<'_>, asked: &Asked) -> Vec<Frame> {
    let mut stream = Stream { blocks: 0, frames: Vec::new() };
    let mut message = message(asked, Vec::new(), answer.usage);
    message["usage"]["output_tokens"] = Value::from(1);
    stream.push(Kind::Open, "message_start", json!({"message": message}));
    if let Some(reasoning) = answer.reasoning {
        let delta = json!({"type": "thinking_delta", "thinking": reasoning});
        stream.block(Kind::Open, json!({"type": "thinking", "thinking": "", "signature": ""}), vec![delta]);
    }
    if answer.text.is_some() {
        let delta = |piece| json!({"type": "text_delta", "text": piece});
        stream.block(
            Kind::Piece,
            json!({"type": "text", "text": ""}),
            answer.pieces().into_iter().map(delta).collect(),
        );
    }
    for item in answer.items {
        stream.block(Kind::Item, item.clone(), Vec::new());
    }
    for (index, tool) in answer.tools.iter().enumerate() {
        let delta = |piece| json!({"type": "input_json_delta", "partial_json": piece});
        let pieces = cut(&arguments(tool), answer.chunk.unwrap_or(ARGUMENT_CHARS));
        let block = json!({"type": "tool_use", "id": call_id(asked, index), "name": tool.name, "input": {}});
        stream.block(Kind::Open, block, pieces.into_iter().map(delta).collect());
    }
    if let Some(failed) = answer.failed {
        let error = errors::in_stream(Api::Messages, &failed.code, &failed.message);
        stream.push(Kind::End, "error", error);
        return stream.frames;
    }
    let delta = json!({"stop_reason": stop_reason(answer), "stop_sequence": null});
    let used = json!({"output_tokens": answer.usage.out});
    stream.push(Kind::End, "message_delta", json!({"delta": delta, "usage": used}));
    stream.push(Kind::End, "message_stop", json!({}));
    stream.frames
}

/// The answer as one message.
pub(crate) fn whole(answer: &Answer<'_>, asked: &Asked) -> Value {
    if let Some(failed) = answer.failed {
        return errors::in_stream(Api::Messages, &failed.code, &failed.message);
    }
    let mut content = Vec::new();
    content.extend(answer.reasoning.map(|text| json!({"type": "thinking", "thinking": text, "signature": ""})));
    content.extend(answer.text.map(|text| json!({"type": "text", "text": text})));
    content.extend(answer.items.iter().cloned());
    for (index, tool) in answer.tools.iter().enumerate() {
        content.push(json!({"type": "tool_use", "id": call_id(asked, index), "name": tool.name, "input": tool.args}));
    }
    let mut message = message(asked, content, answer.usage);
    message["stop_reason"] = Value::from(stop_reason(answer));
    message
}

struct Stream {
    blocks: usize,
    frames: Vec<Frame>,
}

impl Stream {
    fn push(&mut self, kind: Kind, event: &str, mut data: Value) {
        data["type"] = Value::from(event);
        self.frames.push(Frame { kind, bytes: format!("event: {event}\ndata: {data}\n\n").into_bytes() });
    }

    fn block(&mut self, kind: Kind, block: Value, deltas: Vec<Value>) {
        let index = self.blocks;
        self.blocks += 1;
        self.push(Kind::Open, "content_block_start", json!({"index": index, "content_block": block}));
        for delta in deltas {
            self.push(kind, "content_block_delta", json!({"index": index, "delta": delta}));
        }
        self.push(Kind::Item, "content_block_stop", json!({"index": index}));
    }
}

fn message(asked: &Asked, content: Vec<Value>, used: &Usage) -> Value {
    json!({
        "id": format!("msg_{}", asked.number), "type": "message", "role": "assistant", "model": asked.model,
        "content": content, "stop_reason": null, "stop_sequence": null, "usage": usage(used),
    })
}

fn call_id(asked: &Asked, index: usize) -> String {
    format!("toolu_{}_{index}", asked.number)
}

fn stop_reason<'a>(answer: &Answer<'a>) -> &'a str {
    answer.incomplete.unwrap_or(if answer.tools.is_empty() { "end_turn" } else { "tool_use" })
}

/// Input that came from the cache is counted beside the other input, not within it.
fn usage(used: &Usage) -> Value {
    json!({
        "input_tokens": used.r#in.saturating_sub(used.cached),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": used.cached,
        "output_tokens": used.out,
    })
}
