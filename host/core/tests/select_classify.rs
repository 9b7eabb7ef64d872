//! Classification: right on the corpus, and harmless on anything.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use aid_core::agent::Category;
use aid_core::select::{Complexity, MAX_READ_BYTES, classify, complexity, is_low_value};
use proptest::prelude::*;

/// Of all prompts.
const MIN_ACCURACY_PERCENT: usize = 90;
/// Of the prompts of one kind.
const MIN_CATEGORY_PERCENT: usize = 80;
/// How many prompts the corpus has at least.
const MIN_PROMPTS: usize = 300;
/// How many of one kind.
const MIN_PER_CATEGORY: usize = 37;
/// For a prompt of 4 MiB, as shipped. Without optimisation, five times that.
const MAX_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 });

fn corpus() -> Vec<(Category, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut prompts = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let table: BTreeMap<Category, Vec<String>> = toml::from_str(&text).unwrap();
        for (category, list) in table {
            prompts.extend(list.into_iter().map(|prompt| (category, prompt)));
        }
    }
    prompts
}

#[test]
fn the_corpus_is_classified() {
    let corpus = corpus();
    assert!(corpus.len() >= MIN_PROMPTS);
    let mut hits: BTreeMap<Category, (usize, usize)> = BTreeMap::new();
    let mut misses = String::new();
    for (category, prompt) in &corpus {
        let found = classify(prompt);
        let (right, all) = hits.entry(*category).or_default();
        *all += 1;
        if found.category == *category {
            *right += 1;
        } else {
            misses.push_str(&format!("{category:?} taken for {:?}: {prompt}\n", found.category));
        }
    }
    let right: usize = hits.values().map(|(right, _)| right).sum();
    assert!(right * 100 >= corpus.len() * MIN_ACCURACY_PERCENT, "{right} of {}\n{misses}", corpus.len());
    assert_eq!(hits.len(), 8);
    for (category, (right, all)) in hits {
        assert!(all >= MIN_PER_CATEGORY, "{category:?} has {all} prompts");
        assert!(right * 100 >= all * MIN_CATEGORY_PERCENT, "{category:?}: {right} of {all}\n{misses}");
    }
}

#[test]
fn misleading_words_do_not_mislead() {
    use Category::{ComplexImpl, Debugging, Documentation, Frontend, Refactoring, Research, SimpleEdit, Testing};
    for (prompt, category) in [
        // Parts of words are no words.
        ("Integrate the Binance exchange", ComplexImpl),
        ("Does the exchange close at noon?", Research),
        ("Build the latest endpoint of the feed API", ComplexImpl),
        ("update the contest page", Frontend),
        // The main request decides, not what is to be done behind it.
        ("Implement the importer, add tests and make sure docs are updated", ComplexImpl),
        ("Fix the crash in the importer and add a regression test", Debugging),
        ("Add tests for the importer. Fix typos you find on the way.", Testing),
        ("Refactor the importer and run the tests", Refactoring),
        // What is applied to what.
        ("add tests for the login page", Testing),
        ("fix the failing test", Debugging),
        ("fix typo in README", SimpleEdit),
        ("write a README for the login page", Documentation),
        ("documentation site's CSS is broken", Frontend),
        ("test the hypothesis that the cache is cold", Research),
        ("create table error on MySQL", Debugging),
        ("rename the Button component", SimpleEdit),
        ("Explain why the build fails and fix it", Debugging),
        ("implement the list component", Frontend),
        ("Implement the comment system feature", ComplexImpl),
        ("Design the schema for invoices", ComplexImpl),
        ("find and replace `foo` with `bar`", SimpleEdit),
        // Typed labels and briefs.
        ("docs: explain the flags", Documentation),
        ("Background: the UI is slow and has bugs.\n\nTask: write unit tests for the store", Testing),
        ("你好，please fix the crash in the parser。", Debugging),
    ] {
        let found = classify(prompt);
        assert_eq!(found.category, category, "{prompt}: {:?}", found.evidence);
        assert!(!found.evidence.is_empty(), "{prompt}");
    }
}

#[test]
fn without_words_the_files_decide_and_without_files_it_is_research() {
    for (prompt, category) in [
        ("", Category::Research),
        ("   \n\t ", Category::Research),
        ("xyzzy plugh", Category::Research),
        ("!!! ???", Category::Research),
        ("src/main.rs", Category::SimpleEdit),
        ("src/a.rs src/b.rs src/c.rs", Category::ComplexImpl),
        ("README.md", Category::Documentation),
        ("tests/parser_test.go", Category::Testing),
        ("web/Button.tsx", Category::Frontend),
    ] {
        assert_eq!(classify(prompt).category, category, "{prompt:?}");
    }
    assert!(classify("xyzzy plugh").evidence.is_empty());
}

