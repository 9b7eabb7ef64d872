//! After the agent's end nothing of the task lives on: what does not go by itself is ended, and said.

use std::time::{Duration, Instant};

use aid_core::event::{Event, ProcessIdentity};

use super::attempt::Attempt;
use super::timers::{KILL, STRAY_GRACE, STRAY_LOOK, STRAY_TERM};
use crate::executor::Push;
use crate::platform::Signal;

/// Most strays that are named in one report.
const MAX_NAMED: usize = 20;

/// Ends what the agent left behind. A leak is only what outlived an end that nobody asked for.
pub(super) fn clear(attempt: &mut Attempt<'_>) {
    let was_asked = attempt.task.end_cause.is_some();
    if !was_asked && wait_gone(attempt, STRAY_GRACE).is_empty() {
        return;
    }
    let strays = attempt.followed.execution.strays();
    if strays.is_empty() {
        return;
    }
    if !was_asked {
        let processes = strays.iter().take(MAX_NAMED).map(|p| attempt.followed.execution.describe(p)).collect();
        attempt.note(Event::Leak { processes, more: strays.len().saturating_sub(MAX_NAMED) as u64 });
    }
    for (push, time) in [(Push::Term, STRAY_TERM), (Push::Kill, KILL)] {
        attempt.followed.execution.push(push, Signal::TERM);
        if wait_gone(attempt, time).is_empty() {
            return;
        }
    }
    let left = attempt.followed.execution.strays();
    if !left.is_empty() {
        let named: Vec<String> = left.iter().take(MAX_NAMED).map(|p| p.pid.to_string()).collect();
        let (count, more) = (left.len(), if left.len() > MAX_NAMED { ", …" } else { "" });
        let text = format!("processes that could not be ended ({count}): {}{more}", named.join(", "));
        attempt.note(Event::Notice { text });
    }
}

/// Those that are still there when the time is over. What is killed may leave children, so each look is a fresh one, and
/// a kill is repeated for what it finds.
fn wait_gone(attempt: &mut Attempt<'_>, time: Duration) -> Vec<ProcessIdentity> {
    let until = Instant::now() + time;
    loop {
        let strays = attempt.followed.execution.strays();
        let left = until.saturating_duration_since(Instant::now());
        if strays.is_empty() || left.is_zero() {
            return strays;
        }
        if time == KILL {
            attempt.followed.execution.push(Push::Kill, Signal::KILL);
        }
        // Output may grow meanwhile, which ends the wait early; the next look is what counts.
        if attempt.followed.execution.wait(left.min(STRAY_LOOK)).is_err() {
            return strays;
        }
    }
}
