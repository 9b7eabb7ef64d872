//! Usage: what a meter makes of an agent's samples, and what it costs.

use aid_core::agent::{Model, Price, Tier, UsageSample};
use aid_core::usage::{Meter, PriceBook, Usage, format_tokens, format_usd};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const PRICE: Price = Price { input: 1_250_000, cached_input: 125_000, cache_write: None, output: 10_000_000 };

fn sample(input: u64, cached: u64, output: u64) -> UsageSample {
    UsageSample {
        input: Some(input),
        cached_input: Some(cached),
        cache_write: Some(0),
        output: Some(output),
        reasoning: Some(0),
        ..UsageSample::default()
    }
}

fn total(input: u64, cached: u64, output: u64) -> UsageSample {
    UsageSample { cumulative: true, ..sample(input, cached, output) }
}

fn of(model: &str, sample: UsageSample) -> UsageSample {
    UsageSample { model: Some(model.into()), ..sample }
}

fn costing(micro_usd: u64, sample: UsageSample) -> UsageSample {
    UsageSample { cost_micro_usd: Some(micro_usd), ..sample }
}

fn metered<'a>(baseline: Option<UsageSample>, samples: impl IntoIterator<Item = &'a UsageSample>) -> Meter {
    let mut meter = Meter::new(baseline);
    samples.into_iter().for_each(|s| meter.add(s));
    meter
}

fn book() -> PriceBook {
    let model = |name: &str, price| Model { name: name.into(), tier: Tier::Standard, price };
    let cheap = Price { input: 10, cached_input: 1, cache_write: Some(13), output: 70 };
    PriceBook::new(&[model("big", Some(PRICE)), model("small", Some(cheap)), model("secret", None)], Some("big".into()))
}

fn usage(input: u64, cached: u64, output: u64) -> Usage {
    Usage {
        input: Some(input),
        cached_input: Some(cached),
        cache_write: Some(0),
        output: Some(output),
        reasoning: Some(0),
    }
}

#[test]
fn nothing_told_is_unknown_and_zero_told_is_zero() {
    let mut meter = Meter::new(None);
    assert_eq!((meter.usage(), meter.cost_micro_usd(&book())), (None, None));
    meter.add(&UsageSample::default());
    assert_eq!((meter.usage(), meter.cost_micro_usd(&book())), (None, None));
    meter.add(&sample(0, 0, 0));
    assert_eq!((meter.usage(), meter.cost_micro_usd(&book())), (Some(usage(0, 0, 0)), Some(0)));
}

#[test]
fn differences_add_and_totals_replace() {
    assert_eq!(metered(None, &[sample(100, 10, 5), sample(50, 0, 1)]).usage(), Some(usage(150, 10, 6)));
    assert_eq!(metered(None, &[total(100, 10, 5), total(150, 10, 6)]).usage(), Some(usage(150, 10, 6)));
    // A bill at the end stands for the pieces that were streamed before it.
    let pieces_then_bill = [sample(100, 10, 5), sample(50, 0, 1), costing(77, total(150, 10, 6))];
    let meter = metered(None, &pieces_then_bill);
    assert_eq!((meter.usage(), meter.cost_micro_usd(&book())), (Some(usage(150, 10, 6)), Some(77)));
    assert!(!meter.inconsistent());
}

#[test]
fn a_resumed_session_counts_only_its_own_run() {
    let first = metered(None, &[total(1000, 200, 34)]);
    let baseline = first.session_usage().cloned();
    let second = metered(baseline, &[total(3000, 600, 70)]);
    assert_eq!(second.usage(), Some(usage(2000, 400, 36)));
    assert_eq!(second.session_usage(), Some(&total(3000, 600, 70)));
    assert!(!second.inconsistent());
    // A run that told nothing hands its baseline on.
    assert_eq!(metered(Some(total(7, 0, 1)), &[]).session_usage(), Some(&total(7, 0, 1)));
    // What came in pieces after the last total is part of the session too.
    assert_eq!(metered(None, &[total(100, 0, 1), sample(10, 5, 1)]).session_usage(), Some(&total(110, 5, 2)));
}

