//! The wasm engine: its configuration, its epoch clock and the key under which its code is cached. One per process,
//! made when wasm must run for the first time. This file must not know what an adapter is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;

use wasmtime::{Config, Engine, OptLevel};

use super::fault::BACKTRACE_FRAMES;
use super::limits;
use super::ticker::{Ticker, Ticking};

/// The engine with everything that belongs to it.
pub(super) struct Runtime {
    pub(super) engine: Engine,
    ticker: Ticker,
}

/// How much address space each guest memory gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reservation {
    /// So much that accesses need no bounds check: code is a third faster.
    Large,
    /// As much as the memory limit, for processes whose address space is limited.
    Small,
}

impl Runtime {
    pub(super) fn start() -> wasmtime::Result<Self> {
        let reservation = if has_address_space() { Reservation::Large } else { Reservation::Small };
        let engine = Engine::new(&config(reservation))?;
        let ticker = Ticker::start(&engine)?;
        Ok(Self { engine, ticker })
    }

    /// Lets deadlines run for as long as the result lives.
    pub(super) fn begin_call(&self) -> Ticking {
        self.ticker.begin()
    }

    /// What compiled code depends on besides the component: runtime version, target with its processor features,
    /// configuration. For file names.
    pub(super) fn code_key(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        format!("wasmtime48-{}-{}-{:016x}", std::env::consts::ARCH, std::env::consts::OS, hasher.finish())
    }
}

fn config(reservation: Reservation) -> Config {
    let mut config = Config::new();
    config
        // Components come optimised from their own compiler: more of it here costs a quarter of the time of the first
        // use and gains a thirtieth of each call.
        .cranelift_opt_level(OptLevel::None)
        .epoch_interruption(true)
        .max_wasm_stack(limits::STACK_BYTES_MAX)
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES))
        .memory_reservation_for_growth(0)
        .generate_address_map(false)
        .concurrency_support(false)
        .wasm_memory64(false)
        // Its results differ between processors.
        .wasm_relaxed_simd(false);
    config.memory_reservation(match reservation {
        Reservation::Large => limits::LARGE_RESERVATION_BYTES,
        Reservation::Small => limits::SMALL_RESERVATION_BYTES,
    });
    config
}

/// Whether this process may reserve what several large memories take. Asking the kernel is the only answer that holds
/// for `ulimit -v`, containers and batch schedulers alike.
fn has_address_space() -> bool {
    let size = limits::FREE_ADDRESS_SPACE_BYTES;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE;
    // SAFETY: a new mapping at an address of the kernel's choice, without access, that nobody else sees.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), size, libc::PROT_NONE, flags, -1, 0) };
    if address == libc::MAP_FAILED {
        return false;
    }
    // SAFETY: exactly the mapping made above, which nothing points into.
    unsafe { libc::munmap(address, size) };
    true
}

/// Gives memory that compiling took back to the system: a runner lives for an hour after compiling once.
pub(super) fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: touches free memory of the allocator only, under the allocator's own lock.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_one_configuration_is_not_taken_for_another() {
        let key = |reservation| {
            let engine = Engine::new(&config(reservation)).expect("engine");
            let ticker = Ticker::start(&engine).expect("thread");
            Runtime { engine, ticker }.code_key()
        };
        assert_eq!(key(Reservation::Large), key(Reservation::Large));
        assert_ne!(key(Reservation::Large), key(Reservation::Small));
    }
}
