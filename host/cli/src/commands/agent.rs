//! `aid agent`: which agents there are, and what is known about each.

use std::path::PathBuf;

use aid_core::config::Config;
use aid_core::exit::ExitCode;
use aid_core::hold::Hold;
use aid_engine::db::Db;
use aid_engine::home::Home;
use aid_engine::session::{AgentEntry, agents};
use aid_engine::settings;
use clap::Subcommand;

use super::define;
use crate::app::App;
use crate::error::{CliError, Outcome, chain};
use crate::output::human;
use crate::output::json::{AgentView, AgentsView};

/// List agents, show what is known about one, define your own
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List every agent that aid knows
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what is known about one agent
    Show {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Define an agent by a file
    Add {
        /// The definition
        file: PathBuf,
    },
    /// Take a definition away; it is put aside
    Remove {
        /// The agent
        name: String,
    },
    /// Define an agent that is another one with other settings
    Fork(define::ForkArgs),
}

/// Lists or shows.
pub(crate) fn run(args: Args, app: &mut App) -> Outcome {
    match args.what {
        What::List { json } => list(app, json),
        What::Show { name, json } => show(app, &name, json),
        What::Add { file } => define::add(app, &file),
        What::Remove { name } => define::remove(app, &name),
        What::Fork(args) => define::fork(app, args),
    }
}

/// Prints every agent.
pub(super) fn list(app: &mut App, json: bool) -> Outcome {
    let home = app.home()?;
    let config = config(app, &home);
    let holds = holds(&home);
    let view = |entry: &AgentEntry| AgentView::of(entry, config.as_ref(), &holds);
    let mut views: Vec<AgentView> = agents(&home, config.as_ref()).iter().map(view).collect();
    views.sort_by(|a, b| a.name.cmp(&b.name));
    if json {
        app.out.json(&AgentsView { agents: views })?;
    } else {
        let text = human::agents(&views, app.out.columns(), app.out.paint());
        app.out.line(&text)?;
    }
    Ok(ExitCode::Good)
}

fn show(app: &mut App, name: &str, json: bool) -> Outcome {
    let home = app.home()?;
    let config = config(app, &home);
    let entries = agents(&home, config.as_ref());
    let Some(entry) = entries.iter().find(|entry| entry.name == name) else { return Err(unknown(name, &entries)) };
    let mut view = AgentView::of(entry, config.as_ref(), &holds(&home));
    if entry.program.is_some() {
        let nowhere = std::path::Path::new("/nonexistent");
        match entry.identify(&home, config.as_ref(), nowhere) {
            Ok(found) => {
                view.path = Some(found.path.display().to_string());
                view.version = Some(found.version).filter(|version| !version.is_empty());
            }
            Err(why) => {
                view.available = false;
                view.problem = Some(chain(&why));
            }
        }
    }
    if json {
        app.out.json(&view)?;
    } else {
        let text = human::agent(&view, app.out.paint());
        app.out.line(&text)?;
    }
    Ok(ExitCode::Good)
}

/// Who cannot take work; a ledger that cannot be read stops a dispatch, not a look.
fn holds(home: &Home) -> Vec<Hold> {
    Db::open_existing(&home.db()).ok().flatten().and_then(|db| db.holds().ok()).unwrap_or_default()
}

/// Settings that cannot be read stop a dispatch, not a look.
fn config(app: &App, home: &Home) -> Option<Config> {
    settings::load(home).map_err(|why| app.talk.warn(&chain(&why))).ok()
}

fn unknown(name: &str, entries: &[AgentEntry]) -> CliError {
    let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let error = CliError::not_found(format!("unknown agent {name:?}")).hint(format!("available: {}", names.join(", ")));
    match did_you_mean(name, &names) {
        Some(meant) => error.hint(format!("did you mean {meant}?")),
        None => error,
    }
}

/// The name that was probably meant by one that does not exist.
pub(super) fn did_you_mean<'a>(written: &str, names: &'a [String]) -> Option<&'a str> {
    /// More than this many edits, or half of the name, is another word.
    const MAX_EDITS: usize = 2;
    if names.iter().any(|name| name == written) {
        return None;
    }
    let written = written.to_lowercase();
    let scored = names.iter().map(|name| (edits(&written, name), name));
    let best = scored.min()?;
    (best.0 <= MAX_EDITS && best.0 * 2 < best.1.len().max(1)).then_some(best.1.as_str())
}

/// How many characters must be changed, added, removed or swapped with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    /// Nobody means a name this long.
    const MAX_CHARS: usize = 64;
    let [a, b] = [a, b].map(|text| text.chars().take(MAX_CHARS).collect::<Vec<_>>());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let changed = usize::from(a[i - 1] != b[j - 1]);
                    let mut best = (table[i - 1][j - 1] + changed).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_recognised() {
        let names = ["codex", "gemini", "ob1"].map(str::to_owned);
        for (written, meant) in
            [("codx", Some("codex")), ("Codex", Some("codex")), ("cdoex", Some("codex")), ("gemnii", Some("gemini"))]
        {
            assert_eq!(did_you_mean(written, &names), meant, "{written}");
        }
        for written in ["codex", "claude", "", "x"] {
            assert_eq!(did_you_mean(written, &names), None, "{written}");
        }
    }
}
