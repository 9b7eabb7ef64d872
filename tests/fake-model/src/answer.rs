//! What a model says, in no protocol, and the frames that a protocol makes of it. Every protocol is a function from
//! [`Answer`] to frames; this module knows none of them.

use serde::Deserialize;
use serde_json::Value;

use crate::script::{Failed, Tool};

/// One turn of the model.
#[derive(Debug, Clone)]
pub(crate) struct Answer<'a> {
    pub(crate) text: Option<&'a str>,
    pub(crate) phase: Option<&'a str>,
    pub(crate) reasoning: Option<&'a str>,
    pub(crate) tools: &'a [Tool],
    pub(crate) items: &'a [Value],
    pub(crate) usage: &'a Usage,
    pub(crate) chunk: Option<usize>,
    pub(crate) incomplete: Option<&'a str>,
    pub(crate) failed: Option<&'a Failed>,
}

/// Tokens of one request. `in` includes the cached ones, `out` the reasoning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Usage {
    pub(crate) r#in: u64,
    pub(crate) cached: u64,
    pub(crate) out: u64,
    pub(crate) reason: u64,
}

impl Default for Usage {
    fn default() -> Self {
        Self { r#in: 1200, cached: 200, out: 34, reason: 5 }
    }
}

/// One server-sent event.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    /// The whole event, with the empty line that ends it.
    pub(crate) bytes: Vec<u8>,
}

/// What a frame is for; pauses, cuts and silences come at certain kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens the stream or an item.
    Open,
    /// A piece of the text.
    Piece,
    /// A whole item.
    Item,
    /// Ends the stream, well or badly.
    End,
}

impl Answer<'_> {
    /// The text in pieces of `chunk` characters; no piece for an empty text.
    pub(crate) fn pieces(&self) -> Vec<String> {
        let text = self.text.unwrap_or_default();
        match self.chunk {
            None if text.is_empty() => Vec::new(),
            None => vec![text.to_owned()],
            Some(size) => cut(text, size),
        }
    }
}

impl Frame {
    /// An event without a name.
    pub(crate) fn data(kind: Kind, data: &Value) -> Self {
        Self { kind, bytes: format!("data: {data}\n\n").into_bytes() }
    }
}

/// A text in pieces of so many characters.
pub(crate) fn cut(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size).map(|piece| piece.iter().collect()).collect()
}

/// The arguments of a function call as the text that models write.
pub(crate) fn arguments(tool: &Tool) -> String {
    tool.args.as_ref().map_or_else(|| "{}".to_owned(), Value::to_string)
}
