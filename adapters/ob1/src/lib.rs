//! The aid adapter for OB-1, of which no command line is publicly known.
//!
//! Owns how an agent is run and judged by nothing but its user's word: the arguments and the rule of success are options
//! without defaults ([`manifest`], [`plan`]), and until both are set nothing is started. Must not guess a flag, nor what
//! the output means.

pub mod manifest;
mod output;
pub mod plan;
mod template;

use aid_adapter_kit::{
    Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Tail, Verdict,
};

/// How much of stderr is kept for people, in bytes.
const STDERR_TAIL_BYTES: usize = 8 << 10;

/// One run of OB-1.
#[derive(Debug)]
pub struct Ob1 {
    stdout: output::Output,
    stderr: Tail,
    /// The user has said that exit code 0 is a success.
    exit_is_success: bool,
}

impl Default for Ob1 {
    fn default() -> Self {
        Self { stdout: output::Output::default(), stderr: Tail::new(STDERR_TAIL_BYTES), exit_is_success: false }
    }
}

impl Adapter for Ob1 {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        plan::plan(request)
    }

    fn begin(&mut self, request: Request) {
        let says_so = |option: &aid_adapter_kit::Kv| option.key == "success" && option.value == manifest::EXIT_ZERO;
        self.exit_is_success = request.options.iter().any(says_so);
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        match from {
            Source::Out => self.stdout.push(line, events),
            Source::Err => self.stderr.push(line),
        }
        Ok(())
    }

    fn on_dropped(&mut self, from: Source) {
        if from == Source::Out {
            self.stdout.lose();
        }
    }

    fn verdict(&mut self, exit: &ExitStatus) -> Verdict {
        let stderr = if self.stderr.is_empty() {
            exit.stderr_tail.lines().rev().find(|line| !line.trim().is_empty())
        } else {
            self.stderr.lines().rev().find(|line| !line.trim().is_empty())
        };
        self.stdout.verdict(exit, self.exit_is_success, stderr)
    }
}

aid_adapter_kit::export!(Ob1);
