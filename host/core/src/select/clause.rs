//! Takes sentences apart into clauses: what each asks for, and what about. Weighs nothing.

use super::lexicon::{self, Form};
use super::reading::{Kind, Reading, Sentence, Token};
use super::words::{Act, Class, Section};

/// How many classes of objects there are.
pub(super) const CLASSES: usize = 12;
/// How many tokens are searched for the verb of a clause that begins with a place.
const PLACE_TOKENS: usize = 8;
/// How many tokens behind a first word may make it a subject.
const SUBJECT_TOKENS: usize = 5;
/// How soon behind an order to look "why" must stand.
const WHY_TOKENS: usize = 3;
/// A trifle is one wherever it stands in an order.
const TRIFLE_SCALE: i32 = 80;
/// How many words of a piece of code are looked at.
const CODE_WORDS: usize = 12;

const SKIPPED: &[&str] = &[
    "please",
    "kindly",
    "hey",
    "hi",
    "hello",
    "ok",
    "okay",
    "now",
    "then",
    "next",
    "first",
    "firstly",
    "second",
    "third",
    "finally",
    "lastly",
    "also",
    "just",
    "so",
    "and",
    "well",
    "alright",
    "thanks",
    "carefully",
    "quickly",
    "properly",
    "simply",
    "pls",
    "plz",
    "git",
    "afterwards",
    "additionally",
    "actually",
    "maybe",
    "quick",
    "or",
    "but",
    "plus",
    "to",
    "should",
    "must",
];
const PREFIXES: &[&[&str]] = &[
    &["i", "want", "you", "to"],
    &["i", "need", "you", "to"],
    &["i", "want", "to"],
    &["i", "need", "to"],
    &["i", "would", "like", "you", "to"],
    &["i'd", "like", "you", "to"],
    &["i", "would", "like", "to"],
    &["i'd", "like", "to"],
    &["we", "need", "to"],
    &["we", "want", "to"],
    &["we", "should"],
    &["we", "have", "to"],
    &["we", "must"],
    &["we'd", "like", "to"],
    &["you", "should"],
    &["you", "need", "to"],
    &["you", "must"],
    &["you", "have", "to"],
    &["you", "will"],
    &["you", "are", "to"],
    &["your", "task", "is", "to"],
    &["your", "job", "is", "to"],
    &["your", "goal", "is", "to"],
    &["the", "goal", "is", "to"],
    &["the", "task", "is", "to"],
    &["the", "aim", "is", "to"],
    &["goal", "is", "to"],
    &["task", "is", "to"],
    &["help", "me"],
    &["help", "us"],
    &["go", "ahead", "and"],
    &["try", "to"],
    &["let's"],
    &["lets"],
    &["let", "us"],
    &["would", "you", "mind"],
    &["do", "you", "mind"],
    &["can", "you"],
    &["could", "you"],
    &["would", "you"],
    &["will", "you"],
    &["feel", "free", "to"],
    &["time", "to"],
    &["someone", "needs", "to"],
    &["want", "you", "to"],
    &["need", "you", "to"],
    &["this", "task", "is", "to"],
    &["i'm", "looking", "to"],
    &["we're", "looking", "to"],
    &["can", "someone"],
    &["any", "chance", "you", "could"],
    &["need", "to"],
    &["want", "to"],
    &["could", "someone"],
    &["i", "would", "love", "to"],
    &["remember", "to"],
    &["it", "would", "be", "nice", "to"],
    &["it", "would", "be", "great", "to"],
    &["this", "pr", "should"],
    &["take", "a", "moment", "to"],
    &["be", "able", "to"],
];
const QUESTIONS: &[&str] = &[
    "what",
    "how",
    "where",
    "which",
    "who",
    "whose",
    "is",
    "are",
    "does",
    "do",
    "did",
    "has",
    "was",
    "were",
    "can",
    "could",
    "would",
    "should",
    "will",
    "may",
    "any",
    "whats",
    "wheres",
    "am",
    "isn't",
    "doesn't",
    "aren't",
    "shouldn't",
    "couldn't",
    "hows",
];
const PREPOSITIONS: &[&str] = &[
    "in", "for", "on", "at", "of", "to", "from", "with", "into", "between", "across", "by", "as", "under", "over",
    "via", "using", "against", "about", "inside", "within", "behind", "below", "above", "per", "onto", "through",
    "towards", "than", "around", "like",
];
/// Begin a part that says why, when or how, with the percentage by which its words still count.
const SUBORDINATORS: &[(&str, i32)] = &[
    ("why", 100),
    ("that", 60),
    ("which", 50),
    ("whose", 40),
    ("when", 40),
    ("if", 30),
    ("because", 40),
    ("so", 25),
    ("after", 25),
    ("before", 25),
    ("without", 15),
    ("while", 25),
    ("instead", 20),
    ("until", 25),
    ("since", 25),
    ("where", 40),
    ("whether", 40),
    ("unless", 20),
    ("what", 50),
    ("how", 50),
    ("rather", 20),
    ("but", 40),
    ("who", 30),
    ("once", 25),
    ("whenever", 40),
    ("not", 40),
];
const DETERMINERS: &[&str] = &[
    "the", "a", "an", "all", "this", "our", "each", "every", "my", "its", "these", "those", "any", "some", "your",
    "their", "that", "both", "no", "more", "another", "new", "existing", "missing", "it", "them", "me", "us",
];
const FINITE: &[&str] = &[
    "is", "are", "was", "were", "does", "doesn't", "don't", "has", "have", "fails", "crashes", "cannot", "can't",
    "should", "needs", "must", "returns", "throws", "hangs", "breaks", "gives", "shows", "will", "never", "got",
    "gets", "keeps", "takes", "looks", "won't", "isn't", "aren't", "fail", "failed", "failing", "broke", "broken",
    "crashed", "hang", "times", "did", "didn't", "goes", "stopped", "stops", "panics", "renders", "overlaps", "leaks",
    "ignores", "loses", "produces", "reports", "went", "causes",
];
const MODALS: &[&str] = &["should", "must", "needs", "need", "ought", "shall", "shouldn't"];
/// Verbs and adverbs that end the subject of a statement.
const PREDICATES: &[&str] = &[
    "still",
    "already",
    "always",
    "currently",
    "often",
    "sometimes",
    "only",
    "mention",
    "mentions",
    "lack",
    "lacks",
    "jump",
    "jumps",
    "grow",
    "grows",
    "appear",
    "appears",
    "end",
    "ends",
    "happens",
    "happen",
    "seem",
    "seems",
    "contain",
    "contains",
    "use",
    "uses",
    "do",
    "died",
    "dies",
    "work",
    "works",
    "become",
    "becomes",
    "come",
    "comes",
    "see",
    "sees",
    "lets",
    "went",
    "been",
    "being",
    "be",
    "no",
    "too",
    "very",
    "there",
    "break",
    "breaks",
    "freeze",
    "freezes",
    "leak",
    "leaks",
    "disappear",
    "disappears",
    "vanish",
    "corrupt",
    "corrupts",
    "crash",
    "hang",
    "throw",
    "time",
    "block",
    "blocks",
];
const PRONOUNS: &[&str] = &["it", "some", "one", "this", "that", "them", "these", "those", "both", "so"];
const NEGATED: &[&str] = &[
    "doesn't", "don't", "can't", "cannot", "won't", "didn't", "couldn't", "doesnt", "cant", "wont", "dont", "didnt",
    "isn't", "aren't", "never", "wasn't",
];
/// Failure nouns that only name a failure when nothing follows them: a bug, but not a bug tracker.
const FAILURE_NOUNS: &[&str] = &[
    "bug",
    "crash",
    "error",
    "exception",
    "panic",
    "timeout",
    "issue",
    "problem",
    "race",
    "regression",
    "symptom",
    "incident",
    "errors",
    "exceptions",
    "timeouts",
    "bugs",
    "crashes",
    "issues",
    "stale",
    "abort",
    "outage",
    "leak",
    "null",
    "mismatch",
    "reject",
];

