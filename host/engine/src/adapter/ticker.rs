//! The clock behind deadlines: one thread that advances the engine's epoch while calls are under way, and sleeps
//! without a timer while there are none. Up to hundreds of runner processes live at once, so an idle one must not wake.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

use super::limits::TICK_MS;

/// Advances an engine's epoch every `TICK_MS` while a `Ticking` exists.
pub(super) struct Ticker {
    shared: Arc<Shared>,
}

/// As long as this lives, the epoch advances.
pub(super) struct Ticking {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    calls: usize,
    parked: bool,
    stopping: bool,
}

impl Ticker {
    /// Starts the thread, parked.
    pub(super) fn start(engine: &Engine) -> io::Result<Self> {
        const STACK_BYTES: usize = 128 * 1024;
        let shared = Arc::new(Shared { state: Mutex::new(State::default()), wake: Condvar::new() });
        let (engine, of_thread) = (engine.weak(), Arc::clone(&shared));
        thread::Builder::new()
            .name("adapter-ticker".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || of_thread.tick(&engine))?;
        Ok(Self { shared })
    }

    /// A call begins.
    pub(super) fn begin(&self) -> Ticking {
        let mut state = self.shared.lock();
        state.calls += 1;
        if state.parked {
            state.parked = false;
            self.shared.wake.notify_one();
        }
        Ticking { shared: Arc::clone(&self.shared) }
    }

    /// Whether the thread sleeps without a timer.
    #[cfg(test)]
    fn is_parked(&self) -> bool {
        self.shared.lock().parked
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        self.shared.wake.notify_one();
    }
}

impl Drop for Ticking {
    // The thread is not woken for this: it finds out at its next tick, so a burst of calls wakes it once.
    fn drop(&mut self) {
        self.shared.lock().calls -= 1;
    }
}

impl Shared {
    // A panic cannot leave these three fields half-changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self, engine: &EngineWeak) {
        let mut state = self.lock();
        while !state.stopping {
            if state.calls == 0 {
                state.parked = true;
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let tick = Duration::from_millis(TICK_MS);
            let (after, timeout) = self.wake.wait_timeout(state, tick).unwrap_or_else(PoisonError::into_inner);
            state = after;
            if timeout.timed_out() {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
        let start = Instant::now();
        while start.elapsed() < limit {
            if condition() {
                return true;
            }
            thread::yield_now();
        }
        false
    }

    #[test]
    fn ticks_only_while_a_call_is_under_way() {
        let engine = Engine::default();
        let ticker = Ticker::start(&engine).expect("thread");
        assert!(wait_until(Duration::from_secs(5), || ticker.is_parked()), "starts parked");
        let call = ticker.begin();
        assert!(!ticker.is_parked(), "woken by a call");
        drop(call);
        assert!(wait_until(Duration::from_secs(5), || ticker.is_parked()), "parks again");
    }

    #[test]
    fn the_thread_ends_with_the_ticker() {
        let ticker = Ticker::start(&Engine::default()).expect("thread");
        let shared = Arc::downgrade(&ticker.shared);
        drop(ticker);
        assert!(wait_until(Duration::from_secs(5), || shared.upgrade().is_none()));
    }
}
