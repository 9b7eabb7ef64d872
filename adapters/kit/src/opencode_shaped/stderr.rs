//! Owns reading what the family leaves on stderr. It is for people, with colours even into a file, and in this mode
//! empty when all went well. Must not be given stdout.

use std::borrow::Cow;

use crate::Tail;

/// How much of stderr is kept for the verdict, in bytes.
pub const TAIL_BYTES: usize = 8 << 10;

/// The most lines of a reason: a broken settings file is quoted with it.
const MAX_REASON_LINES: usize = 12;

/// Whether the agent says that it runs without the agent profile that was asked for: it then takes its default one,
/// which may do everything, and ends with 0. The whole line has to be the agent's, with the name that it was given.
pub fn says_fallback(line: &str, profile: &str) -> bool {
    let line = without_escapes(line);
    let Some(rest) = line.trim().strip_prefix('!') else { return false };
    let Some(rest) = rest.trim_start().strip_prefix("agent \"").and_then(|rest| rest.strip_prefix(profile)) else {
        return false;
    };
    matches!(
        rest,
        "\" not found. Falling back to default agent"
            | "\" is a subagent, not a primary agent. Falling back to default agent"
    )
}

/// Why the agent did not start: from its last line that begins with `Error:`, else the last block of lines.
pub(super) fn reason(tail: &[Cow<'_, str>]) -> Option<String> {
    let lines: Vec<&str> = tail.iter().map(|line| line.trim_end()).collect();
    let start = lines.iter().rposition(|line| line.starts_with("Error:"));
    let block = match start {
        Some(start) => &lines[start..],
        None => lines.rsplit(|line| line.trim().is_empty()).find(|block| !block.is_empty())?,
    };
    let block = &block[..block.len().min(MAX_REASON_LINES)];
    let text = block.join("\n");
    let text = text.strip_prefix("Error:").unwrap_or(&text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The lines of stderr without colours: what was fed, else the host's own tail, as in a run that was adopted late.
pub(super) fn lines<'a>(fed: &'a Tail, host: &'a str) -> Vec<Cow<'a, str>> {
    if fed.is_empty() {
        host.lines().map(without_escapes).collect()
    } else {
        fed.lines().map(without_escapes).collect()
    }
}

/// A text without terminal escapes.
pub fn without_escapes(text: &str) -> Cow<'_, str> {
    const ESCAPE: char = '\u{1b}';
    if !text.contains(ESCAPE) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(ESCAPE) {
        clean.push_str(before);
        // A control sequence ends with its first letter; anything else is the escape alone.
        rest = match after.strip_prefix('[') {
            Some(sequence) => {
                let end = sequence.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
                end.map_or("", |end| &sequence[end + 1..])
            }
            None => after,
        };
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::{reason, says_fallback, without_escapes};

    #[test]
    fn escapes_are_left_out_and_nothing_else() {
        for (text, clean) in [
            ("plain", "plain"),
            ("\u{1b}[91m\u{1b}[1mError: \u{1b}[0mSession not found", "Error: Session not found"),
            ("a\u{1b}[38;5;12mä\u{1b}[Kb", "aäb"),
            ("cut \u{1b}[12", "cut "),
            ("alone \u{1b}", "alone "),
        ] {
            assert_eq!(without_escapes(text), clean);
        }
    }

    #[test]
    fn a_fallback_is_the_agents_own_whole_line_about_the_profile_that_was_asked_for() {
        let said = "\u{1b}[93m\u{1b}[1m! \u{1b}[0m agent \"nope\" not found. Falling back to default agent";
        assert!(says_fallback(said, "nope"));
        assert!(says_fallback("! agent \"n\" is a subagent, not a primary agent. Falling back to default agent", "n"));
        assert!(!says_fallback(said, "other"));
        assert!(!says_fallback(&said.replace('!', "I read: !"), "nope"));
        assert!(!says_fallback(&format!("{said} he said"), "nope"));
        assert!(!says_fallback("! permission requested: bash (x); auto-rejecting", "nope"));
    }

    #[test]
    fn the_reason_is_the_error_or_the_last_block() {
        let read = |text: &str| reason(&text.lines().map(without_escapes).collect::<Vec<_>>());
        assert_eq!(
            read("\u{1b}[91m\u{1b}[1mError: \u{1b}[0mSession not found\n").as_deref(),
            Some("Session not found")
        );
        assert_eq!(read("Options:\n  --x  y\n\nUnknown argument: nope\n").as_deref(), Some("Unknown argument: nope"));
        assert_eq!(read("Error: a is not valid\n{bad\n   ^\n").as_deref(), Some("a is not valid\n{bad\n   ^"));
        assert_eq!(read("\n\n"), None);
    }
}
