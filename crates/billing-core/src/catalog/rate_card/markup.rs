//! A percentage on top of a price.

use rust_decimal::Decimal;

use crate::values::{as_text, parse_decimal};

/// A percentage that is added to a price, or subtracted if it is negative: from -100 to 10,000, with at most 4
/// decimals. Exact; printed and stored as text, without trailing zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MarkupPercent(Decimal);

/// The number is not a valid markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a percentage from -100 to 10000 with at most 4 decimals, such as \"20\" or \"-10.5\"")]
pub struct InvalidMarkup;

impl MarkupPercent {
    /// No markup.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// The maximum number of decimals.
    pub const DECIMALS: u32 = 4;
    /// The factor 1, in the unit of [`factor`](Self::factor).
    pub(super) const ONE: u32 = 1_000_000;
    const SMALLEST: Decimal = Decimal::from_parts(100, 0, 0, true, 0);
    const LARGEST: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

    /// `percent` as a markup.
    ///
    /// # Errors
    ///
    /// [`InvalidMarkup`] if it is out of range or has too many decimals.
    pub fn try_new(percent: Decimal) -> Result<Self, InvalidMarkup> {
        let percent = percent.normalize();
        let fits = (Self::SMALLEST..=Self::LARGEST).contains(&percent) && percent.scale() <= Self::DECIMALS;
        if fits { Ok(Self(percent)) } else { Err(InvalidMarkup) }
    }

    /// The number, in percent.
    pub const fn get(self) -> Decimal {
        self.0
    }

    /// Whether it is zero.
    pub const fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// The factor of a price in millionths: 1,200,000 for 20 percent.
    pub(super) fn factor(self) -> Option<u32> {
        // A hundredth of a percent with 4 decimals is a millionth.
        let missing = Self::DECIMALS.checked_sub(self.0.scale())?;
        let parts = self.0.mantissa().checked_mul(10_i128.checked_pow(missing)?)?;
        u32::try_from(i128::from(Self::ONE).checked_add(parts)?).ok()
    }
}

impl std::str::FromStr for MarkupPercent {
    type Err = InvalidMarkup;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(parse_decimal(text).map_err(|_| InvalidMarkup)?)
    }
}

impl std::fmt::Display for MarkupPercent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

as_text!(MarkupPercent);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_markup_is_a_factor_in_millionths() {
        for (text, printed, factor) in [
            ("0", "0", 1_000_000),
            ("-0", "0", 1_000_000),
            ("20", "20", 1_200_000),
            ("20.0000000", "20", 1_200_000),
            ("-10.5", "-10.5", 895_000),
            ("0.0001", "0.0001", 1_000_001),
            ("-100", "-100", 0),
            ("10000", "10000", 101_000_000),
        ] {
            let markup: MarkupPercent = text.parse().unwrap();
            assert_eq!((markup.to_string().as_str(), markup.factor()), (printed, Some(factor)), "{text}");
        }
        for text in ["", "-100.0001", "10000.0001", "0.00001", "20%", "1e1"] {
            assert_eq!(text.parse::<MarkupPercent>(), Err(InvalidMarkup), "{text}");
        }
    }
}
