//! Rules for one Rust file. Relies on rustfmt: a function ends at the first closing brace with the indentation of its
//! beginning.

use super::Problem;

/// Longest file.
const MAX_FILE_LINES: usize = 500;
/// Longest function, signature and braces included.
const MAX_FUNCTION_LINES: usize = 70;

/// Everything that is wrong with a file.
pub(super) fn check(text: &str) -> Vec<Problem> {
    let lines: Vec<&str> = text.lines().collect();
    let mut problems = Vec::new();
    if !lines.first().is_some_and(|first| first.starts_with("//! ")) {
        problems.push(Problem::new(1, "a file begins with `//!`: what it owns, and what it must not do"));
    }
    if lines.len() > MAX_FILE_LINES {
        problems.push(Problem::new(0, format!("{} lines; at most {MAX_FILE_LINES}", lines.len())));
    }
    problems.extend(long_functions(&lines));
    problems.extend(allowed_lints(&lines));
    problems
}

fn long_functions(lines: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let end = format!("{}}}", &line[..indentation(line)]);
        let length = lines[start..].iter().position(|line| *line == end).map_or(1, |last| last + 1);
        let one_line = line.ends_with('}') || line.ends_with(';');
        if !one_line && length > MAX_FUNCTION_LINES {
            problems
                .push(Problem::new(start + 1, format!("a function of {length} lines; at most {MAX_FUNCTION_LINES}")));
        }
    }
    problems
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn begins_function(line: &str) -> bool {
    const BEFORE: [&str; 5] = ["pub", "const", "async", "unsafe", "extern"];
    let mut words = line.split_whitespace();
    let first = words.find(|word| {
        let known = BEFORE
            .iter()
            .any(|before| word.strip_prefix(before).is_some_and(|rest| rest.is_empty() || rest.starts_with('(')));
        // The rest of `pub(in a::b)` and the ABI of `extern "C"`.
        !known && !word.ends_with(')') && !word.starts_with('"')
    });
    first == Some("fn")
}

/// A lint is expected, with a reason, where it really fires.
fn allowed_lints(lines: &[&str]) -> Vec<Problem> {
    let allows = |line: &str| {
        let line = line.trim_start();
        (line.starts_with("#[") || line.starts_with("#![")) && line.contains("allow(")
    };
    let found = lines.iter().enumerate().filter(|(_, line)| allows(line));
    found.map(|(index, _)| Problem::new(index + 1, "use `#[expect(lint, reason = \"…\")]` here")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(signature: &str, lines: usize) -> String {
        let body = "    x();\n".repeat(lines - 2);
        format!("//! A file.\n\n{signature} {{\n{body}}}\n")
    }

    #[test]
    fn a_long_function_is_found_however_it_begins() {
        for signature in
            ["fn f()", "pub fn f()", "pub(crate) const fn f()", "pub(in crate::a) unsafe extern \"C\" fn f()"]
        {
            assert!(check(&function(signature, MAX_FUNCTION_LINES)).is_empty(), "{signature}");
            let problems = check(&function(signature, MAX_FUNCTION_LINES + 1));
            assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [3], "{signature}");
        }
    }

    #[test]
    fn what_is_no_function_may_be_long() {
        assert!(check(&function("impl Fn for X", MAX_FUNCTION_LINES * 2)).is_empty());
        assert!(check(&function("static F: fn() = ", MAX_FUNCTION_LINES * 2)).is_empty());
    }

    #[test]
    fn the_head_the_length_and_allowed_lints_are_looked_at() {
        assert_eq!(check("use std::io;\n").len(), 1);
        assert_eq!(check(&format!("//! A file.\n{}", "\n".repeat(MAX_FILE_LINES))).len(), 1);
        let attribute = concat!("//! A file.\n\n#[all", "ow(dead_code)]\nfn f() {}\n");
        assert_eq!(check(attribute).first().map(|p| p.line), Some(3));
        assert!(check("//! A file.\n\n#[expect(dead_code, reason = \"x\")]\nfn f() {}\n").is_empty());
    }
}
