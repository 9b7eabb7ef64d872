//! The command line before clap: a prompt that starts with a dash is put where clap takes it for a prompt, and `--color`
//! is known before anything can go wrong. Reads nothing but the arguments, and never fails: what is odd is left for clap.

use std::ffi::{OsStr, OsString};

use clap::{ColorChoice, Command};

/// Commands whose last operand is a prompt.
const PROMPT_COMMANDS: &[&str] = &["run"];

/// Puts a prompt that starts with a dash behind a `--`.
///
/// `aid run codex "-x do it" --bg` becomes `aid run codex --bg -- "-x do it"`. A word counts as such a prompt only when it
/// has white space in it and does not begin with a long option of the command and `=`; a single word like `--bgg` stays an
/// option, so that a misspelt one is an error and not a prompt. Words after a `--` of the caller's own are left alone.
pub(crate) fn with_dash_prompt_last(argv: Vec<OsString>, root: &Command) -> Vec<OsString> {
    let Some((at, command)) = prompt_command(&argv, root) else { return argv };
    let mut kept: Vec<OsString> = argv[..=at].to_vec();
    let mut prompts = Vec::new();
    let mut rest = argv[at + 1..].iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            // Whatever comes now is literal already; two prompts are clap's to refuse.
            kept.extend(prompts);
            kept.push(word.clone());
            kept.extend(rest.cloned());
            return kept;
        }
        if is_dash_prompt(word, root, command) {
            prompts.push(word.clone());
            continue;
        }
        kept.push(word.clone());
        if takes_next_word(word, root, command) {
            kept.extend(rest.next().cloned());
        }
    }
    if !prompts.is_empty() {
        kept.push("--".into());
        kept.extend(prompts);
    }
    kept
}

/// What `--color` says, for messages about a command line that clap refuses.
pub(crate) fn color_choice(argv: &[OsString]) -> ColorChoice {
    let words = argv.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str());
    let mut chosen = ColorChoice::Auto;
    let mut is_value = false;
    for word in words {
        let value = if is_value { Some(word) } else { word.strip_prefix("--color=") };
        chosen = match value {
            Some("always") => ColorChoice::Always,
            Some("never") => ColorChoice::Never,
            _ => chosen,
        };
        is_value = word == "--color";
    }
    chosen
}

/// Where the subcommand is, when it is one that takes a prompt.
fn prompt_command<'a>(argv: &[OsString], root: &'a Command) -> Option<(usize, &'a Command)> {
    let mut at = 1;
    while let Some(word) = argv.get(at) {
        if !word.as_encoded_bytes().starts_with(b"-") {
            let command = root.find_subcommand(word)?;
            return PROMPT_COMMANDS.contains(&command.get_name()).then_some((at, command));
        }
        at += if takes_next_word(word, root, root) { 2 } else { 1 };
    }
    None
}

fn is_dash_prompt(word: &OsStr, root: &Command, command: &Command) -> bool {
    let bytes = word.as_encoded_bytes();
    if !bytes.starts_with(b"-") || !bytes.iter().any(u8::is_ascii_whitespace) {
        return false;
    }
    let text = word.to_string_lossy();
    let name = text.strip_prefix("--").and_then(|long| long.split_once('=')).map(|(name, _)| name);
    name.is_none_or(|name| long_option(name, root, command).is_none())
}

/// Whether the word is an option whose value is the next word.
fn takes_next_word(word: &OsStr, root: &Command, command: &Command) -> bool {
    let Some(text) = word.to_str() else { return false };
    let option = if let Some(long) = text.strip_prefix("--") {
        long_option(long, root, command)
    } else {
        let mut letters = text.strip_prefix('-').unwrap_or_default().chars();
        let letter = letters.next().filter(|_| letters.next().is_none());
        letter.and_then(|letter| options(root, command).find(|option| option.get_short() == Some(letter)))
    };
    option.is_some_and(|option| option.get_action().takes_values())
}

fn long_option<'a>(name: &str, root: &'a Command, command: &'a Command) -> Option<&'a clap::Arg> {
    options(root, command).find(|option| option.get_long() == Some(name))
}

fn options<'a>(root: &'a Command, command: &'a Command) -> impl Iterator<Item = &'a clap::Arg> {
    command.get_arguments().chain(root.get_arguments())
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    fn root() -> Command {
        let run = Command::new("run")
            .arg(Arg::new("agent"))
            .arg(Arg::new("prompt"))
            .arg(Arg::new("dir").long("dir").short('d'))
            .arg(Arg::new("bg").long("bg").action(ArgAction::SetTrue));
        Command::new("aid")
            .arg(Arg::new("color").long("color").global(true))
            .subcommand(run)
            .subcommand(Command::new("board"))
    }

    fn moved(words: &[&str]) -> Vec<String> {
        let argv = std::iter::once("aid").chain(words.iter().copied()).map(OsString::from).collect();
        let words = with_dash_prompt_last(argv, &root()).into_iter().skip(1);
        words.map(|word| word.into_string().expect("text")).collect()
    }

    #[test]
    fn a_prompt_with_a_dash_goes_behind_the_separator() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["run", "codex", "-x do it"], &["run", "codex", "--", "-x do it"]),
            (&["run", "codex", "-x do it", "--bg"], &["run", "codex", "--bg", "--", "-x do it"]),
            (&["run", "codex", "--bg", "-x do it"], &["run", "codex", "--bg", "--", "-x do it"]),
            (&["run", "codex", "- a\n- b"], &["run", "codex", "--", "- a\n- b"]),
            (&["run", "codex", "--dirty = bad"], &["run", "codex", "--", "--dirty = bad"]),
            (&["--color", "never", "run", "codex", "-a b"], &["--color", "never", "run", "codex", "--", "-a b"]),
        ];
        for (given, wanted) in cases {
            assert_eq!(moved(given), *wanted);
        }
    }

    #[test]
    fn everything_else_stays() {
        for words in [
            &["run", "codex", "do it", "--bg"][..],
            &["run", "codex", "--bgg"],
            &["run", "codex", "-"],
            &["run", "codex", "--dir=/a b", "do it"],
            &["run", "codex", "-d", "-odd dir", "do it"],
            &["run", "codex", "--dir", "-odd dir", "do it"],
            &["run", "codex", "--bg", "--", "-x do it"],
            &["run", "codex", "--", "-x do it", "-y z"],
            &["board", "-x y"],
            &["-x y", "run"],
            &[],
        ] {
            assert_eq!(moved(words), words, "{words:?}");
        }
    }

    #[test]
    fn two_prompts_reach_clap_as_two() {
        assert_eq!(moved(&["run", "codex", "-a b", "-c d"]), ["run", "codex", "--", "-a b", "-c d"]);
        assert_eq!(moved(&["run", "codex", "-a b", "--", "c"]), ["run", "codex", "-a b", "--", "c"]);
    }

    #[test]
    fn colour_is_seen_early() {
        let choice = |words: &[&str]| color_choice(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(choice(&["aid", "run", "--color=always"]), ColorChoice::Always);
        assert_eq!(choice(&["aid", "--color", "never", "x"]), ColorChoice::Never);
        assert_eq!(choice(&["aid", "run", "--", "--color=always"]), ColorChoice::Auto);
        assert_eq!(choice(&["aid"]), ColorChoice::Auto);
    }
}
