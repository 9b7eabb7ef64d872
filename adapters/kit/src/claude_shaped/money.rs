//! Owns reading an amount of US dollars from a JSON number, without a detour through binary fractions. Must not know what
//! it was paid for.

/// Decimal places of a millionth.
const MICRO_DIGITS: i32 = 6;

/// Millionths of a dollar, rounded; None when the text is no amount or has no end.
pub fn micro_usd(json: &str) -> Option<u64> {
    let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // How many digits stand before the point of the amount in millionths.
    let kept = i32::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(MICRO_DIGITS)?;
    let mut digits = whole.bytes().chain(fraction.bytes());
    let mut amount: u64 = 0;
    for _ in 0..kept {
        if amount == 0 && digits.clone().next().is_none() {
            return Some(0);
        }
        let digit = digits.next().map_or(0, |digit| u64::from(digit - b'0'));
        amount = amount.checked_mul(10)?.checked_add(digit)?;
    }
    let rounds_up = kept >= 0 && digits.next().is_some_and(|digit| digit >= b'5');
    amount.checked_add(u64::from(rounds_up))
}

#[cfg(test)]
mod tests {
    use super::micro_usd;

    #[test]
    fn amounts_are_read_to_the_millionth() {
        let cases = [
            ("0", Some(0)),
            ("0.0329375", Some(32_938)),
            ("0.005537500000000001", Some(5_538)),
            ("12", Some(12_000_000)),
            ("1.5", Some(1_500_000)),
            ("1e-7", Some(0)),
            ("5e-7", Some(1)),
            ("9.99e-5", Some(100)),
            ("1.25E+2", Some(125_000_000)),
            ("0.0", Some(0)),
            ("0e999999", Some(0)),
            ("1e30", None),
            ("-1", None),
            ("", None),
            (".5", None),
            ("null", None),
            ("\"1\"", None),
        ];
        for (json, expected) in cases {
            assert_eq!(micro_usd(json), expected, "{json}");
        }
    }
}