/// Words that begin both an order and the title of a failure: "create table error".
const OPERATIONS: &[&str] = &[
    "create", "update", "delete", "insert", "build", "login", "import", "export", "save", "search", "format", "load",
    "start", "run", "open", "install", "deploy", "compile", "sync", "upload", "download", "merge", "parse", "connect",
    "render", "test", "lookup",
];

/// One clause.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    /// What it asks for.
    pub(super) act: Act,
    /// It gives an order.
    pub(super) order: bool,
    /// The word or words that say so.
    pub(super) verb: String,
    /// How surely it is about each class, in percent.
    pub(super) about: [i32; CLASSES],
    /// The words that say so.
    pub(super) objects: [String; CLASSES],
    /// Its object is a pronoun, or missing.
    pub(super) refers_back: bool,
    pub(super) section: Section,
    pub(super) bullet: bool,
    /// It only names files: where, not what.
    pub(super) place: bool,
    /// Somebody asks for it in so many words: "please", "I want you to".
    pub(super) explicit: bool,
    /// How many words it has.
    pub(super) words: usize,
    /// Forbids something.
    pub(super) negative: bool,
}

impl Clause {
    /// How surely it is about a class, in percent.
    pub(super) fn about(&self, class: Class) -> i32 {
        self.about[class as usize]
    }

