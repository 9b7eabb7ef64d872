//! Which of some names a mistyped one probably meant. Must not decide anything: what it gives is a hint for people.

/// The name that was probably meant by one that does not exist.
#[must_use]
pub fn did_you_mean<'a, N: AsRef<str>>(written: &str, names: &'a [N]) -> Option<&'a str> {
    /// More than this many edits, or half of the name, is another word.
    const MAX_EDITS: usize = 2;
    if names.iter().any(|name| name.as_ref() == written) {
        return None;
    }
    let written = written.to_lowercase();
    let (edits, best) = names.iter().map(|name| (edits(&written, name.as_ref()), name.as_ref())).min()?;
    (edits <= MAX_EDITS && edits * 2 < best.len().max(1)).then_some(best)
}

/// How many characters must be changed, added, removed or swapped with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    /// Nobody means a name this long.
    const MAX_CHARS: usize = 64;
    let [a, b] = [a, b].map(|text| text.chars().take(MAX_CHARS).collect::<Vec<_>>());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let changed = usize::from(a[i - 1] != b[j - 1]);
                    let mut best = (table[i - 1][j - 1] + changed).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_recognised() {
        let names = ["codex", "gemini", "ob1"];
        for (written, meant) in
            [("codx", Some("codex")), ("Codex", Some("codex")), ("cdoex", Some("codex")), ("gemnii", Some("gemini"))]
        {
            assert_eq!(did_you_mean(written, &names), meant, "{written}");
        }
        for written in ["codex", "claude", "", "x"] {
            assert_eq!(did_you_mean(written, &names), None, "{written}");
        }
    }
}
