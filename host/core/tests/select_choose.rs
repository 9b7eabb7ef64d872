//! Choosing: every rule of the score, ties, what is said, and who can never be chosen.

use aid_core::agent::{Category, Model, Price, Score, Tier};
use aid_core::select::{
    Advice, Availability, BudgetMode, Candidate, Complexity, History, RankedAgent, Ranking, SelectionInput, fallbacks,
    model_for, rank,
};
use proptest::prelude::*;

const CATEGORIES: [Category; 8] = [
    Category::Research,
    Category::SimpleEdit,
    Category::ComplexImpl,
    Category::Frontend,
    Category::Debugging,
    Category::Testing,
    Category::Refactoring,
    Category::Documentation,
];

/// The built-in agents' own scores.
const BUILT_IN: [(&str, [u8; 8], Tier, bool); 7] = [
    ("gemini", [9, 2, 3, 2, 5, 3, 3, 6], Tier::Cheap, false),
    ("codex", [1, 4, 9, 4, 7, 7, 8, 3], Tier::Premium, true),
    ("opencode", [1, 8, 3, 2, 4, 4, 4, 5], Tier::Cheap, false),
    ("kilo", [1, 7, 2, 2, 3, 3, 3, 4], Tier::Free, false),
    ("cursor", [2, 4, 7, 9, 5, 5, 6, 4], Tier::Standard, true),
    ("ob1", [5, 3, 5, 3, 4, 4, 4, 3], Tier::Standard, false),
    ("codebuff", [2, 5, 8, 7, 6, 6, 7, 4], Tier::Standard, false),
];

fn candidate(name: &str, scores: [u8; 8], cost_class: Tier, prefers_complex: bool) -> Candidate {
    let scores = CATEGORIES.into_iter().zip(scores).map(|(category, value)| Score { category, value }).collect();
    Candidate {
        name: name.to_owned(),
        scores,
        cost_class,
        prefers_complex,
        models: Vec::new(),
        availability: Availability::Available,
        hold: None,
        history: History::default(),
    }
}

fn input(category: Category, complexity: Complexity) -> SelectionInput {
    let candidates = BUILT_IN.map(|(name, scores, cost, complex)| candidate(name, scores, cost, complex)).to_vec();
    SelectionInput { category, complexity, budget: BudgetMode::Off, model: None, candidates }
}

fn change(input: &mut SelectionInput, name: &str, with: impl FnOnce(&mut Candidate)) {
    with(input.candidates.iter_mut().find(|c| c.name == name).unwrap());
}

fn missing(candidate: &mut Candidate) {
    candidate.availability = Availability::Unavailable { why: "not installed".to_owned() };
}

fn row<'a>(ranking: &'a Ranking, name: &str) -> &'a RankedAgent {
    ranking.agents.iter().find(|a| a.agent == name).unwrap()
}

fn winner(input: &SelectionInput) -> String {
    rank(input).winner.unwrap().agent
}

fn model(name: &str, tier: Tier, price: Option<(u64, u64)>) -> Model {
    let price = price.map(|(input, output)| Price { input, cached_input: input, cache_write: None, output });
    Model { name: name.to_owned(), tier, price }
}

#[test]
fn the_best_at_the_kind_of_work_wins() {
    for (category, agent) in [
        (Category::Research, "gemini"),
        (Category::SimpleEdit, "opencode"),
        (Category::ComplexImpl, "codex"),
        (Category::Frontend, "cursor"),
        (Category::Debugging, "codex"),
        (Category::Testing, "codex"),
        (Category::Refactoring, "codex"),
        (Category::Documentation, "gemini"),
    ] {
        assert_eq!(winner(&input(category, Complexity::Medium)), agent, "{category:?}");
    }
}

#[test]
fn what_was_chosen_is_said_in_a_fixed_form() {
    let mut input = input(Category::Frontend, Complexity::Medium);
    change(&mut input, "cursor", |c| c.models = vec![model("auto", Tier::Standard, None)]);
    let won = rank(&input).winner.unwrap();
    assert_eq!(won.agent_line, "Auto-selected agent: cursor (reason: frontend task (medium) → cursor (score: 9))");
    assert_eq!(won.model_line.as_deref(), Some("Auto-selected model: auto (complexity: medium)"));
    input.model = Some("mine".to_owned());
    let won = rank(&input).winner.unwrap();
    assert_eq!(won.model_line, None, "the caller's own model was not selected");
    assert_eq!(won.model.unwrap().name, "mine");
}

