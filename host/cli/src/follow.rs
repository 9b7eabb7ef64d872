//! Following tasks: everything that is appended to their logs, once and in order, until they are final. It shows nothing
//! and decides nothing.

use std::time::{Duration, Instant};

use aid_core::event::{Event, Recorded};
use aid_core::id::TaskId;
use aid_engine::session::{Session, Wake, Watch};

use crate::error::{CliError, chain};
use crate::ledger;

/// The longest single wait; after it, everything is looked at again whether something seemed to change or not.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Tasks being followed.
pub(crate) struct Follower {
    tasks: Vec<Followed>,
    watch: Watch,
}

struct Followed {
    id: TaskId,
    seq: u64,
    settled: bool,
}

/// What happened to a followed task.
#[expect(clippy::large_enum_variant, reason = "taken apart where it is made, never stored")]
pub(crate) enum Seen<'a> {
    /// An event was appended.
    Event(&'a TaskId, Recorded),
    /// An event that this build cannot read.
    Damaged(&'a TaskId, String),
}

impl Follower {
    /// Follows tasks from their first event.
    pub(crate) fn new(session: &Session, ids: Vec<TaskId>) -> Result<Self, CliError> {
        let watch = session.watch().map_err(|why| CliError::internal("watch the ledger", &why))?;
        let tasks = ids.into_iter().map(|id| Followed { id, seq: 0, settled: false }).collect();
        Ok(Self { tasks, watch })
    }

    /// Hands over what is new.
    pub(crate) fn drain(
        &mut self,
        session: &Session,
        mut see: impl FnMut(Seen<'_>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        for task in self.tasks.iter_mut().filter(|task| !task.settled) {
            loop {
                let page = ledger::events_after(session, &task.id, task.seq)?;
                for recorded in page.events {
                    task.settled |= matches!(recorded.event, Event::Settled { .. });
                    see(Seen::Event(&task.id, recorded))?;
                }
                for (seq, why) in page.damaged {
                    see(Seen::Damaged(&task.id, format!("event {seq} cannot be read: {why}")))?;
                }
                match page.last_seq {
                    Some(last) => task.seq = last,
                    None => break,
                }
            }
            // The event that settled it may be one that cannot be read.
            if !task.settled {
                task.settled = ledger::projection(session, &task.id)?.status.is_terminal() && task.at_end(session)?;
            }
        }
        Ok(())
    }

    /// Whether every task is final and all of its events were handed over.
    pub(crate) fn all_settled(&self) -> bool {
        self.tasks.iter().all(|task| task.settled)
    }

    /// Blocks until there may be something new, a signal came, or the time is over.
    pub(crate) fn wait(&mut self, session: &mut Session, deadline: Option<Instant>) -> Result<Wake, CliError> {
        let ids: Vec<TaskId> = self.tasks.iter().filter(|task| !task.settled).map(|task| task.id.clone()).collect();
        wait(&mut self.watch, session, &ids, deadline)
    }
}

impl Followed {
    /// Whether nothing was appended since the last look.
    fn at_end(&self, session: &Session) -> Result<bool, CliError> {
        Ok(ledger::events_after(session, &self.id, self.seq)?.last_seq.is_none())
    }
}

/// Blocks until the ledger may have changed, a signal came, or the time is over. [`Wake::TimedOut`] only past `deadline`.
pub(crate) fn wait(
    watch: &mut Watch,
    session: &mut Session,
    ids: &[TaskId],
    deadline: Option<Instant>,
) -> Result<Wake, CliError> {
    let left = deadline.map_or(MAX_WAIT, |at| at.saturating_duration_since(Instant::now()).min(MAX_WAIT));
    let woken = watch.wait(session, ids, left);
    let wake = woken.map_err(|why| CliError::new(aid_core::exit::ExitCode::Internal, chain(&why)))?;
    match wake {
        Wake::TimedOut if deadline.is_none_or(|at| Instant::now() < at) => Ok(Wake::Changed),
        wake => Ok(wake),
    }
}
