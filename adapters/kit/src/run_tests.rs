//! Tests of the run around an adapter that repeats what it is told.

use super::{Adapter, Malformed, Run};
use crate::{Autonomy, Event, ExitStatus, Manifest, Outcome, Plan, PlanError, Request, Source, Verdict};

/// Gives each line back as a message; a line "bad" is malformed.
#[derive(Debug, Default)]
struct Echo {
    last: Option<String>,
}

impl Adapter for Echo {
    const MAX_LINE_BYTES: usize = 8;

    fn manifest() -> Manifest {
        unreachable!("not asked here")
    }

    fn plan(_request: &Request) -> Result<Plan, PlanError> {
        unreachable!("not asked here")
    }

    fn on_line(&mut self, _from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        if line == "bad" {
            return Err(Malformed);
        }
        self.last = Some(line.to_owned());
        events.push(Event::Message(line.to_owned()));
        Ok(())
    }

    fn verdict(&mut self, _exit: &ExitStatus) -> Verdict {
        let (outcome, evidence) = (Outcome::Success, "said so".to_owned());
        Verdict { outcome, evidence, final_text: self.last.take(), session: None, usage: None }
    }
}

fn run() -> Run<Echo> {
    Run::new(Request {
        autonomy: Autonomy::Full,
        model: None,
        budget: false,
        resume: None,
        workdir: "/w".into(),
        output_file: None,
        context_files: Vec::new(),
        program: "/bin/echo".into(),
        program_version: String::new(),
        options: Vec::new(),
        extra_args: Vec::new(),
        ext: Vec::new(),
    })
}

fn exit() -> ExitStatus {
    ExitStatus { code: Some(0), signal: None, stderr_tail: String::new(), resumed_from: None, previous_usage: None }
}

fn messages(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| if let Event::Message(text) = event { Some(text.as_str()) } else { None })
        .collect()
}

#[test]
fn the_two_streams_have_their_own_lines() {
    let mut run = run();
    assert_eq!(messages(&run.feed(Source::Out, b"o1")), [""; 0]);
    assert_eq!(messages(&run.feed(Source::Err, b"e1\n")), ["e1"]);
    assert_eq!(messages(&run.feed(Source::Out, b"o2\n")), ["o1o2"]);
}

#[test]
fn a_line_without_an_end_counts_for_the_verdict() {
    let mut run = run();
    run.feed(Source::Out, b"one\ntwo");
    assert_eq!(run.finish(&exit()).final_text.as_deref(), Some("two"));
}

#[test]
fn over_long_lines_are_said_once_per_stream_and_counted() {
    let mut run = run();
    let notices = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::Notice(_))).count();
    assert_eq!(notices(&run.feed(Source::Out, b"123456789\n123456789\n")), 1);
    assert_eq!(notices(&run.feed(Source::Out, b"123456789\n")), 0);
    assert_eq!(notices(&run.feed(Source::Err, b"123456789\n")), 1);
    assert_eq!(run.dropped_lines(), 4);
    assert_eq!(run.finish(&exit()).evidence, "said so; skipped 4 lines too long to keep");
}

#[test]
fn malformed_lines_are_counted() {
    let mut run = run();
    assert_eq!(run.feed(Source::Out, b"bad\n"), []);
    assert_eq!(run.malformed_lines(), 1);
    run.feed(Source::Out, b"bad");
    assert_eq!(run.finish(&exit()).evidence, "said so; skipped 2 lines that could not be read");
}
