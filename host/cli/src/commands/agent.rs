//! `aid agent`: which agents there are, and what is known about each.

use std::path::PathBuf;

use aid_core::config::Config;
use aid_core::exit::ExitCode;
use aid_core::hold::Hold;
use aid_core::suggest::did_you_mean;
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
