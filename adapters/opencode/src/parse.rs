//! Owns what opencode's own words mean, on top of the family's reader. Must not judge the run.

use aid_adapter_kit::opencode_shaped::{Dialect, OwnWords};

/// Opencode's dialect of the family.
#[derive(Debug, Default)]
pub(crate) struct OpencodeDialect;

/// What it says for an unknown model, an unknown provider and a missing key alike.
const HIDDEN: &str = "Unexpected server error";

impl Dialect for OpencodeDialect {
    const NAME: &'static str = "opencode";

    fn own_words(&self, text: &str) -> Option<OwnWords> {
        text.starts_with(HIDDEN).then_some(OwnWords::Hidden(
            "opencode does not say which: mostly an unknown provider or model, or a missing key; `opencode models` lists \
             what it knows, and log/opencode.log in its data directory has the reason",
        ))
    }

    fn asks_again_after(&self, reason: &str) -> bool {
        matches!(reason, "unknown" | "tool-calls")
    }
}
