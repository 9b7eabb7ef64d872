//! What the host keeps beside each guest instance: its memory quota, its time budget, its WASI stand-ins.
//! This file must not call the guest.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

use super::limits;
use super::wasi::Wasi;

/// The data of one guest instance's store.
pub(super) struct GuestState {
    pub(super) wasi: Wasi,
    pub(super) quota: Quota,
    budget: Budget,
}

/// What one call may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallLimits {
    pub(super) budget_ms: u64,
    pub(super) fuel_bytes: usize,
}

impl GuestState {
    pub(super) fn new() -> Self {
        Self { wasi: Wasi::default(), quota: Quota::default(), budget: Budget::start(0) }
    }
}

/// Sets the limits of the next call. Without this every call traps at once.
pub(super) fn arm(store: &mut Store<GuestState>, call: CallLimits) {
    let state = store.data_mut();
    state.budget = Budget::start(call.budget_ms);
    state.quota.refused = false;
    state.wasi.stderr.clear();
    store.set_hostcall_fuel(call.fuel_bytes);
    store.set_epoch_deadline(ticks(Duration::from_millis(call.budget_ms)));
}

/// Makes the deadline of `store` one of processor time.
pub(super) fn limit(store: &mut Store<GuestState>) {
    store.limiter(|state| &mut state.quota);
    store.epoch_deadline_callback(|store| {
        Ok(match store.data().budget.left() {
            Some(left) => UpdateDeadline::Continue(ticks(left)),
            None => UpdateDeadline::Interrupt,
        })
    });
}

fn ticks(time: Duration) -> u64 {
    let ticks = time.as_millis().div_ceil(u128::from(limits::TICK_MS));
    u64::try_from(ticks).unwrap_or(u64::MAX).max(1)
}

/// Processor time of a call, with an upper bound on the clock.
struct Budget {
    cpu_at_start: Duration,
    started: Instant,
    budget: Duration,
}

impl Budget {
    fn start(budget_ms: u64) -> Self {
        Self { cpu_at_start: thread_cpu(), started: Instant::now(), budget: Duration::from_millis(budget_ms) }
    }

    /// What is left; None when it is used up.
    fn left(&self) -> Option<Duration> {
        let cpu = thread_cpu().saturating_sub(self.cpu_at_start);
        let wall_max = self.budget.saturating_mul(limits::WALL_FACTOR);
        (cpu < self.budget && self.started.elapsed() < wall_max).then(|| self.budget - cpu)
    }
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Memory and tables of one instance, counted over all of its memories and tables.
#[derive(Default)]
pub(super) struct Quota {
    memory_bytes: usize,
    table_elements: usize,
    /// Whether the current call was refused memory.
    pub(super) refused: bool,
}

impl ResourceLimiter for Quota {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        if wanted > limits::MEMORY_BYTES_MAX {
            self.refused = true;
            return Ok(false);
        }
        self.memory_bytes = wanted;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.table_elements.saturating_add(desired.saturating_sub(current));
        let fits = wanted <= limits::TABLE_ELEMENTS_MAX;
        if fits {
            self.table_elements = wanted;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        limits::INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        limits::TABLES_MAX
    }

    fn memories(&self) -> usize {
        limits::MEMORIES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_counted_over_all_memories() {
        let mut quota = Quota::default();
        let half = limits::MEMORY_BYTES_MAX / 2;
        assert!(quota.memory_growing(0, half, None).unwrap());
        assert!(quota.memory_growing(0, half, None).unwrap(), "exactly the limit");
        assert!(!quota.refused);
        assert!(!quota.memory_growing(half, half + 65_536, None).unwrap());
        assert!(quota.refused);
    }

    #[test]
    fn table_elements_are_counted_over_all_tables() {
        let mut quota = Quota::default();
        assert!(quota.table_growing(0, limits::TABLE_ELEMENTS_MAX, None).unwrap());
        assert!(!quota.table_growing(0, 1, None).unwrap());
    }

    #[test]
    fn a_budget_is_used_by_work_and_not_by_waiting() {
        let budget = Budget::start(50);
        std::thread::sleep(Duration::from_millis(60));
        assert!(budget.left().is_some(), "waiting costs nothing");
        let mut sum = 0_u64;
        while budget.left().is_some() {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(thread_cpu().saturating_sub(budget.cpu_at_start) >= Duration::from_millis(50));
    }

    #[test]
    fn waiting_is_bounded_by_the_clock() {
        let mut budget = Budget::start(10);
        budget.started = Instant::now().checked_sub(Duration::from_millis(10) * limits::WALL_FACTOR).expect("past");
        assert_eq!(budget.left(), None);
    }
}
