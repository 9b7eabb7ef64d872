//! `aid run`: hands a task to an agent, and follows it unless told not to. The agent belongs to a runner of its own:
//! nothing that happens here can end it, except a second Ctrl-C.

use std::ffi::OsString;
use std::io::{IsTerminal as _, stdin};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use aid_core::agent::Autonomy;
use aid_core::event::{Event, Recorded};
use aid_core::exit::{self, ExitCode};
use aid_core::id::TaskId;
use aid_core::spec::TaskSpec;
use aid_core::text::sanitize_block;
use aid_engine::interrupts;
use aid_engine::session::{DispatchRequest, Planned, Problem, Session};

use crate::app::{App, absolute, now_ms};
use crate::error::{self, CliError, Outcome, chain};
use crate::follow::{Follower, Seen};
use crate::ledger;
use crate::output::{Talk, Tone, human, json};
use crate::prompt::PromptSource;
use crate::values;

/// How long a second Ctrl-C is waited for.
const SECOND_INTERRUPT: Duration = Duration::from_secs(2);
/// What Ctrl-C sends.
const SIGINT: i32 = 2;

/// Hand a task to an agent and follow it
///
/// The answer goes to stdout, progress to stderr. The agent is not a child of this command: closing the terminal or
/// killing this command leaves it running. Ctrl-C detaches; a second Ctrl-C within two seconds stops the task.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  aid run codex \"fix the failing test\"
  aid run codex @task.md --dir ../api --output answer.md
  git diff | aid run codex -
  aid run codex \"-v is ignored, find out why\" --bg")]
pub(crate) struct Args {
    /// The agent: see `aid agent list`; `auto` takes the best for the task
    agent: String,

    /// What to do: text, `-` for standard input, or `@FILE` (`@@` for a literal `@`)
    prompt: OsString,

    /// Run the agent in this directory instead of the current one
    #[arg(long, short, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Write the final answer to this file as well
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Use this model instead of the agent's own choice
    #[arg(long, short, value_name = "MODEL")]
    model: Option<String>,

    /// Do not wait: print the task's id and return
    #[arg(long)]
    bg: bool,

    /// End the task after this long (like 90s, 5m, 1h30m)
    #[arg(long, value_name = "TIME", value_parser = values::duration_ms, allow_hyphen_values = true)]
    timeout: Option<u64>,

    /// End the task when nothing is heard of it for this long
    #[arg(long, value_name = "TIME", value_parser = values::duration_ms, allow_hyphen_values = true)]
    idle_timeout: Option<u64>,

    /// End the task when it has cost more than this many US dollars
    #[arg(long, value_name = "USD", value_parser = values::micro_usd, allow_hyphen_values = true)]
    max_cost: Option<u64>,

    /// Save money: the agent's cheap ways where it has some
    #[arg(long)]
    budget: bool,

    /// Who takes over when the agent cannot take work; may be repeated, the first that can is taken
    #[arg(long, value_name = "AGENT")]
    fallback: Vec<String>,

    /// Try an agent that is held all the same
    #[arg(long)]
    force: bool,

    /// Name the task instead of letting aid make an id
    #[arg(long, value_name = "NAME")]
    id: Option<String>,

    /// The agent may read everything and write nothing
    #[arg(long)]
    read_only: bool,

    /// Add no methodology to the prompt
    #[arg(long)]
    no_skill: bool,

    /// Say what would be started, and start nothing
    #[arg(long, conflicts_with = "bg")]
    dry_run: bool,

    /// Print the task as JSON
    #[arg(long)]
    json: bool,
}

/// Hands the task over.
pub(crate) fn run(args: Args, app: &mut App) -> Outcome {
    let (dry_run, json) = (args.dry_run, args.json);
    let request = request(args, app)?;
    if dry_run {
        let session = app.dispatching()?;
        let planned = session.plan(&request).map_err(|problems| refused(&request, &session, problems))?;
        return show_plan(app, &planned, json);
    }
    hand_over(app, &request, json)
}

