//! What every adapter must keep, as checks that can be made of any: its manifest, its plans, how it reads strange output,
//! and how it reads recordings of its agent. A finding says what was seen, and what could not be looked at.
//!
//! That the same request and the same bytes give the same answer is no check: an adapter has no clock, no chance and no
//! memory from one instance to the next. This module must not start an agent, or decide whether an adapter is used.

mod golden;
mod plans;
mod recordings;
mod replay;
mod streams;

use std::path::{Path, PathBuf};

use aid_core::agent::{Autonomy, KeyValue, Manifest, Request};
use aid_core::user_agent::UserAgent;
use aid_core::user_agent::overlay::{EXIT_IS_SUCCESS, RequestParts, overlay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::adapter::{Adapter, AdapterError, manifest};

use self::recordings::Recording;

/// Most problems of one check that are told one by one.
const MAX_PROBLEMS: usize = 8;
/// Longest text about one problem, in bytes.
const MAX_PROBLEM_BYTES: usize = 600;

/// What one check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The check's stable name.
    pub id: String,
    /// The rule that it looks at.
    pub rule: String,
    /// Whether the rule is kept; null: it could not be looked at, and `detail` says why.
    pub ok: Option<bool>,
    /// What was seen.
    pub detail: String,
}

/// Why there are no results at all.
#[derive(Debug, thiserror::Error)]
pub enum ConformanceError {
    /// The component cannot be loaded, or its `describe` fails: there is nothing to check.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// A recording is missing or broken.
    #[error("cannot read the recording {path}: {reason}")]
    Recording {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// An adapter with what the user adds to it.
pub struct Subject {
    adapter: Adapter,
    user: Option<UserAgent>,
    options: Vec<KeyValue>,
}

impl Subject {
    /// An adapter as it is.
    #[must_use]
    pub fn new(adapter: Adapter) -> Self {
        Self { adapter, user: None, options: Vec::new() }
    }

    /// The agent that a user has defined over this adapter.
    #[must_use]
    pub fn defined_by(self, user: UserAgent) -> Self {
        Self { user: Some(user), ..self }
    }

    /// With options that the user has set.
    #[must_use]
    pub fn with_options(self, options: Vec<KeyValue>) -> Self {
        Self { options, ..self }
    }
}

/// Makes every check. Recordings are `NAME.stdout`, `NAME.stderr`, `NAME.run.json` and, for what is expected of them,
/// `NAME.expected.json`.
///
/// # Errors
/// When there is nothing to check, or a recording cannot be read.
pub fn check(subject: &Subject, transcripts: Option<&Path>) -> Result<Vec<CheckResult>, ConformanceError> {
    let described = subject.adapter.describe_unchecked()?;
    let manifest = subject.user.as_ref().map_or_else(|| described.clone(), |user| overlay(&described, user));
    let recordings = transcripts.map(recordings::load).transpose()?.unwrap_or_default();
    let parts = subject.user.as_ref().map(UserAgent::request_parts).unwrap_or_default();
    let bench = Bench { adapter: &subject.adapter, manifest, parts, options: subject.options.clone(), recordings };
    Ok(CHECKS.iter().map(|check| bench.result(check)).collect())
}

/// The ids and rules of all checks, in their order.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    CHECKS.iter().map(|check| (check.id, check.rule))
}

/// What a check found.
enum Finding {
    /// The rule is kept, in so many cases.
    Kept(String),
    /// It is broken.
    Broken(Vec<String>),
    /// It could not be looked at.
    Unknown(String),
}

impl Finding {
    /// Broken by these problems, or kept in so many cases.
    fn of(problems: Vec<String>, cases: usize, what: &str) -> Self {
        if !problems.is_empty() {
            return Self::Broken(problems);
        }
        if cases == 0 {
            return Self::Unknown(format!("no {what} to look at"));
        }
        Self::Kept(format!("{cases} {what}"))
    }
}

struct Check {
    id: &'static str,
    rule: &'static str,
    make: fn(&Bench<'_>) -> Finding,
}

const CHECKS: &[Check] = &[
    Check { id: "manifest.rules", rule: "the manifest keeps the host's rules", make: manifest_rules },
    Check { id: "plan.policy", rule: "every plan passes the host's policy", make: plans::policy },
    Check {
        id: "plan.read-only",
        rule: "a read-only run is planned differently, or not at all",
        make: plans::read_only,
    },
    Check { id: "plan.prompt", rule: "the prompt goes in once, and cannot be taken for a flag", make: plans::prompt },
    Check { id: "plan.values", rule: "a model, session or option that is none is refused", make: plans::values },
    Check {
        id: "plan.extra-args",
        rule: "arguments that the user adds are passed on as they are",
        make: plans::extra_args,
    },
    Check { id: "output.garbage", rule: "no output makes the adapter fail", make: streams::garbage },
    Check {
        id: "output.limits",
        rule: "huge lines and many lines stay within time, memory and events",
        make: streams::limits,
    },
    Check { id: "output.silence", rule: "an agent that wrote nothing has not succeeded", make: streams::silence },
    Check {
        id: "output.strangers",
        rule: "output that is not the agent's protocol decides nothing",
        make: streams::strangers,
    },
    Check {
        id: "transcripts.expected",
        rule: "each recording gives the events and the verdict expected",
        make: replay::expected,
    },
    Check { id: "transcripts.chunks", rule: "however output is cut, it gives the same", make: replay::chunks },
    Check { id: "transcripts.line-ends", rule: "CRLF ends a line as LF does", make: replay::line_ends },
    Check {
        id: "transcripts.truncation",
        rule: "cut anywhere, there is no success before the success mark",
        make: replay::truncation,
    },
    Check {
        id: "transcripts.noise",
        rule: "unknown lines between the agent's own change nothing",
        make: replay::noise,
    },
    Check { id: "transcripts.quotes", rule: "the text of an answer decides nothing", make: replay::quotes },
];

/// What checks work with.
struct Bench<'a> {
    adapter: &'a Adapter,
    manifest: Manifest,
    parts: RequestParts,
    options: Vec<KeyValue>,
    recordings: Vec<Recording>,
}

impl Bench<'_> {
    fn result(&self, check: &Check) -> CheckResult {
        let (ok, detail) = match (check.make)(self) {
            Finding::Kept(detail) => (Some(true), detail),
            Finding::Broken(problems) => (Some(false), told(&problems)),
            Finding::Unknown(why) => (None, why),
        };
        CheckResult { id: check.id.to_owned(), rule: check.rule.to_owned(), ok, detail }
    }

