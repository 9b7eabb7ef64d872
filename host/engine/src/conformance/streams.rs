//! Checks with output that no agent wrote: strange, huge, or meant to deceive. Must not need a recording.

use aid_core::agent::{AgentEvent, ExitStatus, Outcome, Request, Source, Verdict};

use super::{Bench, Finding};
use crate::adapter::limits;

/// A line that agents do write.
const LONG_LINE_BYTES: usize = 10_000_000;
/// How many of them come one after the other.
const LONG_LINES: usize = 6;

/// What a stream gave.
pub(super) struct Reading {
    pub(super) events: Vec<AgentEvent>,
    pub(super) verdict: Verdict,
}

/// Reads two streams. `chunk_bytes` is how much comes at once.
///
/// # Errors
/// With the adapter's fault.
pub(super) fn read(
    bench: &Bench<'_>,
    request: &Request,
    (out, err): (&[u8], &[u8]),
    exit: &ExitStatus,
    chunk_bytes: usize,
) -> Result<Reading, String> {
    let mut run = bench.adapter.start(request);
    let mut events = Vec::new();
    for (source, bytes) in [(Source::Out, out), (Source::Err, err)] {
        for chunk in bytes.chunks(chunk_bytes) {
            let outcome = run.feed(source, chunk);
            if let Some(fault) = outcome.fault {
                return Err(fault.to_string());
            }
            events.extend(outcome.events);
        }
    }
    let verdict = run.finish(exit).map_err(|fault| fault.to_string())?;
    Ok(Reading { events, verdict })
}

pub(super) fn exit_code(code: i32) -> ExitStatus {
    ExitStatus { code: Some(code), ..ExitStatus::default() }
}

pub(super) fn garbage(bench: &Bench<'_>) -> Finding {
    let deep = [b"[".repeat(100_000), b"\n".to_vec()].concat();
    let nested = [b"{\"a\":".repeat(50_000), b"\n".to_vec()].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("plain text", b"hello\nworld".to_vec()),
        ("blank lines", b"\n\n \n\t\n\r\n".to_vec()),
        ("half an object", b"{\"type\":\n{\"type\":\"x\"\n".to_vec()),
        ("other JSON", b"[]\n1\nnull\n\"x\"\ntrue\n{}\n".to_vec()),
        (
            "unknown types",
            b"{\"type\":\"aid-unknown\",\"data\":{\"a\":[1,2]}}\n{\"type\":7}\n{\"type\":null}\n".to_vec(),
        ),
        ("deep nesting", deep),
        ("deep objects", nested),
        ("no UTF-8", b"\xff\xfe\x80{\"type\":\"\xc3\"}\n\xf0\x9f\n".to_vec()),
        ("NUL", b"\0\0{\"type\":\"\0\"}\n\0".to_vec()),
        ("half a surrogate pair", b"{\"type\":\"\\ud800\",\"\\udc00\":1}\n".to_vec()),
        ("line ends", b"\r\r\n\n\r{}\r".to_vec()),
        ("control sequences", b"\x1b[31m{\"type\":\"x\"}\x1b[0m\n\x07\x08\n".to_vec()),
        ("numbers", b"{\"type\":1e999,\"n\":-0,\"m\":123456789012345678901234567890}\n".to_vec()),
    ];
    let request = bench.request();
    let mut problems = Vec::new();
    for (what, bytes) in &cases {
        for chunk_bytes in [limits::CHUNK_BYTES_MAX, 3] {
            // Cut small, the deep ones would take long and show nothing more.
            if chunk_bytes == 3 && bytes.len() > 1000 {
                continue;
            }
            for (out, err) in [(&bytes[..], &[][..]), (&[][..], &bytes[..])] {
                for exit in [exit_code(0), exit_code(1), ExitStatus { signal: Some(9), ..ExitStatus::default() }] {
                    if let Err(fault) = read(bench, &request, (out, err), &exit, chunk_bytes) {
                        problems.push(format!("{what}: {fault}"));
                    }
                }
            }
        }
    }
    problems.dedup();
    Finding::of(problems, cases.len(), "kinds of output")
}

