//! The WASI that an adapter sees: complete enough for any language's start-up and panic code, empty of powers, unable
//! to block, and the same on every run. Whatever is not answered here ends the call with the function's name.
//!
//! Written out instead of linking a WASI implementation: see docs/adr on the adapter sandbox. This file must not open
//! files or sockets, read clocks or the environment, or wait.

use wasmtime::StoreContextMut;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentType, Linker, LinkerInstance, Lower, Resource, ResourceType};

use super::limits;
use super::state::GuestState;

/// What an instance's WASI remembers.
#[derive(Default)]
pub(super) struct Wasi {
    pub(super) stderr: Tail,
    clock_ns: u64,
    random_state: u64,
}

/// The last bytes written to a stream.
#[derive(Default)]
pub(super) struct Tail(Vec<u8>);

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        let newest = &bytes[bytes.len().saturating_sub(limits::GUEST_STDERR_BYTES_MAX)..];
        let excess = (self.0.len() + newest.len()).saturating_sub(limits::GUEST_STDERR_BYTES_MAX);
        self.0.drain(..excess);
        self.0.extend_from_slice(newest);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// The error of a function that an adapter may not call.
#[derive(Debug, thiserror::Error)]
#[error("adapters may not call {0}")]
pub(super) struct Denied(pub(super) String);

/// Why a component's imports cannot be linked.
pub(super) enum LinkError {
    /// It wants something that is neither WASI nor the contract.
    Foreign(String),
    /// The runtime refused a definition.
    Runtime(wasmtime::Error),
}

impl From<wasmtime::Error> for LinkError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Runtime(error)
    }
}

/// Defines every import of `component`, and nothing else.
pub(super) fn link(linker: &mut Linker<GuestState>, component: &Component) -> Result<(), LinkError> {
    let engine = linker.engine().clone();
    for (name, import) in component.component_type().imports(&engine) {
        let interface = name.split('@').next().unwrap_or(name);
        match import.ty {
            // Types have no code: nothing to define.
            ComponentItem::ComponentInstance(_) if interface == "aid:adapter/types" => {}
            ComponentItem::ComponentInstance(instance) if interface.starts_with("wasi:") => {
                let mut definitions = linker.instance(name)?;
                for (item, export) in instance.exports(&engine) {
                    match export.ty {
                        ComponentItem::ComponentFunc(_) => define(&mut definitions, interface, item)?,
                        ComponentItem::Resource(_) => {
                            definitions.resource(item, resource_type(item), |_, _| Ok(()))?;
                        }
                        ComponentItem::Type(_) => {}
                        _ => return Err(LinkError::Foreign(format!("{name}#{item}"))),
                    }
                }
            }
            _ => return Err(LinkError::Foreign(name.to_owned())),
        }
    }
    Ok(())
}

struct InputStream;
struct OutputStream;
struct IoError;
struct Pollable;
struct TerminalInput;
struct TerminalOutput;
struct Descriptor;
/// Every resource that nothing here ever makes.
struct Unreachable;

fn resource_type(name: &str) -> ResourceType {
    match name {
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "error" => ResourceType::host::<IoError>(),
        "pollable" => ResourceType::host::<Pollable>(),
        "terminal-input" => ResourceType::host::<TerminalInput>(),
        "terminal-output" => ResourceType::host::<TerminalOutput>(),
        "descriptor" => ResourceType::host::<Descriptor>(),
        _ => ResourceType::host::<Unreachable>(),
    }
}

#[derive(ComponentType, Lower)]
#[component(variant)]
#[expect(dead_code, reason = "the contract has both cases; our streams only ever end")]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

type Definitions<'a> = LinkerInstance<'a, GuestState>;
type State<'a> = StoreContextMut<'a, GuestState>;
type Stream<T> = Result<(Result<T, StreamError>,), wasmtime::Error>;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;

