//! `aid board`: which tasks there are and how they stand.

use std::collections::BTreeMap;

use aid_core::exit::ExitCode;
use aid_core::id::TaskId;
use aid_core::task::{Status, VerifyStatus};
use aid_core::view::TaskRecord;
use aid_core::view::{BoardView, TaskView, Totals};
use aid_engine::db::{DEFAULT_LIMIT, Filter, Listed};
use aid_engine::session::{Session, Wake};

use crate::app::{App, now_ms};
use crate::error::{CliError, Outcome};
use crate::follow;
use crate::ledger;
use crate::output::{Talk, human};

/// List tasks with their state, use and cost
///
/// Without a selection: the newest 50 and everything unfinished.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only tasks that are not final
    #[arg(long, group = "which")]
    running: bool,

    /// Only tasks dispatched since midnight
    #[arg(long, group = "which")]
    today: bool,

    /// Every task
    #[arg(long, group = "which")]
    all: bool,

    /// Only tasks of this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,

    /// Only tasks that this session dispatched
    #[arg(long)]
    mine: bool,

    /// List at most this many, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Print every change as it happens, until all are final
    #[arg(long, conflicts_with = "json")]
    stream: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the board.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let query = query(args, app)?;
    let Some(mut session) = app.reading()? else { return empty(args, app) };
    if args.stream {
        return stream(app, &mut session, &query);
    }
    let (view, damaged) = query.board(&session)?;
    report(&app.talk, &damaged);
    if args.json {
        app.out.json(&view)?;
    } else if view.totals.tasks == 0 && !query.is_selective() {
        return empty(args, app);
    } else {
        let style = style(app);
        app.out.line(&human::board(&view, style))?;
    }
    Ok(ExitCode::Good)
}

/// Nothing was ever dispatched here.
fn empty(args: &Args, app: &mut App) -> Outcome {
    if args.json {
        app.out.json(&BoardView { tasks: Vec::new(), totals: Totals::default() })?;
    } else {
        app.talk.say("No tasks yet. Start one: aid run codex \"…\"");
    }
    Ok(ExitCode::Good)
}

/// Which tasks the board is about.
struct Query {
    filter: Filter,
    /// Unfinished ones are listed however old they are.
    with_unfinished: bool,
}

fn query(args: &Args, app: &App) -> Result<Query, CliError> {
    let caller = if args.mine { Some(this_session(app)?) } else { None };
    let everything = args.all || args.running || args.today;
    let limit = args.limit.map_or(if everything { usize::MAX } else { DEFAULT_LIMIT }, |limit| limit as usize);
    let filter = Filter {
        statuses: args.running.then(unfinished),
        since_ms: args.today.then(human::start_of_today_ms),
        group: None,
        agent: args.agent.clone(),
        caller,
        limit,
    };
    Ok(Query { filter, with_unfinished: !everything && args.limit.is_none() })
}

fn this_session(app: &App) -> Result<String, CliError> {
    app.caller().map(str::to_owned).ok_or_else(|| {
        CliError::usage("--mine: no session was recognised, so no task can be yours")
            .hint("set AID_CALLER_KIND and AID_CALLER_SESSION, for aid run too")
    })
}

fn unfinished() -> Vec<Status> {
    Status::ALL.into_iter().filter(|status| !status.is_terminal()).collect()
}

impl Query {
    /// Whether it may leave something out that is there.
    fn is_selective(&self) -> bool {
        let filter = &self.filter;
        filter.statuses.is_some() || filter.since_ms.is_some() || filter.agent.is_some() || filter.caller.is_some()
    }

    /// What is listed, newest first.
    fn list(&self, session: &Session) -> Result<Listed<TaskRecord>, CliError> {
        let list = |filter: &Filter| session.db().list(filter).map_err(|why| ledger::failed("list tasks", &why));
        let mut listed = list(&self.filter)?;
        if self.with_unfinished && listed.records.len() + listed.damaged.len() >= self.filter.limit {
            let live = list(&Filter { statuses: Some(unfinished()), limit: usize::MAX, ..self.filter.clone() })?;
            let known = |id: &TaskId| listed.records.iter().any(|record| record.task.id == *id);
            let older: Vec<TaskRecord> = live.records.into_iter().filter(|record| !known(&record.task.id)).collect();
            listed.records.extend(older);
            let new = live.damaged.into_iter().filter(|row| !listed.damaged.contains(row)).collect::<Vec<_>>();
            listed.damaged.extend(new);
        }
        Ok(listed)
    }

    fn board(&self, session: &Session) -> Result<(BoardView, Vec<String>), CliError> {
        let listed = self.list(session)?;
        let totals = session.db().totals(&self.filter).map_err(|why| ledger::failed("sum up tasks", &why))?;
        let now_ms = now_ms();
        let tasks = listed.records.iter().map(|record| record.view(now_ms)).collect();
        let damaged = listed.damaged.into_iter().map(|row| format!("{} cannot be read: {}", row.id, row.reason));
        Ok((BoardView { tasks, totals }, damaged.collect()))
    }
}

/// One bad row is one bad line; the others are not its fault.
fn report(talk: &Talk, damaged: &[String]) {
    damaged.iter().for_each(|row| talk.warn(row));
}

fn style(app: &App) -> human::BoardStyle {
    human::BoardStyle { columns: app.out.columns(), paint: app.out.paint() }
}

/// What a change is measured by.
type State = (Status, VerifyStatus, Option<String>);

/// Prints every change until nothing is unfinished, or nobody reads any more.
fn stream(app: &mut App, session: &mut Session, query: &Query) -> Outcome {
    let mut watch = session.watch().map_err(|why| CliError::internal("watch the ledger", &why))?;
    let mut known: BTreeMap<TaskId, State> = BTreeMap::new();
    let mut first = true;
    loop {
        let (view, damaged) = query.board(session)?;
        if std::mem::take(&mut first) {
            report(&app.talk, &damaged);
        }
        let live: Vec<TaskId> = view.tasks.iter().filter(|t| !t.status.is_terminal()).map(|t| t.id.clone()).collect();
        changes(app, &view.tasks, &mut known)?;
        if live.is_empty() || app.out.is_closed() {
            return Ok(ExitCode::Good);
        }
        if follow::wait(&mut watch, session, &live, None)? == Wake::Interrupted {
            return Ok(ExitCode::Interrupted);
        }
    }
}

/// Oldest first, because that is the order in which things happened.
fn changes(app: &mut App, tasks: &[TaskView], known: &mut BTreeMap<TaskId, State>) -> Result<(), CliError> {
    let style = style(app);
    for task in tasks.iter().rev() {
        let milestone = task.milestone.clone().filter(|_| !task.status.is_terminal());
        let state = (task.status, task.verify_status, milestone);
        if known.get(&task.id) != Some(&state) {
            known.insert(task.id.clone(), state);
            app.out.line(&human::change(&human::clock_time(now_ms()), task, style))?;
        }
    }
    app.out.flush()
}
