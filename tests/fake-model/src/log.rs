//! The log of requests: one JSON object per line, without keys. It never decides anything.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::http::Request;
use crate::script::Place;

/// Headers that carry a key.
const SECRET_HEADERS: [&str; 5] = ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key"];
/// How much of a key is kept, in characters: enough to tell two apart.
const KEPT_CHARS: usize = 4;

/// A file of requests.
pub(crate) struct RequestLog {
    file: Mutex<File>,
}

impl RequestLog {
    /// Opens the file for further lines.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = opened.map_err(|why| format!("cannot write {}: {why}", path.display()))?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Writes a request and what answers it, if a step does.
    pub(crate) fn write(&self, request: &Request, answered: Option<Place>) {
        let line = format!("{}\n", describe(request, answered));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(why) = file.write_all(line.as_bytes()) {
            eprintln!("fake-model: cannot write the log: {why}");
        }
    }
}

fn describe(request: &Request, answered: Option<Place>) -> Value {
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| {
            let secret = SECRET_HEADERS.contains(&name.as_str());
            (name.clone(), Value::from(if secret { redacted(value) } else { value.clone() }))
        })
        .collect();
    let body = serde_json::from_slice(&request.body).unwrap_or_else(|_| match std::str::from_utf8(&request.body) {
        Ok("") => Value::Null,
        Ok(text) => Value::from(text),
        Err(_) => Value::Null,
    });
    json!({
        "method": request.method,
        "path": redacted_query(&request.target),
        "headers": headers,
        "body": body,
        "body_bytes": request.body.len(),
        "conversation": answered.and_then(|place| place.conversation),
        "step": answered.map(|place| place.step),
    })
}

fn redacted(value: &str) -> String {
    let count = value.chars().count();
    let tail: String = value.chars().skip(count.saturating_sub(KEPT_CHARS)).collect();
    // A value this short would be kept whole.
    if count <= 2 * KEPT_CHARS { "…".to_owned() } else { format!("…{tail}") }
}

fn redacted_query(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let fields = query.split('&').map(|field| match field.split_once('=') {
        Some(("key", value)) => format!("key={}", redacted(value)),
        _ => field.to_owned(),
    });
    format!("{path}?{}", fields.collect::<Vec<_>>().join("&"))
}
