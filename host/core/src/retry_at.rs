//! When a refusal ends, from the words that an agent or provider used. Must not guess: a text that is not understood
//! gives nothing.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};

/// Nobody is refused for longer; a text that says so is misread.
const MAX_AHEAD_MS: i64 = 62 * 24 * 3600 * 1000;

const UNITS: [(&[&str], i64); 5] = [
    (&["ms", "millisecond", "milliseconds"], 1),
    (&["s", "sec", "secs", "second", "seconds"], 1_000),
    (&["m", "min", "mins", "minute", "minutes"], 60_000),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600_000),
    (&["d", "day", "days"], 24 * 3_600_000),
];

/// The moment in milliseconds since the epoch. Understood: `in 2s`, `in 1 hour 30 minutes`, `2026-11-26T09:33:00Z`, a wall
/// clock's `9:33 AM` or `14:05` (the next time that the clock shows it), and a date with a clock, such as
/// `Nov 26th, 2026 9:33 AM`. Clocks are read in `zone`.
#[must_use]
pub fn parse(text: &str, now_ms: i64, zone: &TimeZone) -> Option<i64> {
    let text = text.trim().trim_end_matches('.');
    let at_ms = relative(text, now_ms)
        .or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond))
        .or_else(|| on_a_clock(text, now_ms, zone))?;
    let ahead_ms = at_ms.checked_sub(now_ms)?;
    (0..=MAX_AHEAD_MS).contains(&ahead_ms).then_some(at_ms)
}

/// Numbers with units after `in`.
fn relative(text: &str, now_ms: i64) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let mut rest = lower.strip_prefix("in ")?.trim();
    let mut total_ms: f64 = 0.0;
    let mut terms = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit_ms = UNITS.iter().find(|(names, _)| names.contains(&unit))?.1;
        #[expect(clippy::cast_precision_loss, reason = "a unit has fewer than 2^53 milliseconds")]
        let term_ms = number * unit_ms as f64;
        total_ms += term_ms;
        terms += 1;
        rest = after.trim_start_matches([' ', ',']).trim_start_matches("and ").trim_start();
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float too large becomes the largest integer, which is refused"
    )]
    let total_ms = total_ms.ceil() as i64;
    (terms > 0).then(|| now_ms.saturating_add(total_ms))
}

fn on_a_clock(text: &str, now_ms: i64, zone: &TimeZone) -> Option<i64> {
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty() && *word != "at").collect();
    let (date, clock) = match words.as_slice() {
        [month, day, year, clock @ ..] if year.len() == 4 && year.parse::<i16>().is_ok() => {
            (Some(date(month, day, year)?), clock)
        }
        clock => (None, clock),
    };
    let time = time(clock)?;
    let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned(zone.clone());
    let at = match date {
        Some(date) => zoned(date, time, zone)?,
        None => {
            let today = zoned(now.date(), time, zone)?;
            if today > now { today } else { zoned(now.date().checked_add(1.day()).ok()?, time, zone)? }
        }
    };
    Some(at.timestamp().as_millisecond())
}

fn zoned(date: Date, time: Time, zone: &TimeZone) -> Option<Zoned> {
    date.to_datetime(time).to_zoned(zone.clone()).ok()
}

/// `Nov 26th 2026`.
fn date(month: &str, day: &str, year: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = month.get(..3)?.to_ascii_lowercase();
    let month = i8::try_from(MONTHS.iter().position(|name| *name == start)? + 1).ok()?;
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()?;
    Date::new(year.parse().ok()?, month, day).ok()
}

/// `9:33 AM`, `9:33AM`, `14:05`, `14:05:30`, with or without UTC behind it being read as the zone: a zone name is refused.
fn time(words: &[&str]) -> Option<Time> {
    let joined = words.concat().to_ascii_lowercase();
    let (clock, half) = match (joined.strip_suffix("am"), joined.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (joined.as_str(), None),
    };
    let mut parts = clock.split(':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().transpose().ok()?.unwrap_or(0);
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-25T08:00:00Z.
    const NOW: i64 = 1_795_593_600_000;

    #[test]
    fn what_is_understood() {
        let minutes = |text: &str| parse(text, NOW, &TimeZone::UTC).map(|at| (at - NOW) / 60_000);
        for (text, expected) in [
            ("in 120s", 2),
            ("in 1h30m", 90),
            ("in 1 hour 30 minutes", 90),
            ("in 2 days, 1 hour and 5 minutes", 2 * 1440 + 65),
            ("in 90.5s", 1),
            ("in 120000ms", 2),
            ("9:33 AM", 93),
            ("9:33AM.", 93),
            ("7:00 AM", 23 * 60),
            ("12:00 AM", 16 * 60),
            ("12:30 PM", 270),
            ("14:05", 365),
            ("2026-11-25T08:10:00Z", 10),
            ("2026-11-25T10:10:00+02:00", 10),
            ("Nov 26th, 2026 9:33 AM", 1440 + 93),
            ("November 26, 2026 at 9:33 PM", 1440 + 93 + 720),
        ] {
            assert_eq!(minutes(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_gives_nothing() {
        for text in [
            "",
            "soon",
            "in",
            "in a while",
            "in 5",
            "in 5 fortnights",
            "13:00 PM",
            "25:00",
            "9",
            "9:33 AM CET",
            "2020-01-01T00:00:00Z",
            "in 400 days",
            "in 99999999999999999999999999s",
            "Feb 31st, 2027 9:00 AM",
            "Ünv 1, 2026 9:00",
        ] {
            assert_eq!(parse(text, NOW, &TimeZone::UTC), None, "{text}");
        }
    }
}
