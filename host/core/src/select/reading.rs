//! Reads a prompt into clauses of words, the way a person skims it: sections, bullets, sentences. Knows no category.
//!
//! Lower-cased character by character, so that letter case can never matter. Quoted and fenced text is kept apart:
//! it is what the task is about, not what is asked.

use std::collections::HashMap;
use std::rc::Rc;

use super::lexicon::Known;
use super::words::{DIRECTORIES, EXTENSIONS, FRAMEWORKS, SECTIONS, Section, label};

/// At most this many bytes of a prompt are read: three quarters from its start, one from its end. What is asked stands
/// at one of the two; what lies between in a longer prompt is pasted material.
pub const MAX_READ_BYTES: usize = 16 * 1024;

/// Of a prompt that is not read whole, at most this many sentences of its start are looked at.
const MAX_HEAD_SENTENCES: usize = 300;
/// A sentence with more words than this is none, and is cut.
const MAX_SENTENCE_TOKENS: usize = 200;
/// A line at least this wide without an end mark goes on in the next one.
const WRAP_COLUMNS: usize = 60;
/// A quotation that does not end within this many bytes is none.
const MAX_QUOTE_BYTES: usize = 200;
/// A section's title has at most this many words.
const MAX_TITLE_WORDS: usize = 4;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of the language.
    Word,
    /// A file's name or path.
    Path,
    /// An identifier, flag or anything in backquotes.
    Code,
    /// A word inside quotation marks.
    Quoted,
    /// A comma or a dash between words.
    Comma,
}

/// One token, lower-cased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// What the tables know of it.
    pub(super) known: Rc<Known>,
}

/// A sentence, bullet or title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) tokens: Vec<Token>,
    pub(super) section: Section,
    /// It ended with a question mark.
    pub(super) question: bool,
    /// It stood behind a list mark.
    pub(super) bullet: bool,
}

/// A prompt as read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) sentences: Vec<Sentence>,
    /// Titles such as `bug:` or `feat(x):` in front of text.
    pub(super) labels: Vec<String>,
    /// Distinct paths.
    pub(super) files: Vec<String>,
    /// List items.
    pub(super) bullets: usize,
    /// Text inside code fences.
    pub(super) fenced: Vec<String>,
    /// Characters of the prompt; of a longer one than is read, its bytes.
    pub(super) length: usize,
}

impl Reading {
    /// Reads a prompt.
    pub(super) fn of(prompt: &str) -> Self {
        let prompt = prompt.trim();
        let mut reading = Self::default();
        let text = if prompt.len() <= MAX_READ_BYTES {
            reading.length = prompt.chars().count();
            normalize(prompt)
        } else {
            reading.length = prompt.len();
            let head = prompt.floor_char_boundary(MAX_READ_BYTES / 4 * 3);
            let tail = prompt.ceil_char_boundary(prompt.len() - MAX_READ_BYTES / 4);
            LineReader::new(&mut reading).read(&normalize(&prompt[..head]));
            reading.sentences.truncate(MAX_HEAD_SENTENCES);
            normalize(&prompt[tail..])
        };
        LineReader::new(&mut reading).read(&text);
        reading
    }

    fn push(&mut self, sentence: Sentence) {
        let empty = sentence.tokens.iter().all(|t| t.kind == Kind::Comma);
        if empty {
            return;
        }
        for token in &sentence.tokens {
            if token.kind == Kind::Path && !self.files.contains(&token.text) {
                self.files.push(token.text.clone());
            }
        }
        self.sentences.push(sentence);
    }
}

/// Lower case, and one spelling of each punctuation mark.
fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '？' => out.push_str("? "),
            '！' => out.push_str("! "),
            '。' => out.push_str(". "),
            '，' | '、' => out.push_str(", "),
            '；' => out.push_str("; "),
            '：' => out.push_str(": "),
            '…' => out.push_str(". "),
            '¿' | '¡' => out.push(' '),
            '—' | '–' => out.push_str(" , "),
            '’' | '‘' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '•' | '·' | '◦' => out.push_str("- "),
            '\r' => out.push('\n'),
            c if c.is_whitespace() && c != '\n' => out.push(' '),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

struct LineReader<'a> {
    reading: &'a mut Reading,
    section: Section,
    /// The section's title stood on the line of its text, so it ends with the paragraph.
    inline: bool,
    fenced: bool,
    open: Vec<Token>,
    bullet: bool,
    /// Words that were looked up: a long text has few of them.
    words: HashMap<String, Rc<Known>>,
}

