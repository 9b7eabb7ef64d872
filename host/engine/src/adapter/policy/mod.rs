//! What the host allows a plan to be. Every plan passes here before anything of it is used, and a [`CheckedPlan`] is the
//! proof. Texts only: this file must not look at the file system, resolve programs or write anything.

mod dirs;
mod files;
pub mod names;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use aid_core::agent::{Arg, Input, KeyValue, Manifest, Plan, PlanFile};

pub use self::dirs::{Variables, expand_dir, state_dirs};
pub use self::files::{expand_files, is_file_name};
use self::names::{is_env_name, is_launcher, may_set_env};
use super::limits;

/// What a plan is checked against besides its manifest.
#[derive(Clone, Copy)]
pub struct PolicyContext<'a> {
    /// Absolute path of the program that the host resolved: the request's `program`.
    pub program: &'a str,
    /// Where `~` and `$NAME` lead.
    pub variables: &'a dyn Variables,
}

/// A plan that keeps every rule. Only [`check`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPlan {
    program: PathBuf,
    plan: Plan,
    make_dirs: Vec<PathBuf>,
}

impl CheckedPlan {
    /// The program to start: always the one the host resolved.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its arguments. A text may hold `{file:NAME}` of one of [`Self::files`].
    #[must_use]
    pub fn args(&self) -> &[Arg] {
        &self.plan.args
    }

    /// Variables to set. A value may hold `{file:NAME}` of one of [`Self::files`].
    #[must_use]
    pub fn env(&self) -> &[KeyValue] {
        &self.plan.env
    }

    /// What it reads on stdin.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.plan.input
    }

    /// Text to add after the prompt.
    #[must_use]
    pub fn prompt_suffix(&self) -> Option<&str> {
        self.plan.prompt_suffix.as_deref()
    }

    /// Files to write, mode 0600, into the task's own directory under exactly these names.
    #[must_use]
    pub fn files(&self) -> &[PlanFile] {
        &self.plan.files
    }

    /// Absolute directories to make, mode 0700, where missing. One whose variable is unset is left out.
    #[must_use]
    pub fn make_dirs(&self) -> &[PathBuf] {
        &self.make_dirs
    }

    /// The plan's open set.
    #[must_use]
    pub fn ext(&self) -> &[KeyValue] {
        &self.plan.ext
    }
}

/// One broken rule of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyViolation {
    /// Neither a program of the manifest nor the resolved one.
    #[error("program {program:?} is not one that the adapter declares")]
    UndeclaredProgram {
        /// What the plan would run.
        program: String,
    },
    /// A shell, a launcher or an interpreter.
    #[error("program {program:?} runs whatever its arguments say, so no adapter may start it")]
    ForbiddenProgram {
        /// What the plan would run.
        program: String,
    },
    /// A variable that the manifest does not name.
    #[error("variable {name} is not one that the adapter declares")]
    UndeclaredEnv {
        /// Its name.
        name: String,
    },
    /// A variable that no adapter may set.
    #[error("variable {name} may not be set by an adapter")]
    ForbiddenEnv {
        /// Its name.
        name: String,
    },
    /// Not a variable's name.
    #[error("{name:?} is not a variable name")]
    BadEnvName {
        /// The text.
        name: String,
    },
    /// Something is there twice.
    #[error("{what} is given twice")]
    Twice {
        /// What: `variable X` or `file X`.
        what: String,
    },
    /// A NUL byte, which no argument or variable can hold.
    #[error("{place} contains a NUL byte")]
    Nul {
        /// Where: `argument 3`, `variable X`, `program`.
        place: String,
    },
    /// Too many of something.
    #[error("{count} {what}, the limit is {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// Too many bytes.
    #[error("{what} has {bytes} bytes, the limit is {limit}")]
    TooLarge {
        /// What.
        what: String,
        /// Its size.
        bytes: usize,
        /// The largest size allowed.
        limit: usize,
    },
    /// Not a plain file name.
    #[error("file name {name:?} is not plain: letters, digits, - _ . and no leading dot, at most 64")]
    BadFileName {
        /// The name.
        name: String,
    },
    /// `{file:NAME}` of a file that the plan does not have.
    #[error("{place} refers to file {name:?}, which the plan does not have")]
    UnknownFile {
        /// Where the reference is.
        place: String,
        /// The name.
        name: String,
    },
    /// A directory outside of the agent's own state.
    #[error("directory {dir:?} is not below one of the adapter's state directories")]
    ForeignDir {
        /// As the plan names it.
        dir: String,
    },
}

