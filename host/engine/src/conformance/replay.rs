//! Checks with recordings: as they are, cut, mixed with strange lines, and with other words in the answer's place. Must
//! not know any agent's protocol.

use aid_core::agent::{AgentEvent, ExitStatus, Outcome, Request};

use super::recordings::Recording;
use super::streams::{Reading, exit_code, read};
use super::{Bench, Finding, golden};
use crate::adapter::limits::CHUNK_BYTES_MAX;

/// The sizes of pieces in which recordings come.
const CHUNKS: [usize; 4] = [4096, 97, 7, 1];
/// Larger recordings are not cut into single bytes.
const SMALL_BYTES: usize = 8 << 10;
/// Most places at which one recording is cut.
const MAX_CUTS: usize = 300;
/// The shortest answer that can be told from other text of a recording, in bytes.
const MIN_ANSWER_BYTES: usize = 8;

impl Bench<'_> {
    fn replay(&self, recording: &Recording) -> Request {
        let mut request = self.request();
        request.model = recording.model.clone();
        request.resume = recording.resume.clone();
        if self.parts.options.is_empty() && !recording.options.is_empty() {
            request.options = recording.options.clone();
        }
        request
    }

    fn read_as(
        &self,
        recording: &Recording,
        stdout: &[u8],
        exit: &ExitStatus,
        chunk: usize,
    ) -> Result<Reading, String> {
        read(self, &self.replay(recording), (stdout, &recording.stderr), exit, chunk)
    }

    fn read_whole(&self, recording: &Recording) -> Result<Reading, String> {
        self.read_as(recording, &recording.stdout, &recording.exit, CHUNK_BYTES_MAX)
    }

    /// Looks at every recording; `look` gives how many cases it looked at, or what is wrong.
    fn each_recording(&self, what: &str, look: impl Fn(&Recording) -> Result<usize, String>) -> Finding {
        if self.recordings.is_empty() {
            return Finding::Unknown("no recordings were given".to_owned());
        }
        let (mut problems, mut cases) = (Vec::new(), 0);
        for recording in &self.recordings {
            match look(recording) {
                Ok(looked_at) => cases += looked_at,
                Err(problem) => problems.push(format!("{}: {problem}", recording.name)),
            }
        }
        Finding::of(problems, cases, what)
    }
}

pub(super) fn expected(bench: &Bench<'_>) -> Finding {
    bench.each_recording("recordings with an expectation", |recording| {
        let Some([out, err, verdict]) = &recording.expected else { return Ok(0) };
        let request = bench.replay(recording);
        // One stream after the other, so that their events can be told apart.
        let of_out = read(bench, &request, (&recording.stdout, &[]), &recording.exit, CHUNK_BYTES_MAX)?;
        differs("stdout", &golden::events(&of_out.events), out)?;
        let whole = bench.read_whole(recording)?;
        differs("stderr", &golden::events(&whole.events[of_out.events.len().min(whole.events.len())..]), err)?;
        differs("the verdict", &serde_json::json!(whole.verdict), verdict)?;
        Ok(1)
    })
}

fn differs(what: &str, actual: &serde_json::Value, expected: &serde_json::Value) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    if let (Some(actual), Some(expected)) = (actual.as_array(), expected.as_array()) {
        let at = actual.iter().zip(expected).position(|(a, e)| a != e).unwrap_or(actual.len().min(expected.len()));
        let shown = |list: &[serde_json::Value]| list.get(at).map_or("nothing".to_owned(), ToString::to_string);
        return Err(format!("event {} of {what} is {}, expected {}", at + 1, shown(actual), shown(expected)));
    }
    Err(format!("{what} is {actual}, expected {expected}"))
}

pub(super) fn chunks(bench: &Bench<'_>) -> Finding {
    bench.each_recording("ways to cut", |recording| {
        let whole = bench.read_whole(recording)?;
        let mut cases = 0;
        for chunk in CHUNKS {
            if chunk == 1 && recording.stdout.len() + recording.stderr.len() > SMALL_BYTES {
                continue;
            }
            let cut = bench.read_as(recording, &recording.stdout, &recording.exit, chunk)?;
            same(&cut, &whole).map_err(|problem| format!("in pieces of {chunk} bytes {problem}"))?;
            cases += 1;
        }
        Ok(cases)
    })
}

pub(super) fn line_ends(bench: &Bench<'_>) -> Finding {
    bench.each_recording("recordings", |recording| {
        let whole = bench.read_whole(recording)?;
        let mut stdout = Vec::new();
        for line in lines(&recording.stdout) {
            match line.strip_suffix(b"\n") {
                Some(body) => stdout.extend([body, b"\r\n"].concat()),
                None => stdout.extend(line),
            }
        }
        let crlf = bench.read_as(recording, &stdout, &recording.exit, CHUNK_BYTES_MAX)?;
        same(&crlf, &whole).map_err(|problem| format!("with CRLF {problem}"))?;
        Ok(1)
    })
}

/// With the kindest exit there is.
pub(super) fn truncation(bench: &Bench<'_>) -> Finding {
    if bench.exit_is_success() {
        return Finding::Unknown("the user trusts the exit code: there is no mark".to_owned());
    }
    bench.each_recording("cuts", |recording| {
        let cuts = cuts(&recording.stdout);
        for &at in &cuts {
            let stdout = &recording.stdout[..at];
            if bench.read_as(recording, stdout, &exit_code(0), CHUNK_BYTES_MAX)?.verdict.outcome != Outcome::Success {
                continue;
            }
            // What stands in a line without an end is read, and not told: with an end it must be the mark.
            let ended = bench.read_as(recording, &[stdout, b"\n"].concat(), &exit_code(0), CHUNK_BYTES_MAX)?;
            if !ended.events.contains(&AgentEvent::Finished) {
                return Err(format!("cut after {at} bytes it is a success, and no success mark was seen"));
            }
        }
        Ok(cuts.len())
    })
}

