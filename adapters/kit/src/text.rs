//! Owns shortening text, and whether there is any. Must not change text that fits.

use std::borrow::Cow;

const ELLIPSIS: &str = "…";

/// At most `max_bytes` of a text, cut at a character boundary and marked with an ellipsis when something is missing.
pub fn cut(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    if max_bytes < ELLIPSIS.len() {
        return Cow::Borrowed("");
    }
    let end = text.floor_char_boundary(max_bytes - ELLIPSIS.len());
    Cow::Owned(format!("{}{ELLIPSIS}", &text[..end]))
}

/// Whether a text says nothing.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn leaves_a_text_that_fits() {
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn cuts_between_characters_and_counts_the_ellipsis() {
        assert_eq!(cut("aäää", 6), "aä…");
        assert_eq!(cut("aäää", 5), "a…");
        assert_eq!(cut("aäää", 2), "");
    }
}
