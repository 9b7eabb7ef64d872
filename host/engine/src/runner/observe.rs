//! From bytes to events: feeds the adapter, finds markers, counts use, and keeps what is not yet in the ledger.
//!
//! A successor rebuilds this whole state by reading the logs again from the start: adapters are pure, so the same bytes
//! give the same events, and those of bytes that the ledger has already been told of are not kept again.

use aid_core::agent::{AgentEvent, ExitStatus, Source, Verdict};
use aid_core::event::Event;
use aid_core::markers::{Marker, MarkerScanner};
use aid_core::usage::{Meter, PriceBook};

use super::gate::{Admission, Gate, MAX_EVENTS};
use crate::adapter::Run;
use crate::db::Progress;

/// Most bytes of events that wait for the ledger. Reading pauses there; the logs have it all.
pub(super) const MAX_PENDING_BYTES: usize = 16 * 1024 * 1024;

/// What is expected of an agent, from what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prospect {
    /// It has work.
    Works,
    /// It finished, and has only to exit.
    Finished {
        /// How often it did, with work in between.
        times: u64,
    },
    /// It gave up for good, and has only to exit.
    GaveUp,
}

/// Reads one agent.
pub(super) struct Observer {
    run: Result<Run, String>,
    scanner: MarkerScanner,
    meter: Meter,
    prices: PriceBook,
    progress: Progress,
    known: Progress,
    gate: Gate,
    pending: Vec<Event>,
    pending_bytes: usize,
    prospect: Prospect,
    finishes: u64,
    last_message: Option<String>,
}

impl Observer {
    pub(super) fn new(run: Run, meter: Meter, prices: PriceBook) -> Self {
        Self { run: Ok(run), ..Self::blind(String::new()).with_prices(meter, prices) }
    }

    fn with_prices(self, meter: Meter, prices: PriceBook) -> Self {
        Self { meter, prices, ..self }
    }

    /// For a task whose adapter is gone: its output is kept and not read.
    pub(super) fn blind(reason: String) -> Self {
        Self {
            run: Err(reason),
            scanner: MarkerScanner::default(),
            meter: Meter::new(None),
            prices: PriceBook::new(&[], None),
            progress: Progress::default(),
            known: Progress::default(),
            gate: Gate::default(),
            pending: Vec::new(),
            pending_bytes: 0,
            prospect: Prospect::Works,
            finishes: 0,
            last_message: None,
        }
    }

    /// The ledger has this much already: what is read again up to there is counted and not kept twice.
    pub(super) fn set_known(&mut self, known: Progress) {
        self.known = known;
    }

    /// Feeds bytes and keeps their events for the ledger.
    pub(super) fn feed(&mut self, source: Source, bytes: &[u8]) {
        self.take(source, bytes);
        self.advance(source, bytes.len());
    }

    /// Ends the last line of both streams, for an agent that did not: what it says counts.
    pub(super) fn end_lines(&mut self) {
        for source in [Source::Out, Source::Err] {
            self.take(source, b"\n");
        }
    }

    fn take(&mut self, source: Source, bytes: &[u8]) {
        // By place and not by count: another version of the adapter may make more of the same bytes, or less.
        let is_known = match source {
            Source::Out => self.progress.out_offset < self.known.out_offset,
            Source::Err => self.progress.err_offset < self.known.err_offset,
        };
        let Ok(run) = &mut self.run else { return };
        let outcome = run.feed(source, bytes);
        let gave_up = run.is_raw();
        for event in outcome.events {
            match source {
                Source::Out => self.progress.out_events += 1,
                Source::Err => self.progress.err_events += 1,
            }
            self.observe(event, is_known);
        }
        if let Some(fault) = outcome.fault.filter(|_| !is_known) {
            self.push(Event::AdapterFault { call: fault.call.to_string(), message: fault.kind.to_string(), gave_up });
        }
    }

    fn advance(&mut self, source: Source, bytes: usize) {
        match source {
            Source::Out => self.progress.out_offset += bytes as u64,
            Source::Err => self.progress.err_offset += bytes as u64,
        }
    }

    fn observe(&mut self, event: AgentEvent, is_known: bool) {
        let markers = match &event {
            AgentEvent::Message(text) => {
                self.last_message = Some(text.clone());
                self.scanner.message(text)
            }
            AgentEvent::MessageDelta(text) => self.scanner.delta(text),
            AgentEvent::Usage(sample) => {
                self.meter.add(sample);
                Vec::new()
            }
            AgentEvent::Finished => self.scanner.flush(),
            _ => Vec::new(),
        };
        let continues = matches!(self.prospect, Prospect::Finished { .. }) && is_work(&event);
        self.look_ahead(&event);
        if continues {
            self.record(Event::Continued, is_known);
        }
        self.record(event.into(), is_known);
        for marker in markers.into_iter().filter(|_| !is_known) {
            self.push(marker_event(marker));
        }
    }

