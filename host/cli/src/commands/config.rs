//! `aid config`: the settings in force, where they are, and what they say about agents.

use std::os::unix::ffi::OsStrExt as _;

use aid_core::exit::ExitCode;
use aid_engine::settings;
use clap::Subcommand;

use crate::app::App;
use crate::error::{CliError, Outcome, chain};
use crate::output::human;
use crate::output::json::SettingsView;

/// Show settings and where they are
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List agents with what the settings say about them
    Agents {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the settings in force, defaults included
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print where the settings file is, or would be
    Path,
    /// Forget that an agent cannot take work
    ClearLimit {
        /// The agent, or `all`
        agent: String,
    },
}

/// Shows what was asked for.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    match &args.what {
        What::Agents { json } => super::agent::list(app, *json),
        What::Show { json } => show(app, *json),
        What::Path => {
            let path = app.home()?.config();
            app.out.bytes(path.as_os_str().as_bytes())?;
            app.out.bytes(b"\n")?;
            Ok(ExitCode::Good)
        }
        What::ClearLimit { agent } => clear_limit(app, agent),
    }
}

/// Says how many holds there were; that none was there is no error: nothing stands in the way, as was asked for.
fn clear_limit(app: &mut App, agent: &str) -> Outcome {
    let home = app.home()?;
    if agent != "all" && aid_engine::registry::by_name(&home, agent).is_none() {
        return Err(CliError::not_found(format!("unknown agent {agent:?}")).hint("aid agent list has them"));
    }
    let cleared = match app.reading()? {
        Some(mut session) => session
            .clear_holds(Some(agent).filter(|agent| *agent != "all"))
            .map_err(|why| CliError::internal("clear holds", &why))?,
        None => 0,
    };
    let whose = if agent == "all" { "any agent" } else { agent };
    app.talk.say(&match cleared {
        0 => format!("nothing was held for {whose}"),
        count => format!("forgot {}", human::plural(count as u64, "hold")),
    });
    Ok(ExitCode::Good)
}

fn show(app: &mut App, json: bool) -> Outcome {
    let home = app.home()?;
    let config = settings::load(&home).map_err(|why| CliError::usage(chain(&why)))?;
    let view = SettingsView::of(&config);
    if json {
        app.out.json(&view)?;
    } else {
        app.out.line(&human::settings(&view))?;
    }
    Ok(ExitCode::Good)
}
