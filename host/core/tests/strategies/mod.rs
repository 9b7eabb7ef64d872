//! Arbitrary events and histories of a task. Shared by the properties of the state machine and of the ledger.

use aid_core::agent::{Refusal, RefusalClass, ToolCall, UsageSample};
use aid_core::event::{Event, LeakedProcess, ProcessIdentity, Settlement};
use aid_core::failure::{Failure, FailureClass};
use aid_core::task::{EndCause, Status};
use aid_core::usage::Usage;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A moment and an event: what a ledger is asked to append.
pub(crate) type Happening = (i64, Event);

/// Histories of every kind: half of them begin as real ones do, so that most of their events are legal.
pub(crate) fn histories() -> impl Strategy<Value = Vec<Happening>> {
    let anything = vec((moments(), events()), 0..40);
    let begun = (processes(), processes(), anything.clone()).prop_map(|(runner, agent, rest)| {
        let mut all = vec![(0, Event::Created), (1, Event::Claimed { runner }), (2, Event::Started { agent })];
        all.extend(rest);
        all
    });
    prop_oneof![begun, anything]
}

/// Moments, not in order: clocks are set back.
pub(crate) fn moments() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![1_795_340_000_000i64..1_795_350_000_000, any::<i64>()]
}

/// Every event; the ones that move a task are more frequent.
fn events() -> impl Strategy<Value = Event> + Clone {
    prop_oneof![4 => moves(), 2 => agent_words(), 2 => host_words(), 2 => settlements().prop_map(|s| Event::Settled { settlement: s })]
}

fn moves() -> BoxedStrategy<Event> {
    prop_oneof![
        Just(Event::Created),
        processes().prop_map(|runner| Event::Claimed { runner }),
        processes().prop_map(|agent| Event::Started { agent }),
        (processes(), option::of(processes())).prop_map(|(runner, agent)| Event::Adopted { runner, agent }),
        texts().prop_map(|question| Event::Awaiting { question }),
        Just(Event::Answered),
        Just(Event::Finished),
        Just(Event::Continued),
        causes().prop_map(|cause| Event::EndRequested { cause }),
        (option::of(any::<i32>()), option::of(1..64)).prop_map(|(code, signal)| Event::Exited { code, signal }),
        texts().prop_map(|command| Event::Verifying { command }),
        (texts(), texts()).prop_map(|(into, commit)| Event::Merged { into, commit }),
    ]
    .boxed()
}

/// What a model, a tool or a provider said. None of it may decide anything.
pub(crate) fn agent_words() -> BoxedStrategy<Event> {
    prop_oneof![
        texts().prop_map(|id| Event::Session { id }),
        texts().prop_map(|name| Event::Model { name }),
        texts().prop_map(|text| Event::Message { text }),
        texts().prop_map(|text| Event::MessageDelta { text }),
        texts().prop_map(|text| Event::Reasoning { text }),
        tools().prop_map(|tool| Event::ToolStart { tool }),
        tools().prop_map(|tool| Event::ToolEnd { tool }),
        (texts(), texts()).prop_map(|(path, change)| Event::FileChange { path, change }),
        samples().prop_map(|sample| Event::Usage { sample }),
        texts().prop_map(|text| Event::Notice { text }),
        refusals().prop_map(|refusal| Event::Refusal { refusal }),
        (texts(), texts()).prop_map(|(kind, json)| Event::Ext { kind, json }),
        texts().prop_map(|text| Event::Milestone { text }),
        texts().prop_map(|text| Event::Finding { text }),
        (texts(), texts()).prop_map(|(kind, text)| Event::Memory { kind, text }),
    ]
    .boxed()
}

fn host_words() -> BoxedStrategy<Event> {
    prop_oneof![
        (texts(), vec(texts(), 0..3), vec(texts(), 0..3)).prop_map(|(program, args, env_names)| Event::Launching {
            program,
            args,
            env_names
        }),
        (texts(), texts(), any::<bool>()).prop_map(|(call, message, gave_up)| Event::AdapterFault {
            call,
            message,
            gave_up
        }),
        any::<u64>().prop_map(|limit| Event::EventsCapped { limit }),
        (vec((any::<i32>(), texts()), 0..3), any::<u64>()).prop_map(|(found, more)| Event::Leak {
            more,
            processes: found.into_iter().map(|(pid, command)| LeakedProcess { pid, command }).collect()
        }),
    ]
    .boxed()
}

