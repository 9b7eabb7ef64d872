//! What a document repeats from the program is what a snapshot of the program's output says, which a test holds.

use std::path::{Path, PathBuf};

use super::{Problem, Tree};

/// A document, and the snapshot that it repeats in a block of code.
const COPIES: [(&str, &str); 1] = [("docs/exit-codes.md", "tests/cli/tests/it/snapshots/it__help__exit_codes.snap")];

/// Documents that say something else, with their path.
pub(super) fn check(tree: &Tree) -> Vec<(PathBuf, Problem)> {
    let differs = COPIES.iter().filter_map(|(document, snapshot)| {
        let shown = tree.get(Path::new(document)).map(String::as_str).unwrap_or_default();
        let said = tree.get(Path::new(snapshot)).map(String::as_str).unwrap_or_default();
        let message = match body(said) {
            Some(said) if shown.contains(&format!("```text\n{said}\n```\n")) => return None,
            Some(_) => format!("it does not repeat {snapshot} word for word"),
            None => format!("there is no snapshot {snapshot}"),
        };
        Some((PathBuf::from(document), Problem::new(0, message)))
    });
    differs.collect()
}

/// A snapshot without its head.
fn body(snapshot: &str) -> Option<&str> {
    let (_, body) = snapshot.strip_prefix("---\n")?.split_once("\n---\n")?;
    Some(body.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(document: &str, snapshot: &str) -> Tree {
        let [(document_path, snapshot_path)] = COPIES;
        Tree::from([(document_path.into(), document.to_owned()), (snapshot_path.into(), snapshot.to_owned())])
    }

    #[test]
    fn one_letter_is_enough() {
        let snapshot = "---\nsource: x\n---\nCodes\n\n  0  good\n";
        assert_eq!(check(&tree("# A\n\n```text\nCodes\n\n  0  good\n```\n", snapshot)), []);
        assert_eq!(check(&tree("# A\n\n```text\nCodes\n\n  0  fine\n```\n", snapshot)).len(), 1);
        assert_eq!(check(&Tree::new()).len(), 1);
    }
}
