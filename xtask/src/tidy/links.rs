//! Links of a document to files of this repository lead somewhere. Addresses on the web are not looked at.

use std::path::{Component, Path, PathBuf};

use super::{Problem, Tree};

/// Links that lead nowhere.
pub(super) fn check(tree: &Tree, path: &Path, text: &str) -> Vec<Problem> {
    let dir = path.parent().unwrap_or(Path::new(""));
    let mut problems = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for target in targets(line).filter(|target| !leads_somewhere(tree, dir, target)) {
            problems.push(Problem::new(index + 1, format!("the link {target} leads nowhere")));
        }
    }
    problems
}

/// What stands in `](…)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

fn leads_somewhere(tree: &Tree, dir: &Path, target: &str) -> bool {
    let file = target.split('#').next().unwrap_or_default();
    if file.is_empty() || file.contains("://") {
        return true;
    }
    let path = normal(&dir.join(file));
    tree.keys().any(|known| known.starts_with(&path))
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_found() {
        let tree = Tree::from([
            (PathBuf::from("docs/adr/0001.md"), String::new()),
            (PathBuf::from("README.md"), String::new()),
        ]);
        let text = "[a](adr/0001.md) [b](../README.md#x) [c](adr) [d](https://example.org) [e](#here)\n```\n[f](code)\n```\n[g](gone.md)\n";
        assert_eq!(check(&tree, Path::new("docs/x.md"), text), [Problem::new(5, "the link gone.md leads nowhere")]);
    }
}
