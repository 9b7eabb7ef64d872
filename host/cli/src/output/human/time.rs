//! Moments as people read them: in the time zone of this machine.

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// `2026-11-22 10:33:20`, from ISO 8601; what is no time is shown as it is.
pub(super) fn date_time(iso: &str) -> String {
    local(iso, "%Y-%m-%d %H:%M:%S")
}

/// `10:33:20`, from milliseconds since the epoch.
pub(crate) fn clock_time(at_ms: i64) -> String {
    let stamp = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    stamp.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// When the day began here, in milliseconds since the epoch.
pub(crate) fn start_of_today_ms() -> i64 {
    let now = Zoned::now();
    now.start_of_day().map_or(0, |start| start.timestamp().as_millisecond())
}

fn local(iso: &str, format: &str) -> String {
    match iso.parse::<Timestamp>() {
        Ok(stamp) => stamp.to_zoned(TimeZone::system()).strftime(format).to_string(),
        Err(_) => aid_core::text::sanitize_line(iso),
    }
}