#[test]
fn remarks_say_what_else_decided() {
    let line = |input: &SelectionInput| rank(input).winner.unwrap().agent_line;
    let mut some = input(Category::Frontend, Complexity::Low);
    change(&mut some, "cursor", missing);
    change(&mut some, "kilo", missing);
    assert_eq!(
        line(&some),
        "Auto-selected agent: codebuff (reason: frontend task (low) → codebuff (score: 7); cursor unavailable)"
    );
    change(&mut some, "codebuff", |c| c.hold = Some("usage limit".to_owned()));
    change(&mut some, "codex", |c| c.history = History { good: 9, settled: 10 });
    assert_eq!(
        line(&some),
        "Auto-selected agent: codex (reason: frontend task (low) → codex (score: 6); cursor unavailable; \
         codebuff held; history: 90% success)"
    );
    let mut cheap = input(Category::SimpleEdit, Complexity::Low);
    cheap.budget = BudgetMode::Asked;
    assert!(line(&cheap).ends_with("opencode (score: 12); budget mode)"), "{}", line(&cheap));
    cheap.budget = BudgetMode::LowValue;
    assert!(line(&cheap).ends_with("opencode (score: 12); auto-budget: low-value task)"), "{}", line(&cheap));
}

#[test]
fn budget_mode_favours_free_and_cheap_agents() {
    let mut input = input(Category::ComplexImpl, Complexity::Medium);
    input.budget = BudgetMode::Asked;
    let ranking = rank(&input);
    for (name, delta) in
        [("gemini", 4), ("opencode", 4), ("kilo", 4), ("codex", -6), ("cursor", -6), ("ob1", -6), ("codebuff", -6)]
    {
        let row = row(&ranking, name);
        assert_eq!(row.score, i32::from(row.base) + delta, "{name}");
        assert_eq!(row.adjustments.len(), 1, "{name}");
        assert!(row.adjustments[0].reason.starts_with("budget mode"), "{name}");
    }
    input.budget = BudgetMode::Off;
    assert!(rank(&input).agents.iter().all(|a| a.adjustments.is_empty()));
}

#[test]
fn high_complexity_favours_who_prefers_it() {
    for (complexity, delta) in [(Complexity::Low, 0), (Complexity::Medium, 0), (Complexity::High, 2)] {
        let ranking = rank(&input(Category::Debugging, complexity));
        for (name, _, _, prefers) in BUILT_IN {
            let row = row(&ranking, name);
            assert_eq!(row.score - i32::from(row.base), if prefers { delta } else { 0 }, "{name} {complexity}");
        }
    }
}

#[test]
fn history_counts_from_five_tasks_on() {
    for (good, settled, delta) in [
        (0, 0, 0),
        (0, 4, 0),
        (4, 4, 0),
        (0, 5, -3),
        (5, 5, 2),
        (64, 100, -3),
        (649, 1000, -3),
        (65, 100, 0),
        (89, 100, 0),
        (899, 1000, 0),
        (90, 100, 2),
        (u64::MAX, u64::MAX, 2),
    ] {
        let mut input = input(Category::Testing, Complexity::Medium);
        change(&mut input, "codex", |c| c.history = History { good, settled });
        let row = row(&rank(&input), "codex").clone();
        assert_eq!(row.score - i32::from(row.base), delta, "{good} of {settled}");
    }
}

#[test]
fn a_held_agent_loses_ten_and_is_never_chosen() {
    let mut input = input(Category::ComplexImpl, Complexity::Medium);
    change(&mut input, "codex", |c| c.hold = Some("usage limit until 14:00".to_owned()));
    let ranking = rank(&input);
    let codex = row(&ranking, "codex");
    assert_eq!((codex.score, codex.available), (-1, false));
    assert_eq!(codex.why_not.as_deref(), Some("held: usage limit until 14:00"));
    assert_eq!(ranking.winner.unwrap().agent, "codebuff");
    input.candidates.retain(|c| c.name == "codex");
    assert_eq!(rank(&input).winner, None);
}

#[test]
fn an_unavailable_agent_is_ranked_and_never_chosen() {
    let mut input = input(Category::Frontend, Complexity::Medium);
    change(&mut input, "cursor", missing);
    let ranking = rank(&input);
    assert_eq!(ranking.agents[0].agent, "cursor");
    assert_eq!(ranking.agents[0].why_not.as_deref(), Some("not installed"));
    assert_eq!(ranking.winner.unwrap().agent, "codebuff");
    input.candidates.clear();
    let ranking = rank(&input);
    assert!(ranking.agents.is_empty() && ranking.winner.is_none());
}

