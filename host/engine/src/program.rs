//! Finds an agent's program on PATH and makes sure that it is that agent: names are shared by impostors.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aid_core::agent::Manifest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::home::{FILE_MODE, Home, write_private};
use crate::platform;

/// How long a program may take to say who it is.
///
/// Node programs on a busy machine take ten seconds to start.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(30);
/// How much it may say in that time before it is ended, in bytes.
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How much of what it says on each stream is read, in bytes.
const MAX_PROBE_BYTES: usize = 64 * 1024;
/// Longest version that is kept, in characters.
const MAX_VERSION_CHARS: usize = 100;

/// A program that was proven to be the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// Absolute path.
    pub path: PathBuf,
    /// What its probe said after the marker.
    pub version: String,
}

/// Why no program was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// No such program.
    #[error("{programs} was not found on PATH")]
    NotFound {
        /// The names that were looked for.
        programs: String,
    },
    /// The program that the user named is not there.
    #[error("{path}, which is named as its program, is not there")]
    NotThere {
        /// The path.
        path: PathBuf,
    },
    /// Programs of that name are there, and none of them is the agent.
    #[error("{path} is not {agent}: {reason}")]
    Impostor {
        /// The first of them.
        path: PathBuf,
        /// The agent's name.
        agent: String,
        /// What it said instead.
        reason: String,
    },
    /// It did not say in time what it is; that says nothing about what it is.
    #[error("{path} did not answer {asked} within {waited_s} s, so it is not known to be {agent}")]
    Silent {
        /// The program.
        path: PathBuf,
        /// The agent's name.
        agent: String,
        /// What it was asked with.
        asked: String,
        /// How long it was waited for.
        waited_s: u64,
    },
    /// It is there and cannot be executed.
    #[error("{path} cannot be executed: {reason}")]
    NotExecutable {
        /// The program.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It would come out of the directory that the agent works in, or of the repository around it.
    #[error("{path} lies inside the {place} {dir}; a program that the task itself could replace is not started")]
    InsideWorkplace {
        /// The program.
        path: PathBuf,
        /// What the directory is.
        place: &'static str,
        /// The directory.
        dir: PathBuf,
    },
}

/// Executable files of the given names on a PATH, in its order. Relative entries are passed over: they mean another
/// file in every directory.
#[must_use]
pub fn candidates(programs: &[String], path: &OsStr) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for dir in std::env::split_paths(path).filter(|d| d.is_absolute()) {
        for program in programs {
            let candidate = dir.join(program);
            if is_executable(&candidate) && !found.contains(&candidate) {
                found.push(candidate);
            }
        }
    }
    found
}

/// For people who wonder why a program that they see is not found.
fn without_permission(programs: &[String], path: &OsStr) -> Option<FindError> {
    let dirs = std::env::split_paths(path).filter(|d| d.is_absolute());
    let mut files = dirs.flat_map(|dir| programs.iter().map(move |program| dir.join(program)));
    let path = files.find(|file| file.is_file())?;
    Some(FindError::NotExecutable { path, reason: "it has no permission to be executed; try chmod +x".to_owned() })
}

/// Whether it is a file that somebody may execute.
pub(crate) fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// Who says that a program is the agent, where the manifest has no mark that would show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nobody: it is not taken.
    Required,
    /// The user, who defined the agent by this name.
    UserVouches,
}

/// Exactly the program that the user named. It still has to show its mark where the manifest has one.
///
/// # Errors
/// When it is not there, cannot be executed, or is another one.
pub fn at(manifest: &Manifest, home: &Home, program: &Path, workdir: &Path) -> Result<Identified, FindError> {
    match fs::metadata(program) {
        Ok(_) if is_executable(program) => check(manifest, home, program, workdir, Proof::UserVouches),
        Ok(_) => {
            let reason = "it is no file, or has no permission to be executed".to_owned();
            Err(FindError::NotExecutable { path: program.to_owned(), reason })
        }
        Err(_) => Err(FindError::NotThere { path: program.to_owned() }),
    }
}

