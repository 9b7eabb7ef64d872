//! Directories with `~` and `$NAME` in them: the agent's own state, and what a plan wants to exist below it. This file
//! must not look at the file system.

use std::path::{Component, Path, PathBuf};

use aid_core::agent::{Manifest, Plan};

use super::super::manifest::is_plain_path;
use super::names::is_env_name;
use super::{PolicyViolation, limits, too_many};

/// The variables of the environment that an agent will run in. `~` is `HOME`.
pub trait Variables {
    /// A variable's value, when it is set.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Variables for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name)
    }
}

/// The path that a text such as `~/.codex` or `$CODEX_HOME/sessions` means. None where its variable is unset or no
/// absolute path, where the text has `.`, `..` or empty parts, or begins with neither.
#[must_use]
pub fn expand_dir(text: &str, variables: &dyn Variables) -> Option<PathBuf> {
    let (root, rest) = match text.split_once('/') {
        Some((root, rest)) if is_plain_path(rest) => (root, rest),
        Some(_) => return None,
        None => (text, ""),
    };
    let variable = if root == "~" { "HOME" } else { root.strip_prefix('$').filter(|name| is_env_name(name))? };
    let base = PathBuf::from(variables.get(variable)?);
    let usable = base.is_absolute() && !base.components().any(|part| part == Component::ParentDir);
    usable.then(|| if rest.is_empty() { base } else { base.join(rest) })
}

/// The agent's own directories on this machine: what a confined agent may write to. Those whose variable is unset are
/// left out, and so is whatever a variable turns into somebody's whole home.
#[must_use]
pub fn state_dirs(manifest: &Manifest, variables: &dyn Variables) -> Vec<PathBuf> {
    let home = expand_dir("~", variables);
    let is_own = |dir: &PathBuf| {
        let holds_home = home.as_ref().is_some_and(|home| home.starts_with(dir));
        !holds_home && dir.as_path() != Path::new("/")
    };
    manifest.state_dirs.iter().filter_map(|dir| expand_dir(dir, variables)).filter(is_own).collect()
}

pub(super) fn check(
    plan: &Plan,
    manifest: &Manifest,
    variables: &dyn Variables,
    found: &mut Vec<PolicyViolation>,
) -> Vec<PathBuf> {
    too_many("directories", plan.make_dirs.len(), limits::DIRS_MAX, found);
    let own = state_dirs(manifest, variables);
    let mut dirs = Vec::new();
    for text in plan.make_dirs.iter().take(limits::DIRS_MAX) {
        if text.contains('\0') {
            found.push(PolicyViolation::Nul { place: "directory".to_owned() });
            continue;
        }
        match expand_dir(text, variables) {
            Some(dir) if own.iter().any(|state| dir.starts_with(state)) => dirs.push(dir),
            // A state directory that does not exist in this environment needs nothing below it.
            None if is_below_textually(text, &manifest.state_dirs) => {}
            _ => found.push(PolicyViolation::ForeignDir { dir: super::super::fault::bounded(text) }),
        }
    }
    dirs
}

fn is_below_textually(text: &str, state_dirs: &[String]) -> bool {
    state_dirs.iter().any(|state| {
        text.strip_prefix(state.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('/').is_some_and(is_plain_path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/home/u".to_owned()),
            "CODEX_HOME" => Some("/data/codex".to_owned()),
            "RELATIVE" => Some("data".to_owned()),
            "UP" => Some("/data/..".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn directories_expand_or_do_not() {
        let expand = |text| expand_dir(text, &variables).map(|dir| dir.to_string_lossy().into_owned());
        assert_eq!(expand("~/.codex").as_deref(), Some("/home/u/.codex"));
        assert_eq!(expand("$CODEX_HOME").as_deref(), Some("/data/codex"));
        assert_eq!(expand("$CODEX_HOME/a/b").as_deref(), Some("/data/codex/a/b"));
        for text in [
            "$UNSET",
            "$RELATIVE",
            "$UP",
            "~/../x",
            "~/a/../..",
            "~//x",
            "~/",
            "/etc",
            "etc",
            "",
            "$",
            "~root/x",
            "$A B",
        ] {
            assert_eq!(expand(text), None, "{text}");
        }
    }
}
