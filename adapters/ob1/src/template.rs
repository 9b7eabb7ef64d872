//! Owns splitting a user's text into words. No shell: nothing is run, looked up or expanded, and what is between quotes is
//! only text. Must not know what the words mean.
//!
//! Words are split at blanks, tabs and line ends. `'…'` is taken as it stands. In `"…"` and outside of quotes a backslash
//! takes the next character as it is. `{workdir}` and `{model}` are places wherever they stand, `{prompt}` only as a word
//! of its own; any other `{name}` is a mistake. A brace after a backslash or in `'…'` is a brace.

/// One argument.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The prompt.
    Prompt,
    /// A text with places in it.
    Text(Parts),
}

/// A text with places in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Workdir,
    Model,
}

impl Parts {
    pub(crate) fn takes_model(&self) -> bool {
        self.0.contains(&Part::Model)
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(&self.0[..], [Part::Literal(literal)] if literal == text)
    }

    pub(crate) fn filled(&self, workdir: &str, model: &str) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Workdir => workdir.to_owned(),
            Part::Model => model.to_owned(),
        };
        self.0.iter().map(part).collect()
    }
}

/// A character, and whether the user took it literally.
type Marked = (char, bool);

/// The words of a template.
///
/// # Errors
/// What is wrong with it, as the end of a sentence about it.
pub(crate) fn words(template: &str) -> Result<Vec<Word>, String> {
    let words = split(template)?.iter().map(|word| read(word)).collect::<Result<Vec<_>, _>>()?;
    if words.iter().filter(|word| **word == Word::Prompt).count() > 1 {
        return Err("has {prompt} twice".into());
    }
    Ok(words)
}

fn split(template: &str) -> Result<Vec<Vec<Marked>>, String> {
    let mut words = Vec::new();
    // None between words: `''` is a word too, an empty one.
    let mut word: Option<Vec<Marked>> = None;
    let mut quote: Option<char> = None;
    let mut rest = template.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_ascii_whitespace() => words.extend(word.take()),
            (None | Some('"'), '\\') => {
                let next = rest.next().ok_or("ends with a backslash")?;
                word.get_or_insert_default().push((next, true));
            }
            _ => word.get_or_insert_default().push((c, quote == Some('\''))),
        }
    }
    if let Some(open) = quote {
        return Err(format!("has a {open} without its end"));
    }
    words.extend(word);
    Ok(words)
}

fn read(word: &[Marked]) -> Result<Word, String> {
    let mut parts = Parts::default();
    let mut literal = String::new();
    let mut rest = word;
    while let Some(((c, is_literal), after)) = rest.split_first() {
        let name = if *c == '{' && !is_literal { name_in(after) } else { None };
        let Some(name) = name else {
            literal.push(*c);
            rest = after;
            continue;
        };
        let part = match name.as_str() {
            "workdir" => Part::Workdir,
            "model" => Part::Model,
            "prompt" if word.len() == name.len() + "{}".len() => return Ok(Word::Prompt),
            "prompt" => return Err("has {prompt} inside of a word; it can only be one of its own".into()),
            _ => return Err(format!("has {{{name}}}, which is none of {{prompt}}, {{workdir}} and {{model}}")),
        };
        if !literal.is_empty() {
            parts.0.push(Part::Literal(std::mem::take(&mut literal)));
        }
        parts.0.push(part);
        rest = &after[name.len() + "}".len()..];
    }
    if !literal.is_empty() || parts.0.is_empty() {
        parts.0.push(Part::Literal(literal));
    }
    Ok(Word::Text(parts))
}

/// The name before the closing brace, when there is nothing else: `{"a":1}` is no place.
fn name_in(after: &[Marked]) -> Option<String> {
    let end = after.iter().position(|marked| *marked == ('}', false))?;
    let is_name = |(c, is_literal): &Marked| !is_literal && (c.is_ascii_lowercase() || *c == '-' || *c == '_');
    let name = &after[..end];
    (!name.is_empty() && name.iter().all(is_name)).then(|| name.iter().map(|(c, _)| c).collect())
}

#[cfg(test)]
mod tests {
    use super::{Word, words};

    fn filled(template: &str) -> Vec<String> {
        let words = words(template).unwrap_or_else(|problem| panic!("{template}: {problem}"));
        let text = |word: &Word| match word {
            Word::Prompt => "<prompt>".to_owned(),
            Word::Text(parts) => parts.filled("/w d", "m"),
        };
        words.iter().map(text).collect()
    }

    #[test]
    fn words_are_split_and_places_filled() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  \t\n ", &[]),
            ("run --quiet", &["run", "--quiet"]),
            ("'a b' \"c d\" e\\ f", &["a b", "c d", "e f"]),
            ("a'b c'd '' \"\"", &["ab cd", "", ""]),
            (r#"'a\b' "a\"b\\" \'"#, &[r"a\b", r#"a"b\"#, "'"]),
            ("--dir={workdir} -m {model} {prompt}", &["--dir=/w d", "-m", "m", "<prompt>"]),
            ("\"{workdir}/x\" \"{prompt}\"", &["/w d/x", "<prompt>"]),
            (r#"'{model}' \{model} '{"a":1}' {"b":{}}"#, &["{model}", "{model}", r#"{"a":1}"#, "{b:{}}"]),
            ("$(x) `y` ~ $HOME ; | & * #", &["$(x)", "`y`", "~", "$HOME", ";", "|", "&", "*", "#"]),
            ("ä'ö ü'{model}ß", &["äö ümß"]),
        ];
        for (template, expected) in cases {
            assert_eq!(filled(template), *expected, "{template}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (template, part) in [
            ("'a", "has a ' without its end"),
            ("\"a", "has a \" without its end"),
            ("a\\", "ends with a backslash"),
            ("--prompt={prompt}", "inside of a word"),
            ("{prompt} {prompt}", "twice"),
            ("{modell}", "has {modell}, which is none of"),
        ] {
            let problem = words(template).expect_err("a mistake");
            assert!(problem.contains(part), "{template}: {problem}");
        }
    }
}
