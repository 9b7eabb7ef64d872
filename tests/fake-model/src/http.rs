//! As much HTTP/1.1 as an agent CLI needs: requests with a body, whole answers and streams. Knows no API and no script.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The longest request line and headers together.
const HEAD_LIMIT_BYTES: u64 = 256 * 1024;
/// The longest request body.
const BODY_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// How long a connection may be silent.
const IDLE_LIMIT: Duration = Duration::from_secs(600);

/// A request that was read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query.
    pub(crate) target: String,
    /// Names in lower case, in the order of arrival.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The client wants to send another request on this connection.
    pub(crate) keep_alive: bool,
}

impl Request {
    /// The path without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// What follows the path; empty when nothing does.
    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first header with this lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// Why no request could be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The client is gone, or silent for too long.
    Closed,
    /// The request is wrong: the status and the reason for the client.
    Refused(u16, &'static str),
}

impl From<io::Error> for ReadError {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// A connection with a client.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Connection {
    /// Takes over an accepted stream.
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(IDLE_LIMIT))?;
        stream.set_write_timeout(Some(IDLE_LIMIT))?;
        Ok(Self { writer: stream.try_clone()?, reader: BufReader::new(stream) })
    }

    /// Reads the next request.
    pub(crate) fn read(&mut self) -> Result<Request, ReadError> {
        let mut head = (&mut self.reader).take(HEAD_LIMIT_BYTES);
        let first = read_line(&mut head)?;
        let mut parts = first.split(' ');
        let (Some(method), Some(target), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(ReadError::Refused(400, "not an HTTP request"));
        };
        let mut headers = Vec::new();
        loop {
            let line = read_line(&mut head)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or(ReadError::Refused(400, "a header without a colon"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let keep_alive = version == "HTTP/1.1"
            && !find(&headers, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let body = self.read_body(&headers)?;
        Ok(Request { method: method.to_owned(), target: target.to_owned(), headers, body, keep_alive })
    }

    fn read_body(&mut self, headers: &[(String, String)]) -> Result<Vec<u8>, ReadError> {
        let chunked = find(headers, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        let length = match find(headers, "content-length") {
            None => 0,
            Some(text) => text.parse().map_err(|_| ReadError::Refused(400, "content-length is not a number"))?,
        };
        if length > BODY_LIMIT_BYTES {
            return Err(ReadError::Refused(413, "the body is too long"));
        }
        if find(headers, "expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            self.writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if chunked {
            return self.read_chunks();
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(body)
    }

    fn read_chunks(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut body = Vec::new();
        loop {
            let size = read_line(&mut (&mut self.reader).take(HEAD_LIMIT_BYTES))?;
            let digits = size.split(';').next().unwrap_or_default().trim();
            let size =
                usize::from_str_radix(digits, 16).map_err(|_| ReadError::Refused(400, "a chunk without a size"))?;
            if size > BODY_LIMIT_BYTES - body.len() {
                return Err(ReadError::Refused(413, "the body is too long"));
            }
            let start = body.len();
            body.resize(start + size, 0);
            self.reader.read_exact(&mut body[start..])?;
            // The end of the chunk, or of the trailers, of which agents send none.
            read_line(&mut (&mut self.reader).take(HEAD_LIMIT_BYTES))?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    /// Sends a whole answer. A content type among the headers wins over `content_type`.
    pub(crate) fn answer(
        &mut self,
        status: u16,
        headers: &[(&str, &str)],
        content_type: &str,
        body: &[u8],
    ) -> io::Result<()> {
        let mut bytes = whole_head(status, headers, content_type, body.len());
        bytes.extend_from_slice(body);
        self.writer.write_all(&bytes)
    }

    /// Promises a whole answer and sends half of it.
    pub(crate) fn answer_half(
        &mut self,
        status: u16,
        headers: &[(&str, &str)],
        content_type: &str,
        body: &[u8],
    ) -> io::Result<()> {
        let mut bytes = whole_head(status, headers, content_type, body.len());
        bytes.extend_from_slice(&body[..body.len() / 2]);
        self.writer.write_all(&bytes)
    }

    /// Opens a stream of server-sent events; its parts follow with [`Self::chunk`] and end with [`Self::end_stream`].
    pub(crate) fn open_stream(&mut self, headers: &[(&str, &str)]) -> io::Result<()> {
        let mut all = vec![
            ("content-type", "text/event-stream"),
            ("transfer-encoding", "chunked"),
            ("cache-control", "no-cache"),
        ];
        all.extend_from_slice(headers);
        self.writer.write_all(&head(200, &all))
    }

    /// Sends a part of the stream at once.
    pub(crate) fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.writer.write_all(&chunk)
    }

    /// Ends the stream well.
    pub(crate) fn end_stream(&mut self) -> io::Result<()> {
        self.writer.write_all(b"0\r\n\r\n")
    }

    /// Returns when the client leaves or has been silent for too long.
    pub(crate) fn await_close(&mut self) {
        let mut ignored = [0; 4096];
        while self.reader.read(&mut ignored).is_ok_and(|count| count > 0) {}
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A line without its end; the end of the connection or of the limit is an error.
fn read_line(reader: &mut impl BufRead) -> Result<String, ReadError> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    match line.pop() {
        Some(b'\n') => {}
        None => return Err(ReadError::Closed),
        Some(_) => {
            return Err(ReadError::Refused(431, "the headers are too long or cut off"));
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn whole_head(status: u16, headers: &[(&str, &str)], content_type: &str, length: usize) -> Vec<u8> {
    let length = length.to_string();
    let mut all = vec![("content-length", length.as_str())];
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        all.push(("content-type", content_type));
    }
    all.extend_from_slice(headers);
    head(status, &all)
}

fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        529 => "Overloaded",
        _ => "Status",
    }
}
