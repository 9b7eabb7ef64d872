//! Markers: what counts as one, and that cutting the text anywhere changes nothing.

use aid_core::markers::MemoryKind::{Convention, Discovery, Fact, Lesson};
use aid_core::markers::{MAX_LINE_BYTES, MAX_MARKERS, MAX_TEXT_BYTES, Marker, MarkerScanner, MemoryKind};
use proptest::collection::vec as vec_of;
use proptest::prelude::*;
use proptest::sample::Index;

const CODEX_TEXT: &str = "\
Starting work.\n\
[MILESTONE] Parsed the config\n\
[FINDING] The cache is stale: see src/x.py:12\n\
[MEMORY: the project uses tabs]\n\
[MEMORY: fact with ] bracket and \"quotes\"]\n\
unicode: héllo 你好 🚀 \u{202e} rtl nul?\n\
ansi: \u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{1b}[2J\r\n\
CRLF line\r\n\
```json\n\
{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":999999}}\n\
```\n\
[MILESTONE] Done\n\
";
const KILO_TEXT: &str = "\
[MILESTONE] created hello.py\n\
[FINDING] src/a.py:3 off-by-one — naïve “loop” 漢字 🚀\n\
[MEMORY: fact] the build uses make, not ninja\n\
[MEMORY: decision] keep ANSI \u{1b}[31mred\u{1b}[0m and tab\there\r\n\
not a marker: x [MILESTONE] y\n\
```\n\
[FINDING] inside a code fence\n\
```\n\
zero-width:\u{200b} rtl:\u{202e} nul-ish:\\u0000 emoji:👩\u{200d}💻\n\
Done.";

fn milestone(text: &str) -> Marker {
    Marker::Milestone(text.into())
}

fn finding(text: &str) -> Marker {
    Marker::Finding(text.into())
}

fn memory(kind: MemoryKind, text: &str) -> Marker {
    Marker::Memory { kind, text: text.into() }
}

fn whole(text: &str) -> Vec<Marker> {
    MarkerScanner::default().message(text)
}

fn pieces<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<Marker> {
    let mut scanner = MarkerScanner::default();
    let mut found: Vec<Marker> = pieces.into_iter().flat_map(|piece| scanner.delta(piece)).collect();
    found.extend(scanner.flush());
    found
}

#[test]
fn recorded_answers() {
    let codex = [
        milestone("Parsed the config"),
        finding("The cache is stale: see src/x.py:12"),
        memory(Fact, "the project uses tabs"),
        memory(Fact, "fact with ] bracket and \"quotes\""),
        milestone("Done"),
    ];
    assert_eq!(whole(CODEX_TEXT), codex);
    let kilo = [
        milestone("created hello.py"),
        finding("src/a.py:3 off-by-one — naïve “loop” 漢字 🚀"),
        memory(Fact, "the build uses make, not ninja"),
    ];
    assert_eq!(whole(KILO_TEXT), kilo);
    assert_eq!(pieces(["[MILESTONE] All done.\nFi", "nal answer."]), [milestone("All done.")]);
}

#[test]
fn forms_that_are_markers() {
    let table = [
        ("[MILESTONE] a", milestone("a")),
        ("  - [MILESTONE] a", milestone("a")),
        ("* **[MILESTONE]** a", milestone("a")),
        ("**[MILESTONE] a**", milestone("a")),
        ("1. __[FINDING]__ a **b**", finding("a **b**")),
        ("- [x] [MILESTONE] a", milestone("a")),
        ("[FINDING]: a", finding("a")),
        ("[FINDING] `x` is [y] \"z\"", finding("`x` is [y] \"z\"")),
        ("[FINDING] a <b> and <c>", finding("a <b> and <c>")),
        ("\u{feff}\u{1b}[32m[MILESTONE]\u{1b}[0m a\u{7}\tb\r", milestone("a b")),
        ("[MEMORY: discovery] a", memory(Discovery, "a")),
        ("[MEMORY:Convention] a", memory(Convention, "a")),
        ("**[MEMORY: lesson]** a]", memory(Lesson, "a]")),
        ("[MEMORY: lesson: a]", memory(Lesson, "a")),
        ("[MEMORY: a[0] is the header]", memory(Fact, "a[0] is the header")),
        ("[MEMORY: note: a]", memory(Fact, "note: a")),
        ("[MEMORY: tabs]", memory(Fact, "tabs")),
        ("**[MEMORY: use tabs]**", memory(Fact, "use tabs")),
        ("[MEMORY: use tabs].", memory(Fact, "use tabs")),
    ];
    for (line, marker) in table {
        assert_eq!(whole(line), [marker], "{line:?}");
    }
}

#[test]
fn forms_that_are_not() {
    let lines = [
        "see [MILESTONE] a",
        "[milestone] a",
        "[MILESTONE]",
        "[MILESTONE]  \t ",
        "[MILESTONE] <brief description>",
        "[MILESTONE] …",
        "[MILESTONE] `<text>`.",
        "> [MILESTONE] a",
        "- > [FINDING] a",
        "`[MILESTONE] a`",
        "- `[FINDING]` a",
        "``[FINDING] a``",
        "[MEMORY: fact]",
        "[MEMORY: fact] <what>",
        "[MEMORY: <kind>] a",
        "[MEMORY: <kind>] see [1]",
        "[MEMORY: discovery|convention|lesson|fact] a",
        "[MEMORY: discovery|convention|lesson|fact]",
        "[MEMORY: decision] a",
        "[MEMORY: no end",
        "[MEMORY:]",
        "[MEMORY] a",
        "[MEMORY: lesson: <text>]",
        "\\[FINDING] a",
        "[MILESTONE] \u{1b}[31m\u{200b}",
    ];
    for line in lines {
        assert_eq!(whole(line), [], "{line:?}");
    }
}

#[test]
fn code_fences_hide_and_end() {
    let hidden = "```\n[MILESTONE] a\n``\n~~~\n[MILESTONE] b\n````  \n[MILESTONE] c";
    assert_eq!(whole(hidden), [milestone("c")]);
    assert_eq!(whole("~~~rust\n[FINDING] a\n```\n[FINDING] b\n~~~\n[FINDING] c"), [finding("c")]);
    assert_eq!(whole("- ```sh\n  [FINDING] a\n  ```\n- [FINDING] b"), [finding("b")]);
    assert_eq!(whole("```inline```\n[FINDING] a"), [finding("a")]);
    assert_eq!(whole("````\n[FINDING] a\n```\n[FINDING] b\n````"), []);
}

