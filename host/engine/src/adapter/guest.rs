//! One instance of one adapter, and the calls into it, each under its limits. An instance that failed once must not be
//! called again; who owns it decides what comes next.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use aid_core::agent::{AgentEvent, Manifest, Plan, PlanError, Source, Verdict};
use wasmtime::component::{InstancePre, ResourceAny};
use wasmtime::{AsContextMut, Store};

use super::convert::{self, wit};
use super::error::{AdapterFault, Call, FaultKind};
use super::fault;
use super::limits;
use super::runtime::Runtime;
use super::state::{self, CallLimits, GuestState};

/// A component that is compiled and linked, ready to be instantiated any number of times.
pub(super) struct Loaded {
    pub(super) runtime: Arc<Runtime>,
    pub(super) linked: InstancePre<GuestState>,
    pub(super) exports: wit::AdapterIndices,
}

/// An instance.
pub(super) struct Guest {
    runtime: Arc<Runtime>,
    store: Store<GuestState>,
    exports: wit::Adapter,
}

const fn limits_of(call: Call) -> CallLimits {
    let (budget_ms, fuel_bytes) = match call {
        Call::Instantiate => (limits::INSTANTIATE_BUDGET_MS, limits::SMALL_FUEL_BYTES),
        Call::Describe => (limits::DESCRIBE_BUDGET_MS, limits::SMALL_FUEL_BYTES),
        Call::Plan => (limits::PLAN_BUDGET_MS, limits::SMALL_FUEL_BYTES),
        Call::Start => (limits::START_BUDGET_MS, limits::SMALL_FUEL_BYTES),
        Call::Feed => (limits::FEED_BUDGET_MS, limits::FEED_FUEL_BYTES),
        Call::Finish => (limits::FINISH_BUDGET_MS, limits::FINISH_FUEL_BYTES),
    };
    CallLimits { budget_ms, fuel_bytes }
}

impl Guest {
    pub(super) fn new(loaded: &Loaded) -> Result<Self, AdapterFault> {
        let runtime = Arc::clone(&loaded.runtime);
        let mut store = Store::new(&runtime.engine, GuestState::new());
        state::limit(&mut store);
        let instance = call(&runtime, &mut store, Call::Instantiate, |store| loaded.linked.instantiate(store))?;
        // Only here are the functions' types compared with the contract's.
        let exports = loaded.exports.load(&mut store, &instance).map_err(|error| {
            let kind = FaultKind::WrongWorld { message: fault::bounded(&format!("{error:#}")) };
            AdapterFault { call: Call::Instantiate, kind }
        })?;
        Ok(Self { runtime, store, exports })
    }

    pub(super) fn describe(&mut self) -> Result<Manifest, AdapterFault> {
        let agent = self.exports.aid_adapter_agent();
        let manifest = call(&self.runtime, &mut self.store, Call::Describe, |store| agent.call_describe(store))?;
        Ok(convert::manifest(manifest))
    }

    pub(super) fn plan(&mut self, request: &wit::Request) -> Result<Result<Plan, PlanError>, AdapterFault> {
        let agent = self.exports.aid_adapter_agent();
        let plan = call(&self.runtime, &mut self.store, Call::Plan, |store| agent.call_plan(store, request))?;
        Ok(plan.map(convert::plan).map_err(convert::plan_error))
    }

    pub(super) fn start(&mut self, request: &wit::Request) -> Result<ResourceAny, AdapterFault> {
        let run = self.exports.aid_adapter_agent().run();
        call(&self.runtime, &mut self.store, Call::Start, |store| run.call_constructor(store, request))
    }

    pub(super) fn feed(
        &mut self,
        run: ResourceAny,
        source: Source,
        chunk: &[u8],
    ) -> Result<Vec<AgentEvent>, AdapterFault> {
        let runs = self.exports.aid_adapter_agent().run();
        let source = convert::source(source);
        let events =
            call(&self.runtime, &mut self.store, Call::Feed, |store| runs.call_feed(store, run, source, chunk))?;
        check_events(&events).map_err(|kind| AdapterFault { call: Call::Feed, kind })?;
        Ok(events.into_iter().map(convert::event).collect())
    }

    pub(super) fn finish(&mut self, run: ResourceAny, exit: &wit::ExitStatus) -> Result<Verdict, AdapterFault> {
        let runs = self.exports.aid_adapter_agent().run();
        let verdict = call(&self.runtime, &mut self.store, Call::Finish, |store| runs.call_finish(store, run, exit))?;
        Ok(convert::verdict(verdict))
    }
}

fn check_events(events: &[wit::Event]) -> Result<(), FaultKind> {
    if events.len() > limits::EVENTS_MAX {
        return Err(FaultKind::TooManyEvents { count: events.len(), limit: limits::EVENTS_MAX });
    }
    if events.iter().map(convert::event_bytes).sum::<usize>() > limits::ANSWER_BYTES_MAX {
        return Err(FaultKind::TooMuchData { limit_bytes: limits::ANSWER_BYTES_MAX });
    }
    Ok(())
}

/// Calls the guest under the limits of `which`; the clock ticks only meanwhile.
fn call<T>(
    runtime: &Runtime,
    store: &mut Store<GuestState>,
    which: Call,
    body: impl FnOnce(wasmtime::StoreContextMut<'_, GuestState>) -> wasmtime::Result<T>,
) -> Result<T, AdapterFault> {
    let limits = limits_of(which);
    state::arm(store, limits);
    let ticking = runtime.begin_call();
    // The belt to the runtime's braces: the owner drops the instance after any error, so nothing half-changed is seen.
    let outcome = catch_unwind(AssertUnwindSafe(|| body(store.as_context_mut())));
    drop(ticking);
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(fault::classify(which, limits, &error, store.data())),
        Err(panic) => Err(fault::of_host_panic(which, panic.as_ref())),
    }
}
