//! Agents on this machine, as children of the runner, or adopted from a runner that died.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use aid_core::event::{LeakedProcess, ProcessIdentity};
use rustix::process::{Signal, WaitOptions, WaitStatus, wait};

use super::{Execution, Executor, Exit, Launch, MARKER_VARIABLE, Mark, Push, StartError};
use crate::home::FILE_MODE;
use crate::platform::{self, FileWatch, Handle, Platform};

/// Tells whether a process below ours is the runner of another unfinished task, which outlives this one.
pub type IsForeignRunner = dyn Fn(&ProcessIdentity) -> bool;

/// The executor of this machine.
pub struct Local {
    foreign: std::rc::Rc<IsForeignRunner>,
}

impl Local {
    /// Becomes the parent of everything that the agents leave behind, where the system can do that.
    #[must_use]
    pub fn new(foreign: impl Fn(&ProcessIdentity) -> bool + 'static) -> Self {
        platform::current().adopt_orphans();
        Self { foreign: std::rc::Rc::new(foreign) }
    }
}

impl Executor for Local {
    fn start(&self, launch: &Launch, mark: &Mark) -> Result<Box<dyn Execution>, StartError> {
        std::fs::read_dir(&launch.dir).map_err(|source| StartError::Directory { dir: launch.dir.clone(), source })?;
        let append = |path: &Path| {
            let open = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path);
            open.map_err(|source| StartError::File { path: path.to_owned(), source })
        };
        let stdin =
            File::open(&launch.stdin).map_err(|source| StartError::File { path: launch.stdin.clone(), source })?;
        let (out, err) = (append(&launch.out)?, append(&launch.err)?);
        let watch = watch(mark)?;
        let child = Command::new(&launch.program)
            .args(&launch.args)
            .env_clear()
            .envs(launch.env.iter().map(|(k, v)| (k, v)))
            .current_dir(&launch.dir)
            .stdin(Stdio::from(stdin))
            .stdout(Stdio::from(out))
            .stderr(Stdio::from(err))
            .process_group(0)
            .spawn()
            .map_err(|source| start_error(&launch.program, source))?;
        let pid = i32::try_from(child.id()).unwrap_or_default();
        let platform = platform::current();
        // A child stays identifiable until it is waited for, which only `ended` does.
        let agent = platform.identify(pid);
        let handle = agent.as_ref().and_then(|a| platform.hold(a).ok().flatten());
        let foreign = std::rc::Rc::clone(&self.foreign);
        let exec = LocalExecution {
            pid,
            agent,
            handle,
            watch,
            mark: mark.clone(),
            child: true,
            exit: None,
            known: HashSet::new(),
            foreign,
        };
        Ok(Box::new(exec))
    }

    fn attach(&self, agent: Option<&ProcessIdentity>, mark: &Mark) -> io::Result<Box<dyn Execution>> {
        let platform = platform::current();
        let watch = watch(mark).map_err(io::Error::other)?;
        let agent = agent.cloned().or_else(|| leader(platform, &mark.marker));
        let handle = match &agent {
            Some(agent) => platform.hold(agent)?,
            None => None,
        };
        let pid = agent.as_ref().map_or(0, |a| a.pid);
        let foreign = std::rc::Rc::clone(&self.foreign);
        Ok(Box::new(LocalExecution {
            pid,
            agent,
            handle,
            watch,
            mark: mark.clone(),
            child: false,
            exit: None,
            known: HashSet::new(),
            foreign,
        }))
    }
}

/// The agent among the marked processes: the one that leads its own group, the first started if there are more. It cannot
/// lead a session: whoever does was started by it, and may well outlive it.
fn leader(platform: &dyn Platform, marker: &str) -> Option<ProcessIdentity> {
    let leads = |p: &ProcessIdentity| platform.group(p.pid) == Some(p.pid) && session(p.pid) != Some(p.pid);
    platform.with_variable(MARKER_VARIABLE, marker).into_iter().filter(leads).min_by_key(|p| (p.start, p.pid))
}

fn session(pid: i32) -> Option<i32> {
    let session = rustix::process::getsid(rustix::process::Pid::from_raw(pid)).ok()?;
    Some(session.as_raw_pid())
}

/// The files whose growth or touch wakes the runner. The logs are made here, so that they can be watched.
fn watch(mark: &Mark) -> Result<Box<dyn FileWatch>, StartError> {
    for path in [&mark.out, &mark.err] {
        let made = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path);
        made.map_err(|source| StartError::File { path: path.clone(), source })?;
    }
    let paths = [mark.out.clone(), mark.err.clone(), mark.control.clone()];
    platform::current().watch(&paths).map_err(|source| StartError::File { path: mark.control.clone(), source })
}

fn start_error(program: &Path, source: io::Error) -> StartError {
    let program = program.to_owned();
    match source.raw_os_error() {
        Some(libc::ENOENT) => StartError::NotFound { program, source },
        // The system had no room: for the arguments, for one more process or file.
        Some(libc::E2BIG | libc::EAGAIN | libc::EMFILE | libc::ENFILE | libc::ENOMEM) => {
            StartError::NoRoom { program, source }
        }
        _ => StartError::NotExecutable { program, source },
    }
}

