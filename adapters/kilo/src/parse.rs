//! Owns what kilo's own words mean, on top of the family's reader. Must not judge the run.

use aid_adapter_kit::opencode_shaped::{Dialect, OwnWords};

/// Kilo's dialect of the family. Unlike its relatives it says as an error, and as a plain text, what it did itself.
#[derive(Debug, Default)]
pub(crate) struct KiloDialect;

/// What it says for an unknown model, an unknown provider and a missing key alike.
const HIDDEN: &str = "Unexpected server error";
const NO_ANSWER: &str = "run ended without an assistant message";
const REJECTED: &str = "run ended with an auto-rejected permission";

impl Dialect for KiloDialect {
    const NAME: &'static str = "kilo";

    fn own_words(&self, text: &str) -> Option<OwnWords> {
        if text.starts_with(NO_ANSWER) {
            Some(OwnWords::NoAnswer)
        } else if text.starts_with(REJECTED) {
            Some(OwnWords::Rejected)
        } else if text.starts_with(HIDDEN) {
            Some(OwnWords::Hidden(
                "kilo does not say which: mostly an unknown provider or model, or a missing key; `kilo models` lists what \
                 it knows, and log/ in its data directory has the reason",
            ))
        } else {
            None
        }
    }

    /// A stream that broke off ends a run of kilo; it was seen to finish with the reason `other` then.
    fn asks_again_after(&self, reason: &str) -> bool {
        matches!(reason, "unknown" | "tool-calls")
    }
}
