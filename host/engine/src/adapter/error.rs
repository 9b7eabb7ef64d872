//! Why an adapter could not be used (`AdapterError`) and how it misbehaved in a run (`AdapterFault`).
//!
//! An error is the end of a question that somebody asked (describe, plan). A fault is an episode of a run that goes on
//! without it. Nothing here decides what happens next.

use std::fmt;
use std::path::PathBuf;

use super::digest::Digest;
use super::manifest::ManifestProblem;

/// A question to an adapter that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// The component has more bytes than the host takes.
    #[error("component of {size_bytes} bytes is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// Its size.
        size_bytes: u64,
        /// The most that is taken.
        limit_bytes: u64,
    },
    /// The bytes are not a WebAssembly component that can be compiled.
    #[error("component {digest} cannot be compiled: {message}; rebuild it for wasm32-wasip2")]
    NotAComponent {
        /// Which component.
        digest: Digest,
        /// In the compiler's words.
        message: String,
    },
    /// It is a component, of another contract or another version of ours.
    #[error(
        "component {digest} does not speak {expected}: it exports {}; install a version made for this aid",
        if .found.is_empty() { "nothing of aid:adapter".to_owned() } else { .found.join(", ") }
    )]
    WrongWorld {
        /// Which component.
        digest: Digest,
        /// The interface this host needs, such as `aid:adapter/agent@0.1.0`.
        expected: String,
        /// The `aid:` interfaces it exports instead, with versions; where the name fits, what differs.
        found: Vec<String>,
    },
    /// It imports something other than WASI and the contract's types.
    #[error("component {digest} imports {import}, which this host does not provide; an adapter may import only wasi:*")]
    ForeignImport {
        /// Which component.
        digest: Digest,
        /// The import.
        import: String,
    },
    /// The wasm runtime could not be started on this machine.
    #[error("wasm runtime: {message}")]
    Runtime {
        /// In the runtime's words.
        message: String,
    },
    /// It trapped, hung or overran a limit while answering.
    #[error("component {digest}: {fault}")]
    Fault {
        /// Which component.
        digest: Digest,
        /// What it did.
        fault: AdapterFault,
    },
    /// Its manifest breaks the rules.
    #[error(
        "component {digest} has a manifest that breaks {} rule(s): {}",
        .problems.len(),
        .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    BadManifest {
        /// Which component.
        digest: Digest,
        /// Everything that is wrong with it.
        problems: Vec<ManifestProblem>,
    },
}

/// The function of the contract that was being called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Making the instance, before any function of the contract.
    Instantiate,
    /// `describe`.
    Describe,
    /// `plan`.
    Plan,
    /// The constructor of `run`.
    Start,
    /// `run.feed`.
    Feed,
    /// `run.finish`.
    Finish,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instantiate => "instantiate",
            Self::Describe => "describe",
            Self::Plan => "plan",
            Self::Start => "run constructor",
            Self::Feed => "feed",
            Self::Finish => "finish",
        })
    }
}

/// One misbehaviour of an adapter: in which call, and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("adapter failed in {call}: {kind}")]
pub struct AdapterFault {
    /// The call it happened in.
    pub call: Call,
    /// What happened.
    pub kind: FaultKind,
}

/// What an adapter did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// It used more time than the call has.
    #[error("used up its time of {budget_ms} ms")]
    Deadline {
        /// The call's budget of processor time.
        budget_ms: u64,
    },
    /// It asked for more memory than it may have, and gave up when refused.
    #[error("needs more memory than the limit of {limit_bytes} bytes")]
    Memory {
        /// The limit.
        limit_bytes: usize,
    },
    /// It recursed too deep.
    #[error("ran out of stack")]
    Stack,
    /// It panicked.
    #[error("panicked: {message}")]
    Panic {
        /// The panic message and place, bounded.
        message: String,
    },
    /// A string it returned is not UTF-8.
    #[error("returned a string that is not UTF-8")]
    BadString,
    /// A value it returned is not of the contract's shape (a pointer out of bounds, an unknown case).
    #[error("returned a broken value: {message}")]
    BadValue {
        /// In the runtime's words.
        message: String,
    },
    /// One answer holds more data than the host copies.
    #[error("returned more than {limit_bytes} bytes in one answer")]
    TooMuchData {
        /// The most that one answer may hold.
        limit_bytes: usize,
    },
    /// One `feed` returned too many events.
    #[error("returned {count} events from one call, the limit is {limit}")]
    TooManyEvents {
        /// How many it returned.
        count: usize,
        /// How many it may.
        limit: usize,
    },
    /// It called something that an adapter has no business with: exit, sockets, name look-up, file operations.
    #[error("called {function}, which adapters may not")]
    Denied {
        /// Interface and function, such as `wasi:cli/exit#exit`.
        function: String,
    },
    /// Any other trap.
    #[error("trapped: {message}")]
    Trap {
        /// In the runtime's words, with what the guest wrote to its stderr.
        message: String,
    },
    /// It has the contract's functions by name, with other types.
    #[error("does not have the contract's shape: {message}")]
    WrongWorld {
        /// What differs.
        message: String,
    },
    /// The adapter could not be loaded at all (see the text), so no call was made.
    #[error("cannot be loaded: {message}")]
    Unloadable {
        /// The `AdapterError`, as text.
        message: String,
    },
    /// The host's own code panicked during the call: a bug of ours, contained.
    #[error("the host's adapter code panicked: {message}")]
    Host {
        /// The panic message.
        message: String,
    },
    /// The run is in raw mode after too many faults.
    #[error("given up after {faults} faults")]
    GaveUp {
        /// How many faults it had.
        faults: usize,
    },
}

/// Why compiled code and manifests are not cached. The host works without, more slowly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheNotice {
    /// It cannot be made, opened or written.
    #[error("adapter cache {path} cannot be used: {message}; adapters are compiled each time")]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// In the system's words.
        message: String,
    },
    /// It belongs to somebody else.
    #[error("adapter cache {path} belongs to user {owner}, so its code is not trusted; remove it or set AID_HOME")]
    ForeignOwner {
        /// The directory.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
    },
    /// Others may write to it.
    #[error(
        "adapter cache {path} is writable by others (mode {mode:o}), so its code is not trusted; run chmod 700 on it"
    )]
    WritableByOthers {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}
