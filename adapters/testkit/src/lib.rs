//! What the tests of adapters share, natively: recordings of real CLIs, a run of an adapter over bytes, the checks that
//! every adapter has to pass, and golden files. Must not know a single agent, nor expect an outcome.

mod checks;
mod golden;
mod recording;

use aid_adapter_kit::{Adapter, Event, Outcome, Refusal, Run, Source, Verdict};

pub use checks::{
    Piece, never_a_success_before_its_mark, same_byte_by_byte, same_in_pieces, same_in_two_pieces, same_with_crlf,
    same_with_strangers,
};
pub use golden::check_golden;
pub use recording::{Flags, Recording, exit_code, exit_signal, load_all, request};

/// Everything a run gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Events of stdout.
    pub stdout_events: Vec<Event>,
    /// Events of stderr.
    pub stderr_events: Vec<Event>,
    /// How it ended.
    pub verdict: Verdict,
}

/// A recording, each stream in one chunk.
#[must_use]
pub fn read<A: Adapter>(recording: &Recording) -> Reading {
    read_chunks::<A>(recording, &[(Source::Out, &recording.stdout), (Source::Err, &recording.stderr)])
}

/// A recording in the chunks given.
#[must_use]
pub fn read_chunks<A: Adapter>(recording: &Recording, chunks: &[(Source, &[u8])]) -> Reading {
    let mut run = Run::<A>::new(recording.request.clone());
    let (mut stdout_events, mut stderr_events) = (Vec::new(), Vec::new());
    for (from, chunk) in chunks {
        match from {
            Source::Out => stdout_events.extend(run.feed(*from, chunk)),
            Source::Err => stderr_events.extend(run.feed(*from, chunk)),
        }
    }
    Reading { stdout_events, stderr_events, verdict: run.finish(&recording.exit) }
}

/// The refusals among some events.
#[must_use]
pub fn refusals(events: &[Event]) -> Vec<&Refusal> {
    events.iter().filter_map(|event| if let Event::Refusal(refusal) = event { Some(refusal) } else { None }).collect()
}

/// An outcome in a word: `success`, `no-result`, `incomplete`, or the class of a failure.
#[must_use]
pub fn word(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Success => "success",
        Outcome::NoResult(_) => "no-result",
        Outcome::Incomplete(_) => "incomplete",
        Outcome::Failure(refusal) => &refusal.class,
    }
}

/// The lines of a stream, each with its end.
#[must_use]
pub fn lines(stream: &[u8]) -> Vec<&[u8]> {
    stream.split_inclusive(|byte| *byte == b'\n').collect()
}