    /// A request with nothing special about it.
    fn request(&self) -> Request {
        let program = self.manifest.programs.first().map_or("agent", String::as_str);
        let mut options = self.parts.options.clone();
        options.extend(self.options.iter().cloned());
        for spec in self.manifest.options.iter().filter(|spec| spec.required) {
            let value = spec.allowed.first().cloned();
            if let (false, Some(value)) = (options.iter().any(|option| option.key == spec.key), value) {
                options.push(KeyValue { key: spec.key.clone(), value });
            }
        }
        Request {
            autonomy: Autonomy::Full,
            model: self.parts.model.clone(),
            budget: false,
            resume: None,
            workdir: "/work".to_owned(),
            output_file: None,
            context_files: Vec::new(),
            program: format!("/usr/bin/{program}"),
            program_version: String::new(),
            options,
            extra_args: self.parts.extra_args.clone(),
            ext: Vec::new(),
        }
    }

    /// The user has said that the exit code alone can be trusted.
    fn exit_is_success(&self) -> bool {
        self.manifest.has_feature(EXIT_IS_SUCCESS)
    }
}

fn manifest_rules(bench: &Bench<'_>) -> Finding {
    match manifest::check(&bench.manifest) {
        Ok(()) => Finding::Kept(format!("manifest of {}", bench.manifest.id)),
        Err(problems) => Finding::Broken(problems.iter().map(ToString::to_string).collect()),
    }
}

fn told(problems: &[String]) -> String {
    let cut = |problem: &String| {
        let end = problem.floor_char_boundary(MAX_PROBLEM_BYTES);
        if end < problem.len() { format!("{}…", &problem[..end]) } else { problem.clone() }
    };
    let mut text = problems.iter().take(MAX_PROBLEMS).map(cut).collect::<Vec<_>>().join("; ");
    if let Some(more) = problems.len().checked_sub(MAX_PROBLEMS).filter(|more| *more > 0) {
        text.push_str(&format!("; and {more} more"));
    }
    text
}