impl<'a> LineReader<'a> {
    fn new(reading: &'a mut Reading) -> Self {
        Self {
            reading,
            section: Section::Body,
            inline: false,
            fenced: false,
            open: Vec::new(),
            bullet: false,
            words: HashMap::new(),
        }
    }

    fn read(&mut self, text: &str) {
        for line in text.split('\n') {
            let line = line.trim();
            if line.starts_with("```") || line.starts_with("~~~") {
                self.flush(false);
                self.fenced = !self.fenced;
            } else if self.fenced {
                self.reading.fenced.push(line.to_owned());
            } else if line.is_empty() {
                self.flush(false);
                if self.inline {
                    self.section = Section::Body;
                    self.inline = false;
                }
            } else {
                self.line(line);
            }
        }
        self.flush(false);
    }

    fn line(&mut self, line: &str) {
        let (rest, bullet, heading) = strip_marks(line);
        if bullet || heading {
            self.flush(false);
            self.bullet = bullet;
            self.reading.bullets += usize::from(bullet);
        }
        let mut rest = rest;
        if self.open.is_empty() {
            rest = self.title(rest, heading);
        }
        self.sentences(rest);
        if heading || line.chars().count() < WRAP_COLUMNS {
            self.flush(false);
        }
    }

    /// Takes a section's title or a label off the start of a line.
    fn title<'l>(&mut self, line: &'l str, heading: bool) -> &'l str {
        let (title, rest) = if let Some(end) = line.strip_prefix('[').and_then(|l| l.find(']')) {
            (&line[1..=end], line[end + 2..].trim_start_matches([':', ' ']))
        } else if let Some((title, rest)) = line.split_once(':')
            && (rest.is_empty() || rest.starts_with([' ', '*', '_']))
        {
            (title, rest.trim_start_matches(['*', '_', ' ']))
        } else {
            (line, "")
        };
        let bare = title.split('(').next().unwrap_or(title).trim_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty() || bare.split_whitespace().count() > MAX_TITLE_WORDS {
            return line;
        }
        if let Some(section) = SECTIONS.iter().find(|(names, _)| names.contains(&bare)).map(|(_, s)| *s) {
            self.section = section;
            self.inline = !rest.is_empty();
            return rest;
        }
        if heading {
            self.section = Section::Body;
            self.inline = false;
        }
        if !rest.is_empty() && label(bare).is_some() {
            self.reading.labels.push(bare.to_owned());
            return rest;
        }
        line
    }

    fn sentences(&mut self, line: &str) {
        let mut at = 0;
        while at < line.len() {
            let rest = &line[at..];
            let c = rest.chars().next().unwrap_or(' ');
            if c == ' ' {
                at += 1;
            } else if let Some((inner, used)) = quotation(line, at) {
                let kind = if c == '`' { Kind::Code } else { Kind::Quoted };
                self.quoted(inner, kind);
                at += used;
            } else {
                let end = rest.find([' ', '"', '`']).filter(|e| *e > 0).unwrap_or(rest.len());
                let end = if c == '"' || c == '`' { 1 } else { end };
                self.chunk(&rest[..end]);
                at += end;
            }
        }
    }

    fn quoted(&mut self, inner: &str, kind: Kind) {
        if kind == Kind::Code && is_path(inner) {
            self.token(inner.to_owned(), Kind::Path);
        } else if kind == Kind::Code {
            self.token(inner.to_owned(), kind);
        } else {
            for word in inner.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
                self.token(word.to_owned(), kind);
            }
        }
    }

    /// One run of characters between spaces.
    fn chunk(&mut self, chunk: &str) {
        if self.open.len() >= MAX_SENTENCE_TOKENS {
            self.flush(false);
        }
        let body = chunk.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '/');
        let tail = &chunk[body.len()..];
        let core = body.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '/' | '.' | '-' | '@'));
        if FRAMEWORKS.contains(&core) {
            self.token(core.to_owned(), Kind::Word);
        } else if is_path(core) {
            self.token(core.to_owned(), Kind::Path);
        } else if is_code(core) {
            self.token(core.to_owned(), Kind::Code);
        } else {
            self.words(core);
        }
        let keyed = core.is_empty() && tail.starts_with(':') && self.open.last().is_some_and(|t| t.kind != Kind::Word);
        if keyed {
            // The colon of `"key": value`.
        } else if tail.contains('?') {
            self.flush(true);
        } else if tail.contains(['.', '!', ';', ':']) && !is_abbreviation(core) {
            self.flush(false);
        } else if tail.contains([',', ')']) || (core.is_empty() && tail.contains('-')) {
            self.token(",".to_owned(), Kind::Comma);
        }
    }

    fn words(&mut self, core: &str) {
        for (at, part) in core.split(|c: char| !c.is_alphanumeric() && c != '\'').enumerate() {
            let word = part.trim_matches('\'');
            let word = word.strip_suffix("'s").unwrap_or(word);
            if !word.is_empty() {
                let kind = if at > 0 && core.contains(['=', '<', '>']) { Kind::Code } else { Kind::Word };
                self.token(word.to_owned(), kind);
            }
        }
    }

    fn token(&mut self, text: String, kind: Kind) {
        let known = match self.words.get(&text) {
            Some(known) => Rc::clone(known),
            None => {
                let known = Rc::new(Known::of(&text));
                self.words.insert(text.clone(), Rc::clone(&known));
                known
            }
        };
        self.open.push(Token { text, kind, known });
    }

    fn flush(&mut self, question: bool) {
        let tokens = std::mem::take(&mut self.open);
        self.reading.push(Sentence { tokens, section: self.section, question, bullet: self.bullet });
        self.bullet = false;
    }
}

