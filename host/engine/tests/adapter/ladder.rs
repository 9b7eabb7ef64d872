//! What a run does after a fault, and how output reaches the adapter at all.

use std::process::Command;

use aid_core::agent::{AgentEvent, ExitStatus, Outcome, Source, UsageSample};
use aid_engine::adapter::{AdapterHost, Call, FaultKind, limits};

use crate::support::{events, exit, finished, hostile, request};

#[test]
fn three_faults_and_the_run_is_raw() {
    let mut run = hostile().start(&request());
    assert_eq!(events(&mut run, "a").len(), 2);
    for known in 0..limits::FAULTS_BEFORE_RAW {
        assert!(!run.is_raw(), "after {known} faults");
        assert!(run.feed(Source::Out, b"!panic").fault.is_some());
    }
    assert!(run.is_raw());
    assert_eq!(run.faults().len(), limits::FAULTS_BEFORE_RAW);
    assert_eq!(events(&mut run, "good"), [], "raw output has no events, and is no further fault");
    let fault = run.finish(&exit("")).expect_err("nothing can be said");
    assert_eq!((fault.call, fault.kind), (Call::Finish, FaultKind::GaveUp { faults: limits::FAULTS_BEFORE_RAW }));
}

#[test]
fn two_faults_and_the_verdict_still_comes() {
    let mut run = hostile().start(&request());
    for misdeed in ["!abort", "!bad-utf8"] {
        assert!(run.feed(Source::Out, misdeed.as_bytes()).fault.is_some());
    }
    assert_eq!(events(&mut run, "good").len(), 2);
    let verdict = finished(&mut run);
    assert_eq!((verdict.outcome, verdict.evidence.as_str()), (Outcome::Success, "1 calls, 4 bytes"));
}

#[test]
fn faults_of_the_constructor_count_too() {
    let mut request = request();
    request.resume = Some("!abort".to_owned());
    let mut run = hostile().start(&request);
    for _ in 0..limits::FAULTS_BEFORE_RAW {
        assert_eq!(run.feed(Source::Out, b"x").fault.map(|fault| fault.call), Some(Call::Start));
    }
    assert!(run.is_raw());
}

#[test]
fn what_cannot_be_loaded_is_raw_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let adapter = AdapterHost::new(dir.path()).load(b"no component".as_slice()).expect("small enough");
    let mut run = adapter.start(&request());
    let fault = run.feed(Source::Out, b"x").fault.expect("a fault");
    assert!(matches!(fault.kind, FaultKind::Unloadable { .. }), "{fault}");
    assert!(run.is_raw());
    assert!(matches!(run.finish(&exit("")).expect_err("raw").kind, FaultKind::GaveUp { faults: 1 }));
}

#[test]
fn output_of_any_length_arrives_whole_in_parts() {
    let bytes: Vec<u8> = (0..limits::CHUNK_BYTES_MAX * 2 + 10).map(|i| b'a' + (i % 26) as u8).collect();
    let mut run = hostile().start(&request());
    let outcome = run.feed(Source::Err, &bytes);
    assert_eq!(outcome.fault, None);
    let texts: Vec<&str> = outcome
        .events
        .iter()
        .filter_map(|event| if let AgentEvent::Message(text) = event { Some(text.as_str()) } else { None })
        .collect();
    assert_eq!(
        texts.iter().map(|text| text.len()).collect::<Vec<_>>(),
        [limits::CHUNK_BYTES_MAX, limits::CHUNK_BYTES_MAX, 10]
    );
    assert_eq!(texts.concat().as_bytes(), bytes);
    assert_eq!(outcome.events.last(), Some(&AgentEvent::Notice("err call 3".to_owned())));
    assert!(run.feed(Source::Out, b"").events.is_empty(), "nothing was said");
}

#[test]
fn a_run_without_output_has_a_verdict() {
    assert_eq!(finished(&mut hostile().start(&request())).evidence, "0 calls, 0 bytes");
}

#[test]
fn exit_status_and_verdict_keep_every_field() {
    let usage = UsageSample {
        input: Some(1),
        cached_input: None,
        cache_write: Some(0),
        output: Some(u64::MAX),
        reasoning: None,
        cost_micro_usd: Some(5),
        model: Some("m".to_owned()),
        cumulative: true,
    };
    let exit = ExitStatus {
        code: None,
        signal: Some(9),
        stderr_tail: "!tail".to_owned(),
        resumed_from: Some("s-1".to_owned()),
        previous_usage: Some(usage.clone()),
    };
    let verdict = hostile().start(&request()).finish(&exit).expect("a verdict");
    assert_eq!(verdict.session.as_deref(), Some("s-1"));
    assert_eq!(verdict.usage, Some(usage));
    assert_eq!(verdict.final_text.as_deref(), Some("tail"));
}

#[test]
fn a_run_can_move_between_threads() {
    let mut run = hostile().start(&request());
    assert_eq!(events(&mut run, "a").len(), 2);
    let after = std::thread::spawn(move || events(&mut run, "b")).join().expect("no panic");
    assert_eq!(after[1], AgentEvent::Notice("out call 2".to_owned()));
}

/// `ulimit -v`, containers and batch schedulers leave no room for the large reservations that fast code wants.
#[test]
fn adapters_run_where_address_space_is_scarce() {
    const KIB: &str = "1000000";
    hostile();
    let tests = [
        "hostile::deep_recursion_is_a_stack_fault",
        "hostile::memory_is_limited_in_each_call",
        "ladder::two_faults_and_the_verdict_still_comes",
    ];
    let output = Command::new("sh")
        .args(["-c", "ulimit -v $0 && exec \"$@\"", KIB])
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "--test-threads=1"])
        .args(tests)
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("3 passed"), "{said}");
}
