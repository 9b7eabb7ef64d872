//! Owns reading what the family leaves on stderr. It is for people, with colours even into a file, and in this mode
//! empty when all went well. Must not be given stdout.

use std::borrow::Cow;

use crate::Tail;

/// How much of stderr is kept for the verdict, in bytes.
pub const TAIL_BYTES: usize = 8 << 10;

/// The most lines of a reason: a broken settings file is quoted with it.
const MAX_REASON_LINES: usize = 12;

/// Looks for the line with which the agent says that it runs without the agent profile that was asked for: it then takes
/// its default one, which may do everything, and ends with 0.
///
/// The line comes before the work begins, so after any other warning it is not believed: a question about a permission
/// quotes the model, which may write a whole line.
#[derive(Debug, Default)]
pub struct Fallback {
    missing: Option<String>,
    has_warned: bool,
}

impl Fallback {
    /// One line of stderr. The name of the missing profile, the first time.
    pub fn on_line(&mut self, line: &str) -> Option<&str> {
        let line = without_escapes(line);
        let warning = line.trim().strip_prefix('!')?;
        if std::mem::replace(&mut self.has_warned, true) {
            return None;
        }
        self.missing = missing_profile(warning.trim_start()).map(str::to_owned);
        self.missing()
    }

    /// The profile that was asked for and not used.
    pub fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }
}

fn missing_profile(warning: &str) -> Option<&str> {
    const ENDS: [&str; 2] = [
        "\" not found. Falling back to default agent",
        "\" is a subagent, not a primary agent. Falling back to default agent",
    ];
    let rest = warning.strip_prefix("agent \"")?;
    ENDS.iter().find_map(|end| rest.strip_suffix(end))
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
    use super::{Fallback, reason, without_escapes};

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
    fn a_fallback_is_a_whole_line_and_the_first_warning() {
        let said = "\u{1b}[93m\u{1b}[1m! \u{1b}[0m agent \"nope\" not found. Falling back to default agent";
        let missing = |lines: &[&str]| {
            let mut fallback = Fallback::default();
            let told: Vec<String> = lines.iter().filter_map(|line| fallback.on_line(line).map(str::to_owned)).collect();
            assert_eq!(told, fallback.missing().into_iter().collect::<Vec<_>>());
            told.into_iter().next()
        };
        assert_eq!(missing(&["a log line", said, said]).as_deref(), Some("nope"));
        let subagent = "! agent \"n\" is a subagent, not a primary agent. Falling back to default agent";
        assert_eq!(missing(&[subagent]).as_deref(), Some("n"));
        assert_eq!(missing(&["! permission requested: bash (x", said]), None, "a model may write the second line");
        assert_eq!(missing(&[&said.replace('!', "I read: !")]), None);
        assert_eq!(missing(&[&format!("{said} he said")]), None);
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
