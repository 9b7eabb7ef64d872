//! Tests of the line splitter.

use proptest::prelude::*;

use super::{LineSplitter, Piece, RETAINED_BYTES};

/// What came out, over-long lines as none.
fn split<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, max_bytes: usize) -> Vec<Option<String>> {
    let mut splitter = LineSplitter::new(max_bytes);
    let mut lines = Vec::new();
    let mut note = |piece: Piece<'_>| {
        lines.push(match piece {
            Piece::Line(line) => Some(line.to_owned()),
            Piece::TooLong => None,
        });
    };
    for chunk in chunks {
        splitter.feed(chunk, &mut note);
    }
    splitter.finish(&mut note);
    assert_eq!(splitter.dropped(), lines.iter().filter(|line| line.is_none()).count() as u64);
    lines
}

fn some<const N: usize>(lines: [&str; N]) -> Vec<Option<String>> {
    lines.into_iter().map(|line| Some(line.to_owned())).collect()
}

#[test]
fn ends_are_lf_or_cr_lf_and_the_last_one_may_be_missing() {
    assert_eq!(split([&b"a\r\nb\n\n\rc\r\r\nd"[..]], 100), some(["a", "b", "", "\rc\r", "d"]));
    assert_eq!(split([&b"a\n"[..]], 100), some(["a"]));
    assert_eq!(split([&b"a\r"[..]], 100), some(["a"]));
    assert_eq!(split([&b""[..]], 100), some([]));
}

#[test]
fn a_character_cut_in_two_stays_whole_and_a_broken_one_is_repaired() {
    let bytes = "é🚀\n".as_bytes();
    for at in 0..bytes.len() {
        assert_eq!(split([&bytes[..at], &bytes[at..]], 100), some(["é🚀"]));
    }
    assert_eq!(split([&b"a\xff\xf0\x9f\x9a"[..], &b"b\n"[..]], 100), some(["a\u{fffd}\u{fffd}b"]));
}

#[test]
fn a_line_over_the_limit_is_skipped_to_its_end() {
    assert_eq!(split([&b"12345\n123456\n1\n"[..]], 5), vec![Some("12345".into()), None, Some("1".into())]);
    assert_eq!(split([&b"123"[..], b"456", b"789\n1\n"], 5), vec![None, Some("1".into())]);
    assert_eq!(split([&b"123456789"[..]], 5), vec![None]);
}

#[test]
fn a_line_that_only_its_repair_makes_too_long_is_skipped() {
    assert_eq!(split([&b"\xff\xff\na\n"[..]], 5), vec![None, Some("a".into())]);
    assert_eq!(split([&b"\xff"[..], b"\xff\na\n"], 5), vec![None, Some("a".into())]);
}

#[test]
fn the_buffer_never_outgrows_the_limit_and_is_given_back() {
    let max_bytes = 3 * RETAINED_BYTES;
    let mut splitter = LineSplitter::new(max_bytes);
    for _ in 0..max_bytes / 1024 {
        splitter.feed(&[b'x'; 1024], |piece| panic!("unexpected {piece:?}"));
        assert!(splitter.partial.capacity() <= max_bytes);
    }
    let mut length = 0;
    splitter.feed(b"\n", |piece| match piece {
        Piece::Line(line) => length = line.len(),
        Piece::TooLong => panic!("exactly the limit is not over it"),
    });
    assert_eq!(length, max_bytes);
    assert_eq!(splitter.partial.capacity(), 0);
}

proptest! {
    #[test]
    fn chunks_do_not_matter(
        bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'a'), Just(0xc3), Just(0xa9)], 0..60),
        cuts in proptest::collection::vec(0_usize..60, 0..6),
        max_bytes in 1_usize..12,
    ) {
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= bytes.len()).collect();
        cuts.sort_unstable();
        let mut chunks = Vec::new();
        let mut start = 0;
        for cut in cuts {
            chunks.push(&bytes[start..cut]);
            start = cut;
        }
        chunks.push(&bytes[start..]);
        prop_assert_eq!(split(chunks, max_bytes), split([&bytes[..]], max_bytes));
    }
}
