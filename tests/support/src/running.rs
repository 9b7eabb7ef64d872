//! A run that is going on: what it has written so far, waiting for more of it, signals, and its end.

use std::io::Read;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::result::RunResult;
use crate::wait::WAIT_LIMIT;

/// One of the two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A run that is going on. Dropping it kills the process.
#[derive(Debug)]
#[must_use = "wait for it, or it is killed at once"]
pub struct Running {
    child: Child,
    command: String,
    out: Collected,
    err: Collected,
    ended: Option<ExitStatus>,
}

impl Running {
    pub(crate) fn follow(mut child: Child, command: String) -> Self {
        let out = Collected::from(child.stdout.take());
        let err = Collected::from(child.stderr.take());
        Self { child, command, out, err, ended: None }
    }

    /// The pid of the process itself.
    #[must_use]
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a pid fits")
    }

    /// Returns everything the stream has had as soon as `part` is in it.
    ///
    /// # Panics
    /// When the stream ends without it, or it takes longer than [`WAIT_LIMIT`].
    pub fn wait_for(&mut self, stream: Stream, part: &str) -> String {
        let collected = match stream {
            Stream::Out => &self.out,
            Stream::Err => &self.err,
        };
        match collected.wait_for(part) {
            Ok(text) => text,
            Err(text) => panic!("{part:?} did not come on {stream:?} of `{}`; so far:\n{text}", self.command),
        }
    }

    /// Sends a signal to the process itself.
    ///
    /// # Panics
    /// When it has been waited for already.
    pub fn signal(&mut self, signal: Signal) {
        assert!(self.ended.is_none(), "`{}` has ended", self.command);
        let pid = Pid::from_raw(self.pid()).expect("a pid is positive");
        // A child that nobody has waited for keeps its pid.
        kill_process(pid, signal).unwrap_or_else(|why| panic!("cannot signal `{}`: {why}", self.command));
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// When it does not come within [`WAIT_LIMIT`].
    pub fn wait(self) -> RunResult {
        self.wait_within(WAIT_LIMIT)
    }

    /// Waits for the end of a run that may take longer, as those of real agents on a busy machine do.
    ///
    /// # Panics
    /// When it does not come within `limit`.
    pub fn wait_within(mut self, limit: Duration) -> RunResult {
        let status = self.wait_for_exit(limit);
        let code = std::os::unix::process::ExitStatusExt::signal(&status).map_or(status.code(), |s| Some(128 + s));
        let command = std::mem::take(&mut self.command);
        let code = code.expect("an ended process has a code or a signal");
        RunResult { command, stdout: self.out.finish(), stderr: self.err.finish(), code }
    }

    fn wait_for_exit(&mut self, limit: Duration) -> ExitStatus {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        use rustix::process::{PidfdFlags, pidfd_open};
        let pid = Pid::from_raw(self.pid()).expect("a pid is positive");
        let fd = pidfd_open(pid, PidfdFlags::empty()).expect("a child that nobody waited for");
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                self.ended = Some(status);
                return status;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "`{}` did not end within {} s\n--- stdout ---\n{}\n--- stderr ---\n{}",
                self.command,
                limit.as_secs(),
                self.out.text(),
                self.err.text()
            );
            let left = Timespec::try_from(left).expect("minutes fit");
            // Interrupted or woken: the loop looks again.
            let _ = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&left));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended.is_none() {
            // Either may fail only because it has ended.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A stream, read by a thread of its own.
#[derive(Debug)]
struct Collected {
    shared: Arc<(Mutex<Bytes>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Bytes {
    all: Vec<u8>,
    ended: bool,
}

impl Collected {
    fn from(stream: Option<impl Read + Send + 'static>) -> Self {
        let shared = Arc::new((Mutex::new(Bytes::default()), Condvar::new()));
        let Some(mut stream) = stream else {
            lock(&shared.0).ended = true;
            return Self { shared, reader: None };
        };
        let theirs = Arc::clone(&shared);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 64 * 1024];
            loop {
                let count = stream.read(&mut buffer).unwrap_or(0);
                let mut bytes = lock(&theirs.0);
                bytes.all.extend_from_slice(&buffer[..count]);
                bytes.ended = count == 0;
                theirs.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { shared, reader: Some(reader) }
    }

    fn wait_for(&self, part: &str) -> Result<String, String> {
        let deadline = Instant::now() + WAIT_LIMIT;
        let mut bytes = lock(&self.shared.0);
        loop {
            let text = String::from_utf8_lossy(&bytes.all).into_owned();
            if text.contains(part) {
                return Ok(text);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if bytes.ended || left.is_zero() {
                return Err(text);
            }
            bytes = self.shared.1.wait_timeout(bytes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.shared.0).all).into_owned()
    }

    /// Everything to the end of the stream. A process that outlives the run and holds the stream open is waited for too,
    /// but not for ever.
    fn finish(&mut self) -> Vec<u8> {
        let deadline = Instant::now() + WAIT_LIMIT;
        let mut bytes = lock(&self.shared.0);
        while !bytes.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "somebody still holds the output open");
            bytes = self.shared.1.wait_timeout(bytes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let all = std::mem::take(&mut bytes.all);
        drop(bytes);
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        all
    }
}

fn lock(bytes: &Mutex<Bytes>) -> MutexGuard<'_, Bytes> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}
