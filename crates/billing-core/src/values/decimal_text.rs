//! Decimals as text.

use rust_decimal::Decimal;

/// The text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal such as 12 or 0.0375, of at most 28 digits")]
pub struct InvalidDecimal;

/// Parses a decimal exactly: digits, optionally a sign and a point between digits. No exponent, no grouping, no
/// blanks, so a number has few spellings.
///
/// # Errors
///
/// [`InvalidDecimal`] for anything else, and for more digits than can be stored exactly.
pub fn parse_decimal(text: &str) -> Result<Decimal, InvalidDecimal> {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || number.bytes().filter(u8::is_ascii_digit).count() > 28 {
        return Err(InvalidDecimal);
    }
    Decimal::from_str_exact(text).map_err(|_| InvalidDecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_digits_with_a_point_between_them() {
        for text in ["0", "12", "0.0375", "-1.5", "007", "1.500", "9999999999999999999999999999"] {
            assert!(parse_decimal(text).is_ok(), "{text}");
        }
        for text in ["", "-", ".5", "5.", "+1", "1e3", "1_000", "1,5", " 1", "1 ", "--1", "1.2.3", "٣", "NaN"]
        {
            assert_eq!(parse_decimal(text), Err(InvalidDecimal), "{text}");
        }
    }

    #[test]
    fn no_digit_is_lost() {
        let longest = "0.123456789012345678901234567";
        assert_eq!(parse_decimal(longest).unwrap().to_string(), longest);
        assert_eq!(parse_decimal("0.1234567890123456789012345678"), Err(InvalidDecimal));
    }
}
