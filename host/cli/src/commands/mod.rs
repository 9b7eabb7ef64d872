//! The commands. One file each: its flags, and what it does with them.

pub(crate) mod advise;
pub(crate) mod agent;
pub(crate) mod ask;
pub(crate) mod attempt;
pub(crate) mod board;
pub(crate) mod completions;
pub(crate) mod config;
mod define;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod help;
pub(crate) mod man;
pub(crate) mod output;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod scripted_agent;
pub(crate) mod show;
pub(crate) mod stop;
pub(crate) mod usage;
pub(crate) mod wait;
pub(crate) mod watch;

use crate::app::App;
use crate::cli::Command;
use crate::error::Outcome;

/// Runs a command.
pub(crate) fn run(command: Command, app: &mut App) -> Outcome {
    match command {
        Command::Run(args) => run::run(args, app),
        Command::Ask(args) => ask::run(args, app),
        Command::Advise(args) => advise::run(&args, app),
        Command::Board(args) => board::run(&args, app),
        Command::Show(args) => show::run(&args, app),
        Command::Output(args) => output::run(&args, app),
        Command::Watch(args) => watch::run(&args, app),
        Command::Wait(args) => wait::run(&args, app),
        Command::Stop(args) => stop::run(&args, app),
        Command::Usage(args) => usage::run(&args, app),
        Command::Agent(args) => agent::run(args, app),
        Command::Config(args) => config::run(&args, app),
        Command::Doctor(args) => doctor::run(&args, app),
        Command::Demo(args) => demo::run(&args, app),
        Command::Completions(args) => completions::run(&args, app),
        Command::Man(args) => man::run(&args, app),
        Command::Help(args) => help::run(&args, app),
        Command::Schema(args) => schema::run(&args, app),
        Command::Attempt(args) => attempt::run(&args, app),
        Command::ScriptedAgent(args) => scripted_agent::run(&args, app),
    }
}
