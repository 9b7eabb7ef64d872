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
    }
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
