//! Text made harmless to show, and fitted into columns.

use std::borrow::Cow;

use aid_core::text::{ELLIPSIS, cut_to_width, display_width, pad_to_width, sanitize_block, sanitize_line};
use proptest::prelude::*;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[test]
fn terminal_sequences_go_whole() {
    let table = [
        ("ansi: \u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{1b}[2J\r\nnext", "ansi: red   next"),
        ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
        ("\u{1b}Pq#0\u{1b}\\a\u{1b}_apc\u{1b}\\b\u{1b}^pm\u{9c}c\u{1b}Xsos\u{7}d", "abcd"),
        ("\u{9b}31mred\u{9d}0;t\u{7}\u{90}x\u{9c}!", "red!"),
        ("\u{1b}(Ba\u{1b}Mb\u{1b}7c\u{1b}[?25l\u{1b}[38;5;1m\u{1b}[1 qd", "abcd"),
        ("itle\u{7} x", "itle x"),
    ];
    for (text, clean) in table {
        assert_eq!(sanitize_line(text), clean, "{text:?}");
    }
}

#[test]
fn an_unfinished_sequence_takes_only_itself() {
    for text in [
        "a\u{1b}",
        "a\u{1b}[",
        "a\u{1b}[31",
        "a\u{1b}[31;",
        "a\u{1b}]0;tit",
        "a\u{1b}]0;t\u{1b}",
        "a\u{1b}(",
        "a\u{9b}1",
    ] {
        assert_eq!(sanitize_line(text), "a", "{text:?}");
    }
    assert_eq!(sanitize_block("a\u{1b}]0;hidden\nshown"), "a\nshown", "an open title must not hide the next line");
    assert_eq!(sanitize_line("\u{1b}[31\u{1b}[32mx"), "x");
    assert_eq!(sanitize_line("\u{1b}[3é"), "é");
    assert_eq!(sanitize_line("\u{1b}]0;a\u{1b}[31mb"), "b");
}

#[test]
fn line_breaks_and_tabs() {
    assert_eq!(sanitize_line("a\r\nb\nc\rd\te\u{0}f\u{2028}g\u{85}h"), "a b c d ef g h");
    assert_eq!(sanitize_block("a\r\nb\nc\rd\te\u{0}f\r\r\ng\u{2029}h\n"), "a\nb\nc\nd\tef\ng\nh\n");
}

#[test]
fn invisible_and_direction_changing_characters_go() {
    assert_eq!(
        sanitize_line("zero-width:\u{200b} rtl:\u{202e}x\u{202c} \u{2066}y\u{2069}\u{feff}\u{200f}\u{61c}\u{e0041}."),
        "zero-width: rtl:x y."
    );
    assert_eq!(sanitize_line("naïve “loop” 漢字 🚀 e\u{301} ❤\u{fe0f}"), "naïve “loop” 漢字 🚀 e\u{301} ❤\u{fe0f}");
}

#[test]
fn cuts_at_characters_with_their_marks() {
    let table = [
        ("hello", 5, "hello"),
        ("hello", 4, "hel…"),
        ("hello", 1, "…"),
        ("hello", 0, ""),
        ("", 0, ""),
        ("", 3, ""),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("漢字", 2, "…"),
        ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}e\u{301}e\u{301}"),
        ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ("ab cd", 4, "ab…"),
        ("a👍🏽b", 3, "a…"),
        ("a👩\u{200d}💻b", 5, "a…"),
    ];
    for (text, cols, cut) in table {
        assert_eq!(cut_to_width(text, cols), cut, "{text:?} in {cols}");
    }
    assert!(matches!(cut_to_width("short", 80), Cow::Borrowed("short")));
}

#[test]
fn pads_to_exactly_the_columns() {
    assert_eq!(pad_to_width("ab", 4), "ab  ");
    assert_eq!(pad_to_width("漢字漢", 4), "漢… ");
    assert_eq!(pad_to_width("abcdef", 4), "abc…");
    assert_eq!(pad_to_width("x", 0), "");
}

/// Text full of what could do harm, beside everything else.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "\\PC{0,6}",
        2 => prop::sample::select(vec![
            "\u{1b}", "\u{1b}[", "\u{1b}[31", "m", "\u{1b}]0;t", "\u{7}", "\u{1b}\\", "\u{9b}", "\u{9d}", "\u{9c}", "\u{90}",
            "\r", "\n", "\r\n", "\t", "\u{0}", "\u{2028}", "\u{202e}", "\u{200b}", "\u{feff}", "\u{301}", "\u{fe0f}", "❤",
            "漢", "👩", "\u{200d}", "🏽", "🇩",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

proptest! {
    #[test]
    fn sanitized_text_is_harmless_and_stays_as_it_is(text in nasty()) {
        let line = sanitize_line(&text);
        prop_assert!(!line.contains(|c: char| c.is_control() || is_hidden(c)), "{line:?}");
        prop_assert_eq!(&sanitize_line(&line), &line);
        let block = sanitize_block(&text);
        prop_assert!(!block.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{block:?}");
        prop_assert_eq!(&sanitize_block(&block), &block);
        prop_assert_eq!(block.replace(['\n', '\t'], " "), line);
    }

    #[test]
    fn plain_text_passes_unchanged(text in "[ -~äß漢字🚀]{0,40}") {
        prop_assert_eq!(sanitize_line(&text), text.clone());
        prop_assert_eq!(sanitize_block(&text), text);
    }

    #[test]
    fn cut_text_fits_and_is_a_prefix(text in nasty(), cols in 0usize..30) {
        let text = sanitize_line(&text);
        let cut = cut_to_width(&text, cols);
        prop_assert!(display_width(&cut) <= cols && cut.width() <= cols, "{cut:?} is wider than {cols}");
        if cut != text {
            let kept = cut.strip_suffix(ELLIPSIS).unwrap_or_default();
            let rest = text.strip_prefix(kept).unwrap();
            let next = rest.chars().next().unwrap();
            prop_assert!(kept.is_empty() || next.width() != Some(0), "{text:?} cut before {next:?}");
        }
        prop_assert_eq!(cut_to_width(&cut, cols), cut.clone());
        prop_assert_eq!(display_width(&pad_to_width(&text, cols)), cols);
    }

    #[test]
    fn width_is_never_underestimated(text in nasty()) {
        prop_assert!(display_width(&text) >= text.width(), "{text:?}");
    }
}