#[test]
fn complexity_follows_length_files_breadth_and_smallness() {
    let files = "Touch a.rs and b.rs and c.rs and d.rs";
    let long = format!("Find out how this works. {}", "The service has a history that matters here. ".repeat(15));
    for (prompt, expected) in [
        ("fix typo in README", Complexity::Low),
        ("rename getUsr to getUser", Complexity::Low),
        ("What does the scheduler do?", Complexity::Low),
        ("Implement rate limiting for the API", Complexity::Medium),
        ("Build the settings page in React", Complexity::Medium),
        ("Change the logger in a.rs and b.rs", Complexity::Medium),
        ("Replace the logger across the code", Complexity::High),
        ("add tracing to all files", Complexity::High),
        ("Migrate the user service from MongoDB to Postgres", Complexity::High),
        ("Rewrite the sync engine from scratch", Complexity::High),
        (files, Complexity::High),
        (&long, Complexity::High),
    ] {
        let sizing = complexity(prompt);
        assert_eq!(sizing.complexity, expected, "{prompt}: {:?}", sizing.reasons);
        assert!(!sizing.reasons.is_empty(), "{prompt}");
    }
}

#[test]
fn only_low_value_work_saves_money_by_itself() {
    for prompt in [
        "run the tests",
        "Run cargo test and tell me what fails",
        "cargo test",
        "run cargo fmt",
        "cargo clippy",
        "format the code in src/",
        "Fix the lint warnings",
        "update docs",
        "Update the README",
        "update the changelog for 1.8",
        "fix typo in README",
        "add comments to pool.rs",
        "Add docstrings to geometry.py",
        "add type annotations to utils/dates.py",
    ] {
        assert!(is_low_value(prompt), "{prompt}: {:?}", classify(prompt));
    }
    for prompt in [
        "",
        "Implement the importer and run the tests",
        "fix the failing test",
        "Add a formatter plugin for SQL",
        "Write tests for the parser",
        "Implement the lint engine",
        "Explain why cargo test fails",
        "Update the docs in all packages, across every language",
        "Implement the comment system",
        "change the exchange endpoint",
        "Write a migration guide from v2 to v3",
    ] {
        assert!(!is_low_value(prompt), "{prompt}");
    }
}

#[test]
fn a_prompt_of_megabytes_takes_no_time() {
    let line = "Implement the importer in src/import.rs, and don't forget (please) to test it: why not? ";
    let many_words = line.repeat((4 << 20) / line.len() + 1);
    let one_word = "a".repeat(4 << 20);
    let quotes = "\"'`".repeat((4 << 20) / 3);
    let unicode = "é。、 ".repeat((4 << 20) / 10);
    let files: String = (0..400_000).map(|n| format!("d/{n}.rs ")).collect();
    let _ = classify("warm up");
    for prompt in [&many_words, &one_word, &quotes, &unicode, &files] {
        // The fastest of three: a busy machine is not what is measured.
        let fastest = (0..3).map(|_| {
            let start = Instant::now();
            let _ = classify(prompt);
            start.elapsed()
        });
        let fastest = fastest.min().unwrap();
        assert!(fastest < MAX_TIME, "{fastest:?} for {:?}…", &prompt.chars().take(9).collect::<String>());
    }
}

#[test]
fn what_stands_at_the_end_of_a_long_prompt_is_read() {
    let pasted = "lorem ipsum dolor sit amet\n".repeat(2 * MAX_READ_BYTES / 27);
    let prompt = format!("{pasted}\n\nTask: refactor the importer");
    assert_eq!(classify(&prompt).category, Category::Refactoring);
}

proptest! {
    #[test]
    fn any_text_is_classified_the_same_way_twice(prompt in any::<String>()) {
        prop_assert_eq!(classify(&prompt), classify(&prompt));
        prop_assert_eq!(complexity(&prompt), complexity(&prompt));
        let _ = is_low_value(&prompt);
    }

    #[test]
    fn text_like_prompts_never_panic(prompt in "([a-zé]{1,9}|[-*#>`'\"\\[\\](){}:;.,!?/_ \n]|don't|fix|the|why|```|[0-9]\\.|。){0,60}") {
        let _ = classify(&prompt);
        let _ = complexity(&prompt);
        let _ = is_low_value(&prompt);
    }

    #[test]
    fn case_and_surrounding_space_do_not_matter(at in any::<prop::sample::Index>(), space in "[ \t\r\n]{0,5}") {
        let corpus = corpus();
        let prompt = &corpus[at.index(corpus.len())].1;
        let found = classify(prompt);
        prop_assert_eq!(&classify(&prompt.to_uppercase()), &found);
        prop_assert_eq!(&classify(&prompt.to_lowercase()), &found);
        let spaced = format!("{space}{prompt}{space}");
        prop_assert_eq!(&classify(&spaced), &found);
        prop_assert_eq!(complexity(&spaced), complexity(prompt));
        prop_assert_eq!(complexity(&prompt.to_uppercase()), complexity(prompt));
        prop_assert_eq!(is_low_value(&spaced), is_low_value(prompt));
    }
}
