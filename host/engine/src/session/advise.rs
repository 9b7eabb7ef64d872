//! Which agent a task should go to, with reasons: `auto` and `aid advise` ask here. Starts nothing, runs no program.

use aid_core::agent::{Autonomy, Category};
use aid_core::budget::Level;
use aid_core::config::Config;
use aid_core::select::{
    Availability, BudgetMode, Candidate, History, Ranking, SelectionInput, classify, complexity, is_low_value, rank,
};

use super::dispatch::{DispatchRequest, Planned, Problem, ProblemKind, problem};
use super::{Session, agents};
use crate::db::{Db, DbError};
use crate::home::Home;

/// The name that asks for a choice.
pub const AUTO: &str = "auto";

/// What a choice is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The task.
    pub prompt: &'a str,
    /// The kind of work, where the caller knows it.
    pub category: Option<Category>,
    /// How freely the agent may act.
    pub autonomy: Autonomy,
    /// Whether the caller wants to save money.
    pub budget: bool,
    /// The model that the caller asked for.
    pub model: Option<&'a str>,
}

/// Looks at every agent. `db` is None where nothing was ever dispatched.
///
/// # Errors
/// The ledger's.
pub fn advise(
    home: &Home,
    config: &Config,
    db: Option<&Db>,
    question: &Question<'_>,
) -> Result<SelectionInput, DbError> {
    let holds = db.map(Db::holds).transpose()?.unwrap_or_default();
    let budget = if question.budget || config.selection.budget_mode {
        BudgetMode::Asked
    } else if is_low_value(question.prompt) {
        BudgetMode::LowValue
    } else {
        BudgetMode::Off
    };
    let mut candidates = Vec::new();
    for agent in agents::agents(home, Some(config)) {
        let mut candidate = match &agent.manifest {
            Ok(manifest) => Candidate::of(manifest),
            Err(why) => Candidate {
                availability: Availability::Unavailable { why: why.clone() },
                ..Candidate::unknown(&agent.name)
            },
        };
        candidate.name.clone_from(&agent.name);
        // A hold has a place of its own: it ends.
        candidate.hold = agent.hold(Some(config), &holds).map(|hold| hold.explain(crate::clock::now_ms()));
        if let Some(why) = agent.obstacle(Some(config), &[]) {
            candidate.availability = Availability::Unavailable { why };
        } else if question.autonomy == Autonomy::ReadOnly
            && agent.manifest.as_ref().is_ok_and(|manifest| !manifest.has_feature("native-read-only"))
        {
            let why = "it cannot keep a task from writing".to_owned();
            candidate.availability = Availability::Unavailable { why };
        }
        if let Some(model) = agent.own_model(Some(config)) {
            // The user's own choice goes before the catalogue's tiers.
            candidate.models = vec![aid_core::agent::Model { name: model, tier: candidate.cost_class, price: None }];
        }
        if let Some(db) = db {
            let history = db.history(&agent.name)?;
            candidate.history = History { good: u64::from(history.good), settled: u64::from(history.settled) };
        }
        candidates.push(candidate);
    }
    Ok(SelectionInput {
        category: question.category.unwrap_or_else(|| classify(question.prompt).category),
        complexity: complexity(question.prompt).complexity,
        budget,
        model: question.model.map(str::to_owned),
        candidates,
    })
}

impl Session {
    /// A plan with the agent that suits the task best, of those that can take it. One whose plan shows that it cannot is
    /// passed over, with the reason.
    ///
    /// # Errors
    /// What is wrong with the request; or, when nobody can take it, why each of them cannot.
    pub(super) fn plan_auto(&self, request: &DispatchRequest, config: &Config) -> Result<Planned, Vec<Problem>> {
        let question = Question {
            prompt: &request.prompt,
            category: request.category,
            autonomy: request.autonomy,
            budget: request.budget,
            model: request.model.as_deref(),
        };
        let asked = advise(&self.home, config, Some(&self.db), &question);
        let mut input = asked.map_err(|e| vec![problem(ProblemKind::Internal, e.to_string(), None)])?;
        self.rule_out_by_budget(&mut input, config)?;
        loop {
            let ranking = rank(&input);
            let Some(winner) = ranking.winner.clone() else { return Err(vec![nobody(&ranking)]) };
            let model = winner.model.map(|model| model.name);
            let tried =
                DispatchRequest { agent: winner.agent.clone(), model, budget: input.budget.is_on(), ..request.clone() };
            match self.plan_one(&tried, config) {
                Ok(mut planned) => {
                    planned.decisions = std::iter::once(winner.agent_line).chain(winner.model_line).collect();
                    return Ok(planned);
                }
                Err(wrong) if wrong.iter().all(|problem| problem.kind.is_the_agents()) => {
                    let why = wrong.first().map(|problem| problem.message.clone()).unwrap_or_default();
                    for candidate in input.candidates.iter_mut().filter(|candidate| candidate.name == winner.agent) {
                        candidate.availability = Availability::Unavailable { why: why.clone() };
                    }
                }
                Err(wrong) => return Err(wrong),
            }
        }
    }

    fn rule_out_by_budget(&self, input: &mut SelectionInput, config: &Config) -> Result<(), Vec<Problem>> {
        let budgets = self.budgets(config).map_err(|e| vec![problem(ProblemKind::Internal, e.to_string(), None)])?;
        for (budget, view) in config.usage.budget.iter().zip(budgets) {
            if view.level != Level::Exceeded {
                continue;
            }
            let why = format!("budget {}: {} used up", budget.name, view.explain());
            if budget.agent.is_none() {
                return Err(vec![problem(ProblemKind::OverBudget, why, Some("aid usage shows it"))]);
            }
            for candidate in input.candidates.iter_mut().filter(|candidate| budget.covers(&candidate.name)) {
                candidate.availability = Availability::Unavailable { why: why.clone() };
            }
        }
        Ok(())
    }
}

fn nobody(ranking: &Ranking) -> Problem {
    let reason = |agent: &aid_core::select::RankedAgent| {
        format!("{}: {}", agent.agent, agent.why_not.as_deref().unwrap_or("no reason is known"))
    };
    let reasons: Vec<String> = ranking.agents.iter().map(reason).collect();
    let message = format!("no agent can take this task: {}", reasons.join("; "));
    problem(ProblemKind::ProgramNotFound, message, Some("aid doctor says what is missing"))
}