/// Dispatches a request, and follows it unless it goes to the background.
pub(super) fn hand_over(app: &mut App, request: &DispatchRequest, json: bool) -> Outcome {
    let background = request.background;
    let mut session = app.dispatching()?;
    let planned = session.plan(request).map_err(|problems| refused(request, &session, problems))?;
    planned.decisions.iter().for_each(|decision| app.talk.say(decision));
    planned.notices.iter().for_each(|notice| app.talk.warn(notice));
    if !background {
        // From here on a signal must not end this command between a task's start and the word about it.
        interrupts::install();
    }
    let agent = planned.spec.agent.clone();
    let id = session.submit(planned).map_err(|why| {
        let error = CliError::new(why.exit_code(), chain(&why));
        if why.exit_code() == ExitCode::Usage { error.hint("choose another name, or leave --id out") } else { error }
    })?;
    if background { left_alone(app, &session, &id, json) } else { foreground(app, session, id, &agent, json) }
}

/// What the command line asks for.
fn request(args: Args, app: &App) -> Result<DispatchRequest, CliError> {
    let source = PromptSource::of(&args.prompt);
    if source == PromptSource::Stdin && stdin().is_terminal() {
        app.talk.say("type the prompt, end it with Ctrl-D");
    }
    Ok(DispatchRequest {
        prompt: source.read()?,
        agent: args.agent,
        dir: absolute(args.dir.as_deref().unwrap_or(".".as_ref()))?,
        context_files: Vec::new(),
        category: None,
        id: args.id,
        model: args.model,
        autonomy: if args.read_only { Autonomy::ReadOnly } else { Autonomy::Full },
        output: args.output.as_deref().map(absolute).transpose()?,
        timeout_ms: args.timeout,
        idle_timeout_ms: args.idle_timeout,
        max_cost_micro_usd: args.max_cost,
        background: args.bg,
        budget: args.budget,
        fallback: args.fallback,
        force: args.force,
        caller: app.caller().map(str::to_owned),
    })
}

fn refused(request: &DispatchRequest, session: &Session, problems: Vec<Problem>) -> CliError {
    let code = problems.first().map_or(ExitCode::Internal, |problem| problem.kind.exit_code());
    let mut error = CliError { code, problems: Vec::new() };
    for problem in problems {
        error.problems.push(error::Problem { message: problem.message, hints: problem.hint.into_iter().collect() });
    }
    let names: Vec<String> =
        aid_engine::session::agents(session.home(), None).into_iter().map(|agent| agent.name).collect();
    match aid_core::suggest::did_you_mean(&request.agent, &names) {
        Some(meant) => error.hint(format!("did you mean {meant}?")),
        None => error,
    }
}

fn show_plan(app: &mut App, planned: &Planned, json: bool) -> Outcome {
    let view = json::PlanView::of(planned);
    if json {
        app.out.json(&view)?;
    } else {
        let text = human::plan(&view, app.out.paint());
        app.out.line(&text)?;
    }
    Ok(ExitCode::Good)
}

/// The id alone on stdout, for scripts; how to go on, for people.
fn left_alone(app: &mut App, session: &Session, id: &TaskId, json: bool) -> Outcome {
    if json {
        app.out.json(&ledger::record(session, id)?.view(now_ms()))?;
    } else {
        app.out.line(id.as_str())?;
    }
    app.talk.say(&format!("watch it: aid watch {id} · wait for it: aid wait {id} · stop it: aid stop {id}"));
    Ok(ExitCode::Good)
}

/// Follows the task to its end, or until somebody wants to go.
fn foreground(app: &mut App, mut session: Session, id: TaskId, agent: &str, json: bool) -> Outcome {
    app.talk.say(&format!("{id}: {agent} has the task"));
    let mut follower = Follower::new(&session, vec![id.clone()])?;
    let mut progress = Progress::new();
    let mut signals = Signals::new();
    loop {
        follower.drain(&session, |seen| {
            progress.see(seen, &app.talk);
            Ok(())
        })?;
        if follower.all_settled() {
            return settled(app, &session, &id, json);
        }
        match signals.next(&id, &app.talk) {
            Next::GoOn => {}
            Next::Leave => return Ok(ExitCode::Interrupted),
            Next::Stop => return stop(app, &mut session, &id),
        }
        // Whatever ended the wait, the next round looks at everything.
        let _ = follower.wait(&mut session, signals.deadline())?;
    }
}

