//! The rules a manifest must keep before anything reads it. This file must not change a manifest or decide whether an
//! adapter may be installed.

use aid_core::agent::{KeyValue, Manifest, OptionSpec};

use super::limits::{
    DIRS_MAX, ENV_MAX, EXT_MAX, FEATURES_MAX, IDENTITY_ARGS_MAX, MANIFEST_LINE_BYTES_MAX, MANIFEST_TEXT_BYTES_MAX,
    MODELS_MAX, OPTION_VALUES_MAX, OPTIONS_MAX, PROGRAMS_MAX, SCORE_MAX,
};
use super::policy::names::{is_env_name, is_launcher};

/// One broken rule of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct ManifestProblem {
    /// The field, such as `programs[1]`.
    pub field: String,
    /// What is wrong with it.
    pub rule: String,
}

/// The signals that count as a polite end.
pub const STOP_SIGNALS: [&str; 3] = ["SIGINT", "SIGTERM", "SIGHUP"];

/// Checks every rule.
///
/// # Errors
/// All broken rules, in the order of the fields.
pub fn check(manifest: &Manifest) -> Result<(), Vec<ManifestProblem>> {
    let mut found = Problems::default();
    check_texts(manifest, &mut found);
    check_identity(manifest, &mut found);
    check_abilities(manifest, &mut found);
    check_state_dirs(manifest, &mut found);
    check_login(manifest, &mut found);
    if found.0.is_empty() { Ok(()) } else { Err(found.0) }
}

#[derive(Default)]
struct Problems(Vec<ManifestProblem>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.0.push(ManifestProblem { field: field.into(), rule: rule.into() });
    }

    fn expect(&mut self, holds: bool, field: impl Into<String>, rule: &str) {
        if !holds {
            self.add(field, rule);
        }
    }

    fn count(&mut self, field: &str, count: usize, max: usize) {
        if count > max {
            self.add(field, format!("has {count} entries, the limit is {max}"));
        }
    }

    fn line(&mut self, field: impl Into<String>, text: &str) {
        self.text(field, text, MANIFEST_LINE_BYTES_MAX);
    }

    /// Texts end up on terminals and in files that are read line by line.
    fn text(&mut self, field: impl Into<String>, text: &str, max_bytes: usize) {
        let field = field.into();
        if text.len() > max_bytes {
            self.add(field, format!("has {} bytes, the limit is {max_bytes}", text.len()));
        } else if text.chars().any(char::is_control) {
            self.add(field, "has a control character");
        }
    }

    fn lines(&mut self, field: &str, texts: &[String], max: usize) {
        self.count(field, texts.len(), max);
        for (index, text) in texts.iter().enumerate() {
            self.line(format!("{field}[{index}]"), text);
        }
    }

    fn pairs(&mut self, field: &str, pairs: &[KeyValue]) {
        self.count(field, pairs.len(), EXT_MAX);
        for (index, pair) in pairs.iter().enumerate() {
            self.line(format!("{field}[{index}].key"), &pair.key);
            let bytes = pair.value.len();
            if bytes > MANIFEST_TEXT_BYTES_MAX {
                let rule = format!("has {bytes} bytes, the limit is {MANIFEST_TEXT_BYTES_MAX}");
                self.add(format!("{field}[{index}].value"), rule);
            }
        }
    }
}

fn check_texts(manifest: &Manifest, found: &mut Problems) {
    let id_rule = "must be a lowercase letter, then up to 31 lowercase letters, digits or hyphens";
    found.expect(is_id(&manifest.id), "id", id_rule);
    found.expect(!manifest.name.is_empty(), "name", "is empty");
    found.expect(!manifest.version.is_empty(), "version", "is empty");
    found.line("name", &manifest.name);
    found.line("version", &manifest.version);
    found.line("homepage", &manifest.homepage);
    found.text("install-hint", &manifest.install_hint, MANIFEST_TEXT_BYTES_MAX);
    found.line("tested-versions", &manifest.tested_versions);
    if let Some(skill) = &manifest.default_skill {
        found.expect(is_id(skill), "default-skill", id_rule);
    }
    found.pairs("ext", &manifest.ext);
}

