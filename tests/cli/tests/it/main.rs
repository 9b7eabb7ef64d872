//! Tests of the real `aid` in a hermetic world, with the fake agent as `codex`. One binary, so that it links once.

mod agents;
mod arguments;
mod board;
mod choice;
mod config;
mod damage;
mod demo;
mod dry_run;
mod exit_codes;
mod help;
mod interrupts;
mod json;
mod limits;
mod pipes;
mod prompts;
mod schema;
mod scripts;
mod show;
mod stop;
mod terminal;
mod watch;

/// A file that is no module of this binary would never be compiled, and its tests never run.
#[test]
fn no_test_file_is_forgotten() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = include_str!("main.rs");
    let mut files = 0;
    for entry in std::fs::read_dir(here).expect("the directory of this file") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rs") && name != "main" {
            files += 1;
            assert!(main.lines().any(|line| line == format!("mod {name};")), "{name}.rs is no module of main.rs");
        }
    }
    assert_eq!(files, main.lines().filter(|line| line.starts_with("mod ")).count());
}
