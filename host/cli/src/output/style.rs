//! Meanings of text and how they look. The only place that knows an escape sequence, and when to use none.

use std::io::IsTerminal;

use clap::ValueEnum;

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    // On a terminal, unless NO_COLOR is set or TERM is dumb; anywhere with CLICOLOR_FORCE. A doc comment would end up in
    // the help of every command.
    #[default]
    Auto,
    Always,
    Never,
}

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing particular.
    Plain,
    /// A heading.
    Heading,
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// It needs somebody.
    Attention,
    /// It is going on.
    Live,
    /// Less important.
    Faint,
}

/// Whether and how text is coloured on one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// The paint for a stream.
    pub(crate) fn of(when: ColorWhen, stream: &impl IsTerminal, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let on = match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => wanted(stream.is_terminal(), variable),
        };
        Self { on }
    }

    /// The text in its tone. The text must be harmless already.
    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Heading => "1",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Attention => "33",
            Tone::Live => "36",
            Tone::Faint => "2",
        };
        if self.on && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// The common rules, strongest first: NO_COLOR, CLICOLOR_FORCE, then whether somebody is looking.
fn wanted(terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    terminal && set("TERM").is_none_or(|term| term != "dumb") && set("CLICOLOR").is_none_or(|value| value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(terminal: bool, variables: &[(&str, &str)]) -> bool {
        wanted(terminal, &|name| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn colour_follows_the_usual_variables() {
        assert!(auto(true, &[]));
        assert!(auto(true, &[("NO_COLOR", "")]), "an empty NO_COLOR says nothing");
        assert!(!auto(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
        assert!(!auto(true, &[("CLICOLOR", "0")]));
        assert!(!auto(false, &[]));
        assert!(auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "0")]));
    }

    #[test]
    fn plain_text_has_no_escapes() {
        assert_eq!(Paint { on: false }.tone(Tone::Bad, "x"), "x");
        assert_eq!(Paint { on: true }.tone(Tone::Plain, "x"), "x");
        assert_eq!(Paint { on: true }.tone(Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
