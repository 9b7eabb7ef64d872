//! The OpenAI Responses API as a stream of server-sent events. Makes frames of an answer; sends nothing.

use serde_json::{Value, json};

use crate::answer::{Answer, Frame, Kind, arguments};
use crate::api::Asked;
use crate::script::Tool;

/// The answer as a stream.
pub(crate) fn frames(answer: &Answer<'_>, asked: &Asked) -> Vec<Frame> {
    let request = asked.number;
    let mut stream = Stream { request, items: 0, frames: Vec::new() };
    let id = format!("resp_{request}");
    stream.push(Kind::Open, "response.created", json!({"response": {"id": id, "status": "in_progress"}}));
    if let Some(reasoning) = answer.reasoning {
        let summary = json!([{"type": "summary_text", "text": reasoning}]);
        stream.item("rs", json!({"type": "reasoning", "summary": summary, "encrypted_content": null}));
    }
    if answer.text.is_some() {
        stream.message(answer);
    }
    for item in answer.items {
        stream.whole_item(item.clone());
    }
    for (index, tool) in answer.tools.iter().enumerate() {
        stream.tool(tool, &format!("call_{request}_{index}"));
    }
    stream.end(answer, &id);
    stream.frames
}

struct Stream {
    request: usize,
    items: usize,
    frames: Vec<Frame>,
}

impl Stream {
    fn push(&mut self, kind: Kind, event: &str, mut data: Value) {
        data["type"] = Value::from(event);
        data["sequence_number"] = Value::from(self.frames.len());
        self.frames.push(Frame { kind, bytes: format!("event: {event}\ndata: {data}\n\n").into_bytes() });
    }

    fn item_id(&self, prefix: &str) -> String {
        format!("{prefix}_{}_{}", self.request, self.items)
    }

    fn item(&mut self, prefix: &str, mut item: Value) {
        item["id"] = Value::from(self.item_id(prefix));
        self.whole_item(item);
    }

    fn whole_item(&mut self, item: Value) {
        let index = self.items;
        self.items += 1;
        self.push(Kind::Open, "response.output_item.added", json!({"output_index": index, "item": item}));
        self.push(Kind::Item, "response.output_item.done", json!({"output_index": index, "item": item}));
    }

    fn message(&mut self, answer: &Answer<'_>) {
        let (index, id) = (self.items, self.item_id("msg"));
        self.items += 1;
        let message = |status: &str, content: Value| {
            let mut item =
                json!({"type": "message", "id": id, "role": "assistant", "status": status, "content": content});
            if let Some(phase) = answer.phase {
                item["phase"] = Value::from(phase);
            }
            json!({"output_index": index, "item": item})
        };
        self.push(Kind::Open, "response.output_item.added", message("in_progress", json!([])));
        for piece in answer.pieces() {
            let delta = json!({"item_id": id, "output_index": index, "content_index": 0, "delta": piece});
            self.push(Kind::Piece, "response.output_text.delta", delta);
        }
        let content = json!([{"type": "output_text", "text": answer.text, "annotations": []}]);
        self.push(Kind::Item, "response.output_item.done", message("completed", content));
    }

    fn tool(&mut self, tool: &Tool, call: &str) {
        let (prefix, mut item) = match &tool.custom {
            Some(input) => ("ctc", json!({"type": "custom_tool_call", "input": input})),
            None => ("fc", json!({"type": "function_call", "arguments": arguments(tool)})),
        };
        item["call_id"] = Value::from(call);
        item["name"] = Value::from(tool.name.as_str());
        item["status"] = Value::from("completed");
        if let Some(namespace) = &tool.namespace {
            item["namespace"] = Value::from(namespace.as_str());
        }
        self.item(prefix, item);
    }

    fn end(&mut self, answer: &Answer<'_>, id: &str) {
        if let Some(failed) = answer.failed {
            let error = json!({"code": failed.code, "message": failed.message});
            let response = json!({"id": id, "status": "failed", "error": error});
            return self.push(Kind::End, "response.failed", json!({"response": response}));
        }
        let used = answer.usage;
        let usage = json!({
            "input_tokens": used.r#in,
            "input_tokens_details": {"cached_tokens": used.cached},
            "output_tokens": used.out,
            "output_tokens_details": {"reasoning_tokens": used.reason},
            "total_tokens": used.r#in + used.out,
        });
        let mut response = json!({"id": id, "status": "completed", "usage": usage});
        let event = match answer.incomplete {
            None => "response.completed",
            Some(reason) => {
                response["status"] = Value::from("incomplete");
                response["incomplete_details"] = json!({"reason": reason});
                "response.incomplete"
            }
        };
        self.push(Kind::End, event, json!({"response": response}));
    }
}
