//! From a request to its step, and from the step to bytes: choosing the API, pausing, cutting, falling silent. The APIs
//! themselves are in modules of their own.

use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::answer::{Frame, Kind};
use crate::api::{Api, Asked, Form, Wish};
use crate::http::{Connection, ReadError, Request};
use crate::log::RequestLog;
use crate::script::{Place, Script, Step};
use crate::{chat, errors, gemini, messages, responses};

/// How many bytes of a request are a token, for those who ask to have them counted. Nobody compares it.
const BYTES_PER_TOKEN: usize = 4;

/// Everything that connections share.
pub(crate) struct Server {
    script: Script,
    log: Option<RequestLog>,
    /// Model requests so far.
    requests: AtomicUsize,
    /// Model requests so far of the script's own steps.
    own: AtomicUsize,
    /// The same for each other conversation.
    others: Vec<AtomicUsize>,
}

/// What becomes of a connection after an answer.
enum After {
    Keep,
    Close,
}

impl Server {
    pub(crate) fn new(script: Script, log: Option<RequestLog>) -> Self {
        let others = script.conversations.iter().map(|_| AtomicUsize::new(0)).collect();
        Self { script, log, requests: AtomicUsize::new(0), own: AtomicUsize::new(0), others }
    }

    /// Answers the requests of a connection until one side ends it.
    pub(crate) fn connection(&self, stream: TcpStream) {
        let Ok(mut connection) = Connection::new(stream) else {
            return;
        };
        loop {
            let request = match connection.read() {
                Ok(request) => request,
                Err(ReadError::Closed) => return,
                Err(ReadError::Refused(status, why)) => {
                    // The client may be gone; there is nobody else to tell.
                    let _ = refuse(&mut connection, status, why);
                    return;
                }
            };
            match self.answer(&mut connection, &request) {
                Ok(After::Keep) if request.keep_alive => {}
                // An error means that the client left: agents do that when they are stopped.
                Ok(_) | Err(_) => return,
            }
        }
    }

    fn answer(&self, connection: &mut Connection, request: &Request) -> io::Result<After> {
        let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let Some(wish) = Wish::of(request, &body) else {
            self.write_log(request, None);
            let why = format!("nothing is served at {} {}", request.method, request.path());
            return refuse(connection, 404, &why);
        };
        if let Some(encoding) = request.header("content-encoding") {
            self.write_log(request, None);
            return refuse(connection, 415, &format!("content-encoding {encoding} is not supported"));
        }
        let (api, form) = match wish {
            Wish::Turn(api, form) => (api, form),
            Wish::TokenCount(api) => {
                self.write_log(request, None);
                return count_tokens(connection, api, request.body.len());
            }
        };
        let asked = Asked::new(self.requests.fetch_add(1, Ordering::SeqCst), request, &body);
        let conversation = self.script.conversation(&asked.model, &request.body);
        let counter = conversation.map_or(&self.own, |index| &self.others[index]);
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let Some((place, step)) = self.script.step(conversation, number) else {
            self.write_log(request, None);
            // 400, because agents try again after a 500.
            let why = format!("the script has no step for request {number}");
            return refuse(connection, 400, &why);
        };
        self.write_log(request, Some(place));
        play(connection, step, api, form, &asked)
    }

    fn write_log(&self, request: &Request, answered: Option<Place>) {
        if let Some(log) = &self.log {
            log.write(request, answered);
        }
    }
}

/// Plays a step as an answer of this API.
fn play(connection: &mut Connection, step: &Step, api: Api, form: Form, asked: &Asked) -> io::Result<After> {
    let headers: Vec<(&str, &str)> = step.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Some((status, retry_after, content_type, body)) = refusal(step, api, asked) {
        let mut headers = headers;
        if let Some(seconds) = &retry_after {
            headers.push(("retry-after", seconds));
        }
        connection.answer(status, &headers, content_type, body.as_bytes())?;
        return Ok(After::Keep);
    }
    if api != Api::Responses && step.tools.iter().any(|tool| tool.custom.is_some()) {
        return refuse(connection, 400, "custom tools exist only in the Responses API");
    }
    if step.hang && (form == Form::Whole || !step.says_something()) {
        connection.await_close();
        return Ok(After::Close);
    }
    let answer = step.answer();
    match (form, api) {
        (Form::Stream, _) => {
            let frames = match api {
                Api::Responses => responses::frames,
                Api::Chat => chat::frames,
                Api::Gemini => gemini::frames,
                Api::Messages => messages::frames,
            };
            stream(connection, step, &headers, &frames(&answer, asked))
        }
        (Form::Whole, Api::Chat) => object(connection, step, &headers, &chat::whole(&answer, asked)),
        (Form::Whole, Api::Gemini) => object(connection, step, &headers, &gemini::whole(&answer, asked)),
        (Form::Whole, Api::Messages) => object(connection, step, &headers, &messages::whole(&answer, asked)),
        (Form::Whole, Api::Responses) => refuse(connection, 400, "the Responses API is served as a stream only"),
    }
}

