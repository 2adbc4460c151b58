//! Credits with a fraction, for rates.

use rust_decimal::Decimal;

use crate::values::{as_text, parse_decimal};

/// A number of credits in a rate: from 0 to 1,000,000,000, with at most 9 decimals. Exact; printed and stored as text,
/// without trailing zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnitPrice(Decimal);

/// The number is not valid in a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number of credits from 0 to 1000000000 with at most 9 decimals, such as \"0.0375\"")]
pub struct InvalidUnitPrice;

impl UnitPrice {
    /// Zero.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// The maximum number of decimals.
    pub const DECIMALS: u32 = 9;
    const LARGEST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

    /// `credits` as a price.
    ///
    /// # Errors
    ///
    /// [`InvalidUnitPrice`] if it is negative, too large, or has too many decimals.
    pub fn try_new(credits: Decimal) -> Result<Self, InvalidUnitPrice> {
        let credits = credits.normalize();
        let fits = (Decimal::ZERO..=Self::LARGEST).contains(&credits) && credits.scale() <= Self::DECIMALS;
        if fits { Ok(Self(credits)) } else { Err(InvalidUnitPrice) }
    }

    /// The number.
    pub const fn get(self) -> Decimal {
        self.0
    }

    /// Whether it is zero.
    pub const fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}

impl From<u32> for UnitPrice {
    fn from(credits: u32) -> Self {
        Self(Decimal::from(credits).min(Self::LARGEST))
    }
}

impl std::str::FromStr for UnitPrice {
    type Err = InvalidUnitPrice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(parse_decimal(text).map_err(|_| InvalidUnitPrice)?)
    }
}

impl std::fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

as_text!(UnitPrice);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_names_few_enough_credits_finely_enough() {
        for (text, printed) in [
            ("0", "0"),
            ("-0", "0"),
            ("3", "3"),
            ("0.0375", "0.0375"),
            ("1.5000000000000000000", "1.5"),
            ("0.000000001", "0.000000001"),
            ("1000000000.000", "1000000000"),
        ] {
            assert_eq!(
                text.parse::<UnitPrice>().map(|price| price.to_string()).as_deref(),
                Ok(printed),
                "{text}"
            );
        }
        for text in ["", "-0.1", "-1", "0.0000000001", "1000000000.000000001", "1e3", "one"] {
            assert_eq!(text.parse::<UnitPrice>(), Err(InvalidUnitPrice), "{text}");
        }
    }
}