/// The answer, and the line that closes the run.
fn settled(app: &mut App, session: &Session, id: &TaskId, json: bool) -> Outcome {
    let record = ledger::record(session, id)?;
    let view = record.view(now_ms());
    if json {
        app.out.json(&view)?;
    } else if let Some(answer) = ledger::answer(session, id)? {
        let shown = if app.out.is_terminal() { sanitize_block(&answer) } else { answer };
        app.out.bytes(shown.as_bytes())?;
        if !shown.ends_with('\n') {
            app.out.bytes(b"\n")?;
        }
    }
    app.out.flush()?;
    let line = human::closing(&view);
    app.talk.say_toned(line.tone, &line.head, &line.rest);
    let code = exit::of_task(&record.task);
    if matches!(code, ExitCode::RateLimit | ExitCode::Auth) {
        say_who_can(app, session, &record.spec);
    }
    Ok(code)
}

/// After a refusal: the next agent that nothing is known to stand in the way of.
fn say_who_can(app: &App, session: &Session, spec: &TaskSpec) {
    let Ok(config) = session.config() else { return };
    if let Some(next) = session.next_capable(spec.account(), &spec.prompt, spec.autonomy, &config) {
        app.talk.say(&format!("{next} can take work: aid run {next} \"…\""));
    }
}

fn stop(app: &App, session: &mut Session, id: &TaskId) -> Outcome {
    let report = session.stop(id, false).map_err(|why| CliError::internal("stop the task", &why))?;
    let line = human::closing(&ledger::record(session, id)?.view(now_ms()));
    if report.task.status.is_terminal() {
        app.talk.say_toned(line.tone, &line.head, &line.rest);
    } else {
        app.talk.warn(&format!("{id} was asked to stop; nobody has seen its end yet · next: aid stop {id} --force"));
    }
    Ok(ExitCode::Interrupted)
}

/// What a signal, or the end of the wait for a second one, leads to.
enum Next {
    GoOn,
    Leave,
    Stop,
}

/// Signals that came while a task was followed.
struct Signals {
    seen: usize,
    /// Until when a second Ctrl-C counts as one.
    second_until: Option<Instant>,
}

impl Signals {
    fn new() -> Self {
        Self { seen: 0, second_until: None }
    }

    fn deadline(&self) -> Option<Instant> {
        self.second_until
    }

    fn next(&mut self, id: &TaskId, talk: &Talk) -> Next {
        let new = interrupts::count().saturating_sub(self.seen);
        self.seen += new;
        let asked_to_go = new > 0 && interrupts::last() != Some(SIGINT);
        let goes_on = format!("{id} goes on without you · come back: aid watch {id} · stop it: aid stop {id}");
        if asked_to_go {
            talk.say(&goes_on);
            return Next::Leave;
        }
        match (new, self.second_until) {
            (0, Some(until)) if Instant::now() >= until => Next::Leave,
            (0, _) => Next::GoOn,
            (1, None) => {
                talk.say(&goes_on);
                talk.say(&format!("press Ctrl-C again within {} s to stop it now", SECOND_INTERRUPT.as_secs()));
                self.second_until = Some(Instant::now() + SECOND_INTERRUPT);
                Next::GoOn
            }
            _ => {
                talk.say(&format!("stopping {id}"));
                Next::Stop
            }
        }
    }
}

/// Progress as it is shown. The last thing an agent says is its answer, which is printed whole at the end: a message is
/// held back until something else follows it.
struct Progress {
    held: Option<(Tone, String)>,
}

impl Progress {
    fn new() -> Self {
        Self { held: None }
    }

    fn see(&mut self, seen: Seen<'_>, talk: &Talk) {
        let recorded = match seen {
            Seen::Event(_, recorded) => recorded,
            Seen::Damaged(_, why) => return talk.warn(&why),
        };
        let line = human::progress(&recorded.event);
        if is_message(&recorded) {
            self.release(talk);
            self.held = line;
        } else if let Some((tone, text)) = line {
            self.release(talk);
            talk.progress(tone, &text);
        }
    }

    fn release(&mut self, talk: &Talk) {
        if let Some((tone, text)) = self.held.take() {
            talk.progress(tone, &text);
        }
    }
}

fn is_message(recorded: &Recorded) -> bool {
    matches!(recorded.event, Event::Message { .. })
}