pub(super) fn limits(bench: &Bench<'_>) -> Finding {
    let text = "x".repeat(LONG_LINE_BYTES);
    let long_text = format!("{text}\n").repeat(LONG_LINES).into_bytes();
    let long_object = format!("{{\"type\":\"aid-unknown\",\"text\":\"{text}\"}}\n").into_bytes();
    let escapes = format!("{{\"type\":\"aid-unknown\",\"text\":\"{}\"}}\n", "\\n".repeat(LONG_LINE_BYTES / 2));
    let mut too_long = vec![b'x'; limits::MEMORY_BYTES_MAX + LONG_LINE_BYTES];
    too_long.push(b'\n');
    let cases: [(&str, Vec<u8>); 5] = [
        ("lines of 10 MB", long_text),
        ("an object of 10 MB", long_object),
        ("10 MB of escapes", escapes.into_bytes()),
        ("a line that has no end", too_long),
        ("the shortest lines", b"a\n".repeat(limits::CHUNK_BYTES_MAX)),
    ];
    let request = bench.request();
    let mut problems = Vec::new();
    for (what, bytes) in &cases {
        for (source, streams) in [("stdout", (&bytes[..], &[][..])), ("stderr", (&[][..], &bytes[..]))] {
            // The exit makes no verdict that could copy much: what is looked at is the reading.
            if let Err(fault) = read(bench, &request, streams, &exit_code(1), limits::CHUNK_BYTES_MAX) {
                problems.push(format!("{what} on {source}: {fault}"));
            }
        }
    }
    Finding::of(problems, cases.len(), "kinds of output")
}

pub(super) fn silence(bench: &Bench<'_>) -> Finding {
    let request = bench.request();
    let exits = [
        ("exit code 0", exit_code(0)),
        ("exit code 1", exit_code(1)),
        ("SIGKILL", ExitStatus { signal: Some(9), ..ExitStatus::default() }),
        ("an unknown end", ExitStatus::default()),
    ];
    let mut problems = Vec::new();
    for (what, exit) in &exits {
        match read(bench, &request, (&[], &[]), exit, limits::CHUNK_BYTES_MAX) {
            Ok(reading) if reading.verdict.outcome == Outcome::Success => {
                problems.push(format!("{what} without any output is a success: {}", reading.verdict.evidence));
            }
            Ok(_) => {}
            Err(fault) => problems.push(format!("{what}: {fault}")),
        }
    }
    Finding::of(problems, exits.len(), "ends")
}

/// Words of people, models and other programs about success and refusals.
const STRANGE_LINES: [&str; 6] = [
    "note: the tests say: rate limit exceeded (429), quota exceeded, 401 Unauthorized, not logged in",
    "All done. The task completed successfully: exit code 0, success, finished.",
    r#"{"aid-stranger":true,"status":"success","ok":true,"done":true,"note":"rate limit exceeded, quota exceeded"}"#,
    r#"{"level":"info","msg":"the docs quote: 401 Unauthorized, invalid api key, insufficient_quota"}"#,
    r#"["result","success",{"is_error":false}]"#,
    r#""{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"done\"}""#,
];

pub(super) fn strangers(bench: &Bench<'_>) -> Finding {
    let request = bench.request();
    let all = STRANGE_LINES.join("\n") + "\n";
    let mut texts: Vec<String> = STRANGE_LINES.iter().map(|line| format!("{line}\n")).collect();
    texts.push(all);
    let mut problems = Vec::new();
    for text in &texts {
        let bytes = text.as_bytes();
        for (source, streams) in [("stdout", (bytes, &[][..])), ("stderr", (&[][..], bytes))] {
            let reading = match read(bench, &request, streams, &exit_code(0), limits::CHUNK_BYTES_MAX) {
                Ok(reading) => reading,
                Err(fault) => {
                    problems.push(fault);
                    continue;
                }
            };
            // Text is the answer of an agent whose exit code the user trusts.
            let may_succeed = bench.exit_is_success() && source == "stdout";
            let problem = match (&reading.verdict.outcome, decided(&reading.events)) {
                (_, Some(what)) => what,
                (Outcome::Success, None) if !may_succeed => "a success",
                (Outcome::Failure(_), None) => "a refusal in the verdict",
                _ => continue,
            };
            problems.push(format!("{:?} on {source} makes {problem}", text.trim_end()));
        }
    }
    Finding::of(problems, texts.len(), "texts")
}

/// The first event that would decide something.
fn decided(events: &[AgentEvent]) -> Option<&'static str> {
    events.iter().find_map(|event| match event {
        AgentEvent::Finished => Some("a success mark"),
        AgentEvent::Refusal(_) => Some("a refusal"),
        AgentEvent::Question(_) => Some("a question"),
        _ => None,
    })
}