fn define(to: &mut Definitions<'_>, interface: &str, function: &str) -> wasmtime::Result<()> {
    let known = match interface {
        "wasi:cli/environment" => environment(to, function)?,
        "wasi:cli/stdin" | "wasi:cli/stdout" | "wasi:cli/stderr" => stdio(to, function)?,
        "wasi:cli/terminal-stdin" | "wasi:cli/terminal-stdout" | "wasi:cli/terminal-stderr" => terminal(to, function)?,
        "wasi:io/error" | "wasi:io/poll" => poll(to, function)?,
        "wasi:io/streams" => input(to, function)? || output(to, function)?,
        "wasi:clocks/wall-clock" => wall_clock(to, function)?,
        "wasi:clocks/monotonic-clock" => monotonic_clock(to, function)?,
        "wasi:random/random" | "wasi:random/insecure" | "wasi:random/insecure-seed" => random(to, function)?,
        "wasi:filesystem/preopens" if function == "get-directories" => {
            to.func_wrap(function, |_, ()| Ok((Vec::<(Resource<Descriptor>, String)>::new(),)))?;
            true
        }
        _ => false,
    };
    if !known {
        let name = format!("{interface}#{function}");
        to.func_new(function, move |_, _, _, _| Err(Denied(name.clone()).into()))?;
    }
    Ok(())
}

