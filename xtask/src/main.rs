//! `cargo xtask`: what a developer and CI run in this repository. It starts other programs and checks files; it must not
//! depend on a crate of the product, so that it is there in seconds on a fresh machine.

mod bench;
mod ci;
mod clippy;
mod demo;
mod macos;
mod npm;
mod options;
mod process;
mod test;
mod tidy;
mod toolchain;
mod workspace;

use std::error::Error;
use std::process::ExitCode;

use crate::options::Options;
use crate::workspace::Workspace;

/// What every step of this program ends with; the error is for people.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
Usage: cargo xtask <COMMAND> [OPTIONS]

  demo [--keep]                     build aid and run a whole task with a scripted agent: no key, no network
  test [--filter TEXT] [--no-real-cli]
                                    build everything and run every test, the real agent CLIs included
  ci [--no-clippy]                  everything CI checks besides the tests: format, clippy, cargo-deny, tidy
  tidy                              the rules of the source tree that no other tool knows
  clippy                            the lints, with warnings as errors
  bench [--peer NAME=PATH] [--quick] [--big] [--check]
                                    measure a release build; --check fails when a number is not held
  macos-check                       type-check for macOS, as far as that is possible here";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    match run(&command, words.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n[xtask] {command}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, words: Vec<String>) -> Result {
    let mut options = Options::new(words);
    let workspace = Workspace::find()?;
    match command {
        "demo" => demo::run(&workspace, &mut options),
        "test" => test::run(&workspace, &mut options),
        "ci" => ci::run(&workspace, &mut options),
        "tidy" => ci::tidy(&workspace, &mut options),
        "clippy" => clippy::run(&workspace, &mut options),
        "bench" => bench::run(&workspace, &mut options),
        "macos-check" => macos::run(&workspace, &mut options),
        "" | "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("there is no such command\n\n{USAGE}").into()),
    }
}