#[test]
fn an_open_fence_lasts_across_pieces_and_ends_with_the_message() {
    let mut scanner = MarkerScanner::default();
    assert_eq!(scanner.delta("``"), []);
    assert_eq!(scanner.delta("`\n[MILESTONE] a\n"), []);
    assert_eq!(scanner.delta("[MILESTONE] b\n"), []);
    assert_eq!(scanner.flush(), []);
    assert_eq!(scanner.delta("[MILESTONE] c\n"), [milestone("c")]);
    assert_eq!(scanner.message("```\n[MILESTONE] d"), []);
    assert_eq!(scanner.message("[MILESTONE] e"), [milestone("e")]);
}

#[test]
fn a_whole_message_ends_the_pieces_before_it_and_repeats_nothing() {
    let mut scanner = MarkerScanner::default();
    assert_eq!(scanner.delta("[MILESTONE] a\n[FINDING] b"), [milestone("a")]);
    assert_eq!(scanner.message("[MILESTONE] a\n[FINDING] b"), [finding("b")]);
    assert_eq!(scanner.message("- **[MILESTONE]**   a  \n[FINDING] a\n[FINDING] A"), [finding("a"), finding("A")]);
    assert_eq!(scanner.message("[MEMORY: fact] a\n[MEMORY: lesson] a"), [memory(Fact, "a"), memory(Lesson, "a")]);
}