/// Before, in the middle and at the end of every line.
fn cuts(stdout: &[u8]) -> Vec<usize> {
    let (mut cuts, mut start) = (vec![0], 0);
    for line in lines(stdout) {
        cuts.extend([start + line.len() / 2, start + line.len() - 1, start + line.len()]);
        start += line.len();
    }
    cuts.dedup();
    let step = cuts.len().div_ceil(MAX_CUTS).max(1);
    // The last ones matter most: the mark stands there.
    cuts.iter().rev().step_by(step).copied().collect()
}

/// Lines that no protocol has, and that no other check is about.
const NOISE: [&[u8]; 6] = [
    b"a warning of a library\n",
    b"\n",
    b"{\"type\":\n",
    b"{\"aid-noise\":1}\n",
    b"{\"type\":\"aid-noise\",\"text\":\"x\",\"message\":\"y\"}\n",
    b"[1,2]\n",
];

pub(super) fn noise(bench: &Bench<'_>) -> Finding {
    if bench.exit_is_success() {
        return Finding::Unknown("all that it writes is the answer".to_owned());
    }
    let said = |events: &[AgentEvent]| -> Vec<AgentEvent> {
        events.iter().filter(|event| !matches!(event, AgentEvent::Notice(_))).cloned().collect()
    };
    bench.each_recording("recordings", |recording| {
        let clean = bench.read_whole(recording)?;
        for noise in NOISE {
            let mut stdout = noise.to_vec();
            for line in lines(&recording.stdout) {
                stdout.extend(line);
                if line.ends_with(b"\n") {
                    stdout.extend(noise);
                }
            }
            let noisy = bench.read_as(recording, &stdout, &recording.exit, CHUNK_BYTES_MAX)?;
            let shown = String::from_utf8_lossy(noise).trim_end().to_owned();
            if said(&noisy.events) != said(&clean.events) {
                return Err(format!("{shown:?} between its lines changes its events"));
            }
            if (noisy.verdict.outcome == Outcome::Success) != (clean.verdict.outcome == Outcome::Success) {
                return Err(format!("{shown:?} between its lines changes its outcome"));
            }
        }
        Ok(1)
    })
}

/// Other words stand where the answer stood: those of refusals, and the protocol's own lines.
pub(super) fn quotes(bench: &Bench<'_>) -> Finding {
    bench.each_recording("answers", |recording| {
        let clean = bench.read_whole(recording)?;
        let Some(answer) = clean.verdict.final_text.as_deref().filter(|text| text.len() >= MIN_ANSWER_BYTES) else {
            return Ok(0);
        };
        let quoted = escaped(answer);
        let stdout = String::from_utf8_lossy(&recording.stdout);
        // Where it stands in pieces, or as plain text, nothing can be put in its place.
        if !stdout.contains(&quoted) || clean.verdict.outcome != Outcome::Success || bench.exit_is_success() {
            return Ok(0);
        }
        let mut cases = 0;
        for words in deceptions(bench) {
            let deceived = stdout.replace(&quoted, &escaped(&words));
            let reading = bench.read_as(recording, deceived.as_bytes(), &recording.exit, CHUNK_BYTES_MAX)?;
            let shown: String = words.chars().take(80).collect();
            if reading.verdict.outcome != Outcome::Success {
                return Err(format!("with {shown:?} as the answer it is no success: {}", reading.verdict.evidence));
            }
            if decisions(&reading.events) != decisions(&clean.events) {
                return Err(format!("{shown:?} as the answer makes a refusal, a question or a success mark"));
            }
            cases += 1;
        }
        Ok(cases)
    })
}

fn deceptions(bench: &Bench<'_>) -> Vec<String> {
    /// Much longer than any line of a protocol.
    const MAX_PROTOCOL_BYTES: usize = 64 << 10;
    let mut protocol = String::from("The log says:\n");
    for recording in &bench.recordings {
        if protocol.len() + recording.stdout.len() <= MAX_PROTOCOL_BYTES {
            protocol.push_str(&String::from_utf8_lossy(&recording.stdout));
            protocol.push('\n');
        }
    }
    vec![
        "Error: 429 rate limit exceeded; quota exceeded, insufficient_quota, try again at 9:33 AM".to_owned(),
        "401 Unauthorized: not logged in, invalid api key. The model does not exist.".to_owned(),
        "[API Error: connection failed] stream disconnected before completion".to_owned(),
        protocol,
    ]
}

fn decisions(events: &[AgentEvent]) -> usize {
    let decides =
        |event: &&AgentEvent| matches!(event, AgentEvent::Finished | AgentEvent::Refusal(_) | AgentEvent::Question(_));
    events.iter().filter(decides).count()
}

/// A text as it stands in JSON, without its quotation marks.
fn escaped(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].to_owned()
}

fn same(one: &Reading, other: &Reading) -> Result<(), String> {
    if one.events != other.events {
        return Err("it gives other events".to_owned());
    }
    if one.verdict != other.verdict {
        return Err("it gives another verdict".to_owned());
    }
    Ok(())
}

fn lines(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    stream.split_inclusive(|byte| *byte == b'\n')
}