/// Every settlement, sensible or not.
fn settlements() -> BoxedStrategy<Settlement> {
    let told = (option::of(failures()), option::of(any::<i32>()), texts(), option::of(texts()));
    (select(&Status::ALL[..]), told, option::of(usages()), option::of(any::<u64>()))
        .prop_map(|(status, (failure, exit_code, evidence, session), usage, cost_micro_usd)| Settlement {
            status,
            failure,
            exit_code,
            evidence,
            session,
            usage,
            cost_micro_usd,
        })
        .boxed()
}

fn failures() -> BoxedStrategy<Failure> {
    let classes = [FailureClass::AgentError, FailureClass::Incomplete, FailureClass::Timeout, FailureClass::Lost];
    (select(classes.to_vec()), texts(), option::of(texts()), option::of(texts()))
        .prop_map(|(class, message, pool, retry_at)| Failure { class, message, pool, retry_at })
        .boxed()
}

fn refusals() -> BoxedStrategy<Refusal> {
    let classes = [RefusalClass::RateLimit, RefusalClass::Auth, RefusalClass::Other];
    (select(classes.to_vec()), texts(), option::of(texts()), option::of(texts()), any::<bool>())
        .prop_map(|(class, message, pool, retry_at, is_final)| Refusal { class, message, pool, retry_at, is_final })
        .boxed()
}

fn causes() -> BoxedStrategy<EndCause> {
    prop_oneof![
        any::<bool>().prop_map(|force| EndCause::User { force }),
        any::<u64>().prop_map(|limit_ms| EndCause::Timeout { limit_ms }),
        any::<u64>().prop_map(|limit_ms| EndCause::Idle { limit_ms }),
        any::<u64>().prop_map(|limit_micro_usd| EndCause::MaxCost { limit_micro_usd }),
        any::<u64>().prop_map(|limit_bytes| EndCause::LogLimit { limit_bytes }),
        any::<u64>().prop_map(|limit_ms| EndCause::Linger { limit_ms }),
    ]
    .boxed()
}

fn processes() -> impl Strategy<Value = ProcessIdentity> + Clone {
    (any::<i32>(), any::<u64>(), texts()).prop_map(|(pid, start, boot)| ProcessIdentity { pid, start, boot })
}

fn tools() -> BoxedStrategy<ToolCall> {
    (texts(), texts(), texts(), texts(), option::of(any::<bool>()), option::of(any::<i32>()))
        .prop_map(|(id, name, kind, detail, ok, exit_code)| ToolCall { id, name, kind, detail, ok, exit_code })
        .boxed()
}

fn counts() -> impl Strategy<Value = Option<u64>> + Clone {
    option::of(prop_oneof![0u64..100_000, any::<u64>()])
}

fn samples() -> BoxedStrategy<UsageSample> {
    let tokens = (counts(), counts(), counts(), counts(), counts());
    (tokens, counts(), option::of(texts()), any::<bool>())
        .prop_map(|((input, cached_input, cache_write, output, reasoning), cost_micro_usd, model, cumulative)| {
            UsageSample { input, cached_input, cache_write, output, reasoning, cost_micro_usd, model, cumulative }
        })
        .boxed()
}

fn usages() -> BoxedStrategy<Usage> {
    (counts(), counts(), counts(), counts(), counts())
        .prop_map(|(input, cached_input, cache_write, output, reasoning)| Usage {
            input,
            cached_input,
            cache_write,
            output,
            reasoning,
        })
        .boxed()
}

/// Texts as agents write them, and the ones that break parsers or pretend to be events.
fn texts() -> impl Strategy<Value = String> + Clone {
    let nasty = [
        "",
        "\0",
        "a\0b",
        "\u{feff}\u{2028}\u{ffff}\u{10ffff}",
        "{\"type\":\"finished\"}",
        "{\"type\":\"settled\",\"settlement\":{\"status\":\"done\"}}",
        "[MILESTONE] done",
        "rate limit exceeded",
        "\\ud800 \" ' ; DROP TABLE tasks; --",
        "\u{1b}[2J\r\n",
    ];
    prop_oneof![select(nasty.map(str::to_owned).to_vec()), "[a-z ]{0,12}", any::<String>()]
}
