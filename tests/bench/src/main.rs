//! The half of the benchmark that needs the engine: it makes a ledger of a given size and measures adapters in this
//! process. It prints one JSON object; what the numbers should be is known to `cargo xtask bench`.

mod adapter;
mod ledger;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: aid-bench-inner ledger HOME TASKS EVENTS_PER_TASK | adapter CACHE_DIR ROUNDS";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("aid-bench-inner: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<serde_json::Value> {
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ledger", home, tasks, events] => ledger::make(Path::new(home), tasks.parse()?, events.parse()?),
        ["adapter", cache, rounds] => adapter::measure(Path::new(cache), rounds.parse()?),
        _ => Err(USAGE.into()),
    }
}
