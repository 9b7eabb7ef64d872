//! What can be said about this machine and this state directory, fact by fact, without changing either.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use schemars::JsonSchema;
use serde::Serialize;

use crate::clock;
use crate::db::Db;
use crate::home::Home;
use crate::login::{self, Login};
use crate::platform;
use crate::session::agents;
use crate::settings;

/// Free space below which tasks are at risk, in bytes.
const LOW_SPACE_BYTES: u64 = 1024 * 1024 * 1024;

/// How a fact is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactState {
    /// As it should be.
    Good,
    /// Worth knowing.
    Warning,
    /// Something will not work.
    Bad,
    /// It could not be found out.
    Unknown,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fact {
    /// Part of aid that it is about.
    pub area: &'static str,
    /// What it is about.
    pub name: String,
    /// How to take it.
    pub state: FactState,
    /// The fact.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Every fact. Runs the identity probes of agents that are on PATH, and `git --version`; changes nothing but the cache.
#[must_use]
pub fn facts(home: &Home) -> Vec<Fact> {
    let mut facts = vec![state_dir(home), ledger(home), config(home), backend()];
    facts.extend(platform::current().weaknesses().iter().map(|w| fact("platform", "weakness", FactState::Warning, w)));
    facts.push(git());
    facts.extend(agent_facts(home));
    facts.push(space(home));
    facts
}

fn fact(area: &'static str, name: &str, state: FactState, detail: &str) -> Fact {
    Fact { area, name: name.to_owned(), state, detail: detail.to_owned(), hint: None }
}

fn state_dir(home: &Home) -> Fact {
    let path = home.root().display().to_string();
    match fs::metadata(home.root()) {
        Ok(meta) if meta.mode() & 0o077 != 0 => Fact {
            hint: Some(format!("chmod 700 {path}")),
            ..fact("state", "directory", FactState::Warning, &format!("{path} can be read by others"))
        },
        Ok(_) => fact("state", "directory", FactState::Good, &path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            fact("state", "directory", FactState::Good, &format!("{path} (made by the first task)"))
        }
        Err(e) => fact("state", "directory", FactState::Bad, &format!("{path}: {e}")),
    }
}

fn ledger(home: &Home) -> Fact {
    match Db::open_existing(&home.db()) {
        Ok(None) => fact("state", "ledger", FactState::Good, "none yet"),
        Ok(Some(db)) => match db.unsettled() {
            Ok(found) if found.damaged.is_empty() => {
                fact("state", "ledger", FactState::Good, &format!("{} unfinished task(s)", found.records.len()))
            }
            Ok(found) => {
                fact("state", "ledger", FactState::Warning, &format!("{} damaged row(s)", found.damaged.len()))
            }
            Err(e) => fact("state", "ledger", FactState::Bad, &e.to_string()),
        },
        Err(e) => fact("state", "ledger", FactState::Bad, &e.to_string()),
    }
}

fn config(home: &Home) -> Fact {
    match settings::load(home) {
        Ok(_) if home.config().exists() => {
            fact("state", "config", FactState::Good, &home.config().display().to_string())
        }
        Ok(_) => fact("state", "config", FactState::Good, "defaults"),
        Err(e) => fact("state", "config", FactState::Bad, &e.to_string()),
    }
}

fn backend() -> Fact {
    fact("platform", "backend", FactState::Good, platform::current().name())
}

fn git() -> Fact {
    let output = Command::new("git").arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            fact("tools", "git", FactState::Good, text.trim().trim_start_matches("git version "))
        }
        _ => Fact {
            hint: Some("install git 2.38 or later".to_owned()),
            ..fact("tools", "git", FactState::Warning, "not found on PATH")
        },
    }
}

fn agent_facts(home: &Home) -> Vec<Fact> {
    let config = settings::load(home).ok();
    let config = config.as_ref();
    let db = Db::open_existing(&home.db()).ok().flatten();
    let holds = db.and_then(|db| db.holds().ok()).unwrap_or_default();
    let about = |entry: crate::session::AgentEntry| {
        let manifest = match &entry.manifest {
            Ok(manifest) => manifest,
            Err(e) => return fact("agent", &entry.name, FactState::Bad, e),
        };
        if let Some(hold) = entry.hold(config, &holds) {
            let detail = hold.explain(clock::now_ms());
            let hint = format!("aid config clear-limit {} forgets it", hold.account);
            return Fact { hint: Some(hint), ..fact("agent", &entry.name, FactState::Warning, &detail) };
        }
        let login = match login::see(manifest) {
            Login::Seen(what) => what,
            Login::NotSeen => "no login seen".to_owned(),
            Login::Unknown => "login unknown".to_owned(),
        };
        match entry.identify(home, config, Path::new("/nonexistent")) {
            Ok(found) => {
                let version = if found.version.is_empty() { "version unknown" } else { &found.version };
                let detail =
                    format!("{version} at {} (tested: {}), {login}", found.path.display(), manifest.tested_versions);
                fact("agent", &entry.name, FactState::Good, &detail)
            }
            Err(e) => Fact {
                hint: Some(manifest.install_hint.clone()),
                ..fact("agent", &entry.name, FactState::Warning, &e.to_string())
            },
        }
    };
    agents(home, config).into_iter().map(about).collect()
}

fn space(home: &Home) -> Fact {
    let existing = home.root().ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(existing) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let state = if free < LOW_SPACE_BYTES { FactState::Warning } else { FactState::Good };
            fact("state", "free space", state, &format!("{} MiB", free / (1024 * 1024)))
        }
        Err(e) => fact("state", "free space", FactState::Unknown, &e.to_string()),
    }
}