    fn note(&mut self, class: Class, strength: i32, word: &str) {
        let slot = class as usize;
        if strength > self.about[slot] {
            self.about[slot] = strength;
            word.clone_into(&mut self.objects[slot]);
        }
    }
}

/// All clauses of a prompt, in order.
pub(super) fn clauses(reading: &Reading) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for sentence in &reading.sentences {
        if !is_protocol(sentence) {
            sentence_clauses(sentence, &mut clauses);
        }
    }
    clauses
}

/// Sentences about how to report progress say nothing of the work.
fn is_protocol(sentence: &Sentence) -> bool {
    let has = |word: &str| sentence.tokens.iter().any(|t| t.text == word);
    let asks =
        ["emit", "print", "line", "lines", "marker", "markers", "progress", "output", "report"].iter().any(|w| has(w));
    let role = sentence.tokens.first().is_some_and(|t| t.text == "you" || t.text == "you're")
        && sentence.tokens.get(1).is_some_and(|t| matches!(t.text.as_str(), "are" | "a" | "an" | "work" | "have"))
        && !sentence.tokens.iter().take(4).any(|t| t.text == "to");
    (has("milestone") || has("milestones")) && asks || has("no_changes_needed") || role
}

fn sentence_clauses(sentence: &Sentence, clauses: &mut Vec<Clause>) {
    let first = clauses.len();
    for (piece, joint) in pieces(&sentence.tokens) {
        let leading = clauses.len() == first;
        if leading
            && matches!(piece[0].text.as_str(), "as" | "act" | "acting")
            && piece.len() < 12
            && sentence.tokens.len() > piece.len()
        {
            continue;
        }
        let last = piece.as_ptr_range().end == sentence.tokens.as_ptr_range().end;
        let head = recognize(piece, leading, sentence.question && last);
        let told = joint && clauses.last().is_some_and(|c| !c.order) && !asks_expressly(piece);
        if !leading && (told || matches!(&head, Some(Head { act: Act::State | Act::Fact, .. }))) {
            if let Some(last) = clauses.last_mut() {
                continue_clause(last, piece);
                continue;
            }
        }
        let Some(head) = head else { continue };
        let mut clause = Clause {
            act: head.act,
            order: head.order,
            verb: piece[head.verb_at..head.object_at].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "),
            about: [0; CLASSES],
            objects: Default::default(),
            refers_back: false,
            section: sentence.section,
            bullet: sentence.bullet,
            place: piece.iter().all(|t| t.kind == Kind::Path),
            explicit: asks_expressly(piece),
            words: piece.iter().filter(|t| t.kind != Kind::Comma).count(),
            negative: head.negative,
        };
        objects(&mut clause, &piece[head.object_at..], 100);
        let proves = matches!(
            clause.verb.as_str(),
            "verify" | "check" | "validate" | "confirm" | "ensure" | "prove" | "make sure"
        );
        if clauses.is_empty() && proves && clause.about(Class::Test) >= 30 && clause.about(Class::Docs) == 0 {
            clause.act = Act::Test;
        }
        clauses.push(clause);
    }
}

/// Further items of a list, or a remark behind a comma.
fn continue_clause(clause: &mut Clause, piece: &[Token]) {
    let mut aside = clause.clone();
    aside.about = [0; CLASSES];
    objects(&mut aside, piece, if clause.order { 40 } else { 80 });
    for slot in 0..CLASSES {
        if aside.about[slot] > clause.about[slot] {
            clause.about[slot] = aside.about[slot];
            clause.objects[slot] = std::mem::take(&mut aside.objects[slot]);
        }
    }
}