#[test]
fn a_session_with_an_unknown_past_says_nothing_about_this_run() {
    let meter = metered(Some(UsageSample::default()), &[costing(5, total(3000, 600, 70))]);
    assert_eq!(meter.usage(), Some(Usage::default()));
    assert_eq!(meter.cost_micro_usd(&book()), None);
    let only_a_bill = UsageSample { cost_micro_usd: Some(5), cumulative: true, ..UsageSample::default() };
    let meter = metered(Some(UsageSample::default()), [&only_a_bill]);
    assert_eq!((meter.usage(), meter.cost_micro_usd(&book())), (None, None));
}

#[test]
fn a_session_that_counts_anew_is_unknown_not_nothing() {
    let meter = metered(Some(total(1000, 200, 30)), &[total(300, 250, 40), total(1200, 250, 50)]);
    assert_eq!(meter.usage(), Some(Usage { input: None, ..usage(0, 50, 20) }));
    assert!(meter.inconsistent());
    assert_eq!(meter.session_usage(), Some(&total(1200, 250, 50)));
}

#[test]
fn a_total_that_went_down_is_flagged_and_the_higher_one_kept() {
    let meter = metered(None, &[total(1000, 200, 34), total(900, 200, 50)]);
    assert_eq!(meter.usage(), Some(usage(1000, 200, 50)));
    assert!(meter.inconsistent());
    assert_eq!(meter.session_usage(), Some(&total(1000, 200, 50)));
}

#[test]
fn a_gap_in_a_count_makes_its_sum_unknown() {
    let no_cache = UsageSample { cached_input: None, ..sample(50, 0, 1) };
    let known_then_gap = metered(None, &[sample(100, 10, 5), no_cache.clone()]);
    assert_eq!(known_then_gap.usage(), Some(Usage { cached_input: None, ..usage(150, 0, 6) }));
    assert_eq!(known_then_gap.cost_micro_usd(&book()), None);
    assert_eq!(metered(None, &[no_cache.clone(), sample(100, 10, 5)]).usage(), known_then_gap.usage());
    // A total closes the gap, and a later one that tells less opens it again.
    let closed = [no_cache.clone(), total(60, 20, 2)];
    assert_eq!(metered(None, &closed).usage(), Some(usage(60, 20, 2)));
    // 40 · 1.25 + 20 · 0.125 + 2 · 10 = 72.5
    assert_eq!(metered(None, &closed).cost_micro_usd(&book()), Some(73));
    let less = UsageSample { cached_input: None, ..total(70, 0, 3) };
    let opened = metered(None, closed.iter().chain([&less]));
    assert_eq!(opened.usage(), Some(Usage { cached_input: None, ..usage(70, 0, 3) }));
    // An old total that comes again does not close it.
    let again = metered(None, closed.iter().chain([&less, &closed[1]]));
    assert_eq!(again.usage(), opened.usage());
}

#[test]
fn a_bill_without_tokens_leaves_the_tokens_alone() {
    let bill = UsageSample { cost_micro_usd: Some(9), cumulative: true, ..UsageSample::default() };
    let meter = metered(None, [&sample(100, 10, 5), &bill]);
    assert_eq!((meter.usage(), meter.cost_micro_usd(&book())), (Some(usage(100, 10, 5)), Some(9)));
    // Tokens that came after the bill are not in it, so the price list counts.
    let later = metered(None, [&bill, &sample(100, 0, 0)]);
    assert_eq!(later.cost_micro_usd(&book()), Some(125));
}

#[test]
fn the_agents_own_figure_wins_over_the_price_list() {
    assert_eq!(metered(None, &[costing(3210, sample(1000, 200, 50))]).cost_micro_usd(&book()), Some(3210));
    assert_eq!(metered(None, &[costing(0, of("secret", sample(10, 0, 5)))]).cost_micro_usd(&book()), Some(0));
    let half = [costing(3210, sample(1000, 200, 50)), sample(1000, 200, 50)];
    assert_eq!(metered(None, &half).cost_micro_usd(&book()), Some(2 * 1525));
}