    fn record(&mut self, event: Event, is_known: bool) {
        // Asked for what is known too: the answers depend on all that came before.
        match self.gate.admit(&event) {
            _ if is_known => {}
            Admission::Recorded => self.push(event),
            Admission::TurnedAway { is_first: true } => self.push(Event::EventsCapped { limit: MAX_EVENTS }),
            Admission::TurnedAway { is_first: false } => {}
        }
    }

    fn look_ahead(&mut self, event: &AgentEvent) {
        self.prospect = match (event, self.prospect) {
            (AgentEvent::Finished, Prospect::Finished { times }) => Prospect::Finished { times },
            (AgentEvent::Finished, Prospect::Works | Prospect::GaveUp) => {
                self.finishes += 1;
                Prospect::Finished { times: self.finishes }
            }
            (AgentEvent::Refusal(refusal), _) if refusal.is_final => Prospect::GaveUp,
            (event, Prospect::Finished { .. }) if is_work(event) => Prospect::Works,
            (_, same) => same,
        };
    }

    /// Keeps an event for the ledger.
    pub(super) fn push(&mut self, event: Event) {
        self.pending_bytes += weight(&event);
        self.pending.push(event);
    }

    /// What the ledger does not have yet, and how far the logs were read for it.
    pub(super) fn pending(&self) -> (&[Event], &Progress) {
        (&self.pending, &self.progress)
    }

    /// The ledger has them now.
    pub(super) fn written(&mut self) {
        self.pending.clear();
        self.pending_bytes = 0;
    }

    pub(super) fn is_full(&self) -> bool {
        self.pending_bytes >= MAX_PENDING_BYTES
    }

    pub(super) fn prospect(&self) -> Prospect {
        self.prospect
    }

    /// What it cost so far, when that is known.
    pub(super) fn cost_micro_usd(&self) -> Option<u64> {
        self.meter.cost_micro_usd(&self.prices)
    }

    /// The whole piece of assistant text that came last, for a run whose adapter gave up.
    pub(super) fn last_message(&self) -> Option<&str> {
        self.last_message.as_deref()
    }

    /// The adapter's judgement, and the use of the run: as counted from its events, else as the verdict says.
    ///
    /// # Errors
    /// In words, when the adapter has none.
    pub(super) fn finish(&mut self, exit: &ExitStatus) -> Result<Verdict, String> {
        for marker in self.scanner.flush() {
            self.push(marker_event(marker));
        }
        for event in self.gate.take_unrecorded() {
            self.push(event);
        }
        let run = self.run.as_mut().map_err(|reason| reason.clone())?;
        let verdict = run.finish(exit).map_err(|fault| fault.to_string());
        if let Ok(Verdict { usage: Some(sample), .. }) = &verdict
            && self.meter.usage().is_none()
        {
            self.meter.add(sample);
        }
        verdict
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }
}

/// Whether an agent that says this is at work.
fn is_work(event: &AgentEvent) -> bool {
    match event {
        AgentEvent::Message(_)
        | AgentEvent::MessageDelta(_)
        | AgentEvent::Reasoning(_)
        | AgentEvent::ToolStart(_)
        | AgentEvent::ToolEnd(_)
        | AgentEvent::FileChange(_)
        | AgentEvent::Question(_) => true,
        AgentEvent::Session(_)
        | AgentEvent::Model(_)
        | AgentEvent::Usage(_)
        | AgentEvent::Notice(_)
        | AgentEvent::Refusal(_)
        | AgentEvent::Finished
        | AgentEvent::Ext(_) => false,
    }
}

fn marker_event(marker: Marker) -> Event {
    match marker {
        Marker::Milestone(text) => Event::Milestone { text },
        Marker::Finding(text) => Event::Finding { text },
        Marker::Memory { kind, text } => Event::Memory { kind: kind.as_str().to_owned(), text },
    }
}

/// What an event roughly holds, in bytes.
fn weight(event: &Event) -> usize {
    const FIXED: usize = 128;
    FIXED
        + match event {
            Event::Message { text }
            | Event::MessageDelta { text }
            | Event::Reasoning { text }
            | Event::Notice { text } => text.len(),
            Event::ToolStart { tool } | Event::ToolEnd { tool } => tool.detail.len(),
            Event::Ext { json, .. } => json.len(),
            _ => 0,
        }
}
