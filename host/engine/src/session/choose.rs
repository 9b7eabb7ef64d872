//! Which agent gets a task: the one that was asked for, or, where it cannot take work, the first of its fall-backs that
//! can. Budgets and holds are looked at here, once, for every kind of dispatch. Nothing is started and nothing written.

use aid_core::agent::{Autonomy, KeyValue, Manifest};
use aid_core::budget::{BudgetView, Level};
use aid_core::config::Config;
use aid_core::exit::ExitCode;
use aid_core::hold::Hold;
use aid_core::select::{Complexity, fallbacks, model_for, rank};
use aid_core::spec::ProgramRef;

use super::advise::{Question, advise};
use super::dispatch::{DispatchRequest, Problem, ProblemKind, problem};
use super::{Session, agents};
use crate::clock::now_ms;
use crate::db::DbError;
use crate::program::FindError;
use crate::registry::{self, Entry};

/// An agent that can take the task.
pub(super) struct Choice {
    pub(super) entry: Entry,
    pub(super) manifest: Manifest,
    pub(super) program: ProgramRef,
    pub(super) model: Option<String>,
    pub(super) options: Vec<KeyValue>,
    pub(super) extra_args: Vec<String>,
    /// Money is to be saved.
    pub(super) budget: bool,
    /// What the caller should know.
    pub(super) notices: Vec<String>,
}

impl Session {
    /// The agent for a request.
    ///
    /// # Errors
    /// Everything that is wrong with the one that was asked for, and with its fall-backs where it has any.
    pub(super) fn choose(&self, request: &DispatchRequest, config: &Config) -> Result<Choice, Vec<Problem>> {
        let mut wrong = match self.consider(&request.agent, request, config) {
            Ok(choice) => return Ok(choice),
            Err(wrong) => wrong,
        };
        if !wrong.iter().all(|problem| problem.kind.is_the_agents()) {
            return Err(wrong);
        }
        for name in &request.fallback {
            match self.consider(name, request, config) {
                Ok(mut choice) => {
                    let why = wrong.first().map(|problem| problem.message.clone()).unwrap_or_default();
                    choice.notices.insert(0, format!("{name} takes over: {why}"));
                    return Ok(choice);
                }
                Err(more) => wrong.extend(more),
            }
        }
        if request.fallback.is_empty()
            && let Some(next) = self.next_capable(&request.agent, &request.prompt, request.autonomy, config)
            && let Some(first) = wrong.first_mut()
        {
            let hint = format!("{next} can take work: aid run {next} …, or --fallback {next}");
            first.hint = Some(match first.hint.take() {
                Some(own) => format!("{own}; {hint}"),
                None => hint,
            });
        }
        Err(wrong)
    }

    /// One agent, in every respect.
    fn consider(&self, name: &str, request: &DispatchRequest, config: &Config) -> Result<Choice, Vec<Problem>> {
        let entry = self.entry(name)?;
        let manifest = entry.manifest().map_err(|e| {
            vec![problem(ProblemKind::Internal, format!("the adapter of {name} cannot be used: {e}"), None)]
        })?;
        let own = config.agents.get(name);
        if own.is_some_and(|own| own.disabled) {
            let message = format!("{name} is disabled in config.toml");
            return Err(vec![problem(ProblemKind::Unusable, message, Some("see [agents] there"))]);
        }
        let options = agents::options(&entry, &manifest, Some(config)).map_err(|wrong| {
            wrong.into_iter().map(|message| problem(ProblemKind::Unusable, message, None)).collect::<Vec<_>>()
        })?;
        let found = agents::locate(&entry, &manifest, Some(config), &self.home, &request.dir)
            .map_err(|e| vec![not_found(name, &manifest, &e)])?;
        // A model never travels from one agent to another.
        let asked = request.model.clone().filter(|_| name == request.agent);
        let model = asked.or_else(|| agents::own_model(&entry, Some(config)));
        let mut notices = Vec::new();
        let budget = self.within_budget(&entry, config, request, &mut notices)?;
        let cheapest = || model_for(&manifest.models, Complexity::Low, true, None).map(|choice| choice.name);
        let model = model.or_else(|| cheapest().filter(|_| budget));
        self.not_held(&entry, &manifest, model.as_deref(), request, &mut notices)?;
        let mut extra_args = entry.parts().extra_args;
        extra_args.extend(own.into_iter().flat_map(|own| own.args.iter().cloned()));
        let program = ProgramRef { path: found.path.to_string_lossy().into_owned(), version: found.version };
        Ok(Choice { entry, manifest, program, model, options, extra_args, budget, notices })
    }

    fn entry(&self, name: &str) -> Result<Entry, Vec<Problem>> {
        let known = registry::known(&self.home);
        if let Some(entry) = known.entries.iter().find(|entry| entry.name == name) {
            return Ok(entry.clone());
        }
        if let Some(broken) = known.broken.iter().find(|broken| broken.name == name) {
            let message = format!("agent {name} cannot be used: {}: {}", broken.file.display(), broken.problem);
            return Err(vec![problem(ProblemKind::Usage, message, None)]);
        }
        let names: Vec<&str> = known.entries.iter().map(|entry| entry.name.as_str()).collect();
        let hint = format!("available: {}", names.join(", "));
        Err(vec![problem(ProblemKind::Usage, format!("unknown agent {name:?}"), Some(&hint))])
    }

