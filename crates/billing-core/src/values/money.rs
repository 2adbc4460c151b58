//! Amounts of money.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Currency;

/// Money in the currency's minor unit (cents, yen, fils). Signed, for refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The minor units.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The product with `quantity`; none on overflow.
    #[must_use]
    pub fn times(self, quantity: u32) -> Option<Self> {
        Some(Self { minor: self.minor.checked_mul(i64::from(quantity))?, ..self })
    }

    /// The amount in major units with exactly the currency's decimals: 999 US cents are `9.99`.
    pub fn major(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.major(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_units_have_the_currencys_own_decimals() {
        let money = |minor, code: &str| Money::new(minor, code.parse().unwrap()).to_string();
        assert_eq!(money(999, "usd"), "9.99 USD");
        assert_eq!(money(999, "jpy"), "999 JPY");
        assert_eq!(money(999, "kwd"), "0.999 KWD");
        assert_eq!(money(1000, "eur"), "10.00 EUR");
    }
}
