//! Starting the server and speaking HTTP to it. Holds no expectations about answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// No answer takes longer, so a test that waits for one ends.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A running server; it ends with the test.
pub(crate) struct Model {
    pub(crate) child: Child,
    pub(crate) port: u16,
    dir: TempDir,
}

impl Model {
    pub(crate) fn start(script: &Value) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("script.json"), script.to_string()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_fake-model"))
            .arg("--script")
            .arg(dir.path().join("script.json"))
            .arg("--log")
            .arg(dir.path().join("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let port = serde_json::from_str::<Value>(&first).unwrap()["port"].as_u64().unwrap();
        Self { child, port: u16::try_from(port).unwrap(), dir }
    }

    pub(crate) fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(ANSWER_LIMIT)).unwrap();
        Client { writer: stream.try_clone().unwrap(), reader: BufReader::new(stream) }
    }

    /// One model request on a connection of its own.
    pub(crate) fn ask(&self) -> Answer {
        self.ask_at("/v1/responses", &json!({}))
    }

    /// The same with this path and body.
    pub(crate) fn ask_at(&self, path: &str, body: &Value) -> Answer {
        let mut client = self.connect();
        client.post(path, "", body.to_string().as_bytes());
        client.answer()
    }

    /// Returns when the log has something.
    pub(crate) fn await_log(&self) {
        let deadline = std::time::Instant::now() + ANSWER_LIMIT;
        while std::fs::metadata(self.dir.path().join("log")).unwrap().len() == 0 {
            assert!(std::time::Instant::now() < deadline, "no request was logged");
            std::thread::yield_now();
        }
    }

    pub(crate) fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.dir.path().join("log")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the server with this command line and nothing on standard input.
pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fake-model")).args(args).stdin(Stdio::null()).output().unwrap()
}

pub(crate) struct Client {
    pub(crate) writer: TcpStream,
    pub(crate) reader: BufReader<TcpStream>,
}

/// An answer, with the chunks of a stream put together.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
    /// False when the connection ended before the answer did.
    pub(crate) whole: bool,
}

impl Client {
    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &[u8]) {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{headers}\r\n");
        self.writer.write_all(head.as_bytes()).unwrap();
        self.writer.write_all(body).unwrap();
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        // A reset is an end too: the server may have left while something was under way.
        let _ = self.reader.read_line(&mut line);
        line.trim_end().to_owned()
    }

    pub(crate) fn head(&mut self) -> (u16, Vec<String>) {
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            match self.line() {
                line if line.is_empty() => return (status, headers),
                line => headers.push(line),
            }
        }
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let (status, headers) = self.head();
        let (body, whole) = match headers.iter().find_map(|line| line.strip_prefix("content-length: ")) {
            Some(length) => {
                let mut body = vec![0; length.parse().unwrap()];
                self.reader.read_exact(&mut body).unwrap();
                (body, true)
            }
            None => self.chunks(),
        };
        Answer { status, headers, body, whole }
    }

    fn chunks(&mut self) -> (Vec<u8>, bool) {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk() {
            if chunk.is_empty() {
                return (body, true);
            }
            body.extend_from_slice(&chunk);
        }
        (body, false)
    }

    /// The next part of a stream: empty at its end, `None` when the connection ended first.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = usize::from_str_radix(&self.line(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).unwrap();
        chunk.truncate(size);
        Some(chunk)
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The data of the events; their names have to agree with them.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.body).unwrap();
        text.split_terminator("\n\n").map(event).collect()
    }

    /// The data of events without names; a closing `[DONE]` is a string.
    pub(crate) fn data(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.body).unwrap();
        let data = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
        data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| Value::from(data.trim_matches(['[', ']']))))
            .collect()
    }

    pub(crate) fn types(&self) -> Vec<String> {
        self.events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The whole output items.
    pub(crate) fn items(&self) -> Vec<Value> {
        let done = |event: &Value| event["type"] == json!("response.output_item.done");
        self.events().iter().filter(|event| done(event)).map(|event| event["item"].clone()).collect()
    }

    /// The texts of the deltas.
    pub(crate) fn deltas(&self) -> Vec<String> {
        self.events().iter().filter_map(|event| event["delta"].as_str().map(str::to_owned)).collect()
    }
}

fn event(text: &str) -> Value {
    let (name, data) = text.split_once('\n').unwrap();
    let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
    data
}