fn stream(connection: &mut Connection, step: &Step, headers: &[(&str, &str)], frames: &[Frame]) -> io::Result<After> {
    let stop = stop_before(step, frames);
    connection.open_stream(headers)?;
    for frame in &frames[..stop] {
        if frame.kind == Kind::Piece {
            pause(step);
        }
        connection.chunk(&frame.bytes)?;
    }
    if step.hang {
        connection.await_close();
        return Ok(After::Close);
    }
    if step.truncate {
        return Ok(After::Close);
    }
    connection.end_stream()?;
    Ok(After::Keep)
}

/// A whole answer; one that is cut has half of its bytes.
fn object(connection: &mut Connection, step: &Step, headers: &[(&str, &str)], body: &Value) -> io::Result<After> {
    let status = if step.failed.is_some() { 500 } else { 200 };
    let body = body.to_string();
    pause(step);
    if step.truncate {
        connection.answer_half(status, headers, "application/json", body.as_bytes())?;
        return Ok(After::Close);
    }
    connection.answer(status, headers, "application/json", body.as_bytes())?;
    Ok(After::Keep)
}

fn pause(step: &Step) {
    if let Some(seconds) = step.delay {
        std::thread::sleep(Duration::from_secs_f64(seconds));
    }
}

/// How many frames are sent: a cut comes after half of the pieces, a silence before the end.
fn stop_before(step: &Step, frames: &[Frame]) -> usize {
    let places = |kind: Kind| frames.iter().enumerate().filter(move |(_, frame)| frame.kind == kind);
    let end = places(Kind::End).map(|(place, _)| place).next().unwrap_or(frames.len());
    if step.truncate || step.unfinished {
        let pieces: Vec<usize> = places(Kind::Piece).map(|(place, _)| place).collect();
        return pieces.get(pieces.len() / 2).copied().unwrap_or(end);
    }
    if step.hang { end } else { frames.len() }
}

/// Status, `retry-after`, content type and body of a step that is none of the model's words.
fn refusal(step: &Step, api: Api, asked: &Asked) -> Option<(u16, Option<String>, &'static str, String)> {
    if let Some(limit) = &step.limit {
        let body = errors::limit(api, limit, &asked.model);
        // Google tells it in the body.
        let retry_after = limit.retry_after_s.filter(|_| api != Api::Gemini).map(|seconds| seconds.to_string());
        return Some((429, retry_after, "application/json", body.to_string()));
    }
    let status = step.http?;
    let (content_type, body) = match &step.body {
        Some(Value::String(text)) => ("text/plain", text.clone()),
        Some(body) => ("application/json", body.to_string()),
        None => ("application/json", errors::body(api, status, &format!("the script says {status}")).to_string()),
    };
    Some((status, None, content_type, body))
}

fn count_tokens(connection: &mut Connection, api: Api, body_bytes: usize) -> io::Result<After> {
    let tokens = body_bytes / BYTES_PER_TOKEN;
    let body = if api == Api::Gemini { json!({"totalTokens": tokens}) } else { json!({"input_tokens": tokens}) };
    connection.answer(200, &[], "application/json", body.to_string().as_bytes())?;
    Ok(After::Keep)
}

fn refuse(connection: &mut Connection, status: u16, why: &str) -> io::Result<After> {
    let body =
        json!({"error": {"message": format!("fake-model: {why}"), "type": "fake_model", "param": null, "code": null}});
    connection.answer(status, &[], "application/json", body.to_string().as_bytes())?;
    Ok(After::Keep)
}
