//! Values of flags: what people write, and what the program calculates with.

use std::ops::RangeInclusive;

use aid_core::duration::parse_duration_ms;

/// Time limits of a task, in milliseconds: one millisecond to 30 days.
const LIMIT_MS: RangeInclusive<u64> = 1..=30 * 24 * 60 * 60 * 1_000;
const MICRO_USD_DIGITS: usize = 6;

/// A length of time in milliseconds, written like `90s`, `5m` or `1h30m`.
pub(crate) fn duration_ms(text: &str) -> Result<u64, String> {
    if text.starts_with('-') {
        return Err(format!("{text:?} is not a length of time; write it like 90s, 5m or 1h30m"));
    }
    parse_duration_ms(text, LIMIT_MS).map_err(|why| why.to_string())
}

/// US dollars as millionths of one, exactly: no number with a fraction is ever made of it.
pub(crate) fn micro_usd(text: &str) -> Result<u64, String> {
    let refused = |why: &str| format!("{text:?} is {why}; write US dollars like 2 or 0.50");
    let number = text.strip_prefix('$').unwrap_or(text);
    if number.starts_with('-') {
        return Err(refused("negative"));
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(refused("not an amount of money"));
    }
    if fraction.len() > MICRO_USD_DIGITS {
        return Err(refused("more exact than a millionth of a dollar"));
    }
    let padded = format!("{whole}{fraction:0<MICRO_USD_DIGITS$}");
    let micro: u64 = padded.parse().map_err(|_| refused("too much"))?;
    if micro == 0 { Err(refused("nothing; a task that may cost nothing cannot run")) } else { Ok(micro) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact() {
        for (text, micro) in [
            ("1", 1_000_000),
            ("0.1", 100_000),
            ("$2.50", 2_500_000),
            (".5", 500_000),
            ("3.", 3_000_000),
            ("0.000001", 1),
            ("007", 7_000_000),
            // As a float this would end in 001.
            ("9007199254.740993", 9_007_199_254_740_993),
        ] {
            assert_eq!(micro_usd(text), Ok(micro), "{text}");
        }
    }

    #[test]
    fn what_is_no_money_is_refused() {
        for text in [
            "",
            ".",
            "$",
            "-1",
            "-0",
            "NaN",
            "inf",
            "1e3",
            "1,5",
            "1_0",
            "+1",
            " 1",
            "0",
            "0.0",
            "0.0000001",
            "99999999999999",
        ] {
            let why = micro_usd(text).expect_err(text);
            assert!(why.contains("US dollars"), "{why}");
        }
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(duration_ms("1h30m"), Ok(5_400_000));
        for text in ["0s", "31d", "5", "-5s", ""] {
            assert!(duration_ms(text).is_err(), "{text}");
        }
    }
}
