//! The clocks, asked in one place.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// By how much debug builds shorten aid's own long waits, for tests of what comes after them.
#[cfg(debug_assertions)]
const HASTE_VARIABLE: &str = "AID_TEST_HASTE";

/// Now, in milliseconds since the Unix epoch.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A long wait of aid's own, as long as it is in earnest; tests may shorten it in debug builds.
#[must_use]
pub(crate) fn patience(wait: Duration) -> Duration {
    #[cfg(debug_assertions)]
    if let Some(haste) = std::env::var(HASTE_VARIABLE).ok().and_then(|h| h.parse::<u32>().ok()) {
        return wait / haste.max(1);
    }
    wait
}
