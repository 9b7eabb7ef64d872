//! Owns one run of an adapter: bytes to lines to events, and the verdict. Must not know what a line means.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use crate::bindings::exports::aid::adapter::agent::{Guest, GuestRun};
use crate::lines::{LineSplitter, MAX_LINE_BYTES, Piece};
use crate::{Event, ExitStatus, Manifest, Plan, PlanError, Request, Source, Verdict};

/// What an author writes. The value holds the state of one run.
pub trait Adapter: Default + 'static {
    /// The longest line that is kept, in bytes. A longer one is skipped, counted, and said once per stream.
    const MAX_LINE_BYTES: usize = MAX_LINE_BYTES;

    /// Who the agent is and what it can do. The same answer every time.
    fn manifest() -> Manifest;

    /// What to run for a request.
    ///
    /// # Errors
    /// When the agent cannot do it, the request is wrong, or something must be set up first.
    fn plan(request: &Request) -> Result<Plan, PlanError>;

    /// Called once, before the first line.
    fn begin(&mut self, request: Request) {
        let _ = request;
    }

    /// One line, without its end. What it pushes for [`Source::Out`] may depend on earlier `Out` lines only, and the
    /// same for [`Source::Err`]: the host does not promise an order between the two.
    ///
    /// # Errors
    /// [`Malformed`] when the line is not what this agent writes. The line is counted and the run goes on.
    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed>;

    /// A line was too long to keep. What it said is unknown: an answer that it may have replaced is not the answer.
    fn on_dropped(&mut self, from: Source) {
        let _ = from;
    }

    /// How the run ended. Called once, after the last line.
    fn verdict(&mut self, exit: &ExitStatus) -> Verdict;
}

/// The line could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a line of this agent's protocol")
    }
}

impl std::error::Error for Malformed {}

/// One run, as the component's `run` resource has it; for native tests too.
#[derive(Debug)]
pub struct Run<A> {
    adapter: A,
    out: Stream,
    err: Stream,
}

#[derive(Debug)]
struct Stream {
    lines: LineSplitter,
    malformed: u64,
}

impl<A: Adapter> Run<A> {
    /// Starts with nothing read.
    pub fn new(request: Request) -> Self {
        let mut adapter = A::default();
        adapter.begin(request);
        let stream = || Stream { lines: LineSplitter::new(A::MAX_LINE_BYTES), malformed: 0 };
        Self { adapter, out: stream(), err: stream() }
    }

    /// Takes bytes cut anywhere and gives the events of the lines they complete.
    pub fn feed(&mut self, from: Source, chunk: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        let adapter = &mut self.adapter;
        let Stream { lines, malformed } = match from {
            Source::Out => &mut self.out,
            Source::Err => &mut self.err,
        };
        let mut said_too_long = lines.dropped() > 0;
        lines.feed(chunk, |piece| match piece {
            Piece::Line(line) => *malformed += u64::from(adapter.on_line(from, line, &mut events).is_err()),
            Piece::TooLong => {
                adapter.on_dropped(from);
                if !std::mem::replace(&mut said_too_long, true) {
                    events.push(Event::Notice(too_long(from, A::MAX_LINE_BYTES)));
                }
            }
        });
        events
    }

    /// Reads the last lines, if they had no end, and judges. Their events are not reported, what they say counts.
    pub fn finish(&mut self, exit: &ExitStatus) -> Verdict {
        let mut unreported = Vec::new();
        for (from, stream) in [(Source::Out, &mut self.out), (Source::Err, &mut self.err)] {
            let (adapter, malformed) = (&mut self.adapter, &mut stream.malformed);
            stream.lines.finish(|piece| match piece {
                Piece::Line(line) => *malformed += u64::from(adapter.on_line(from, line, &mut unreported).is_err()),
                Piece::TooLong => adapter.on_dropped(from),
            });
        }
        drop(unreported);
        let mut verdict = self.adapter.verdict(exit);
        note(&mut verdict.evidence, self.malformed_lines(), "that could not be read");
        note(&mut verdict.evidence, self.dropped_lines(), "too long to keep");
        verdict
    }

    /// Lines that the adapter could not read, on both streams.
    pub fn malformed_lines(&self) -> u64 {
        self.out.malformed + self.err.malformed
    }

    /// Lines longer than [`Adapter::MAX_LINE_BYTES`], on both streams.
    pub fn dropped_lines(&self) -> u64 {
        self.out.lines.dropped() + self.err.lines.dropped()
    }
}

fn too_long(from: Source, max_bytes: usize) -> String {
    let stream = match from {
        Source::Out => "stdout",
        Source::Err => "stderr",
    };
    format!("skipped a line of {stream} longer than {} MiB; the log has it", max_bytes >> 20)
}

fn note(evidence: &mut String, lines: u64, what: &str) {
    if lines > 0 {
        let noun = if lines == 1 { "line" } else { "lines" };
        evidence.push_str(&format!("; skipped {lines} {noun} {what}"));
    }
}

/// The component's exports for an adapter.
#[derive(Debug)]
pub struct Component<A>(PhantomData<A>);

impl<A: Adapter> Guest for Component<A> {
    type Run = Resource<A>;

    fn describe() -> Manifest {
        A::manifest()
    }

    fn plan(req: Request) -> Result<Plan, PlanError> {
        A::plan(&req)
    }
}

/// The contract gives methods a shared reference; a component has one thread and no re-entry.
#[derive(Debug)]
pub struct Resource<A>(RefCell<Run<A>>);

impl<A: Adapter> GuestRun for Resource<A> {
    fn new(req: Request) -> Self {
        Self(RefCell::new(Run::new(req)))
    }

    fn feed(&self, from: Source, chunk: Vec<u8>) -> Vec<Event> {
        self.0.borrow_mut().feed(from, &chunk)
    }

    fn finish(&self, exit: ExitStatus) -> Verdict {
        self.0.borrow_mut().finish(&exit)
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