/// Cuts a sentence at commas, and at "and" before another order. Whether each stands behind an "and".
fn pieces(tokens: &[Token]) -> Vec<(&[Token], bool)> {
    let mut pieces = Vec::new();
    let mut joint = false;
    let mut start = 0;
    for at in 0..tokens.len() {
        let cut = tokens[at].kind == Kind::Comma
            || at > start && is_joint(&tokens[at]) && starts_order(&tokens[at + 1..]) && !in_phrase(tokens, at)
            || at > start && tokens[at].text == "then";
        if cut {
            if at > start {
                pieces.push((&tokens[start..at], joint));
            }
            joint = tokens[at].kind != Kind::Comma;
            start = at + 1;
        }
    }
    if start < tokens.len() {
        pieces.push((&tokens[start..], joint));
    }
    pieces
}

/// Whether an "and" belongs to a name: "drag and drop".
fn in_phrase(tokens: &[Token], at: usize) -> bool {
    (at.saturating_sub(2)..at).any(|from| lexicon::noun_phrase(&tokens[from..]).is_some_and(|(_, len)| from + len > at))
}

fn is_joint(token: &Token) -> bool {
    token.kind == Kind::Word && matches!(token.text.as_str(), "and" | "then" | "or" | "but" | "&" | "plus")
}

fn starts_order(tokens: &[Token]) -> bool {
    let tokens = &tokens[skip_prefix(tokens)..];
    let Some(first) = tokens.first().filter(|t| t.kind == Kind::Word) else { return false };
    let Some((_, Form::Base)) = lexicon::verb(&first.text) else { return false };
    let points = tokens.get(1).is_none_or(|t| t.kind != Kind::Word || DETERMINERS.contains(&t.text.as_str()));
    points && tokens.len() > 1 || lexicon::noun(&first.text).is_empty() || lexicon::verb_phrase(tokens).is_some()
}

struct Head {
    act: Act,
    order: bool,
    negative: bool,
    verb_at: usize,
    object_at: usize,
}

fn skip_prefix(tokens: &[Token]) -> usize {
    let mut at = 0;
    loop {
        let rest = &tokens[at..];
        let prefix = PREFIXES.iter().filter(|p| starts_with(rest, p)).map(|p| p.len()).max();
        let word = rest.first().is_some_and(|t| t.kind == Kind::Word && SKIPPED.contains(&t.text.as_str()));
        match (prefix, word) {
            (Some(len), _) if len < rest.len() => at += len,
            (None, true) if rest.len() > 1 => at += 1,
            _ => return at,
        }
    }
}

fn starts_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && words.iter().zip(tokens).all(|(w, t)| t.kind == Kind::Word && t.text == *w)
}

/// What a clause asks for. None: nothing that matters.
fn recognize(piece: &[Token], leading: bool, question: bool) -> Option<Head> {
    let at = skip_prefix(piece);
    let rest = &piece[at..];
    let first = rest.first()?;
    let word = if first.kind == Kind::Word { first.text.as_str() } else { "" };
    let head = |act, verb_at: usize, object_at: usize| Head { act, order: true, negative: false, verb_at, object_at };
    let asked = |act, object_at: usize| Head { act, order: false, negative: false, verb_at: at, object_at };
    if matches!(word, "getting" | "seeing") && leading {
        return Some(asked(Act::State, at + 1));
    }
    if matches!(word, "don't" | "never" | "not" | "no" | "without" | "dont") || starts_with(rest, &["do", "not"]) {
        let negative = word != "no" && word != "not" && word != "never" || !leading;
        return Some(Head { negative, order: false, ..head(if negative { Act::Chore } else { Act::State }, at, at) });
    }
    if word == "why" || rest.len() > 2 && starts_with(&rest[1..], &["idea", "why"]) {
        return Some(asked(Act::Why, at + 1));
    }
    if !is_subject(rest) {
        if let Some((act, len)) = lexicon::verb_phrase(rest).or_else(|| parted_phrase(rest)) {
            return Some(head(why(act, &rest[len..]), at, at + len));
        }
        if let Some((act, form)) = lexicon::verb(word).filter(|_| first.kind == Kind::Word) {
            if form == Form::Base || form == Form::Ing && leading && rest.len() > 1 {
                let act = if act == Act::Ask && for_docs(rest) { Act::Document } else { why(act, &rest[1..]) };
                return Some(head(act, at, at + 1));
            }
        }
    }
    let asks = QUESTIONS.contains(&word) && (leading || question) || question && leading;
    if asks && !(word == "any" && !question) {
        return Some(asked(Act::Question, at + usize::from(QUESTIONS.contains(&word))));
    }
    if PREPOSITIONS.contains(&word)
        && let Some(verb_at) = order_behind_place(rest)
        && let Some((act, _)) = lexicon::verb(&rest[verb_at].text)
    {
        return Some(head(act, at + verb_at, at + verb_at + 1));
    }
    if matches!(word, "i" | "we" | "users" | "people" | "customers" | "i'd" | "it")
        && let Some(wish) =
            rest.iter().take(4).position(|t| matches!(t.text.as_str(), "want" | "need" | "wants" | "like" | "wish"))
    {
        return Some(asked(Act::Want, at + wish + 1));
    }
    let modal = rest.iter().take(14).any(|t| t.kind == Kind::Word && MODALS.contains(&t.text.as_str()));
    let fact = rest.iter().enumerate().skip(1).any(|(i, t)| t.kind == Kind::Word && is_predicate(rest, i));
    Some(asked(
        if modal {
            Act::Should
        } else if fact {
            Act::Fact
        } else {
            Act::State
        },
        at,
    ))
}

