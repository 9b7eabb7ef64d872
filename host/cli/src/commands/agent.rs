//! `aid agent`: which agents there are, and what is known about each.

use aid_core::config::Config;
use aid_core::exit::ExitCode;
use aid_core::suggest::did_you_mean;
use aid_engine::home::Home;
use aid_engine::session::{AgentEntry, agents};
use aid_engine::settings;
use clap::Subcommand;

use crate::app::App;
use crate::error::{CliError, Outcome, chain};
use crate::output::human;
use crate::output::json::{AgentView, AgentsView};

/// List agents, or show what is known about one
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
}

/// Lists or shows.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    match &args.what {
        What::List { json } => list(app, *json),
        What::Show { name, json } => show(app, name, *json),
    }
}

/// Prints every agent.
pub(super) fn list(app: &mut App, json: bool) -> Outcome {
    let home = app.home()?;
    let config = config(app, &home);
    let mut views: Vec<AgentView> = agents(&home).iter().map(|entry| AgentView::of(entry, config.as_ref())).collect();
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
    let entries = agents(&home);
    let Some(entry) = entries.iter().find(|entry| entry.name == name) else { return Err(unknown(name, &entries)) };
    let mut view = AgentView::of(entry, config(app, &home).as_ref());
    if entry.program.is_some() {
        let nowhere = std::path::Path::new("/nonexistent");
        match entry.identify(&home, nowhere) {
            Ok(found) => {
                view.path = Some(found.path.display().to_string());
                view.version = Some(found.version);
            }
            Err(why) => view.problem = Some(chain(&why)),
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