struct LocalExecution {
    pid: i32,
    agent: Option<ProcessIdentity>,
    handle: Option<Box<dyn Handle>>,
    watch: Box<dyn FileWatch>,
    mark: Mark,
    /// Our own child: its exit status is ours to read, and all it leaves behind comes to us.
    child: bool,
    exit: Option<Exit>,
    /// Descendants seen so far, for an agent that is not our child: once it is gone its orphans are nobody's.
    known: HashSet<ProcessIdentity>,
    foreign: std::rc::Rc<IsForeignRunner>,
}

impl LocalExecution {
    /// Waits for every child that has ended. Orphans that came to us are let go, the agent's status is kept.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid.as_raw_pid() == self.pid && self.child {
                self.exit = Some(exit_of(status));
            }
        }
    }

    /// Everything of the task that lives, the agent included.
    fn living(&mut self) -> Vec<ProcessIdentity> {
        let platform = platform::current();
        let me = i32::try_from(std::process::id()).unwrap_or_default();
        let foreign = std::rc::Rc::clone(&self.foreign);
        let skip = |p: &ProcessIdentity| foreign(p);
        let mut all: HashSet<ProcessIdentity> = platform.descendants(me, &skip).into_iter().collect();
        let complete = self.child && platform.name() == "linux";
        if !complete {
            if let Some(agent) = self.agent.clone().filter(|a| self.exit.is_none() && self.is_same(a)) {
                self.known.extend(platform.descendants(agent.pid, &skip));
                all.insert(agent);
            }
            let marked = platform.with_variable(MARKER_VARIABLE, &self.mark.marker);
            self.known.extend(marked.into_iter().filter(|p| !skip(p)));
            self.known.retain(|p| platform.hold(p).ok().flatten().is_some_and(|h| h.is_alive()));
            all.extend(self.known.iter().cloned());
        }
        all.into_iter().collect()
    }

    fn is_same(&self, agent: &ProcessIdentity) -> bool {
        self.handle.as_ref().is_some_and(|h| h.identity() == agent && h.is_alive())
    }
}

fn exit_of(status: WaitStatus) -> Exit {
    Exit { code: status.exit_status(), signal: status.terminating_signal() }
}

impl Execution for LocalExecution {
    fn agent(&self) -> Option<&ProcessIdentity> {
        self.agent.as_ref()
    }

    fn wait(&mut self, timeout: Duration) -> io::Result<()> {
        self.watch.wait(self.handle.as_deref().filter(|_| self.exit.is_none()), timeout)
    }

    fn rewatch(&mut self) -> io::Result<()> {
        self.watch = watch(&self.mark).map_err(io::Error::other)?;
        Ok(())
    }

    fn ended(&mut self) -> Option<Exit> {
        self.reap();
        if self.exit.is_none() && !self.child && !self.handle.as_ref().is_some_and(|h| h.is_alive()) {
            // Not our child: nobody can say how it ended.
            self.exit = Some(Exit { code: None, signal: None });
        }
        self.exit
    }

    fn cpu_ms(&mut self) -> Option<u64> {
        let platform = platform::current();
        let me = i32::try_from(std::process::id()).unwrap_or_default();
        // The runner of a nested task counts here: its work is what our agent waits for.
        let mut all: HashSet<ProcessIdentity> = platform.descendants(me, &|_| false).into_iter().collect();
        all.extend(self.living());
        platform.cpu_ms(&all.into_iter().collect::<Vec<_>>())
    }

    fn push(&mut self, push: Push, polite: Signal) {
        let platform = platform::current();
        let signal = match push {
            Push::Polite => polite,
            Push::Term => Signal::TERM,
            Push::Kill => Signal::KILL,
        };
        let group = (push == Push::Polite).then(|| platform.group(self.pid)).flatten();
        for process in self.living() {
            if group.is_some_and(|g| platform.group(process.pid) != Some(g)) {
                continue;
            }
            // One that cannot be held or signalled is seen again by `strays`, which says so.
            if let Ok(Some(handle)) = platform.hold(&process) {
                let _ = handle.signal(signal);
            }
        }
    }

    fn strays(&mut self) -> Vec<ProcessIdentity> {
        self.reap();
        if self.child && nothing_below_us() {
            return Vec::new();
        }
        self.living()
    }

    fn describe(&self, process: &ProcessIdentity) -> LeakedProcess {
        LeakedProcess { pid: process.pid, command: platform::current().command(process.pid) }
    }
}

/// Whether we have no child at all. Where orphans come to us, that is the whole truth, for one system call.
fn nothing_below_us() -> bool {
    platform::current().name() == "linux" && matches!(wait(WaitOptions::NOHANG), Err(rustix::io::Errno::CHILD))
}
