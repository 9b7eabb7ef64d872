//! Every misdeed ends in its own typed fault, within its time, with the host alive and the next instance whole.

use std::time::{Duration, Instant};

use aid_core::agent::{AgentEvent, Source};
use aid_engine::adapter::{AdapterError, AdapterFault, Call, FaultKind, limits};

use crate::support::{
    events, exit, fault_in_feed, fault_in_finish, hostile, hostile_describing, request, said_in_feed,
};

fn memory() -> FaultKind {
    FaultKind::Memory { limit_bytes: limits::MEMORY_BYTES_MAX }
}

fn deadline(budget_ms: u64) -> FaultKind {
    FaultKind::Deadline { budget_ms }
}

/// The bound on the clock, with room for making instances.
fn assert_in_time(start: Instant, budget_ms: u64) {
    let limit = Duration::from_millis(budget_ms) * limits::WALL_FACTOR + Duration::from_secs(5);
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
}

fn plan_fault(misdeed: &str) -> AdapterFault {
    let mut request = request();
    request.model = Some(misdeed.to_owned());
    match hostile().plan(&request) {
        Err(AdapterError::Fault { fault, .. }) => fault,
        other => panic!("{misdeed}: {other:?}"),
    }
}

fn start_fault(misdeed: &str) -> AdapterFault {
    let mut request = request();
    request.resume = Some(misdeed.to_owned());
    let mut run = hostile().start(&request);
    run.feed(Source::Out, b"x").fault.expect(misdeed)
}

fn describe_fault(misdeed: &str) -> AdapterFault {
    match hostile_describing(misdeed).describe() {
        Err(AdapterError::Fault { fault, .. }) => fault,
        other => panic!("{misdeed}: {other:?}"),
    }
}

#[test]
fn an_endless_loop_ends_at_the_deadline_of_each_call() {
    let start = Instant::now();
    assert_eq!(fault_in_feed("!loop"), deadline(limits::FEED_BUDGET_MS));
    assert_in_time(start, limits::FEED_BUDGET_MS);
    let start = Instant::now();
    assert_eq!(fault_in_finish("!loop"), deadline(limits::FINISH_BUDGET_MS));
    assert_in_time(start, limits::FINISH_BUDGET_MS);
    let start = Instant::now();
    let fault = |call, budget_ms| AdapterFault { call, kind: deadline(budget_ms) };
    assert_eq!(plan_fault("!loop"), fault(Call::Plan, limits::PLAN_BUDGET_MS));
    assert_eq!(start_fault("!loop"), fault(Call::Start, limits::START_BUDGET_MS));
    assert_eq!(describe_fault("!loop"), fault(Call::Describe, limits::DESCRIBE_BUDGET_MS));
    assert_in_time(start, limits::PLAN_BUDGET_MS + limits::START_BUDGET_MS + limits::DESCRIBE_BUDGET_MS);
}

#[test]
fn memory_is_limited_in_each_call() {
    assert_eq!(fault_in_feed("!memory"), memory());
    assert_eq!(fault_in_finish("!memory"), memory());
    assert_eq!(plan_fault("!memory").kind, memory());
    assert_eq!(start_fault("!memory").kind, memory());
    assert_eq!(describe_fault("!memory").kind, memory());
}

#[test]
fn a_refused_allocation_that_the_guest_survives_is_no_fault() {
    let said = said_in_feed("!memory-politely");
    let mib: usize = said.strip_prefix("refused after ").and_then(|s| s.strip_suffix(" MiB")).unwrap().parse().unwrap();
    assert!((50..limits::MEMORY_BYTES_MAX >> 20).contains(&mib), "{said}");
}

#[test]
fn deep_recursion_is_a_stack_fault() {
    assert_eq!(fault_in_feed("!recurse"), FaultKind::Stack);
    assert_eq!(fault_in_finish("!recurse"), FaultKind::Stack);
    assert_eq!(plan_fault("!recurse").kind, FaultKind::Stack);
    assert_eq!(describe_fault("!recurse").kind, FaultKind::Stack);
}

#[test]
fn a_panic_keeps_its_words() {
    let of = |kind| match kind {
        FaultKind::Panic { message } => message,
        other => panic!("{other:?}"),
    };
    for message in [of(fault_in_feed("!panic")), of(fault_in_finish("!panic")), of(plan_fault("!panic").kind)] {
        assert!(message.contains("told to panic") && message.contains("misdeed.rs"), "{message}");
    }
    assert!(of(describe_fault("!panic").kind).contains("told to panic"));
    assert!(of(start_fault("!panic").kind).contains("told to panic"));
}