fn check_identity(manifest: &Manifest, found: &mut Problems) {
    found.expect(!manifest.programs.is_empty(), "programs", "is empty: there is nothing to run");
    found.lines("programs", &manifest.programs, PROGRAMS_MAX);
    for (index, program) in manifest.programs.iter().enumerate() {
        let field = format!("programs[{index}]");
        if !is_program_name(program) {
            found.add(field, format!("{program:?} is not a plain program name"));
        } else if is_launcher(program) {
            found.add(field, format!("{program} runs whatever its arguments say; name the agent's own program"));
        }
    }
    found.lines("identity-args", &manifest.identity_args, IDENTITY_ARGS_MAX);
    found.line("identity-marker", &manifest.identity_marker);
    found.lines("env", &manifest.env, ENV_MAX);
    for (index, name) in manifest.env.iter().enumerate() {
        found.expect(is_env_name(name), format!("env[{index}]"), "is not a variable name ([A-Za-z_][A-Za-z0-9_]*)");
    }
    let stop = manifest.stop_signal.as_str();
    found.expect(STOP_SIGNALS.contains(&stop), "stop-signal", "must be SIGINT, SIGTERM or SIGHUP");
}

fn check_abilities(manifest: &Manifest, found: &mut Problems) {
    for (index, score) in manifest.scores.iter().enumerate() {
        let field = format!("scores[{index}]");
        found.expect(score.value <= SCORE_MAX, field.as_str(), "is above 10");
        let first = manifest.scores.iter().position(|other| other.category == score.category);
        found.expect(first == Some(index), field, "scores a category for the second time");
    }
    found.count("models", manifest.models.len(), MODELS_MAX);
    for (index, model) in manifest.models.iter().enumerate() {
        found.expect(!model.name.is_empty(), format!("models[{index}]"), "has no name");
        found.line(format!("models[{index}]"), &model.name);
    }
    found.lines("features", &manifest.features, FEATURES_MAX);
    found.count("options", manifest.options.len(), OPTIONS_MAX);
    for (index, OptionSpec { key, help, allowed, required: _ }) in manifest.options.iter().enumerate() {
        found.expect(!key.is_empty(), format!("options[{index}].key"), "is empty");
        found.line(format!("options[{index}].key"), key);
        found.text(format!("options[{index}].help"), help, MANIFEST_TEXT_BYTES_MAX);
        found.lines(&format!("options[{index}].allowed"), allowed, OPTION_VALUES_MAX);
    }
}

/// State directories widen what a confined agent may write, so none may be somebody's whole home.
fn check_state_dirs(manifest: &Manifest, found: &mut Problems) {
    found.lines("state-dirs", &manifest.state_dirs, DIRS_MAX);
    for (index, dir) in manifest.state_dirs.iter().enumerate() {
        let field = format!("state-dirs[{index}]");
        let (root, rest) = dir.split_once('/').unwrap_or((dir, ""));
        let variable = root.strip_prefix('$');
        if root != "~" && !variable.is_some_and(is_env_name) {
            found.add(field, format!("{dir:?} must begin with ~/ or $NAME"));
        } else if dir.contains('/') && !is_plain_path(rest) {
            found.add(field, format!("{dir:?} has an empty, . or .. part"));
        } else if rest.is_empty()
            && !variable.is_some_and(|name| manifest.env.iter().any(|n| n == name) && !is_shared(name))
        {
            found.add(field, format!("{dir:?} is more than the agent's own directory"));
        }
    }
}

/// What is looked at to see a login is the agent's own.
fn check_login(manifest: &Manifest, found: &mut Problems) {
    let login = &manifest.login;
    found.lines("login.env", &login.env, ENV_MAX);
    for (index, name) in login.env.iter().enumerate() {
        found.expect(manifest.env.contains(name), format!("login.env[{index}]"), "is not one of env");
    }
    found.lines("login.files", &login.files, DIRS_MAX);
    for (index, file) in login.files.iter().enumerate() {
        let is_below = |dir: &String| {
            file.strip_prefix(dir.as_str()).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_plain_path)
        };
        let is_own = manifest.state_dirs.iter().any(is_below);
        found.expect(is_own, format!("login.files[{index}]"), "does not lie below one of state-dirs");
    }
    found.lines("login.args", &login.args, IDENTITY_ARGS_MAX);
}

/// Variables that name a directory of the whole user.
fn is_shared(variable: &str) -> bool {
    variable.starts_with("XDG_") || ["HOME", "PWD", "OLDPWD", "TMPDIR", "TMP", "TEMP"].contains(&variable)
}

/// Whether a relative path names what it says, part by part.
pub(super) fn is_plain_path(path: &str) -> bool {
    path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn is_id(text: &str) -> bool {
    const BYTES_MAX: usize = 32;
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.len() <= BYTES_MAX
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

fn is_program_name(text: &str) -> bool {
    const BYTES_MAX: usize = 64;
    !text.is_empty()
        && text.len() <= BYTES_MAX
        && !text.starts_with(['-', '.'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+@".contains(&b))
}
