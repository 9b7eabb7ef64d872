//! `cargo xtask tidy`: rules of the source tree that no other tool knows. Reads files and changes none.

mod copies;
mod links;
mod modules;
mod rust;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::Workspace;
use crate::{Result, process};

/// Written in two parts, so that this file keeps the rule.
const OPEN_ENDS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
/// Files that are read; others are data.
const TEXT: [&str; 8] = ["md", "rs", "sh", "snap", "sql", "toml", "wit", "yml"];

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    /// From 1; 0 for the file as a whole.
    line: usize,
    message: String,
}

impl Problem {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// The text files of the repository by their path from the root.
type Tree = BTreeMap<PathBuf, String>;

/// Checks every file and says everything that is wrong at once.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let tree = read(workspace.root())?;
    let mut problems = copies::check(&tree);
    for (path, text) in &tree {
        problems.extend(check(&tree, path, text).into_iter().map(|problem| (path.clone(), problem)));
    }
    for (path, problem) in &problems {
        eprintln!("{}:{}: {}", path.display(), problem.line, problem.message);
    }
    match problems.len() {
        0 => {
            eprintln!("[xtask] tidy: {} files keep the rules", tree.len());
            Ok(())
        }
        1 => Err("one rule is broken".into()),
        _ => Err(format!("{} rules are broken", problems.len()).into()),
    }
}

fn check(tree: &Tree, path: &Path, text: &str) -> Vec<Problem> {
    let mut problems = open_ends(text);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => {
            problems.extend(rust::check(text));
            problems.extend(modules::check(tree, path));
        }
        Some("md") => problems.extend(links::check(tree, path, text)),
        _ => {}
    }
    problems
}

/// Work that is left for later belongs to the issue tracker.
fn open_ends(text: &str) -> Vec<Problem> {
    let lines = text.lines().enumerate();
    let words = |line: &str| line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| OPEN_ENDS.contains(&word));
    let open = lines.filter(|(_, line)| words(line));
    open.map(|(index, _)| Problem::new(index + 1, "work is left for later here: do it, or open an issue")).collect()
}

/// What git knows or would add, without what is ignored or deleted.
fn read(root: &Path) -> Result<Tree> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).current_dir(root);
    let mut tree = Tree::new();
    for name in process::read(&mut git)?.split('\0').filter(|name| !name.is_empty()) {
        let path = PathBuf::from(name);
        let is_text = path.extension().and_then(|e| e.to_str()).is_some_and(|e| TEXT.contains(&e));
        let full = root.join(&path);
        if is_text && full.is_file() {
            let text = std::fs::read_to_string(&full).map_err(|why| format!("{name}: {why}"))?;
            tree.insert(path, text);
        } else if full.is_file() {
            // Links may lead to it.
            tree.insert(path, String::new());
        }
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_for_later_is_found() {
        let open = format!("fine\n// {}: later\n", OPEN_ENDS[0]);
        assert_eq!(open_ends(&open).first().map(|p| p.line), Some(2));
        assert!(open_ends("a todo!() in lower case, and METODOLOGY\n").is_empty());
    }
}
