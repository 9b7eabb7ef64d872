//! The command line: every command and what they have in common. What a command's own flags mean is in its own file.

use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::{Parser, Subcommand};

use crate::commands;
use crate::output::ColorWhen;

/// Help is wrapped here at the latest.
const HELP_COLUMNS: usize = 100;

/// Hand tasks to AI coding CLIs, watch what they do, and keep a true record.
#[derive(Debug, Parser)]
#[command(
    name = "aid",
    version,
    styles = styles(),
    max_term_width = HELP_COLUMNS,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Data goes to stdout, everything else to stderr. Exit codes: aid help exit-codes."
)]
pub(crate) struct Cli {
    /// When to use colour
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = "Global options")]
    pub(crate) color: ColorWhen,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(commands::run::Args),
    Ask(commands::ask::Args),
    Advise(commands::advise::Args),
    Board(commands::board::Args),
    Show(commands::show::Args),
    Output(commands::output::Args),
    Watch(commands::watch::Args),
    Wait(commands::wait::Args),
    Stop(commands::stop::Args),
    Usage(commands::usage::Args),
    Agent(commands::agent::Args),
    Config(commands::config::Args),
    Doctor(commands::doctor::Args),
    Demo(commands::demo::Args),
    Completions(commands::completions::Args),
    Man(commands::man::Args),
    Help(commands::help::Args),
    #[command(hide = true)]
    Schema(commands::schema::Args),
    #[command(name = "__attempt", hide = true)]
    Attempt(commands::attempt::Args),
    #[command(name = "__scripted-agent", hide = true)]
    ScriptedAgent(commands::scripted_agent::Args),
}

fn styles() -> Styles {
    Styles::styled()
        .header(Style::new().bold())
        .usage(Style::new().bold())
        .literal(AnsiColor::Cyan.on_default())
        .error(AnsiColor::Red.on_default())
}
