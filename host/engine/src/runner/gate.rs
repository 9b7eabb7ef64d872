//! How much of what an agent says becomes an event of the ledger: everything up to a number, then what changes the task's
//! state, then only the last word of each kind, kept for the settlement. It does not know what the words mean.
//!
//! A successor that reads the logs again asks about the same events in the same order, and gets the same answers.

use aid_core::event::Event;

/// Most agent events that are recorded one by one.
pub(super) const MAX_EVENTS: u64 = 100_000;
/// Most events beyond it that are recorded because they change the task's state.
pub(super) const MAX_CHANGES: u64 = 10_000;

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is recorded.
    Recorded,
    /// It is not; and with `is_first`, none was turned away before.
    TurnedAway { is_first: bool },
}

/// Counts, and remembers the last word of each kind.
#[derive(Debug, Default)]
pub(super) struct Gate {
    events: u64,
    changes: u64,
    turned_away: bool,
    /// The last event of each kind that carries state, in the order in which they came; whether it is recorded.
    last: Vec<(Event, bool)>,
}

impl Gate {
    /// Looks at the next event.
    pub(super) fn admit(&mut self, event: &Event) -> Admission {
        self.events += 1;
        let is_change = self.changes(event);
        let is_within = self.events <= MAX_EVENTS;
        let is_recorded = is_within || (is_change && self.changes < MAX_CHANGES);
        if is_change {
            self.changes += u64::from(!is_within);
            self.last.retain(|(known, _)| known.kind() != event.kind());
            self.last.push((event.clone(), is_recorded));
        }
        if is_recorded {
            return Admission::Recorded;
        }
        Admission::TurnedAway { is_first: !std::mem::replace(&mut self.turned_away, true) }
    }

    /// The last words that are not recorded, oldest first: without them the state would be wrong.
    pub(super) fn take_unrecorded(&mut self) -> impl Iterator<Item = Event> + use<> {
        std::mem::take(&mut self.last).into_iter().filter(|(_, is_recorded)| !is_recorded).map(|(event, _)| event)
    }

    /// Whether an event leads to another state than the one before it.
    fn changes(&self, event: &Event) -> bool {
        let last = |kind: &str| self.last.iter().rposition(|(known, _)| known.kind() == kind);
        let same = |known: &(Event, bool)| known.0 == *event;
        match event {
            Event::Session { .. } | Event::Model { .. } | Event::Awaiting { .. } | Event::Refusal { .. } => {
                !self.last.iter().any(same)
            }
            // Each undoes the other.
            Event::Finished => last("finished").is_none() || last("finished") < last("continued"),
            Event::Continued => last("continued") < last("finished"),
            // Use is counted elsewhere, and settled with the task.
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use aid_core::agent::UsageSample;

    use super::*;

    fn session(n: u64) -> Event {
        Event::Session { id: n.to_string() }
    }

    #[test]
    fn every_kind_of_event_has_an_end() {
        let usage = Event::Usage { sample: UsageSample::default() };
        let (mut gate, mut recorded, mut firsts) = (Gate::default(), 0, 0);
        for n in 0..MAX_EVENTS {
            for event in [&usage, &Event::Finished, &Event::Continued, &session(n)] {
                match gate.admit(event) {
                    Admission::Recorded => recorded += 1,
                    Admission::TurnedAway { is_first } => firsts += u64::from(is_first),
                }
            }
        }
        assert_eq!((recorded, firsts), (MAX_EVENTS + MAX_CHANGES, 1));
        let left: Vec<Event> = gate.take_unrecorded().collect();
        assert_eq!(left, [Event::Finished, Event::Continued, session(MAX_EVENTS - 1)]);
    }

    #[test]
    fn beyond_the_limit_only_changes_are_recorded() {
        let mut gate = Gate::default();
        for _ in 0..MAX_EVENTS {
            gate.admit(&Event::Notice { text: String::new() });
        }
        assert_eq!(gate.admit(&Event::Finished), Admission::Recorded);
        assert_eq!(gate.admit(&Event::Finished), Admission::TurnedAway { is_first: true });
        assert_eq!(gate.admit(&Event::Continued), Admission::Recorded);
        assert_eq!(gate.admit(&Event::Finished), Admission::Recorded);
        assert_eq!(gate.admit(&session(1)), Admission::Recorded);
        assert_eq!(gate.admit(&session(1)), Admission::TurnedAway { is_first: false });
        assert_eq!(gate.take_unrecorded().count(), 0);
    }
}
