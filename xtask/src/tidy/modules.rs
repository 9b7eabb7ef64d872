//! No forgotten file: every Rust file is a root that cargo finds, or a module of a file that is there. A test file that no
//! crate names would never run, and never fail.

use std::path::Path;

use super::{Problem, Tree};

/// Whether a file is part of anything.
pub(super) fn check(tree: &Tree, path: &Path) -> Option<Problem> {
    if is_root(tree, path) || is_declared(tree, path) {
        return None;
    }
    let name = module_name(path)?;
    Some(Problem::new(0, format!("no crate has this file: no parent says `mod {name};`")))
}

/// What cargo finds by itself, or a manifest names.
fn is_root(tree: &Tree, path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let by_place = matches!(
        parts.as_slice(),
        [.., "src", "main.rs" | "lib.rs"]
            | [.., "build.rs"]
            | [.., "src", "bin", _]
            | [.., "tests" | "examples" | "benches", _]
            | [.., "tests" | "examples" | "benches", _, "main.rs"]
    );
    by_place || path.ancestors().skip(1).any(|dir| names(tree, dir, path))
}

fn names(tree: &Tree, dir: &Path, path: &Path) -> bool {
    let (Some(manifest), Ok(below)) = (tree.get(&dir.join("Cargo.toml")), path.strip_prefix(dir)) else { return false };
    manifest.contains(&format!("path = \"{}\"", below.display()))
}

fn module_name(path: &Path) -> Option<&str> {
    let stem = path.file_stem()?.to_str()?;
    if stem == "mod" { path.parent()?.file_name()?.to_str() } else { Some(stem) }
}

fn is_declared(tree: &Tree, path: &Path) -> bool {
    let (Some(name), Some(mut dir)) = (module_name(path), path.parent()) else { return false };
    if path.file_name().is_some_and(|file| file == "mod.rs") {
        let Some(above) = dir.parent() else { return false };
        dir = above;
    }
    let beside = ["mod.rs", "main.rs", "lib.rs"].map(|file| dir.join(file));
    let above = dir.with_extension("rs");
    let declaration = format!("mod {name};");
    let declares =
        |file: &Path| tree.get(file).is_some_and(|text| text.lines().any(|line| ends_with_word(line, &declaration)));
    let mut roots = tree.keys().filter(|other| other.parent() == Some(dir) && is_root(tree, other));
    if beside.iter().any(|file| declares(file)) || declares(&above) || roots.any(|root| declares(root)) {
        return true;
    }
    // `#[path = "…"]` of a file in the same directory.
    let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
    let attribute = format!("#[path = \"{file}\"]");
    let mut siblings = tree.iter().filter(|(other, _)| other.parent() == Some(dir));
    siblings.any(|(_, text)| text.lines().any(|line| line.trim() == attribute))
}

/// `pub(crate) mod x;` declares x; `mod xx;` and a comment do not.
fn ends_with_word(line: &str, declaration: &str) -> bool {
    let before = line.trim().strip_suffix(declaration);
    before.is_some_and(|before| before.is_empty() || (before.ends_with(' ') && !before.starts_with("//")))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect()
    }

    #[test]
    fn a_file_that_nobody_names_is_found() {
        let tree = tree(&[
            ("a/tests/it/main.rs", "mod known;\n// mod forgotten;\n"),
            ("a/tests/it/known.rs", ""),
            ("a/tests/it/forgotten.rs", ""),
            ("a/tests/it/deep/mod.rs", ""),
            ("a/tests/single.rs", "mod shared;\n"),
            ("a/tests/shared/mod.rs", ""),
        ]);
        let forgotten: Vec<_> = tree.keys().filter(|path| check(&tree, path).is_some()).collect();
        assert_eq!(forgotten, [Path::new("a/tests/it/deep/mod.rs"), Path::new("a/tests/it/forgotten.rs")]);
    }

    #[test]
    fn every_way_of_naming_counts() {
        let tree = tree(&[
            ("a/Cargo.toml", "[[bin]]\npath = \"odd/place.rs\"\n"),
            ("a/odd/place.rs", ""),
            ("a/build.rs", ""),
            ("a/src/lib.rs", "pub(crate) mod x;\n#[path = \"y_tests.rs\"]\nmod tests;\nmod z;\n"),
            ("a/src/x.rs", "mod inner;\n"),
            ("a/src/x/inner.rs", ""),
            ("a/src/y_tests.rs", ""),
            ("a/src/z/mod.rs", "mod w;\n"),
            ("a/src/z/w.rs", ""),
        ]);
        for path in tree.keys().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
            assert_eq!(check(&tree, path), None, "{}", path.display());
        }
    }
}