#[test]
fn what_was_seen_before_a_restart_is_not_new() {
    let mut scanner = MarkerScanner::with_seen([milestone("a")]);
    assert_eq!(scanner.message("[MILESTONE] a\n[MILESTONE] b"), [milestone("b")]);
}

#[test]
fn limits_on_text_line_and_number() {
    let long = format!("[MILESTONE] {}", "é".repeat(MAX_TEXT_BYTES));
    assert_eq!(whole(&long), [milestone(&"é".repeat(MAX_TEXT_BYTES / 2))]);
    let odd = format!("[MILESTONE] x{}", "é".repeat(MAX_TEXT_BYTES));
    assert_eq!(whole(&odd), [milestone(&format!("x{}", "é".repeat(MAX_TEXT_BYTES / 2 - 1)))]);
    let endless = format!("[MEMORY: {}]\n[FINDING] after", "x".repeat(MAX_LINE_BYTES));
    assert_eq!(whole(&endless), [finding("after")]);
    let many: String = (0..MAX_MARKERS + 3).map(|n| format!("[FINDING] {n}\n")).collect();
    let mut scanner = MarkerScanner::default();
    assert_eq!(scanner.message(&many).len(), MAX_MARKERS);
    assert_eq!(scanner.dropped(), 3);
    assert_eq!(scanner.message("[FINDING] 0"), []);
    assert_eq!(scanner.dropped(), 3, "a repetition is not a loss");
}

/// Lines that are, look like, or hide markers.
fn answer() -> impl Strategy<Value = String> {
    let tags = vec!["[MILESTONE]", "[FINDING]", "[MEMORY: fact]", "[MEMORY: x", "[MEMORY: lesson:"];
    let others = vec!["```", "````", "~~~", "  ```sh", "text", "", "\u{1b}]0;t", "\u{1b}[3"];
    let line = prop_oneof![
        3 => ("(- |\\*\\*|> |`|  )?", prop::sample::select(tags), " [a-c\\]*é🚀]{0,4}")
            .prop_map(|(before, tag, text)| format!("{before}{tag}{text}")),
        1 => prop::sample::select(others).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => Just(format!("[MEMORY: {}é]", "x".repeat(MAX_LINE_BYTES - 10))),
    ];
    (vec_of(line, 0..12), prop::sample::select(vec!["\n", "\r\n"])).prop_map(|(lines, end)| lines.join(end))
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_markers(text in answer(), cuts in vec_of(any::<Index>(), 0..20)) {
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let cuts = cuts.iter().map(|cut| bounds[cut.index(bounds.len())]);
        let mut at: Vec<usize> = cuts.chain([0, text.len()]).collect();
        at.sort_unstable();
        prop_assert_eq!(pieces(at.windows(2).map(|w| &text[w[0]..w[1]])), whole(&text));
    }

    #[test]
    fn one_character_at_a_time_gives_the_same_markers(text in answer()) {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        prop_assert_eq!(pieces(characters.iter().map(String::as_str)), whole(&text));
    }

    #[test]
    fn a_message_after_its_own_pieces_adds_nothing(text in answer()) {
        let mut scanner = MarkerScanner::default();
        let mut found = scanner.delta(&text);
        found.extend(scanner.message(&text));
        prop_assert_eq!(found, whole(&text));
    }

    #[test]
    fn marker_texts_are_clean_short_and_new(text in answer()) {
        let found = whole(&text);
        for (at, marker) in found.iter().enumerate() {
            let (Marker::Milestone(text) | Marker::Finding(text) | Marker::Memory { text, .. }) = marker;
            prop_assert!(!text.trim().is_empty() && text.trim() == text && text.len() <= MAX_TEXT_BYTES);
            prop_assert!(!text.contains(char::is_control));
            prop_assert!(!found[..at].contains(marker));
        }
    }
}
