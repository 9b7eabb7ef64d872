//! One agent's output on its way through its adapter, and the ladder down when the adapter fails: a new instance each
//! time, then raw mode. Nothing in here can fail an agent. This file must not judge events.

use aid_core::agent::{AgentEvent, ExitStatus, Request, Source, Verdict};
use wasmtime::component::ResourceAny;

use super::Adapter;
use super::convert::{self, wit};
use super::error::{AdapterFault, Call, FaultKind};
use super::fault;
use super::guest::Guest;
use super::limits::{CHUNK_BYTES_MAX, FAULTS_BEFORE_RAW};

/// The reading of one attempt's output.
///
/// After a fault the run goes on with a new instance that knows nothing of what came before; after `FAULTS_BEFORE_RAW`
/// of them, or when the adapter cannot be loaded at all, it is raw: no events, no verdict.
pub struct Run {
    adapter: Adapter,
    request: wit::Request,
    live: Option<Live>,
    faults: Vec<AdapterFault>,
    raw: bool,
}

struct Live {
    guest: Guest,
    run: ResourceAny,
}

/// What one piece of output came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct FeedOutcome {
    /// What the agent did, in order.
    pub events: Vec<AgentEvent>,
    /// The first fault of this call; all of them are in [`Run::faults`].
    pub fault: Option<AdapterFault>,
}

impl Run {
    pub(super) fn new(adapter: Adapter, request: &Request) -> Self {
        Self { adapter, request: convert::request(request), live: None, faults: Vec::new(), raw: false }
    }

    /// Gives the adapter bytes as they came, cut anywhere and of any length. In raw mode there are no events.
    pub fn feed(&mut self, source: Source, bytes: &[u8]) -> FeedOutcome {
        let known = self.faults.len();
        let mut events = Vec::new();
        for chunk in bytes.chunks(CHUNK_BYTES_MAX) {
            if self.raw {
                break;
            }
            match self.with_live(|live| live.guest.feed(live.run, source, chunk)) {
                Ok(new) if events.is_empty() => events = new,
                Ok(new) => events.extend(new),
                Err(fault) => self.record(fault),
            }
        }
        FeedOutcome { events, fault: self.faults.get(known).cloned() }
    }

    /// Asks for the verdict, once, after the agent has ended and all of its output was fed.
    ///
    /// # Errors
    /// [`FaultKind::GaveUp`] in raw mode, else the fault of this last call. Either way there is no verdict, and no
    /// verdict is no success.
    pub fn finish(&mut self, exit: &ExitStatus) -> Result<Verdict, AdapterFault> {
        if self.raw {
            let kind = FaultKind::GaveUp { faults: self.faults.len() };
            return Err(AdapterFault { call: Call::Finish, kind });
        }
        let exit = convert::exit_status(exit);
        let verdict = self.with_live(|live| live.guest.finish(live.run, &exit));
        if let Err(fault) = &verdict {
            self.record(fault.clone());
        }
        verdict
    }

    /// Whether the adapter was given up: the rest of the output is kept, and read by nobody.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        self.raw
    }

    /// Every fault so far, in order.
    #[must_use]
    pub fn faults(&self) -> &[AdapterFault] {
        &self.faults
    }

    /// Calls the instance, making one first where there is none. An instance that failed is gone afterwards.
    fn with_live<T>(&mut self, call: impl FnOnce(&mut Live) -> Result<T, AdapterFault>) -> Result<T, AdapterFault> {
        let mut live = match self.live.take() {
            Some(live) => live,
            None => self.make_live()?,
        };
        let answer = call(&mut live)?;
        self.live = Some(live);
        Ok(answer)
    }

    fn make_live(&mut self) -> Result<Live, AdapterFault> {
        let loaded = self.adapter.loaded().map_err(|error| {
            // Loading again would end the same way.
            self.raw = true;
            let kind = FaultKind::Unloadable { message: fault::bounded(&error.to_string()) };
            AdapterFault { call: Call::Instantiate, kind }
        })?;
        let mut guest = Guest::new(&loaded)?;
        let run = guest.start(&self.request)?;
        Ok(Live { guest, run })
    }

    fn record(&mut self, fault: AdapterFault) {
        self.faults.push(fault);
        self.raw |= self.faults.len() >= FAULTS_BEFORE_RAW;
    }
}
