//! The files of a plan and the `{file:NAME}` references to them. This file must not write files.

use std::collections::HashSet;

use aid_core::agent::{Arg, Plan};

use super::{PolicyViolation, limits, too_large, too_many};

const OPEN: &str = "{file:";
const CLOSE: char = '}';

/// Replaces each `{file:NAME}` by what `path_of` says. A text that is not closed stays as it is.
pub fn expand_files(text: &str, mut path_of: impl FnMut(&str) -> String) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_reference(rest) {
        expanded.push_str(before);
        expanded.push_str(&path_of(name));
        rest = after;
    }
    expanded + rest
}

/// Whether a name can be a plan's file: letters, digits, `-`, `_`, `.`, no leading dot, at most 64 bytes.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= limits::FILE_NAME_BYTES_MAX
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// What is before the first reference, its name, and what is after it.
fn next_reference(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (name, after) = rest.split_once(CLOSE)?;
    Some((before, name, after))
}

pub(super) fn check(plan: &Plan, found: &mut Vec<PolicyViolation>) {
    too_many("files", plan.files.len(), limits::FILES_MAX, found);
    let mut names = HashSet::new();
    for file in plan.files.iter().take(limits::FILES_MAX) {
        let name = file.name.as_str();
        if !is_file_name(name) {
            found.push(PolicyViolation::BadFileName { name: super::super::fault::bounded(name) });
        } else if !names.insert(name) {
            found.push(PolicyViolation::Twice { what: format!("file {name}") });
        }
        too_large(|| format!("file {name}"), file.content.len(), limits::FILE_BYTES_MAX, found);
    }
    let all_bytes = plan.files.iter().map(|file| file.content.len()).sum();
    too_large(|| "all files together".to_owned(), all_bytes, limits::FILES_BYTES_MAX, found);

    let args = plan.args.iter().take(limits::ARGS_MAX).enumerate().filter_map(|(index, arg)| match arg {
        Arg::Text(text) => Some((format!("argument {}", index + 1), text)),
        Arg::Prompt | Arg::Workdir | Arg::OutputFile => None,
    });
    let env = plan.env.iter().take(limits::ENV_MAX).map(|kv| (format!("variable {}", kv.key), &kv.value));
    for (place, text) in args.chain(env) {
        let mut rest = text.as_str();
        while let Some((_, name, after)) = next_reference(rest) {
            if !names.contains(name) {
                let name = super::super::fault::bounded(name);
                found.push(PolicyViolation::UnknownFile { place: place.clone(), name });
            }
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_paths() {
        let path = |name: &str| format!("/task/{name}");
        assert_eq!(expand_files("a={file:x.json},{file:y}", path), "a=/task/x.json,/task/y");
        assert_eq!(expand_files("{file:open", path), "{file:open");
        assert_eq!(expand_files("{\"file\": 1}", path), "{\"file\": 1}");
    }
}
