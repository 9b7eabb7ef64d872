//! `aid advise`: which agent a task should go to, and why. Starts nothing.

use std::ffi::OsString;

use aid_core::agent::Autonomy;
use aid_core::exit::ExitCode;
use aid_core::select::{Advice, rank};
use aid_engine::session::{Question, advise};
use aid_engine::settings;

use crate::app::App;
use crate::error::{CliError, Outcome, chain};
use crate::ledger;
use crate::output::human;
use crate::prompt::PromptSource;

/// Rank the agents for a task, with reasons; starts nothing
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task: text, `-` for standard input, or `@FILE`
    prompt: OsString,

    /// Use this model
    #[arg(long, short, value_name = "MODEL")]
    model: Option<String>,

    /// Save money
    #[arg(long)]
    budget: bool,

    /// Only agents that can be kept from writing
    #[arg(long)]
    read_only: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Ranks.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let prompt = PromptSource::of(&args.prompt).read()?;
    if prompt.trim().is_empty() {
        return Err(CliError::usage("the prompt is empty").hint("say what the agent should do"));
    }
    let home = app.home()?;
    let config = settings::load(&home).map_err(|why| CliError::usage(chain(&why)))?;
    let session = app.reading()?;
    let question = Question {
        prompt: &prompt,
        category: None,
        autonomy: if args.read_only { Autonomy::ReadOnly } else { Autonomy::Full },
        budget: args.budget,
        model: args.model.as_deref(),
    };
    let input = advise(&home, &config, session.as_ref().map(|session| session.db()), &question)
        .map_err(|why| ledger::failed("look at the agents", &why))?;
    let ranking = rank(&input);
    let advice = Advice::of(&input, &ranking);
    if args.json {
        app.out.json(&advice)?;
    } else {
        let text = human::advice(&advice, app.out.columns(), app.out.paint());
        app.out.line(&text)?;
        if let Some(winner) = ranking.winner {
            app.talk.say(&winner.agent_line.replacen("Auto-selected", "auto would take", 1));
        }
    }
    Ok(ExitCode::Good)
}
