//! Owns how an ended process is told to people, and what its stderr said. Must not judge a run.

use crate::text::cut;
use crate::{ExitStatus, Outcome, Refusal, Tail};

/// The longest line of stderr that is quoted as a hint, in bytes.
const MAX_HINT_BYTES: usize = 300;

/// What a shell, and a program that catches a signal, adds to its number for an exit code.
const SIGNAL_EXIT_BASE: i32 = 128;

/// "exit code 1", "SIGTERM".
pub fn exit_text(exit: &ExitStatus) -> String {
    match (exit.signal, exit.code) {
        (Some(signal), _) => signal_name(signal),
        (None, Some(code)) => match caught_signal(exit) {
            Some(signal) => format!("exit code {code}, {}", signal_name(signal)),
            None => format!("exit code {code}"),
        },
        (None, None) => "exit code unknown".into(),
    }
}

/// The signal that the program caught and ended with, by its exit code. Only those with which an agent is ended.
pub fn caught_signal(exit: &ExitStatus) -> Option<i32> {
    const ENDINGS: [i32; 3] = [1, 2, 15];
    let signal = exit.code? - SIGNAL_EXIT_BASE;
    ENDINGS.contains(&signal).then_some(signal)
}

/// Whether the program itself says that it failed.
pub fn failed(exit: &ExitStatus) -> bool {
    exit.signal.is_none() && exit.code.is_some_and(|code| code != 0)
}

/// What was fed; the host's own tail when nothing was, as in a run that was adopted late.
pub fn stderr_lines<'a>(kept: &'a Tail, exit: &'a ExitStatus) -> Vec<&'a str> {
    if kept.is_empty() { exit.stderr_tail.lines().collect() } else { kept.lines().collect() }
}

/// The last line of stderr that says something, to be read by people only. Empty when there is none.
pub fn hint(lines: &[&str], is_noise: impl Fn(&str) -> bool) -> String {
    match lines.iter().rev().find(|line| !line.trim().is_empty() && !is_noise(line)) {
        Some(line) => format!("; stderr: {}", cut(line.trim(), MAX_HINT_BYTES)),
        None => String::new(),
    }
}

/// A failure that the adapter found, and nobody behind the agent said.
pub fn failure(message: String) -> Outcome {
    Outcome::Failure(Refusal { class: "other".into(), message, pool: None, retry_at: None, final_: true })
}

/// As `kill -l` has it, for the signals that end an agent in practice.
pub fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        _ => return format!("signal {signal}"),
    };
    name.into()
}

#[cfg(test)]
mod tests {
    use super::{caught_signal, exit_text, failed};
    use crate::ExitStatus;

    fn exit(code: Option<i32>, signal: Option<i32>) -> ExitStatus {
        ExitStatus { code, signal, stderr_tail: String::new(), resumed_from: None, previous_usage: None }
    }

    #[test]
    fn an_ending_is_named_as_people_know_it() {
        assert_eq!(exit_text(&exit(Some(1), None)), "exit code 1");
        assert_eq!(exit_text(&exit(Some(143), None)), "exit code 143, SIGTERM");
        assert_eq!(exit_text(&exit(None, Some(9))), "SIGKILL");
        assert_eq!(exit_text(&exit(None, None)), "exit code unknown");
    }

    #[test]
    fn only_codes_of_ending_signals_are_signals() {
        assert_eq!(caught_signal(&exit(Some(130), None)), Some(2));
        assert_eq!(caught_signal(&exit(Some(137), None)), None);
        assert!(failed(&exit(Some(143), None)) && !failed(&exit(None, Some(15))) && !failed(&exit(None, None)));
    }
}
