//! What help says: all of it in one snapshot, so that no change to the command line goes unseen.

use std::fmt::Write as _;

use aid_test_support::TestWorld;

/// The subcommands that a help text lists, hidden ones left out.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = lines.take_while(|line| line.starts_with("  "));
    let names = listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn collect(world: &TestWorld, words: &[String], all: &mut String) {
    let help = world.aid(words).arg("--help").run().expect_code(0);
    assert!(help.stderr.is_empty(), "{}", help.describe());
    let text = help.stdout_text();
    let line = [&["aid".to_owned()], words, &["--help".to_owned()]].concat().join(" ");
    writeln!(all, "$ {line}\n{}", text.trim_end()).expect("memory");
    all.push_str("----------------------------------------\n");
    for name in subcommands(&text) {
        collect(world, &[words, &[name]].concat(), all);
    }
}

#[test]
fn the_whole_tree() {
    let mut all = String::new();
    collect(&TestWorld::new(), &[], &mut all);
    insta::assert_snapshot!("help_tree", all);
}

#[test]
fn help_is_also_a_command() {
    let world = TestWorld::new();
    let by_command = world.aid(["help", "agent", "show"]).run().expect_code(0);
    let by_flag = world.aid(["agent", "show", "--help"]).run().expect_code(0);
    assert_eq!(by_command.stdout_text(), by_flag.stdout_text());
    assert_eq!(world.aid(["help"]).run().stdout_text(), world.aid(["--help"]).run().stdout_text());
    let _ = world.aid(["help", "nothing"]).run().expect_code(2).expect_stderr("hint: ").expect_stderr("exit-codes");
    let _ = world.aid(["help", "__attempt"]).run().expect_code(2).expect_stderr("error: there is no help");
}

#[test]
fn exit_codes_are_a_topic() {
    let table = TestWorld::new().aid(["help", "exit-codes"]).run().expect_code(0).stdout_text();
    insta::assert_snapshot!("exit_codes", table);
}

#[test]
fn the_version_is_one_line() {
    let version = TestWorld::new().aid(["--version"]).run().expect_code(0);
    assert_eq!(version.stdout_text(), format!("aid {}\n", env!("CARGO_PKG_VERSION")));
    assert!(version.stderr.is_empty());
}

#[test]
fn nothing_is_touched_for_help() {
    let world = TestWorld::new();
    for words in [&["--help"][..], &["--version"], &["help", "exit-codes"], &["run", "--help"], &["config", "path"]] {
        let _ = world.aid(words).run().expect_code(0);
    }
    assert!(!world.aid_home().exists());
    assert_eq!(std::fs::read_dir(world.home()).expect("home").count(), 0);
}

#[test]
fn completions_and_manual_pages_are_made() {
    let world = TestWorld::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let _ = world.aid(["completions", shell]).run().expect_code(0).expect_stdout("dry-run");
    }
    let _ = world.aid(["man", "pages"]).run().expect_code(0);
    let page = String::from_utf8(world.read("work/pages/aid-run.1")).expect("text");
    assert!(page.contains(".TH") && page.contains("idle"), "{page}");
    assert!(!world.work().join("pages/aid-__attempt.1").exists(), "hidden commands have no page");
}