#[test]
fn ties_go_by_name_order_then_base_then_name() {
    let same = |names: [&str; 3]| {
        let candidates = names.map(|n| candidate(n, [5; 8], Tier::Standard, false)).to_vec();
        let mut input = input(Category::Testing, Complexity::Low);
        input.candidates = candidates;
        rank(&input).agents.into_iter().map(|a| a.agent).collect::<Vec<_>>()
    };
    assert_eq!(same(["opencode", "cursor", "codex"]), ["codex", "cursor", "opencode"]);
    assert_eq!(same(["mine", "kilo", "opencode"]), ["opencode", "kilo", "mine"]);
    assert_eq!(same(["cursor", "codebuff", "aaa"]), ["codebuff", "cursor", "aaa"]);
    // The same score from a higher base comes first.
    let mut input = input(Category::Testing, Complexity::High);
    input.candidates =
        vec![candidate("a", [5; 8], Tier::Standard, true), candidate("b", [7; 8], Tier::Standard, false)];
    assert_eq!(winner(&input), "b");
}

#[test]
fn an_agent_of_ones_own_plays_by_the_same_rules() {
    let mut input = input(Category::Documentation, Complexity::High);
    input.candidates.push(candidate("mine", [0, 0, 0, 0, 0, 0, 0, 9], Tier::Free, true));
    input.budget = BudgetMode::Asked;
    let ranking = rank(&input);
    assert_eq!(row(&ranking, "mine").score, 9 + 4 + 2);
    assert_eq!(ranking.winner.unwrap().agent, "mine");
    change(&mut input, "mine", |c| c.scores.clear());
    assert_eq!(row(&rank(&input), "mine").base, 0, "an unlisted kind of work is scored 0");
}

#[test]
fn the_model_follows_complexity() {
    let codex = [
        model("big", Tier::Premium, Some((2, 8))),
        model("mid", Tier::Standard, Some((2, 8))),
        model("mini", Tier::Cheap, Some((4, 16))),
        model("nano", Tier::Cheap, Some((1, 4))),
    ];
    let free = [model("default", Tier::Free, None)];
    let outer = [model("flash", Tier::Cheap, None), model("pro", Tier::Premium, None), model("none", Tier::Free, None)];
    let top = [model("auto", Tier::Standard, Some((1, 4))), model("opus", Tier::Premium, None)];
    let low = Complexity::Low;
    let (medium, high) = (Complexity::Medium, Complexity::High);
    for (catalogue, complexity, budget, expected) in [
        (&codex[..], low, false, "mini"),
        (&codex, medium, false, "mid"),
        (&codex, high, false, "big"),
        (&codex, high, true, "nano"),
        (&free, high, false, "default"),
        (&free, low, true, "default"),
        (&outer, low, false, "flash"),
        (&outer, medium, false, "flash"),
        (&outer, high, false, "pro"),
        (&outer[1..], low, false, "none"),
        (&top, low, false, "auto"),
        (&top, high, true, "auto"),
    ] {
        let choice = model_for(catalogue, complexity, budget, None).unwrap();
        assert_eq!(choice.name, expected, "{complexity} {budget}");
        let reason = if budget { "budget mode".to_owned() } else { format!("complexity: {complexity}") };
        assert_eq!(choice.reason, reason);
    }
    assert_eq!(model_for(&[], high, false, None), None);
}

#[test]
fn an_unknown_price_is_never_the_lowest_and_an_explicit_model_always_wins() {
    let catalogue = [
        model("unknown", Tier::Cheap, None),
        model("dear", Tier::Cheap, Some((5, 5))),
        model("low", Tier::Cheap, Some((1, 1))),
    ];
    assert_eq!(model_for(&catalogue, Complexity::Low, true, None).unwrap().name, "low");
    assert_eq!(model_for(&catalogue[..1], Complexity::Low, true, None).unwrap().name, "unknown");
    let explicit = model_for(&catalogue, Complexity::High, true, Some("dear")).unwrap();
    assert_eq!((explicit.name.as_str(), explicit.tier), ("dear", Some(Tier::Cheap)));
    let foreign = model_for(&[], Complexity::High, false, Some("else")).unwrap();
    assert_eq!((foreign.name.as_str(), foreign.tier, foreign.reason.as_str()), ("else", None, "asked for"));
}

#[test]
fn a_model_never_travels_from_one_agent_to_another() {
    let mut input = input(Category::Frontend, Complexity::Medium);
    change(&mut input, "codex", |c| c.models = vec![model("mid", Tier::Standard, None)]);
    let ranking = rank(&input);
    assert_eq!(row(&ranking, "codex").model.as_deref(), Some("mid"));
    assert_eq!(row(&ranking, "cursor").model, None);
    assert_eq!(ranking.winner.unwrap().model_line, None);
}