#[test]
fn abort_and_exit_end_the_call_and_not_the_host() {
    assert!(matches!(fault_in_feed("!abort"), FaultKind::Trap { .. }));
    assert_eq!(fault_in_feed("!exit"), FaultKind::Denied { function: "wasi:cli/exit#exit".to_owned() });
}

#[test]
fn broken_utf8_is_refused_in_each_answer() {
    assert_eq!(fault_in_feed("!bad-utf8"), FaultKind::BadString);
    assert_eq!(fault_in_finish("!bad-utf8"), FaultKind::BadString);
    assert_eq!(plan_fault("!bad-utf8").kind, FaultKind::BadString);
    assert_eq!(describe_fault("!bad-utf8").kind, FaultKind::BadString);
}

#[test]
fn a_string_that_fills_the_guest_is_not_copied() {
    let limit_bytes = limits::FEED_FUEL_BYTES;
    assert_eq!(fault_in_feed("!huge-string"), FaultKind::TooMuchData { limit_bytes });
    let limit_bytes = limits::FINISH_FUEL_BYTES;
    assert_eq!(fault_in_finish("!huge-string"), FaultKind::TooMuchData { limit_bytes });
}

#[test]
fn strings_that_alias_one_are_not_multiplied() {
    let limit_bytes = limits::FEED_FUEL_BYTES;
    assert_eq!(fault_in_feed("!aliases"), FaultKind::TooMuchData { limit_bytes });
}

#[test]
fn an_answer_of_ten_megabytes_passes_and_one_above_the_limit_does_not() {
    let mut run = hostile().start(&request());
    match events(&mut run, "!long-answer").as_slice() {
        [AgentEvent::Message(text)] => assert_eq!(text.len(), 10_000_000),
        other => panic!("{} events", other.len()),
    }
    let verdict = run.finish(&exit("!long-answer")).expect("a verdict");
    assert_eq!(verdict.final_text.map(|text| text.len()), Some(10_000_000));
    let limit_bytes = limits::ANSWER_BYTES_MAX;
    assert_eq!(fault_in_feed("!too-long-answer"), FaultKind::TooMuchData { limit_bytes });
}

#[test]
fn events_are_counted() {
    let too_many = |count| FaultKind::TooManyEvents { count, limit: limits::EVENTS_MAX };
    assert_eq!(fault_in_feed("!300000-events"), too_many(300_000));
    assert_eq!(fault_in_feed("!many-events"), too_many(limits::EVENTS_MAX + 1));
    assert_eq!(events(&mut hostile().start(&request()), "!most-events").len(), limits::EVENTS_MAX);
}

#[test]
fn a_sleep_of_an_hour_is_over_at_once() {
    let start = Instant::now();
    assert_eq!(said_in_feed("!sleep"), "slept");
    assert_in_time(start, limits::FEED_BUDGET_MS);
}

#[test]
fn there_are_no_files_no_environment_and_no_input() {
    assert!(said_in_feed("!file").starts_with("Err("), "a file was read");
    assert_eq!(said_in_feed("!environment"), "0 variables, 0 arguments");
    assert_eq!(said_in_feed("!stdin"), "Ok(0) bytes");
    assert_eq!(said_in_feed("!chatter"), "said");
}

#[test]
fn reaching_for_the_network_is_a_fault_that_names_the_function() {
    for misdeed in ["!socket", "!name-lookup"] {
        match fault_in_feed(misdeed) {
            FaultKind::Denied { function } => assert!(function.starts_with("wasi:sockets/"), "{function}"),
            other => panic!("{misdeed}: {other:?}"),
        }
    }
}

#[test]
fn time_and_chance_are_the_same_on_every_run() {
    let first = said_in_feed("!time-and-chance");
    assert!(first.starts_with("Ok(0ns) "), "{first}");
    assert_eq!(said_in_feed("!time-and-chance"), first);
}

#[test]
fn faults_name_their_call() {
    let mut run = hostile().start(&request());
    assert_eq!(run.feed(Source::Err, b"!panic").fault.expect("a fault").call, Call::Feed);
    assert_eq!(run.finish(&exit("!abort")).expect_err("a fault").call, Call::Finish);
    assert_eq!(plan_fault("!abort").call, Call::Plan);
    assert_eq!(start_fault("!abort").call, Call::Start);
}