/// Checks a plan against every rule.
///
/// # Errors
/// All violations at once.
pub fn check(
    plan: Plan,
    manifest: &Manifest,
    context: &PolicyContext<'_>,
) -> Result<CheckedPlan, Vec<PolicyViolation>> {
    let mut found = Vec::new();
    check_program(&plan, manifest, context, &mut found);
    check_args(&plan, &mut found);
    check_env(&plan, manifest, &mut found);
    check_sizes(&plan, &mut found);
    files::check(&plan, &mut found);
    let make_dirs = dirs::check(&plan, manifest, context.variables, &mut found);
    if found.is_empty() {
        Ok(CheckedPlan { program: PathBuf::from(context.program), plan, make_dirs })
    } else {
        Err(found)
    }
}

fn check_program(plan: &Plan, manifest: &Manifest, context: &PolicyContext<'_>, found: &mut Vec<PolicyViolation>) {
    let program = plan.program.as_str();
    let resolved = context.program;
    if program.contains('\0') {
        found.push(PolicyViolation::Nul { place: "program".to_owned() });
    }
    if let Some(launcher) = [program, resolved].into_iter().find(|name| is_launcher(name)) {
        found.push(PolicyViolation::ForbiddenProgram { program: launcher.to_owned() });
    }
    if program != resolved && !manifest.programs.iter().any(|declared| declared == program) {
        found.push(PolicyViolation::UndeclaredProgram { program: program.to_owned() });
    }
}

fn check_args(plan: &Plan, found: &mut Vec<PolicyViolation>) {
    too_many("arguments", plan.args.len(), limits::ARGS_MAX, found);
    // One such list is enough: a plan with 100,000 bad arguments needs no 100,000 messages.
    for (index, arg) in plan.args.iter().take(limits::ARGS_MAX).enumerate() {
        if let Arg::Text(text) = arg {
            let place = || format!("argument {}", index + 1);
            if text.contains('\0') {
                found.push(PolicyViolation::Nul { place: place() });
            }
            too_large(place, text.len(), limits::ARG_BYTES_MAX, found);
        }
    }
}

fn check_env(plan: &Plan, manifest: &Manifest, found: &mut Vec<PolicyViolation>) {
    too_many("variables", plan.env.len(), limits::ENV_MAX, found);
    let mut seen = HashSet::new();
    for KeyValue { key, value } in plan.env.iter().take(limits::ENV_MAX) {
        let name = || key.clone();
        let place = || format!("variable {key}");
        if !is_env_name(key) {
            found.push(PolicyViolation::BadEnvName { name: super::fault::bounded(key) });
            continue;
        }
        if !may_set_env(key) {
            found.push(PolicyViolation::ForbiddenEnv { name: name() });
        } else if !manifest.env.contains(key) {
            found.push(PolicyViolation::UndeclaredEnv { name: name() });
        }
        if !seen.insert(key) {
            found.push(PolicyViolation::Twice { what: place() });
        }
        if value.contains('\0') {
            found.push(PolicyViolation::Nul { place: place() });
        }
        too_large(place, value.len(), limits::ENV_VALUE_BYTES_MAX, found);
    }
}

fn check_sizes(plan: &Plan, found: &mut Vec<PolicyViolation>) {
    let of_args = plan.args.iter().map(|arg| if let Arg::Text(text) = arg { text.len() + 1 } else { 1 });
    let of_env = plan.env.iter().map(|kv| kv.key.len() + kv.value.len() + 2);
    let argv_bytes = of_args.chain(of_env).sum();
    too_large(|| "command line".to_owned(), argv_bytes, limits::ARGV_BYTES_MAX, found);
    if let Input::Bytes(bytes) = &plan.input {
        too_large(|| "input".to_owned(), bytes.len(), limits::INPUT_BYTES_MAX, found);
    }
    if let Some(suffix) = &plan.prompt_suffix {
        too_large(|| "prompt suffix".to_owned(), suffix.len(), limits::PROMPT_SUFFIX_BYTES_MAX, found);
        if suffix.contains('\0') {
            found.push(PolicyViolation::Nul { place: "prompt suffix".to_owned() });
        }
    }
    too_many("extensions", plan.ext.len(), limits::EXT_MAX, found);
    for pair in plan.ext.iter().take(limits::EXT_MAX) {
        let bytes = pair.key.len() + pair.value.len();
        too_large(|| "extension".to_owned(), bytes, limits::MANIFEST_TEXT_BYTES_MAX, found);
    }
}

fn too_many(what: &'static str, count: usize, limit: usize, found: &mut Vec<PolicyViolation>) {
    if count > limit {
        found.push(PolicyViolation::TooMany { what, count, limit });
    }
}

fn too_large(what: impl Fn() -> String, bytes: usize, limit: usize, found: &mut Vec<PolicyViolation>) {
    if bytes > limit {
        found.push(PolicyViolation::TooLarge { what: what(), bytes, limit });
    }
}
