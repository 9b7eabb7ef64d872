//! Durations: what is read, what is refused, and how they are shown.

use aid_core::duration::{DurationError, format_age, format_duration_ms, format_exact_ms, parse_duration_ms};
use proptest::prelude::*;

const ANY: std::ops::RangeInclusive<u64> = 0..=u64::MAX;

#[test]
fn reads_numbers_with_units() {
    let table = [
        ("500ms", 500),
        ("90s", 90_000),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
        ("0s", 0),
        (" 1d2h3m4s5ms ", 93_784_005),
        ("90m", 5_400_000),
    ];
    for (text, ms) in table {
        assert_eq!(parse_duration_ms(text, ANY), Ok(ms), "{text:?}");
    }
}

#[test]
fn refuses_everything_else_and_says_what_to_write() {
    let refused = |text: &str| parse_duration_ms(text, ANY).unwrap_err();
    assert_eq!(refused("  "), DurationError::Empty);
    assert_eq!(refused("90"), DurationError::NoUnit("90".into()));
    assert_eq!(refused("90").to_string(), "duration 90 has no unit; write 90s for seconds or 90m for minutes");
    assert_eq!(refused("0"), DurationError::NoUnit("0".into()));
    assert_eq!(refused("5w"), DurationError::Unit { text: "5w".into(), unit: "w".into() });
    assert_eq!(refused("5H"), DurationError::Unit { text: "5H".into(), unit: "H".into() });
    for text in ["30m1h", "1m1m", "1.5h", "-5m", "+5m", "h", "1h 30m", "1h30", "٣m", "1h\u{0}"] {
        assert_eq!(refused(text), DurationError::Shape(text.into()), "{text:?}");
    }
}

#[test]
fn bounds_are_inclusive_and_named() {
    let read = |text| parse_duration_ms(text, 1_000..=5_400_000);
    assert_eq!(read("1s"), Ok(1_000));
    assert_eq!(read("1h30m"), Ok(5_400_000));
    assert_eq!(read("999ms").unwrap_err().to_string(), "duration 999ms is out of range; use 1s to 1h30m");
    for text in ["0s", "2h", "99999999999999999999s", "18446744073709551615h", "213503982334d18446744073709551615ms"] {
        assert!(matches!(read(text), Err(DurationError::OutOfRange { .. })), "{text:?}");
    }
}

#[test]
fn durations_for_people() {
    let table = [
        (0, "0ms"),
        (842, "842ms"),
        (999, "999ms"),
        (1_000, "1s"),
        (12_900, "12s"),
        (59_999, "59s"),
        (60_000, "1m00s"),
        (184_000, "3m04s"),
        (3_599_999, "59m59s"),
        (3_720_000, "1h02m"),
        (86_399_999, "23h59m"),
        (97_200_000, "1d03h"),
    ];
    for (ms, text) in table {
        assert_eq!(format_duration_ms(ms), text);
    }
    let ages = [
        (0, "just now"),
        (999, "just now"),
        (12_000, "12s ago"),
        (200_000, "3m ago"),
        (7_200_000, "2h ago"),
        (432_000_000, "5d ago"),
    ];
    for (ms, text) in ages {
        assert_eq!(format_age(ms), text);
    }
    assert_eq!(format_exact_ms(0), "0s");
}

proptest! {
    #[test]
    fn an_exact_duration_reads_back(ms in prop_oneof![any::<u64>(), 0..100_000_000u64]) {
        prop_assert_eq!(parse_duration_ms(&format_exact_ms(ms), ANY), Ok(ms));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9dhms. -]{0,24}|\\PC{0,12}", min in 0..10_000u64) {
        if let Ok(ms) = parse_duration_ms(&text, min..=1_000_000) {
            prop_assert!((min..=1_000_000).contains(&ms));
        }
    }
}
