//! Ranks agents for a task, names the winner and says why. Decides nothing about whether to start it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::complexity::Complexity;
use super::model::{ModelChoice, model_for};
use super::score::{Adjustment, Availability, BudgetMode, Circumstances, History, adjustments};
use crate::agent::{Category, Manifest, Model, Score, Tier};

/// Among equal scores, agents that stand earlier here win; all others come behind, by higher base score, then by name.
const TIE_ORDER: &[&[&str]] = &[&["codex"], &["cursor", "codebuff"], &["opencode"]];

/// An agent that could be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Its own scores. A kind of work that it does not list, it scores 0.
    pub scores: Vec<Score>,
    /// Its price class.
    pub cost_class: Tier,
    /// Whether it gains on complex work.
    pub prefers_complex: bool,
    /// Its catalogue.
    pub models: Vec<Model>,
    /// Whether it could be started.
    pub availability: Availability,
    /// Why it takes no work now, when it is held.
    pub hold: Option<String>,
    /// How its tasks went.
    pub history: History,
}

impl Candidate {
    /// A candidate by its manifest: available, not held, without history.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            name: manifest.id.clone(),
            scores: manifest.scores.clone(),
            cost_class: manifest.cost_class,
            prefers_complex: manifest.prefers_complex,
            models: manifest.models.clone(),
            availability: Availability::Available,
            hold: None,
            history: History::default(),
        }
    }

    /// A candidate of which nothing but the name is known.
    #[must_use]
    pub fn unknown(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            scores: Vec::new(),
            cost_class: Tier::Standard,
            prefers_complex: false,
            models: Vec::new(),
            availability: Availability::Available,
            hold: None,
            history: History::default(),
        }
    }

    fn base(&self, category: Category) -> u8 {
        self.scores.iter().find(|s| s.category == category).map_or(0, |s| s.value)
    }

    /// Why it cannot be chosen. Being unable to start comes before being held.
    fn why_not(&self) -> Option<String> {
        match (&self.availability, &self.hold) {
            (Availability::Unavailable { why }, _) => Some(why.clone()),
            (Availability::Available, Some(hold)) => Some(format!("held: {hold}")),
            (Availability::Available, None) => None,
        }
    }
}

/// What a choice depends on.
#[derive(Debug, Clone)]
pub struct SelectionInput {
    /// The kind of work.
    pub category: Category,
    /// How much of it.
    pub complexity: Complexity,
    /// Whether to save money.
    pub budget: BudgetMode,
    /// The model the caller asked for.
    pub model: Option<String>,
    /// Everybody there is, installed or not.
    pub candidates: Vec<Candidate>,
}

/// One agent of a ranking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RankedAgent {
    /// Its name.
    pub agent: String,
    /// The model it would use; null leaves it to the agent.
    pub model: Option<String>,
    /// Its score with all adjustments.
    pub score: i32,
    /// Its own score for this kind of work.
    pub base: u8,
    /// What was added and taken.
    pub adjustments: Vec<Adjustment>,
    /// Whether it could be chosen.
    pub available: bool,
    /// Why it could not.
    pub why_not: Option<String>,
}

/// Who was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winner {
    /// The agent.
    pub agent: String,
    /// Its model; None leaves it to the agent.
    pub model: Option<ModelChoice>,
    /// `Auto-selected agent: …`, for people.
    pub agent_line: String,
    /// `Auto-selected model: …`; None when the caller named the model or the agent has no catalogue.
    pub model_line: Option<String>,
}

/// All agents in order, and the winner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// Best first, those that could not be chosen included.
    pub agents: Vec<RankedAgent>,
    /// None when nobody could be chosen.
    pub winner: Option<Winner>,
}

/// `aid advise --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// The kind of work.
    pub category: Category,
    /// How much of it.
    pub complexity: Complexity,
    /// Whether money is to be saved.
    pub budget: bool,
    /// Best first.
    pub ranking: Vec<RankedAgent>,
}

impl Advice {
    /// What a ranking advises.
    #[must_use]
    pub fn of(input: &SelectionInput, ranking: &Ranking) -> Self {
        Self {
            category: input.category,
            complexity: input.complexity,
            budget: input.budget.is_on(),
            ranking: ranking.agents.clone(),
        }
    }
}