    /// Whether money is to be saved.
    fn within_budget(
        &self,
        entry: &Entry,
        config: &Config,
        request: &DispatchRequest,
        notices: &mut Vec<String>,
    ) -> Result<bool, Vec<Problem>> {
        let mut saving = request.budget || config.selection.budget_mode;
        let internal = |e: DbError| vec![problem(ProblemKind::Internal, e.to_string(), None)];
        for (budget, view) in config.usage.budget.iter().zip(self.budgets(config).map_err(internal)?) {
            if !budget.covers(&entry.name) && !budget.covers(entry.account()) {
                continue;
            }
            let said = format!("budget {}: {}", budget.name, view.explain());
            match view.level {
                Level::Ok => {}
                Level::Warning => {
                    notices.push(format!("{said}; money is saved from here on"));
                    saving = true;
                }
                Level::Exceeded => {
                    let hint = "aid usage shows it; [[usage.budget]] in config.toml sets it";
                    return Err(vec![problem(ProblemKind::OverBudget, format!("{said} used up"), Some(hint))]);
                }
            }
        }
        Ok(saving)
    }

    fn not_held(
        &self,
        entry: &Entry,
        manifest: &Manifest,
        model: Option<&str>,
        request: &DispatchRequest,
        notices: &mut Vec<String>,
    ) -> Result<(), Vec<Problem>> {
        let holds = self.holds().map_err(|e| vec![problem(ProblemKind::Internal, e.to_string(), None)])?;
        let Some(hold) = agents::standing(entry, manifest, model, &holds) else { return Ok(()) };
        let why = format!("{} cannot take work: {}", entry.name, hold.explain(now_ms()));
        if request.force {
            notices.push(format!("{why}; it is tried all the same"));
            return Ok(());
        }
        let hint = format!("--force tries it all the same; aid config clear-limit {} forgets it", hold.account);
        Err(vec![problem(ProblemKind::Held(hold.class), why, Some(&hint))])
    }

    /// Every hold that was not cleared.
    ///
    /// # Errors
    /// The ledger's.
    pub fn holds(&self) -> Result<Vec<Hold>, DbError> {
        self.db.holds()
    }

    /// Forgets the holds of an agent, or all of them; how many there were.
    ///
    /// # Errors
    /// The ledger's.
    pub fn clear_holds(&mut self, agent: Option<&str>) -> Result<usize, DbError> {
        let account = agent.map(|name| {
            registry::by_name(&self.home, name).map_or_else(|| name.to_owned(), |entry| entry.account().to_owned())
        });
        self.db.clear_holds(account.as_deref())
    }

    /// Every budget as it stands now, in the order of the settings.
    ///
    /// # Errors
    /// The ledger's.
    pub fn budgets(&self, config: &Config) -> Result<Vec<BudgetView>, DbError> {
        let (now, zone) = (now_ms(), jiff::tz::TimeZone::system());
        let view = |budget: &aid_core::budget::Budget| {
            let since_ms = budget.window.began_ms(now, &zone, budget.resets_at);
            let used = self.db.used(budget.agent.as_deref(), since_ms.unwrap_or(0))?;
            Ok(budget.at(&used, since_ms))
        };
        config.usage.budget.iter().map(view).collect()
    }

    /// The next agent of the configured chain, after one, that is capable of a task and that nothing is known to stand in
    /// the way of.
    #[must_use]
    pub fn next_capable(&self, after: &str, prompt: &str, autonomy: Autonomy, config: &Config) -> Option<String> {
        let question = Question { prompt, category: None, autonomy, budget: false, model: None };
        let input = advise(&self.home, config, Some(&self.db), &question).ok()?;
        let chain: Vec<&str> = config.selection.fallback.iter().map(String::as_str).collect();
        fallbacks(after, &rank(&input), &chain).first().map(|name| (*name).to_owned())
    }
}

fn not_found(name: &str, manifest: &Manifest, error: &FindError) -> Problem {
    let kind = match error {
        FindError::NotFound { .. } | FindError::NotThere { .. } => ProblemKind::ProgramNotFound,
        FindError::Impostor { .. } | FindError::Silent { .. } | FindError::NotExecutable { .. } => {
            ProblemKind::NotExecutable
        }
        FindError::InsideWorkplace { .. } => ProblemKind::Usage,
    };
    problem(kind, format!("agent {name}: {error}"), Some(&manifest.install_hint))
}

/// The exit code for work that a hold refuses: as the refused run itself had ended.
pub(super) fn held_exit_code(class: aid_core::agent::RefusalClass) -> ExitCode {
    match class {
        aid_core::agent::RefusalClass::Auth => ExitCode::Auth,
        _ => ExitCode::RateLimit,
    }
}
