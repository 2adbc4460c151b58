//! ISO 4217 currencies.

use std::str::FromStr;

/// A currency of ISO 4217, with its number of decimals (USD 2, JPY 0, KWD 3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

/// No currency has this code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not an ISO 4217 currency code")]
pub struct UnknownCurrency {
    /// The input.
    pub code: String,
}

impl Currency {
    /// The code in upper case.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The number of decimals of the minor unit. Units that are not money (gold, test codes) have none.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    /// Parses a code in any case.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownCurrency { code: code.to_owned() };
        let currency = iso_currency::Currency::from_code(&code.to_ascii_uppercase()).ok_or_else(unknown)?;
        // Codes without a minor unit (XXX, XTS, gold) cannot price anything.
        if currency.exponent().is_none() { Err(unknown()) } else { Ok(Self(currency)) }
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = <String as serde::Deserialize>::deserialize(from)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_case_and_know_their_decimals() {
        for (code, exponent) in [("usd", 2), ("EUR", 2), ("jpy", 0), ("KWD", 3)] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(
                (currency.code(), currency.exponent()),
                (code.to_ascii_uppercase().as_str(), exponent)
            );
        }
    }

    #[test]
    fn codes_that_price_nothing_are_refused() {
        for code in ["", "US", "USDX", "ABC", "XXX", "XAU", "xts"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }
}