/// Whether the word is the verb of a statement.
fn is_predicate(tokens: &[Token], at: usize) -> bool {
    let text = tokens[at].text.as_str();
    let subordinate = tokens[..at].iter().any(|t| SUBORDINATORS.iter().any(|(w, _)| *w == t.text));
    let placed = tokens[..at].iter().any(|t| t.kind == Kind::Comma || PREPOSITIONS.contains(&t.text.as_str()));
    let plain = FINITE.contains(&text) && !text.ends_with("ing") || NEGATED.contains(&text);
    !subordinate && (plain || ends_subject(text) && !placed)
}

/// "Find out why": an order that looks for a cause.
fn why(act: Act, rest: &[Token]) -> Act {
    let probing = super::weights::PROBING.contains(&act);
    if probing && rest.iter().take(WHY_TOKENS).any(|t| t.text == "why") { Act::Why } else { act }
}

/// A verb phrase around a pronoun: "sort it out".
fn parted_phrase(rest: &[Token]) -> Option<(Act, usize)> {
    let [first, second, third, ..] = rest else { return None };
    if !PRONOUNS.contains(&second.text.as_str()) {
        return None;
    }
    let (act, len) = lexicon::verb_phrase(&[first.clone(), third.clone()])?;
    (len == 2).then_some((act, 3))
}

/// Whether what is to be explained goes into a document: "explain the setup in CONTRIBUTING.md".
fn for_docs(rest: &[Token]) -> bool {
    (1..rest.len()).any(|at| {
        let docs = says(&rest[at]).iter().any(|(c, s)| *c == Class::Docs && *s >= 50);
        let into =
            rest[at.saturating_sub(3)..at].iter().any(|t| matches!(t.text.as_str(), "in" | "to" | "into" | "for"));
        docs && into
    })
}

/// "please", "can you", "I want you to".
fn asks_expressly(piece: &[Token]) -> bool {
    piece.iter().take(2).any(|t| t.text == "please" || t.text == "pls")
        || PREFIXES
            .iter()
            .any(|p| (p.contains(&"you") || p.contains(&"your") || p.contains(&"task")) && starts_with(piece, p))
}

/// Whether the first word is the subject of a statement, or a name: "build fails", "support for X".
fn is_subject(rest: &[Token]) -> bool {
    let Some(second) = rest.get(1) else { return false };
    let first = rest[0].text.as_str();
    let noun = !lexicon::noun(first).is_empty()
        || matches!(first, "search" | "update" | "change" | "design" | "list" | "order");
    let names = matches!(second.text.as_str(), "for" | "of" | "between");
    if names && noun {
        return true;
    }
    for (at, token) in rest.iter().enumerate().skip(1).take(SUBJECT_TOKENS) {
        let text = token.text.as_str();
        if token.kind == Kind::Comma || SUBORDINATORS.iter().any(|(w, _)| *w == text) && text != "not" {
            return false;
        }
        if token.kind != Kind::Word {
            continue;
        }
        if OPERATIONS.contains(&first) && matches!(text, "error" | "errors" | "crash" | "bug" | "exception" | "failure")
        {
            return rest.get(at + 1).is_none_or(|t| lexicon::noun(&t.text).is_empty());
        }
        if FINITE.contains(&text) {
            return !(text == "failing" || text == "failed" || text == "broken" || text == "times");
        }
        if DETERMINERS.contains(&text) || PREPOSITIONS.contains(&text) || is_joint(token) {
            return false;
        }
    }
    false
}

