//! Turns what the runtime says about a failed call into a typed fault. This file must not touch the instance's fate.

use std::any::Any;
use std::str::Utf8Error;

use wasmtime::{Trap, WasmBacktrace};

use super::error::{AdapterFault, Call, FaultKind};
use super::limits;
use super::state::{CallLimits, GuestState};
use super::wasi::Denied;

/// Wasm frames that are recorded at a trap. A memory fault this deep is a stack that ran over: compiled Rust keeps a
/// second stack in linear memory, which ends before the native one.
pub(super) const BACKTRACE_FRAMES: usize = 256;

/// Why `call` failed.
pub(super) fn classify(call: Call, limits: CallLimits, error: &wasmtime::Error, state: &GuestState) -> AdapterFault {
    let kind = if let Some(Denied(function)) = error.downcast_ref() {
        FaultKind::Denied { function: function.clone() }
    } else if let Some(trap) = error.downcast_ref() {
        of_trap(*trap, limits, error, state)
    } else if error.downcast_ref::<Utf8Error>().is_some() {
        FaultKind::BadString
    } else if is_out_of_fuel(error) {
        FaultKind::TooMuchData { limit_bytes: limits.fuel_bytes }
    } else if state.quota.refused {
        FaultKind::Memory { limit_bytes: super::limits::MEMORY_BYTES_MAX }
    } else if call == Call::Instantiate {
        FaultKind::Unloadable { message: bounded(&format!("{error:#}")) }
    } else {
        FaultKind::BadValue { message: bounded(&format!("{error:#}")) }
    };
    AdapterFault { call, kind }
}

fn of_trap(trap: Trap, limits: CallLimits, error: &wasmtime::Error, state: &GuestState) -> FaultKind {
    let stderr = state.wasi.stderr.text();
    match trap {
        Trap::Interrupt => FaultKind::Deadline { budget_ms: limits.budget_ms },
        Trap::StackOverflow => FaultKind::Stack,
        Trap::MemoryOutOfBounds if is_deep(error) => FaultKind::Stack,
        Trap::UnreachableCodeReached => match panic_message(&stderr) {
            Some(message) => FaultKind::Panic { message },
            None if state.quota.refused => FaultKind::Memory { limit_bytes: super::limits::MEMORY_BYTES_MAX },
            None => trapped(trap, &stderr),
        },
        _ => trapped(trap, &stderr),
    }
}

fn trapped(trap: Trap, stderr: &str) -> FaultKind {
    let said = stderr.trim();
    let message = if said.is_empty() { trap.to_string() } else { format!("{trap}; its stderr: {said}") };
    FaultKind::Trap { message: bounded(&message) }
}

fn is_deep(error: &wasmtime::Error) -> bool {
    error.downcast_ref::<WasmBacktrace>().is_some_and(|trace| trace.frames().len() >= BACKTRACE_FRAMES)
}

// The runtime keeps this error's type private; a test holds its text.
fn is_out_of_fuel(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted")
}

/// The place and the words of the last Rust panic in `stderr`.
fn panic_message(stderr: &str) -> Option<String> {
    let (_, message) = stderr.rsplit_once("panicked at ")?;
    let words = message.lines().take_while(|line| !line.starts_with("note: "));
    Some(bounded(words.collect::<Vec<_>>().join(" ").trim()))
}

/// What a panic of the host's own code said.
pub(super) fn of_host_panic(call: Call, panic: &(dyn Any + Send)) -> AdapterFault {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let message = text.or_else(|| panic.downcast_ref::<String>().cloned());
    AdapterFault { call, kind: FaultKind::Host { message: bounded(&message.unwrap_or_default()) } }
}

/// A guest's text in one bounded line without control characters: it ends up on terminals.
pub(super) fn bounded(text: &str) -> String {
    let end = text.floor_char_boundary(limits::FAULT_TEXT_BYTES_MAX);
    let line: String = text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if end < text.len() { line + "…" } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_read_from_stderr() {
        let stderr = "warning\n\nthread '<unnamed>' (1) panicked at src/lib.rs:4:5:\nno\nway\nnote: run with X\n";
        assert_eq!(panic_message(stderr).as_deref(), Some("src/lib.rs:4:5: no way"));
        assert_eq!(panic_message("memory allocation of 8 bytes failed"), None);
    }

    #[test]
    fn texts_are_bounded_and_plain() {
        assert_eq!(bounded("a\u{1b}[31m\nb"), "a [31m b");
        let long = bounded(&"é".repeat(limits::FAULT_TEXT_BYTES_MAX));
        assert!(long.len() <= limits::FAULT_TEXT_BYTES_MAX + '…'.len_utf8() && long.ends_with('…'));
    }
}
