//! From a request to its step, and from the step to bytes: choosing the API, pausing, cutting, falling silent. The APIs
//! themselves are in modules of their own.

use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::answer::{Frame, Kind};
use crate::http::{Connection, ReadError, Request};
use crate::log::RequestLog;
use crate::responses;
use crate::script::{Script, Step};

/// Everything that connections share.
pub(crate) struct Server {
    script: Script,
    log: Option<RequestLog>,
    /// Model requests so far.
    requests: AtomicUsize,
}

/// What becomes of a connection after an answer.
enum After {
    Keep,
    Close,
}

impl Server {
    pub(crate) fn new(script: Script, log: Option<RequestLog>) -> Self {
        Self { script, log, requests: AtomicUsize::new(0) }
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
        if request.method != "POST" || !responses::serves(request.path()) {
            self.write_log(request, None);
            let why = format!("nothing is served at {} {}", request.method, request.path());
            return refuse(connection, 404, &why);
        }
        if let Some(encoding) = request.header("content-encoding") {
            self.write_log(request, None);
            return refuse(connection, 415, &format!("content-encoding {encoding} is not supported"));
        }
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let Some((index, step)) = self.script.step(number) else {
            self.write_log(request, None);
            // 400, because agents try again after a 500.
            let why = format!("the script has no step for request {number}");
            return refuse(connection, 400, &why);
        };
        self.write_log(request, Some(index));
        play(connection, step, || responses::frames(&step.answer(), number))
    }

    fn write_log(&self, request: &Request, step: Option<usize>) {
        if let Some(log) = &self.log {
            log.write(request, step);
        }
    }
}

/// Plays a step; `frames` is asked only when the step is a stream.
fn play(connection: &mut Connection, step: &Step, frames: impl FnOnce() -> Vec<Frame>) -> io::Result<After> {
    let headers: Vec<(&str, &str)> = step.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Some(status) = step.http {
        let (content_type, body) = error_body(status, step.body.as_ref());
        connection.answer(status, &headers, content_type, body.as_bytes())?;
        return Ok(After::Keep);
    }
    if step.hang && !step.says_something() {
        connection.await_close();
        return Ok(After::Close);
    }
    let frames = frames();
    let stop = stop_before(step, &frames);
    connection.open_stream(&headers)?;
    for frame in &frames[..stop] {
        if let (Kind::Piece, Some(seconds)) = (frame.kind, step.delay) {
            std::thread::sleep(Duration::from_secs_f64(seconds));
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

/// How many frames are sent: a cut comes after half of the pieces, a silence before the end.
fn stop_before(step: &Step, frames: &[Frame]) -> usize {
    let places = |kind: Kind| frames.iter().enumerate().filter(move |(_, frame)| frame.kind == kind);
    let end = places(Kind::End).map(|(place, _)| place).next().unwrap_or(frames.len());
    if step.truncate {
        let pieces: Vec<usize> = places(Kind::Piece).map(|(place, _)| place).collect();
        return pieces.get(pieces.len() / 2).copied().unwrap_or(end);
    }
    if step.hang { end } else { frames.len() }
}

fn refuse(connection: &mut Connection, status: u16, why: &str) -> io::Result<After> {
    let body =
        json!({"error": {"message": format!("fake-model: {why}"), "type": "fake_model", "param": null, "code": null}});
    connection.answer(status, &[], "application/json", body.to_string().as_bytes())?;
    Ok(After::Keep)
}

fn error_body(status: u16, body: Option<&Value>) -> (&'static str, String) {
    match body {
        Some(Value::String(text)) => ("text/plain", text.clone()),
        Some(body) => ("application/json", body.to_string()),
        None => {
            let message = format!("the script says {status}");
            let body = json!({"error": {"message": message, "type": "server_error", "param": null, "code": null}});
            ("application/json", body.to_string())
        }
    }
}
