//! Both backends under the same tests.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

fn backends() -> Vec<Box<dyn Platform>> {
    vec![
        #[cfg(target_os = "linux")]
        Box::new(linux::Linux),
        Box::new(portable::Portable),
    ]
}

/// A child that waits for its stdin. It has answered once: until then it is still being made, and has no environment.
fn sleeper(marker: &str) -> Child {
    let mut command = Command::new("cat");
    command.env("AID_TEST_MARK", marker).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("cat starts");
    child.stdin.as_mut().expect("piped").write_all(b"\n").expect("written");
    child.stdout.as_mut().expect("piped").read_exact(&mut [0]).expect("answered");
    child
}

fn pid(child: &Child) -> i32 {
    i32::try_from(child.id()).expect("pid")
}

#[test]
fn a_process_is_known_by_more_than_its_pid() {
    for platform in backends() {
        let mut child = sleeper("known");
        let process = platform.identify(pid(&child)).expect("identified");
        assert_eq!(platform.identify(pid(&child)), Some(process.clone()), "{}", platform.name());
        let other = ProcessIdentity { start: process.start + 1, ..process.clone() };
        assert!(platform.hold(&other).expect("asked").is_none(), "{}: another process of that pid", platform.name());
        let handle = platform.hold(&process).expect("asked").expect("there");
        assert!(handle.is_alive());
        assert_eq!(handle.signal(Signal::KILL).expect("sent"), Delivery::Sent);
        child.wait().expect("ended");
        assert!(!handle.is_alive());
        assert_eq!(handle.signal(Signal::KILL).expect("asked"), Delivery::Gone, "{}", platform.name());
        assert!(platform.hold(&process).expect("asked").is_none(), "{}", platform.name());
    }
}

#[test]
fn descendants_and_marks_are_found() {
    let me = i32::try_from(std::process::id()).expect("pid");
    for platform in backends() {
        let marker = format!("mark-{}", platform.name());
        let mut child = sleeper(&marker);
        let process = platform.identify(pid(&child)).expect("identified");
        assert!(platform.descendants(me, &|_| false).contains(&process), "{}", platform.name());
        assert!(!platform.descendants(me, &|p| *p == process).contains(&process), "{}", platform.name());
        assert_eq!(platform.with_variable("AID_TEST_MARK", &marker), vec![process.clone()], "{}", platform.name());
        assert_eq!(platform.variable(process.pid, "AID_TEST_MARK"), Some(marker), "{}", platform.name());
        assert!(platform.cpu_ms(std::slice::from_ref(&process)).is_some(), "{}", platform.name());
        assert_eq!(platform.command(process.pid), "cat", "{}", platform.name());
        child.kill().expect("killed");
        child.wait().expect("ended");
        assert!(!platform.descendants(me, &|_| false).contains(&process), "{}", platform.name());
    }
}

#[test]
fn a_wait_ends_with_a_write_a_touch_or_the_process() {
    let dir = tempfile::tempdir().expect("temp");
    let path = dir.path().join("log");
    std::fs::write(&path, "").expect("made");
    for platform in backends() {
        let long = Duration::from_secs(20);
        let mut watch = platform.watch(std::slice::from_ref(&path)).expect("watched");
        let began = Instant::now();
        watch.wait(None, Duration::from_millis(30)).expect("waited");
        assert!(began.elapsed() >= Duration::from_millis(30), "{}: nothing happened", platform.name());
        std::fs::write(&path, platform.name()).expect("written");
        watch.wait(None, long).expect("waited");
        crate::lock::poke(&path).expect("touched");
        watch.wait(None, long).expect("waited");
        let mut child = sleeper("end");
        let handle =
            platform.hold(&platform.identify(pid(&child)).expect("identified")).expect("asked").expect("there");
        child.kill().expect("killed");
        watch.wait(Some(&*handle), long).expect("waited");
        assert!(began.elapsed() < long, "{}", platform.name());
        child.wait().expect("ended");
    }
}

#[test]
fn a_missing_file_cannot_be_watched_by_event() {
    #[cfg(target_os = "linux")]
    assert!(linux::Linux.watch(&[PathBuf::from("/nonexistent/file")]).is_err());
}

#[test]
fn a_bell_is_heard_by_every_listener() {
    let dir = tempfile::tempdir().expect("temp");
    let path = dir.path().join("bell");
    for platform in backends() {
        let ringer = platform.bell(&path).expect("made");
        let listeners: Vec<_> = (0..3).map(|_| platform.bell(&path).expect("shared")).collect();
        let long = Duration::from_secs(20);
        let began = Instant::now();
        std::thread::scope(|scope| {
            let counts: Vec<u32> = listeners.iter().map(|l| l.count()).collect();
            for (listener, count) in listeners.into_iter().zip(counts) {
                scope.spawn(move || listener.wait(count, long));
            }
            // Before or after they wait: a ring since the count was taken ends the wait.
            ringer.ring();
        });
        assert!(began.elapsed() < long, "{}", platform.name());
    }
}
