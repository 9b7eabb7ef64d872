//! `aid ask`: a question to the best research agent, answered without writing anything.

use std::ffi::OsString;
use std::path::PathBuf;

use aid_core::agent::{Autonomy, Category};
use aid_engine::session::{AUTO, DispatchRequest};

use crate::app::{App, absolute};
use crate::error::Outcome;
use crate::prompt::PromptSource;

/// Ask an agent a question; it reads, and writes nothing
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The question: text, `-` for standard input, or `@FILE`
    question: OsString,

    /// The agent; the best for research when left out
    #[arg(long, value_name = "AGENT", default_value = AUTO)]
    agent: String,

    /// Files that the question is about, separated by commas
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    files: Vec<PathBuf>,

    /// Use this model instead of the agent's own choice
    #[arg(long, short, value_name = "MODEL")]
    model: Option<String>,

    /// Write the answer to this file as well
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print the task as JSON
    #[arg(long)]
    json: bool,
}

/// Asks, and prints the answer.
pub(crate) fn run(args: Args, app: &mut App) -> Outcome {
    let files = args.files.iter().map(|file| absolute(file)).collect::<Result<_, _>>()?;
    let request = DispatchRequest {
        prompt: PromptSource::of(&args.question).read()?,
        agent: args.agent,
        dir: absolute(".".as_ref())?,
        context_files: files,
        category: Some(Category::Research),
        model: args.model,
        autonomy: Autonomy::ReadOnly,
        output: args.output.as_deref().map(absolute).transpose()?,
        id: None,
        timeout_ms: None,
        idle_timeout_ms: None,
        max_cost_micro_usd: None,
        background: false,
        budget: false,
        fallback: Vec::new(),
        force: false,
        caller: app.caller().map(str::to_owned),
    };
    super::run::hand_over(app, &request, args.json)
}