/// The first program on PATH that proves to be the agent.
///
/// # Errors
/// When there is none; with the first impostor, if any.
pub fn find(
    manifest: &Manifest,
    home: &Home,
    path: &OsStr,
    workdir: &Path,
    proof: Proof,
) -> Result<Identified, FindError> {
    let mut first_error = None;
    for candidate in candidates(&manifest.programs, path) {
        match check(manifest, home, &candidate, workdir, proof) {
            Ok(found) => return Ok(found),
            Err(e) => {
                first_error.get_or_insert(e);
            }
        }
    }
    Err(first_error
        .or_else(|| without_permission(&manifest.programs, path))
        .unwrap_or_else(|| FindError::NotFound { programs: manifest.programs.join(" or ") }))
}

fn check(
    manifest: &Manifest,
    home: &Home,
    candidate: &Path,
    workdir: &Path,
    proof: Proof,
) -> Result<Identified, FindError> {
    let real = fs::canonicalize(candidate).unwrap_or_else(|_| candidate.to_owned());
    let dir = fs::canonicalize(workdir).unwrap_or_else(|_| workdir.to_owned());
    let repository = repository(&dir).filter(|repository| !is_around_home(repository)).map(Path::to_owned);
    for (place, dir) in [("working directory", Some(dir)), ("repository", repository)] {
        if let Some(dir) = dir.filter(|dir| candidate.starts_with(dir) || real.starts_with(dir)) {
            return Err(FindError::InsideWorkplace { path: candidate.to_owned(), place, dir });
        }
    }
    let version = match (manifest.identity_marker.is_empty(), proof) {
        (false, _) => identify(manifest, home, candidate)?,
        (true, Proof::UserVouches) => String::new(),
        (true, Proof::Required) => {
            let reason = format!(
                "nothing tells it from other programs of that name; if it is the right one, say so in config.toml: \
                 [agents.{}] program = {candidate:?}",
                manifest.id
            );
            return Err(FindError::Impostor { path: candidate.to_owned(), agent: manifest.name.clone(), reason });
        }
    };
    Ok(Identified { path: candidate.to_owned(), version })
}

/// The repository that a directory is in: the nearest one above that has a `.git`.
pub(crate) fn repository(dir: &Path) -> Option<&Path> {
    dir.ancestors().find(|d| d.join(".git").exists())
}

/// Some people keep all of their home in a repository, and their programs below it.
fn is_around_home(repository: &Path) -> bool {
    let home = std::env::var_os("HOME").and_then(|home| fs::canonicalize(home).ok());
    home.is_some_and(|home| home.starts_with(repository))
}

/// A remembered answer, valid as long as the file is the same one.
#[derive(Serialize, Deserialize, PartialEq)]
struct Remembered {
    real: PathBuf,
    size: u64,
    modified_ns: i128,
    inode: u64,
    args: Vec<String>,
    marker: String,
    version: String,
}

/// What a program says it is, when it is the agent; remembered until the file changes.
///
/// # Errors
/// When it is something else, does not answer in [`PROBE_TIMEOUT`], or cannot be executed.
pub fn identify(manifest: &Manifest, home: &Home, program: &Path) -> Result<String, FindError> {
    let not_executable = |e: io::Error| FindError::NotExecutable { path: program.to_owned(), reason: e.to_string() };
    let real = fs::canonicalize(program).map_err(not_executable)?;
    let meta = fs::metadata(&real).map_err(not_executable)?;
    let mut fresh = Remembered {
        real,
        size: meta.size(),
        modified_ns: i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec()),
        inode: meta.ino(),
        args: manifest.identity_args.clone(),
        marker: manifest.identity_marker.clone(),
        version: String::new(),
    };
    let memory = home.cache().join(format!("probe-{}.json", name_of(program)));
    let stored = fs::read(&memory).ok().and_then(|bytes| serde_json::from_slice::<Remembered>(&bytes).ok());
    if let Some(stored) = stored {
        fresh.version.clone_from(&stored.version);
        if stored == fresh {
            return Ok(stored.version);
        }
    }
    fresh.version = probe(manifest, home, program)?;
    if let Ok(json) = serde_json::to_vec(&fresh) {
        // Only a saving; without it the program is asked again.
        let _ = write_private(&memory, &json);
    }
    Ok(fresh.version)
}

