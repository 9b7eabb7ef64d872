//! The agent of the benchmark: it writes down when it began and when it ended, and in between says what the codex CLI
//! says in a good run. It reads no script, because every microsecond before its first stamp would be counted.
//!
//! Files lie in the directory of the program as it was started: `start` and `end` (nanoseconds since the Unix epoch) are
//! written, `hold_ms` (optional) says how long it takes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const VERSION: &str = "codex-cli 0.169.0";

fn main() -> ExitCode {
    let start = SystemTime::now();
    if std::env::args().any(|arg| arg == "--version") {
        println!("{VERSION}");
        return ExitCode::SUCCESS;
    }
    match play(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("aid-bench-agent: {why}");
            ExitCode::FAILURE
        }
    }
}

fn play(start: SystemTime) -> std::io::Result<()> {
    let own = std::env::current_exe()?;
    let dir = own.parent().unwrap_or(&own);
    stamp(&dir.join("start"), start)?;
    let mut prompt = Vec::new();
    std::io::stdin().read_to_end(&mut prompt)?;
    let thread = format!("01a20243-ffd2-7e40-8f61-{:012x}", std::process::id());
    say(&format!("{{\"type\":\"thread.started\",\"thread_id\":\"{thread}\"}}\n{{\"type\":\"turn.started\"}}\n"))?;
    // The benchmark chooses the time; a person's agent takes minutes.
    std::thread::sleep(Duration::from_millis(hold_ms(dir)));
    say(concat!(
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"done"}}"#,
        "\n",
        r#"{"type":"turn.completed","usage":{"input_tokens":1200,"cached_input_tokens":200,"cache_write_input_tokens":0,"output_tokens":34,"reasoning_output_tokens":5}}"#,
        "\n"
    ))?;
    stamp(&dir.join("end"), SystemTime::now())
}

fn say(lines: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    out.flush()
}

fn hold_ms(dir: &Path) -> u64 {
    fs::read_to_string(dir.join("hold_ms")).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn stamp(path: &Path, at: SystemTime) -> std::io::Result<()> {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    fs::write(path, since.as_nanos().to_string())
}