/// The line without list, quote and heading marks; whether it had a list mark; whether a heading mark.
fn strip_marks(line: &str) -> (&str, bool, bool) {
    let line = line.trim_start_matches(['>', ' ']);
    if line.starts_with('#') {
        return (line.trim_start_matches(['#', ' ']), false, true);
    }
    if let Some(rest) = line.strip_prefix("**").and_then(|l| l.strip_suffix("**")) {
        return (rest, false, true);
    }
    for mark in ["- ", "* ", "+ "] {
        if let Some(rest) = line.strip_prefix(mark) {
            let rest = rest.trim_start();
            let rest = rest.strip_prefix("[ ]").or_else(|| rest.strip_prefix("[x]")).unwrap_or(rest);
            return (rest.trim_start(), true, false);
        }
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=3).contains(&digits)
        && let Some(rest) = line[digits..].strip_prefix(['.', ')'])
        && rest.starts_with(' ')
    {
        return (rest.trim_start(), true, false);
    }
    (line, false, false)
}

/// A quotation that opens here: its text, and the bytes it takes with its marks.
fn quotation(line: &str, at: usize) -> Option<(&str, usize)> {
    let mark = line[at..].chars().next().filter(|c| matches!(c, '`' | '"' | '\''))?;
    if mark == '\'' && line[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let inner = &line[at + 1..];
    let limit = inner.floor_char_boundary(MAX_QUOTE_BYTES);
    let mut from = 0;
    while let Some(end) = inner[from..limit].find(mark).map(|e| e + from) {
        let after = inner[end + 1..].chars().next();
        if mark != '\'' || !after.is_some_and(char::is_alphanumeric) {
            return Some((&inner[..end], end + 2));
        }
        from = end + 1;
    }
    None
}

/// Whether a chunk names a file: it ends like one, or has a slash between names and is no alternative such as and/or.
pub(super) fn is_path(chunk: &str) -> bool {
    if chunk.contains("://") || chunk.contains(' ') || !chunk.contains(|c: char| c.is_alphabetic()) {
        return false;
    }
    let name = chunk.rsplit('/').next().unwrap_or(chunk);
    if name.rsplit_once('.').is_some_and(|(stem, ext)| (!stem.is_empty()) && EXTENSIONS.contains(&ext)) {
        return true;
    }
    if name.starts_with('.')
        && name.len() > 2
        && name[1..].chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
    {
        return true;
    }
    let slashes = chunk.matches('/').count();
    slashes >= 2 || chunk.ends_with('/') && slashes == 1 && chunk.len() > 1 || slashes == 1 && is_known_dir(chunk)
}

fn is_known_dir(chunk: &str) -> bool {
    let first = chunk.trim_start_matches(['.', '/']).split('/').next().unwrap_or("");
    DIRECTORIES.contains(&first) || chunk.contains(['_', '.', '*'])
}

fn is_code(chunk: &str) -> bool {
    chunk.contains('_') && chunk.contains(|c: char| c.is_alphanumeric())
        || chunk.contains("::")
        || chunk.starts_with("--") && chunk.len() > 2
        || chunk.contains("://")
        || chunk.starts_with('@')
        || chunk.contains('(')
        || chunk.contains('.') && chunk.trim_matches('.').contains('.') && !chunk.trim_matches('.').contains("..")
}

fn is_abbreviation(core: &str) -> bool {
    matches!(core, "e.g" | "i.e" | "etc" | "vs" | "approx" | "incl" | "no")
}