/// The order in "in config.yml set replicas to 3".
fn order_behind_place(rest: &[Token]) -> Option<usize> {
    (2..rest.len().min(PLACE_TOKENS)).find(|at| {
        rest[*at].kind == Kind::Word
            && rest[at - 1].kind != Kind::Word
            && matches!(lexicon::verb(&rest[*at].text), Some((_, Form::Base)))
    })
}

/// Reads what a clause is about: the last noun of a group counts most, the first group before later ones.
fn objects(clause: &mut Clause, tokens: &[Token], share: i32) {
    let mut group: Vec<(usize, usize)> = Vec::new();
    let mut scale = 100;
    let mut subordinate = 100;
    let mut at = 0;
    let statement = matches!(clause.act, Act::State | Act::Fact | Act::Should);
    clause.refers_back |= tokens.is_empty() || tokens.iter().take(3).any(|t| PRONOUNS.contains(&t.text.as_str()));
    while at < tokens.len() {
        let token = &tokens[at];
        let text = token.text.as_str();
        if let Some(((class, strength), len)) = lexicon::noun_phrase(&tokens[at..]) {
            group.push((at, len));
            let ends = tokens.get(at + len).is_none_or(|t| ends_group(t) || says(t).is_empty());
            let strength = if ends || matches!(class, Class::Failure | Class::Looks | Class::Shape) {
                strength
            } else {
                strength / 2
            };
            clause.note(
                class,
                strength * scale / 100 * subordinate / 100 * share / 100,
                &words_of(&tokens[at..at + len]),
            );
            at += len;
            continue;
        }
        if let Some((_, percent)) = SUBORDINATORS.iter().find(|(w, _)| *w == text && token.kind == Kind::Word) {
            close(clause, tokens, &mut group, scale * subordinate / 100 * share / 100);
            if !(statement && text == "not") {
                subordinate = subordinate.min(*percent);
            }
            if statement && matches!(text, "when" | "whenever" | "after" | "since" | "if") && clause.words > 3 {
                clause.note(Class::Failure, 25 * share / 100, text);
            }
            if text == "not" && statement {
                clause.note(Class::Failure, 35 * share / 100, text);
            }
        } else if (statement || super::weights::PROBING.contains(&clause.act))
            && NEGATED.contains(&text)
            && subordinate == 100
        {
            close(clause, tokens, &mut group, scale * share / 100);
            clause.note(Class::Failure, 80 * share / 100, text);
        } else if statement && text == "no" && at > 0 && clause.act == Act::Fact {
            clause.note(Class::Failure, 50 * share / 100, text);
            close(clause, tokens, &mut group, scale * share / 100);
        } else if statement && token.kind == Kind::Word && ends_subject(text) {
            close(clause, tokens, &mut group, scale * subordinate / 100 * share / 100);
            scale = 100;
            group.push((at, 1));
        } else if token.kind == Kind::Word && FINITE.contains(&text) {
            close(clause, tokens, &mut group, scale * subordinate / 100 * share / 100);
            scale = if statement { 100 } else { scale };
            group.push((at, 1));
            close(clause, tokens, &mut group, subordinate * share / 100);
        } else if ends_group(token)
            || at > 0 && matches!(lexicon::verb(text), Some((_, Form::Ing))) && !group.is_empty()
        {
            let named = close(clause, tokens, &mut group, scale * subordinate / 100 * share / 100);
            scale = if is_joint(token) || token.kind == Kind::Comma {
                scale.min(60)
            } else if text == "to" && matches!(clause.act, Act::Move | Act::Convert) {
                scale
            } else if text == "of" && named && clause.about.iter().all(|s| *s < 30) {
                80
            } else if named && scale == 100 && clause.about.iter().all(|s| *s < 30) {
                50
            } else if named || scale < 100 {
                scale.min(35)
            } else if PREPOSITIONS.contains(&text) && at > 0 {
                60
            } else {
                scale
            };
            if !PREPOSITIONS.contains(&text) && !is_joint(token) && token.kind == Kind::Word && !is_weak(text) {
                group.push((at, 1));
            }
        } else if !is_weak(text) {
            group.push((at, 1));
        }
        at += 1;
    }
    close(clause, tokens, &mut group, scale * subordinate / 100 * share / 100);
    if clause.act == Act::Write && for_docs(tokens) {
        clause.note(Class::Docs, 70, "in a document");
    }
}

