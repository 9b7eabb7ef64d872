//! Which API a request speaks and what it wants of it. Knows paths and names of models; makes no answer.

use serde_json::Value;

use crate::http::Request;

/// An API that models are asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    /// OpenAI Responses.
    Responses,
    /// OpenAI chat completions, as many other providers speak it too.
    Chat,
    /// Google Gemini.
    Gemini,
    /// Anthropic Messages.
    Messages,
}

/// What a request wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A turn of the model: it takes a step.
    Turn(Api, Form),
    /// How many tokens a text has: no model says that, so it takes no step.
    TokenCount(Api),
}

/// How a turn is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Server-sent events.
    Stream,
    /// One object.
    Whole,
}

/// A model request, with what an answer has to repeat.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Counts model requests, so that ids differ between answers.
    pub(crate) number: usize,
    /// The name of the model; empty when the request has none.
    pub(crate) model: String,
    /// A stream of chat completions tells its usage only to those who ask.
    pub(crate) wants_usage: bool,
}

impl Asked {
    pub(crate) fn new(number: usize, request: &Request, body: &Value) -> Self {
        let model = model_in_path(request.path()).or_else(|| body["model"].as_str());
        let wants_usage = body["stream_options"]["include_usage"] == Value::Bool(true);
        Self { number, model: model.unwrap_or_default().to_owned(), wants_usage }
    }
}

impl Wish {
    /// Reads it off the method, the end of the path (whatever the base URL was) and the body.
    /// `None` for what nobody serves here.
    pub(crate) fn of(request: &Request, body: &Value) -> Option<Self> {
        let (path, form) =
            (request.path(), if body["stream"] == Value::Bool(true) { Form::Stream } else { Form::Whole });
        if request.method != "POST" {
            return None;
        }
        match path.rsplit_once(':').filter(|_| model_in_path(path).is_some()) {
            Some((_, "streamGenerateContent")) if request.query().contains("alt=sse") => {
                return Some(Self::Turn(Api::Gemini, Form::Stream));
            }
            Some((_, "generateContent")) => return Some(Self::Turn(Api::Gemini, Form::Whole)),
            Some((_, "countTokens")) => return Some(Self::TokenCount(Api::Gemini)),
            _ => {}
        }
        if path.ends_with("/responses") {
            // Agents ask for nothing else.
            return Some(Self::Turn(Api::Responses, Form::Stream));
        }
        if path.ends_with("/chat/completions") {
            return Some(Self::Turn(Api::Chat, form));
        }
        if path.ends_with("/messages") {
            return Some(Self::Turn(Api::Messages, form));
        }
        if path.ends_with("/messages/count_tokens") {
            return Some(Self::TokenCount(Api::Messages));
        }
        None
    }
}

/// `…/models/MODEL:verb`, as Gemini names it.
fn model_in_path(path: &str) -> Option<&str> {
    let (_, last) = path.rsplit_once("/models/")?;
    let (model, _) = last.split_once(':')?;
    Some(model)
}