#[test]
fn those_who_come_later_in_the_chain_take_over() {
    let mut input = input(Category::ComplexImpl, Complexity::Medium);
    let chain = aid_core::config::defaults().selection.fallback;
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    let after = |input: &SelectionInput, name: &str| fallbacks(name, &rank(input), &chain);
    assert_eq!(after(&input, "codex"), ["cursor", "opencode", "kilo"]);
    assert_eq!(after(&input, "opencode"), ["kilo"]);
    assert!(after(&input, "kilo").is_empty());
    assert_eq!(after(&input, "gemini"), ["codex", "cursor", "opencode", "kilo"]);
    change(&mut input, "cursor", missing);
    change(&mut input, "kilo", |c| c.hold = Some("quota".to_owned()));
    assert_eq!(after(&input, "codex"), ["opencode"]);
    // Whoever scores itself 1 cannot do it.
    input.category = Category::Research;
    assert!(after(&input, "codex").is_empty());
    assert_eq!(fallbacks("codex", &rank(&input), &["nobody", "codex", "ob1", "gemini"]), ["ob1", "gemini"]);
}

#[test]
fn advice_has_the_documented_shape() {
    let mut input = input(Category::Frontend, Complexity::High);
    input.candidates.retain(|c| c.name == "cursor");
    change(&mut input, "cursor", |c| c.hold = Some("quota".to_owned()));
    let advice = Advice::of(&input, &rank(&input));
    let json = serde_json::to_value(&advice).unwrap();
    let expected = serde_json::json!({
        "category": "frontend",
        "complexity": "high",
        "budget": false,
        "ranking": [{
            "agent": "cursor",
            "model": null,
            "score": 1,
            "base": 9,
            "adjustments": [
                {"reason": "high complexity suits it", "delta": 2},
                {"reason": "held", "delta": -10},
            ],
            "available": false,
            "why_not": "held: quota",
        }],
    });
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_value::<Advice>(json).unwrap(), advice);
}

fn any_input() -> impl Strategy<Value = SelectionInput> {
    let tier = prop::sample::select(vec![Tier::Free, Tier::Cheap, Tier::Standard, Tier::Premium]);
    let agent =
        (prop::array::uniform8(0..=10u8), tier, any::<bool>(), any::<bool>(), any::<bool>(), 0..20u64, 0..20u64);
    let budget = prop::sample::select(vec![BudgetMode::Off, BudgetMode::Asked, BudgetMode::LowValue]);
    let complexity = prop::sample::select(vec![Complexity::Low, Complexity::Medium, Complexity::High]);
    (prop::collection::vec(agent, 0..8), 0..8usize, complexity, budget).prop_map(
        |(agents, kind, complexity, budget)| {
            let candidates =
                agents.into_iter().enumerate().map(|(at, (scores, tier, complex, held, gone, good, settled))| {
                    let mut c = candidate(&format!("a{at}"), scores, tier, complex);
                    c.hold = held.then(|| "held".to_owned());
                    c.history = History { good, settled };
                    if gone {
                        missing(&mut c);
                    }
                    c
                });
            let candidates = candidates.collect();
            SelectionInput { category: CATEGORIES[kind], complexity, budget, model: None, candidates }
        },
    )
}

proptest! {
    #[test]
    fn the_winner_is_the_best_that_can_be_chosen(input in any_input(), turn in 0..8usize) {
        let ranking = rank(&input);
        prop_assert_eq!(ranking.agents.len(), input.candidates.len());
        let free = ranking.agents.iter().filter(|a| a.available).map(|a| a.score).max();
        let won = ranking.winner.as_ref().map(|w| row(&ranking, &w.agent));
        prop_assert_eq!(won.map(|a| a.score), free);
        for agent in &ranking.agents {
            let sum: i32 = agent.adjustments.iter().map(|a| a.delta).sum();
            prop_assert_eq!(agent.score, i32::from(agent.base) + sum);
            prop_assert_eq!(agent.available, agent.why_not.is_none());
            let own = input.candidates.iter().find(|c| c.name == agent.agent).unwrap();
            prop_assert_eq!(agent.available, own.hold.is_none() && own.availability == Availability::Available);
        }
        prop_assert!(ranking.agents.windows(2).all(|pair| pair[0].score >= pair[1].score));
        // The order in which candidates are given does not matter.
        let mut turned = input.clone();
        let by = turn % turned.candidates.len().max(1);
        turned.candidates.rotate_left(by);
        prop_assert_eq!(rank(&turned), ranking);
    }
}