/// Whether a word of a statement is its verb.
fn ends_subject(text: &str) -> bool {
    PREDICATES.contains(&text)
        || matches!(lexicon::verb(text), Some((_, Form::Other))) && lexicon::noun(text).is_empty()
}

fn words_of(tokens: &[Token]) -> String {
    tokens.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn is_weak(text: &str) -> bool {
    DETERMINERS.contains(&text) && text != "missing" || PRONOUNS.contains(&text)
}

fn ends_group(token: &Token) -> bool {
    let text = token.text.as_str();
    token.kind == Kind::Comma
        || is_joint(token)
        || token.kind == Kind::Word
            && (PREPOSITIONS.contains(&text) || FINITE.contains(&text) || SUBORDINATORS.iter().any(|(w, _)| *w == text))
}

/// Counts a finished group of words. Whether it said anything.
fn close(clause: &mut Clause, tokens: &[Token], group: &mut Vec<(usize, usize)>, scale: i32) -> bool {
    let members = std::mem::take(group);
    let Some((last, _)) = members.last().copied() else { return false };
    let head_known = says(&tokens[last]).iter().any(|(_, s)| *s >= 70);
    let head_small = says(&tokens[last]).iter().any(|(c, _)| *c == Class::Small);
    for (at, len) in members {
        if len > 1 {
            continue;
        }
        let token = &tokens[at];
        for (class, strength) in says(token) {
            let adjective = match class {
                Class::Failure => !FAILURE_NOUNS.contains(&token.text.as_str()),
                Class::Looks | Class::Shape | Class::Slow | Class::Trifle => true,
                Class::Docs => matches!(token.text.as_str(), "readme" | "changelog" | "contributing"),
                _ => false,
            };
            let place = match (at == last, adjective) {
                (true, _) => 100,
                (false, true) => 90,
                (false, false) if matches!(token.text.as_str(), "mock" | "fake" | "stub") => 90,
                (false, false) if clause.act == Act::Make => 80,
                (false, false) if head_small && matches!(class, Class::Docs | Class::Test) => 70,
                (false, false) if head_known => 30,
                (false, false) => 60,
            };
            let scale = if class == Class::Trifle && clause.order { scale.max(TRIFLE_SCALE) } else { scale };
            clause.note(class, strength * place / 100 * scale / 100, &token.text);
        }
    }
    true
}

/// What an identifier is about: a version, an error's name, or a little of what its words say.
fn code(text: &str) -> Vec<(Class, i32)> {
    let numbers = text
        .trim_start_matches(['v', '^', '~'])
        .split('.')
        .take_while(|p| p.starts_with(|c: char| c.is_ascii_digit()))
        .count();
    if numbers >= 3 {
        return vec![(Class::Trifle, 60)];
    }
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(CODE_WORDS);
    let named = |w: &str| w.len() > 6 && (w.ends_with("error") || w.ends_with("exception"));
    if words.clone().count() != 1 && words.clone().any(named)
        || text.contains(' ') && words.clone().any(|w| w == "error")
    {
        return vec![(Class::Failure, 90)];
    }
    lexicon::noun(text).iter().map(|(c, s)| (*c, s / 3)).collect()
}

/// What a token is about.
fn says(token: &Token) -> Vec<(Class, i32)> {
    match token.kind {
        Kind::Word => lexicon::noun(&token.text).to_vec(),
        Kind::Path => lexicon::path_class(&token.text).into_iter().collect(),
        Kind::Quoted => lexicon::noun(&token.text).iter().map(|(c, s)| (*c, s / 6)).collect(),
        Kind::Code => code(&token.text),
        Kind::Comma => Vec::new(),
    }
}