fn environment(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "get-environment" => to.func_wrap(function, |_, ()| Ok((Vec::<(String, String)>::new(),)))?,
        "get-arguments" => to.func_wrap(function, |_, ()| Ok((Vec::<String>::new(),)))?,
        "initial-cwd" => to.func_wrap(function, |_, ()| Ok((None::<String>,)))?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn stdio(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "get-stdin" => to.func_wrap(function, |_, ()| Ok((Resource::<InputStream>::new_own(0),)))?,
        "get-stdout" => to.func_wrap(function, |_, ()| Ok((Resource::<OutputStream>::new_own(STDOUT),)))?,
        "get-stderr" => to.func_wrap(function, |_, ()| Ok((Resource::<OutputStream>::new_own(STDERR),)))?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn terminal(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "get-terminal-stdin" => to.func_wrap(function, |_, ()| Ok((None::<Resource<TerminalInput>>,)))?,
        "get-terminal-stdout" | "get-terminal-stderr" => {
            to.func_wrap(function, |_, ()| Ok((None::<Resource<TerminalOutput>>,)))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Everything is ready at once, so a sleep ends as it begins.
fn poll(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "[method]error.to-debug-string" => {
            to.func_wrap(function, |_, (_,): (Resource<IoError>,)| Ok((String::new(),)))?;
        }
        "[method]pollable.ready" => to.func_wrap(function, |_, (_,): (Resource<Pollable>,)| Ok((true,)))?,
        "[method]pollable.block" => to.func_wrap(function, |_, (_,): (Resource<Pollable>,)| Ok(()))?,
        "poll" => to.func_wrap(function, |_, (all,): (Vec<Resource<Pollable>>,)| {
            Ok(((0_u32..).zip(all).map(|(index, _)| index).collect::<Vec<_>>(),))
        })?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// stdin has ended.
fn input(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            to.func_wrap(function, |_, (_, _): (Resource<InputStream>, u64)| -> Stream<Vec<u8>> {
                Ok((Err(StreamError::Closed),))
            })?;
        }
        "[method]input-stream.skip" | "[method]input-stream.blocking-skip" => {
            to.func_wrap(function, |_, (_, _): (Resource<InputStream>, u64)| -> Stream<u64> {
                Ok((Err(StreamError::Closed),))
            })?;
        }
        "[method]input-stream.subscribe" => {
            to.func_wrap(function, |_, (_,): (Resource<InputStream>,)| Ok((Resource::<Pollable>::new_own(0),)))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// stdout goes nowhere; the end of stderr is kept for the text of a fault.
fn output(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    type Out = Resource<OutputStream>;
    const ROOM_BYTES: u64 = 4096;
    match function {
        "[method]output-stream.check-write" => {
            to.func_wrap(function, |_, (_,): (Out,)| -> Stream<u64> { Ok((Ok(ROOM_BYTES),)) })?;
        }
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => {
            to.func_wrap(function, |mut state: State<'_>, (to, bytes): (Out, Vec<u8>)| -> Stream<()> {
                if to.rep() == STDERR {
                    state.data_mut().wasi.stderr.push(&bytes);
                }
                Ok((Ok(()),))
            })?;
        }
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => {
            to.func_wrap(function, |_, (_,): (Out,)| -> Stream<()> { Ok((Ok(()),)) })?;
        }
        "[method]output-stream.subscribe" => {
            to.func_wrap(function, |_, (_,): (Out,)| Ok((Resource::<Pollable>::new_own(0),)))?;
        }
        "[method]output-stream.write-zeroes" | "[method]output-stream.blocking-write-zeroes-and-flush" => {
            to.func_wrap(function, |_, (_, _): (Out, u64)| -> Stream<()> { Ok((Ok(()),)) })?;
        }
        "[method]output-stream.splice" | "[method]output-stream.blocking-splice" => {
            to.func_wrap(function, |_, (_, _, _): (Out, Resource<InputStream>, u64)| -> Stream<u64> {
                Ok((Err(StreamError::Closed),))
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Always the epoch: what an adapter says may not depend on when it says it.
fn wall_clock(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "now" => to.func_wrap(function, |_, ()| Ok((Datetime { seconds: 0, nanoseconds: 0 },)))?,
        "resolution" => to.func_wrap(function, |_, ()| Ok((Datetime { seconds: 1, nanoseconds: 0 },)))?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// A millisecond passes with each look, so that a loop that waits for a time ends.
fn monotonic_clock(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    const STEP_NS: u64 = 1_000_000;
    match function {
        "now" => to.func_wrap(function, |mut state: State<'_>, ()| {
            let wasi = &mut state.data_mut().wasi;
            wasi.clock_ns = wasi.clock_ns.saturating_add(STEP_NS);
            Ok((wasi.clock_ns,))
        })?,
        "resolution" => to.func_wrap(function, |_, ()| Ok((STEP_NS,)))?,
        "subscribe-instant" | "subscribe-duration" => {
            to.func_wrap(function, |_, (_,): (u64,)| Ok((Resource::<Pollable>::new_own(0),)))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The same numbers in every instance: hash maps need a seed, and nobody needs a secret.
fn random(to: &mut Definitions<'_>, function: &str) -> wasmtime::Result<bool> {
    match function {
        "get-random-bytes" | "get-insecure-random-bytes" => {
            to.func_wrap(function, |mut state: State<'_>, (len,): (u64,)| {
                if len > limits::RANDOM_BYTES_MAX {
                    let name = format!("wasi:random/random#get-random-bytes for {len} bytes");
                    return Err(Denied(name).into());
                }
                let wasi = &mut state.data_mut().wasi;
                Ok(((0..len).map(|_| wasi.next_random().to_le_bytes()[0]).collect::<Vec<_>>(),))
            })?;
        }
        "get-random-u64" | "get-insecure-random-u64" => {
            to.func_wrap(function, |mut state: State<'_>, ()| Ok((state.data_mut().wasi.next_random(),)))?;
        }
        "insecure-seed" => to.func_wrap(function, |mut state: State<'_>, ()| {
            let wasi = &mut state.data_mut().wasi;
            Ok(((wasi.next_random(), wasi.next_random()),))
        })?,
        _ => return Ok(false),
    }
    Ok(true)
}

impl Wasi {
    /// SplitMix64 from a fixed seed.
    fn next_random(&mut self) -> u64 {
        self.random_state = self.random_state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.random_state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_keeps_the_newest_bytes() {
        let mut tail = Tail::default();
        tail.push(&vec![b'a'; limits::GUEST_STDERR_BYTES_MAX - 1]);
        tail.push(b"bc");
        let text = tail.text();
        assert_eq!(text.len(), limits::GUEST_STDERR_BYTES_MAX);
        assert!(text.starts_with("aa") && text.ends_with("abc"));
        tail.push(&vec![b'z'; 3 * limits::GUEST_STDERR_BYTES_MAX]);
        assert_eq!(tail.text(), "z".repeat(limits::GUEST_STDERR_BYTES_MAX));
    }
}