#[test]
fn each_model_is_priced_by_itself() {
    // 800 · 1.25 + 200 · 0.125 + 50 · 10 = 1525 micro-USD, to which the small model adds too little to round up.
    let samples = [sample(1000, 200, 50), of("small", sample(100, 0, 0))];
    assert_eq!(metered(None, &samples).cost_micro_usd(&book()), Some(1525));
    assert_eq!(metered(None, &[of("secret", sample(1, 0, 0))]).cost_micro_usd(&book()), None);
    assert_eq!(metered(None, &[of("secret", sample(0, 0, 0))]).cost_micro_usd(&book()), Some(0));
    assert_eq!(metered(None, &[of("unheard-of", sample(1, 0, 0))]).cost_micro_usd(&book()), None);
    let no_default = PriceBook::new(&[], None);
    assert_eq!(metered(None, &[sample(1, 0, 0)]).cost_micro_usd(&no_default), None);
    // The growth of a session's total belongs to the model that the total names.
    let switch = [of("big", total(1000, 0, 0)), of("small", total(1_001_000, 0, 0))];
    assert_eq!(metered(None, &switch).cost_micro_usd(&book()), Some(1250 + 10));
}

#[test]
fn rounding_happens_once_and_half_goes_up() {
    let mut prices = PriceBook::new(&[], None);
    let unit = |input| Price { input, cached_input: input, cache_write: None, output: 0 };
    prices.set("a", unit(250_000));
    prices.set("b", unit(250_000));
    let one = |model: &str| of(model, sample(1, 0, 0));
    assert_eq!(metered(None, &[one("a")]).cost_micro_usd(&prices), Some(0));
    assert_eq!(metered(None, &[one("a"), one("b")]).cost_micro_usd(&prices), Some(1));
    prices.set("a", unit(1_500_000));
    assert_eq!(metered(None, &[one("a")]).cost_micro_usd(&prices), Some(2));
}

#[test]
fn only_counts_that_change_the_sum_must_be_known() {
    let mut prices = PriceBook::new(&[], Some("m".into()));
    let bare = UsageSample { input: Some(1_000_000), output: Some(1_000_000), ..UsageSample::default() };
    let cost = |prices: &PriceBook, s: &UsageSample| metered(None, [s]).cost_micro_usd(prices);
    prices.set("m", Price { input: 3, cached_input: 3, cache_write: Some(3), output: 5 });
    assert_eq!(cost(&prices, &bare), Some(8));
    prices.set("m", Price { input: 3, cached_input: 1, cache_write: None, output: 5 });
    assert_eq!(cost(&prices, &bare), None);
    let written = UsageSample { cached_input: Some(0), ..bare.clone() };
    assert_eq!(cost(&prices, &written), Some(8));
    prices.set("m", Price { input: 3, cached_input: 1, cache_write: Some(4), output: 5 });
    assert_eq!(cost(&prices, &written), None);
    assert_eq!(cost(&prices, &UsageSample { cache_write: Some(1_000_000), ..written }), Some(9));
    prices.set("m", Price { input: 0, cached_input: 0, cache_write: None, output: 0 });
    assert_eq!(cost(&prices, &UsageSample { output: Some(1), ..UsageSample::default() }), Some(0));
}

#[test]
fn parts_larger_than_the_whole_do_not_make_a_negative_bill() {
    let mut prices = book();
    prices.set("big", Price { input: 1_000_000, cached_input: 0, cache_write: Some(2_000_000), output: 0 });
    let odd = UsageSample { cache_write: Some(7), ..sample(10, 500, 0) };
    assert_eq!(metered(None, &[odd]).cost_micro_usd(&prices), Some(14));
}

