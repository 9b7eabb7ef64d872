//! Forks: how `[fork]` is read, and how a file with one is written. Must not know what a base is: whether it is there,
//! and whether it has the options, the engine sees.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::de::DeValue;

use super::reader::{Section, integer};
use super::values::{CATEGORIES, TIERS, args, env_names, id, line, scores};
use super::{Fork, is_id};

/// Hex digits of a SHA-256.
const DIGEST_CHARS: usize = 64;
/// Most options of a fork.
const MAX_OPTIONS: usize = 64;
/// Longest value of an option, in bytes.
const MAX_OPTION_BYTES: usize = 4096;

pub(super) fn read(section: &Section<'_, '_>, builtin: &[&str]) -> Option<Fork> {
    let id = id(section, builtin);
    let base = base(section);
    let digest = digest(section);
    let fork = Fork {
        id: String::new(),
        name: line(section, "name"),
        base: String::new(),
        digest: String::new(),
        model: line(section, "model"),
        args: args(section, "args").unwrap_or_default(),
        options: options(section),
        env: env_names(section, "env"),
        scores: scores(section),
        cost_class: section.choice("cost_class", &TIERS).map(|found| found.value),
    };
    if let (Some(id), Some(base)) = (&id, &base)
        && id == base
    {
        section.problem(section.at, format!("a fork cannot be its own base; give it another name than {base}"));
    }
    Some(Fork { id: id?, base: base?, digest: digest?, ..fork })
}

fn base(section: &Section<'_, '_>) -> Option<String> {
    let Some(found) = section.text("base") else {
        if !section.has("base") {
            section.missing("base", "the agent that it is a fork of");
        }
        return None;
    };
    if is_id(&found.value) && found.value != "custom" {
        return Some(found.value);
    }
    section.problem(found.at, format!("{:?} is no agent that can be forked", found.value));
    None
}

fn digest(section: &Section<'_, '_>) -> Option<String> {
    let Some(found) = section.text("digest") else {
        if !section.has("digest") {
            section.missing("digest", "the SHA-256 of the base's component, as `aid agent show` says it");
        }
        return None;
    };
    let is_digest = found.value.len() == DIGEST_CHARS
        && found.value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if is_digest {
        return Some(found.value);
    }
    section.problem(found.at, format!("`digest` is {DIGEST_CHARS} lowercase hex digits"));
    None
}

fn options(section: &Section<'_, '_>) -> BTreeMap<String, String> {
    let pairs = section.pairs("options");
    if pairs.len() > MAX_OPTIONS {
        section
            .problem(pairs[MAX_OPTIONS].0.at, format!("`options` has {} entries; at most {MAX_OPTIONS}", pairs.len()));
    }
    let mut options = BTreeMap::new();
    for (key, value) in pairs {
        if !is_option(&key.value) {
            section.problem(key.at, format!("{:?} cannot be the name of an option", key.value));
            continue;
        }
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Boolean(flag) => Some(flag.to_string()),
            other => integer(other).map(|whole| whole.to_string()),
        };
        match text {
            Some(text) if text.len() > MAX_OPTION_BYTES || text.chars().any(char::is_control) => {
                let message = format!("the option `{}` is too long or has a control character", key.value);
                section.problem(value.span().start, message);
            }
            Some(text) => {
                options.insert(key.value, text);
            }
            None => section.wrong(value, &key.value, "a text, an integer, or true or false"),
        }
    }
    options
}

/// A key that TOML takes without quotes.
fn is_option(key: &str) -> bool {
    /// Longest name of an option, in bytes.
    const MAX_KEY_BYTES: usize = 64;
    !key.is_empty()
        && key.len() <= MAX_KEY_BYTES
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl Fork {
    /// The file that defines this fork, for people to edit. Reading it gives the same fork.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let quoted = |value: &str| toml::Value::from(value).to_string();
        let list = |values: &[String]| toml::Value::from(values.to_vec()).to_string();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# A fork of {}: the same component with other settings.\n[fork]", self.base);
        let _ = writeln!(text, "id = {}", quoted(&self.id));
        if let Some(name) = &self.name {
            let _ = writeln!(text, "name = {}", quoted(name));
        }
        let _ = writeln!(text, "base = {}", quoted(&self.base));
        let _ = writeln!(text, "# The component that this fork was made for. Another one is not run behind its name.");
        let _ = writeln!(text, "digest = {}", quoted(&self.digest));
        if let Some(model) = &self.model {
            let _ = writeln!(text, "model = {}", quoted(model));
        }
        if !self.args.is_empty() {
            let _ = writeln!(text, "args = {}", list(&self.args));
        }
        if !self.env.is_empty() {
            let _ = writeln!(text, "env = {}", list(&self.env));
        }
        if let Some((word, _)) = TIERS.iter().find(|(_, tier)| Some(*tier) == self.cost_class) {
            let _ = writeln!(text, "cost_class = {}", quoted(word));
        }
        if !self.options.is_empty() {
            text.push_str("\n[fork.options]\n");
            for (key, value) in &self.options {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
        if !self.scores.is_empty() {
            text.push_str("\n[fork.scores]\n");
            for (word, score) in CATEGORIES.iter().filter_map(|(word, category)| {
                let score = self.scores.get(category)?;
                Some((word, score))
            }) {
                let _ = writeln!(text, "{word} = {score}");
            }
        }
        text
    }
}
