//! OpenAI chat completions: a stream of chunks, or one object. Makes frames of an answer; sends nothing.

use serde_json::{Value, json};

use crate::answer::{Answer, Frame, Kind, Usage, arguments, cut};
use crate::api::{Api, Asked};
use crate::errors;
use crate::script::Tool;

/// Characters of a call's arguments per chunk, when the script does not say.
const ARGUMENT_CHARS: usize = 16;

/// The answer as a stream.
pub(crate) fn frames(answer: &Answer<'_>, asked: &Asked) -> Vec<Frame> {
    let mut stream = Stream { asked, frames: Vec::new() };
    stream.delta(Kind::Open, json!({"role": "assistant", "content": ""}));
    if let Some(reasoning) = answer.reasoning {
        stream.delta(Kind::Open, json!({"reasoning_content": reasoning}));
    }
    for piece in answer.pieces() {
        stream.delta(Kind::Piece, json!({"content": piece}));
    }
    for item in answer.items {
        stream.delta(Kind::Item, item.clone());
    }
    for (index, tool) in answer.tools.iter().enumerate() {
        let function = json!({"name": tool.name, "arguments": ""});
        let call = json!({"index": index, "id": call_id(asked, index), "type": "function", "function": function});
        stream.delta(Kind::Open, json!({"tool_calls": [call]}));
        for piece in cut(&arguments(tool), answer.chunk.unwrap_or(ARGUMENT_CHARS)) {
            stream.delta(Kind::Open, json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}));
        }
    }
    stream.end(answer);
    stream.frames
}

/// The answer as one object.
pub(crate) fn whole(answer: &Answer<'_>, asked: &Asked) -> Value {
    if let Some(failed) = answer.failed {
        return errors::in_stream(Api::Chat, &failed.code, &failed.message);
    }
    let mut message = json!({"role": "assistant", "content": answer.text});
    if let Some(reasoning) = answer.reasoning {
        message["reasoning_content"] = Value::from(reasoning);
    }
    if !answer.tools.is_empty() {
        let call = |(index, tool): (usize, &Tool)| {
            let function = json!({"name": tool.name, "arguments": arguments(tool)});
            json!({"id": call_id(asked, index), "type": "function", "function": function})
        };
        message["tool_calls"] = answer.tools.iter().enumerate().map(call).collect();
    }
    let mut object = head(asked, "chat.completion");
    object["choices"] = json!([{"index": 0, "message": message, "finish_reason": finish_reason(answer)}]);
    object["usage"] = usage(answer.usage);
    object
}

struct Stream<'a> {
    asked: &'a Asked,
    frames: Vec<Frame>,
}

impl Stream<'_> {
    fn delta(&mut self, kind: Kind, delta: Value) {
        self.choices(kind, json!([{"index": 0, "delta": delta, "finish_reason": null}]));
    }

    fn choices(&mut self, kind: Kind, choices: Value) {
        let mut chunk = head(self.asked, "chat.completion.chunk");
        chunk["choices"] = choices;
        self.frames.push(Frame::data(kind, &chunk));
    }

    fn end(&mut self, answer: &Answer<'_>) {
        if let Some(failed) = answer.failed {
            let error = errors::in_stream(Api::Chat, &failed.code, &failed.message);
            return self.frames.push(Frame::data(Kind::End, &error));
        }
        self.choices(Kind::End, json!([{"index": 0, "delta": {}, "finish_reason": finish_reason(answer)}]));
        if self.asked.wants_usage {
            let mut chunk = head(self.asked, "chat.completion.chunk");
            chunk["choices"] = json!([]);
            chunk["usage"] = usage(answer.usage);
            self.frames.push(Frame::data(Kind::End, &chunk));
        }
        self.frames.push(Frame { kind: Kind::End, bytes: b"data: [DONE]\n\n".to_vec() });
    }
}

fn head(asked: &Asked, object: &str) -> Value {
    json!({"id": format!("chatcmpl-{}", asked.number), "object": object, "created": 0, "model": asked.model})
}

fn call_id(asked: &Asked, index: usize) -> String {
    format!("call_{}_{index}", asked.number)
}

fn finish_reason<'a>(answer: &Answer<'a>) -> &'a str {
    answer.incomplete.unwrap_or(if answer.tools.is_empty() { "stop" } else { "tool_calls" })
}

fn usage(used: &Usage) -> Value {
    json!({
        "prompt_tokens": used.r#in,
        "completion_tokens": used.out,
        "total_tokens": used.r#in + used.out,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens_details": {"reasoning_tokens": used.reason},
    })
}