#[test]
fn json_has_every_field_null_where_unknown() {
    let known = Usage { reasoning: None, ..usage(12, 3, 4) };
    let json = serde_json::to_string(&known).unwrap();
    assert_eq!(json, r#"{"input":12,"cached_input":3,"cache_write":0,"output":4,"reasoning":null,"total":16}"#);
    assert_eq!(serde_json::from_str::<Usage>(&json).unwrap(), known);
    assert_eq!(serde_json::from_str::<Usage>("{}").unwrap(), Usage::default());
    let half = Usage { output: None, ..known };
    assert_eq!(serde_json::to_value(half).unwrap()["total"], serde_json::Value::Null);
    let schema = serde_json::to_value(schemars::schema_for!(Usage)).unwrap();
    assert_eq!(schema["title"], "Usage");
    assert!(schema["properties"]["total"].is_object(), "{schema}");
}

#[test]
fn figures_for_people() {
    let usd = [
        (None, "—"),
        (Some(0), "$0.00"),
        (Some(49), "<$0.0001"),
        (Some(50), "$0.0001"),
        (Some(3210), "$0.0032"),
        (Some(999_949), "$0.9999"),
        (Some(999_950), "$1.00"),
        (Some(1_234_999), "$1.23"),
        (Some(1_235_000), "$1.24"),
        (Some(12_000_000_000), "$12000.00"),
        (Some(u64::MAX), "$18446744073709.55"),
    ];
    for (micro_usd, text) in usd {
        assert_eq!(format_usd(micro_usd), text, "{micro_usd:?}");
    }
    let tokens = [
        (None, "—"),
        (Some(0), "0"),
        (Some(950), "950"),
        (Some(999), "999"),
        (Some(1000), "1.0k"),
        (Some(1249), "1.2k"),
        (Some(1250), "1.3k"),
        (Some(999_949), "999.9k"),
        (Some(999_950), "1.0M"),
        (Some(3_400_000), "3.4M"),
        (Some(999_950_000), "1.0B"),
        (Some(u64::MAX), "18446744073.7B"),
    ];
    for (count, text) in tokens {
        assert_eq!(format_tokens(count), text, "{count:?}");
    }
}

/// Small and huge counts, and unknown ones.
fn count() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![4 => (0u64..100_000).prop_map(Some), 1 => any::<u64>().prop_map(Some), 1 => Just(None)]
}

fn any_sample() -> impl Strategy<Value = UsageSample> {
    let model = prop_oneof![Just(None), Just(Some("big".to_owned())), Just(Some("small".to_owned()))];
    let counts = (count(), count(), count(), count(), count());
    (counts, count(), model, any::<bool>()).prop_map(
        |((input, cached_input, cache_write, output, reasoning), cost_micro_usd, model, cumulative)| UsageSample {
            input,
            cached_input,
            cache_write,
            output,
            reasoning,
            cost_micro_usd,
            model,
            cumulative,
        },
    )
}

/// What one run of an agent used, step by step, without overflow.
fn steps() -> impl Strategy<Value = Vec<UsageSample>> {
    let step =
        (0u64..1_000_000, 0u64..1_000_000, 0u64..1_000_000, 0usize..2).prop_map(|(input, cached, output, model)| {
            of(["big", "small"][model], sample(input, cached.min(input), output))
        });
    vec(step, 1..12)
}

fn running_totals(steps: &[UsageSample]) -> Vec<UsageSample> {
    let mut sum = total(0, 0, 0);
    let mut add = |s: &UsageSample| {
        sum.input = Some(sum.input? + s.input?);
        sum.cached_input = Some(sum.cached_input? + s.cached_input?);
        sum.output = Some(sum.output? + s.output?);
        Some(UsageSample { model: s.model.clone(), ..sum.clone() })
    };
    steps.iter().filter_map(&mut add).collect()
}

fn at_most(part: Option<Usage>, whole: Option<Usage>) -> bool {
    let (part, whole) = (part.unwrap_or_default(), whole.unwrap_or_default());
    part.input <= whole.input && part.cached_input <= whole.cached_input && part.output <= whole.output
}