fn name_of(program: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    Sha256::digest(program.as_os_str().as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

fn probe(manifest: &Manifest, home: &Home, program: &Path) -> Result<String, FindError> {
    let impostor =
        |reason: String| FindError::Impostor { path: program.to_owned(), agent: manifest.name.clone(), reason };
    let asked = manifest.identity_args.join(" ");
    let said = match ask(manifest, home, program) {
        Ok(Answer::Said(said)) => said,
        Ok(Answer::TooLate) => {
            let waited_s = PROBE_TIMEOUT.as_secs();
            return Err(FindError::Silent { path: program.to_owned(), agent: manifest.name.clone(), asked, waited_s });
        }
        Ok(Answer::TooLong) => {
            return Err(impostor(format!("it answers {asked} with more than {} KiB", MAX_ANSWER_BYTES / 1024)));
        }
        Err(e) => return Err(FindError::NotExecutable { path: program.to_owned(), reason: e.to_string() }),
    };
    let clean = |text: &str, max: usize| text.trim().chars().filter(|c| !c.is_control()).take(max).collect::<String>();
    match said.lines().find_map(|line| line.strip_prefix(manifest.identity_marker.as_str())) {
        Some(version) => Ok(clean(version, MAX_VERSION_CHARS)),
        None => {
            let first = clean(said.lines().next().unwrap_or_default(), MAX_VERSION_CHARS);
            Err(impostor(format!("it answers {asked} with {first:?}, not with {:?}", manifest.identity_marker)))
        }
    }
}

/// What became of a probe.
enum Answer {
    /// What it wrote to stdout, then what it wrote to stderr: programs have their banner in either.
    Said(String),
    TooLate,
    TooLong,
}

/// A file that is known by its descriptor alone.
fn nameless(path: &Path) -> io::Result<fs::File> {
    let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
    fs::remove_file(path)?;
    Ok(file)
}

/// Runs the probe. Its answer goes to files: a pipe could be held open by what the program leaves behind.
fn ask(manifest: &Manifest, home: &Home, program: &Path) -> io::Result<Answer> {
    let path = |stream: &str| home.cache().join(format!("probe-{}.{}.{stream}", name_of(program), std::process::id()));
    crate::home::private_dir(&home.cache())?;
    let (out, err) = (nameless(&path("out"))?, nameless(&path("err"))?);
    let mut child = Command::new(program)
        .args(&manifest.identity_args)
        .env_clear()
        .envs(probe_environment())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::from(out.try_clone()?))
        .stderr(Stdio::from(err.try_clone()?))
        .process_group(0)
        .spawn()?;
    let platform = platform::current();
    let pid = i32::try_from(child.id()).unwrap_or_default();
    let handle = platform.identify(pid).and_then(|p| platform.hold(&p).ok().flatten());
    let mut watch = platform.watch(&[])?;
    let until = Instant::now() + PROBE_TIMEOUT;
    while child.try_wait()?.is_none() {
        let left = until.saturating_duration_since(Instant::now());
        let is_too_long = out.metadata()?.len() + err.metadata()?.len() > MAX_ANSWER_BYTES;
        if left.is_zero() || is_too_long {
            // Not waited for yet, so the group's number is still its own.
            if let Some(group) = rustix::process::Pid::from_raw(pid) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            child.wait()?;
            return Ok(if is_too_long { Answer::TooLong } else { Answer::TooLate });
        }
        // No event says how long the files are.
        watch.wait(handle.as_deref(), left.min(LOOK_EVERY))?;
    }
    Ok(Answer::Said(beginning(&out)? + "\n" + &beginning(&err)?))
}

fn beginning(answer: &fs::File) -> io::Result<String> {
    let mut text = vec![0; MAX_PROBE_BYTES];
    let read = answer.read_at(&mut text, 0)?;
    Ok(String::from_utf8_lossy(&text[..read]).into_owned())
}

/// No secret and nothing of the task: enough for an interpreter to be found.
fn probe_environment() -> Vec<(OsString, OsString)> {
    const NAMES: [&str; 8] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "NVM_DIR", "VOLTA_HOME"];
    let mut env: Vec<_> = NAMES.iter().filter_map(|n| Some((OsString::from(n), std::env::var_os(n)?))).collect();
    env.push(("NO_COLOR".into(), "1".into()));
    env.push(("TERM".into(), "dumb".into()));
    env
}
