//! `aid usage`: what agents used and cost, and how far budgets are used up.

use aid_core::exit::ExitCode;
use aid_engine::db::Filter;
use aid_engine::settings;

use crate::app::{App, now_ms};
use crate::error::{CliError, Outcome, chain};
use crate::ledger;
use crate::output::human;
use crate::output::usage::UsageView;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Show what agents used: tasks, tokens, cost, budgets
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,

    /// Tasks dispatched in this time
    #[arg(long, value_name = "PERIOD", default_value = "30d")]
    period: Period,

    /// Only tasks of this workgroup
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Period {
    /// Since midnight
    Today,
    /// The last seven days
    #[value(name = "7d")]
    Week,
    /// The last thirty days
    #[value(name = "30d")]
    Month,
    /// Always
    All,
}

impl Period {
    fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::All => "all",
        }
    }

    fn since_ms(self) -> Option<i64> {
        match self {
            Self::Today => Some(human::start_of_today_ms()),
            Self::Week => Some(now_ms() - 7 * DAY_MS),
            Self::Month => Some(now_ms() - 30 * DAY_MS),
            Self::All => None,
        }
    }
}

/// Prints it.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let since_ms = args.period.since_ms();
    let filter = Filter { since_ms, agent: args.agent.clone(), group: args.group.clone(), ..Filter::default() };
    let config = settings::load(&app.home()?).map_err(|why| CliError::usage(chain(&why)))?;
    let (rows, budgets) = match app.reading()? {
        Some(session) => {
            let rows = session.db().usage(&filter).map_err(|why| ledger::failed("sum up use", &why))?;
            (rows, session.budgets(&config).map_err(|why| ledger::failed("sum up budgets", &why))?)
        }
        None => (Vec::new(), Vec::new()),
    };
    let view = UsageView::of(args.period.name(), since_ms, &rows, budgets);
    if args.json {
        app.out.json(&view)?;
    } else {
        let text = human::usage(&view, app.out.columns(), app.out.paint());
        app.out.line(&text)?;
    }
    Ok(ExitCode::Good)
}