proptest! {
    #[test]
    fn totals_and_differences_of_the_same_run_agree(steps in steps(), before in (0u64..1000, 0u64..1000, 0u64..1000)) {
        let by_steps = metered(None, &steps);
        let earlier = sample(before.0, before.1, before.2);
        let all: Vec<_> = [std::slice::from_ref(&earlier), steps.as_slice()].concat();
        let by_totals = metered(Some(total(before.0, before.1, before.2)), &running_totals(&all)[1..]);
        prop_assert_eq!(by_totals.usage(), by_steps.usage());
        prop_assert_eq!(by_totals.cost_micro_usd(&book()), by_steps.cost_micro_usd(&book()));
        prop_assert!(!by_totals.inconsistent());
    }

    #[test]
    fn repeated_and_outdated_totals_change_nothing(
        steps in steps(),
        repeats in vec((any::<Index>(), any::<Index>()), 0..10),
    ) {
        let totals = running_totals(&steps);
        let plain = metered(None, &totals);
        let mut repeated = totals.clone();
        for (what, at) in repeats {
            let what = what.index(totals.len());
            // Anywhere behind its first appearance.
            let first = repeated.iter().position(|t| *t == totals[what]).unwrap();
            let at = first + 1 + at.index(repeated.len() - first);
            repeated.insert(at, totals[what].clone());
        }
        let meter = metered(None, &repeated);
        prop_assert_eq!(meter.usage(), plain.usage());
        prop_assert_eq!(meter.cost_micro_usd(&book()), plain.cost_micro_usd(&book()));
        let session = |meter: &Meter| meter.session_usage().map(|s| (s.input, s.cached_input, s.output));
        prop_assert_eq!(session(&meter), session(&plain));
    }

    #[test]
    fn differences_of_one_model_may_be_merged(steps in steps(), cut in any::<Index>()) {
        let steps: Vec<_> = steps.into_iter().map(|s| of("big", s)).collect();
        let (head, tail) = steps.split_at(cut.index(steps.len()));
        let merged = |part: &[UsageSample]| part.is_empty().then(Vec::new).unwrap_or_else(|| {
            vec![UsageSample { cumulative: false, ..running_totals(part).pop().unwrap() }]
        });
        let batched = metered(None, &[merged(head), merged(tail)].concat());
        prop_assert_eq!(batched.usage(), metered(None, &steps).usage());
        prop_assert_eq!(batched.cost_micro_usd(&book()), metered(None, &steps).cost_micro_usd(&book()));
    }

    #[test]
    fn a_kill_keeps_what_was_told_and_never_more(
        steps in steps(),
        as_totals in any::<bool>(),
        kill in any::<Index>(),
    ) {
        let samples = if as_totals { running_totals(&steps) } else { steps };
        let (told, _lost) = samples.split_at(kill.index(samples.len() + 1));
        let whole = metered(None, &samples);
        let killed = metered(None, told);
        prop_assert_eq!(killed.usage().is_some(), !told.is_empty());
        prop_assert!(at_most(killed.usage(), whole.usage()));
        prop_assert!(killed.cost_micro_usd(&book()) <= whole.cost_micro_usd(&book()));
        // Counting on from the kill point gives the whole.
        let mut resumed = killed.clone();
        samples.iter().skip(told.len().saturating_sub(usize::from(as_totals))).for_each(|s| resumed.add(s));
        prop_assert_eq!(resumed.usage(), whole.usage());
        prop_assert_eq!(resumed.cost_micro_usd(&book()), whole.cost_micro_usd(&book()));
    }

    #[test]
    fn no_input_overflows_and_counts_never_go_down(
        baseline in prop::option::of(any_sample()),
        samples in vec(any_sample(), 0..12),
    ) {
        let mut meter = Meter::new(baseline);
        let mut highest = [None; 3];
        for sample in &samples {
            meter.add(sample);
            let _ = meter.cost_micro_usd(&book());
            if let Some(now) = meter.usage() {
                for (old, new) in highest.iter_mut().zip([now.input, now.cached_input, now.output]) {
                    prop_assert!(new.is_none() || new >= *old, "{old:?} -> {new:?}");
                    *old = new.max(*old);
                }
            }
        }
    }
}