/// Ranks the candidates by score; equal scores by a fixed order of names, then base score, then name.
#[must_use]
pub fn rank(input: &SelectionInput) -> Ranking {
    let mut rows: Vec<Row<'_>> = input.candidates.iter().map(|c| Row::of(c, input)).collect();
    rows.sort_by(|a, b| a.key(a.ranked.score).cmp(&b.key(b.ranked.score)));
    let winner = rows.iter().find(|r| r.ranked.available).map(|row| winner(row, &rows, input));
    Ranking { agents: rows.into_iter().map(|r| r.ranked).collect(), winner }
}

struct Row<'a> {
    candidate: &'a Candidate,
    ranked: RankedAgent,
    model: Option<ModelChoice>,
}

impl<'a> Row<'a> {
    fn of(candidate: &'a Candidate, input: &SelectionInput) -> Self {
        let base = candidate.base(input.category);
        let adjustments = adjustments(Circumstances {
            cost_class: candidate.cost_class,
            prefers_complex: candidate.prefers_complex,
            held: candidate.hold.is_some(),
            history: candidate.history,
            budget: input.budget,
            complexity: input.complexity,
        });
        let model = model_for(&candidate.models, input.complexity, input.budget.is_on(), input.model.as_deref());
        let why_not = candidate.why_not();
        let ranked = RankedAgent {
            agent: candidate.name.clone(),
            model: model.as_ref().map(|m| m.name.clone()),
            score: i32::from(base) + adjustments.iter().map(|a| a.delta).sum::<i32>(),
            base,
            adjustments,
            available: why_not.is_none(),
            why_not,
        };
        Self { candidate, ranked, model }
    }

    /// The place of a row with a score: less is better.
    fn key(&self, score: i32) -> impl Ord + use<'a> {
        let name = self.candidate.name.as_str();
        let tie = TIE_ORDER.iter().position(|names| names.contains(&name)).unwrap_or(TIE_ORDER.len());
        (-score, tie, std::cmp::Reverse(self.ranked.base), name)
    }

    /// The score it would have if it were not held.
    fn score_unheld(&self) -> i32 {
        let held: i32 =
            self.ranked.adjustments.iter().filter(|a| a.reason == super::score::HELD_REASON).map(|a| a.delta).sum();
        self.ranked.score - held
    }
}

fn winner(row: &Row<'_>, rows: &[Row<'_>], input: &SelectionInput) -> Winner {
    let agent = &row.ranked.agent;
    let mut reason = format!(
        "{} task ({}) → {agent} (score: {})",
        category_name(input.category),
        input.complexity,
        row.ranked.score
    );
    for part in remarks(row, rows, input.budget) {
        reason.push_str("; ");
        reason.push_str(&part);
    }
    let model_line = row
        .model
        .as_ref()
        .filter(|_| input.model.is_none())
        .map(|m| format!("Auto-selected model: {} ({})", m.name, m.reason));
    Winner {
        agent: agent.clone(),
        model: row.model.clone(),
        agent_line: format!("Auto-selected agent: {agent} (reason: {reason})"),
        model_line,
    }
}

/// What else decided: who would have won but could not, budget, history.
fn remarks(row: &Row<'_>, rows: &[Row<'_>], budget: BudgetMode) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut passed: Vec<&Row<'_>> =
        rows.iter().filter(|r| !r.ranked.available && r.key(r.score_unheld()) < row.key(row.ranked.score)).collect();
    passed.sort_by(|a, b| a.key(a.score_unheld()).cmp(&b.key(b.score_unheld())));
    let held = |r: &&&Row<'_>| r.candidate.availability == Availability::Available;
    if let Some(best) = passed.iter().find(|r| !held(r)) {
        remarks.push(format!("{} unavailable", best.ranked.agent));
    }
    match budget {
        BudgetMode::Off => {}
        BudgetMode::Asked => remarks.push("budget mode".to_owned()),
        BudgetMode::LowValue => remarks.push("auto-budget: low-value task".to_owned()),
    }
    if let Some(best) = passed.iter().find(held) {
        remarks.push(format!("{} held", best.ranked.agent));
    }
    remarks.extend(row.ranked.adjustments.iter().map(|a| &a.reason).filter(|r| r.starts_with("history: ")).cloned());
    remarks
}

/// A category as `--json` has it.
fn category_name(category: Category) -> &'static str {
    match category {
        Category::Research => "research",
        Category::SimpleEdit => "simple-edit",
        Category::ComplexImpl => "complex-impl",
        Category::Frontend => "frontend",
        Category::Debugging => "debugging",
        Category::Testing => "testing",
        Category::Refactoring => "refactoring",
        Category::Documentation => "documentation",
    }
}
