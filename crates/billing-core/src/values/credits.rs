//! Whole credits.

/// A signed number of whole credits. Never a fraction, never a float; arithmetic is checked.
///
/// Requests may use amounts from 1 to [`Credits::MAX_AMOUNT`] (2^53 − 1), which JSON readers with doubles represent
/// exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Credits(i64);

/// A sum of credits exceeds 64 bits, or an amount is not allowed in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("credits must be a whole number from 1 to {}", Credits::MAX_AMOUNT.get())]
pub struct CreditsOutOfRange;

impl Credits {
    /// No credits.
    pub const ZERO: Self = Self(0);
    /// The maximum amount of one command: 2^53 − 1.
    pub const MAX_AMOUNT: Self = Self((1 << 53) - 1);

    /// `count` credits; negative for a debit.
    pub const fn new(count: i64) -> Self {
        Self(count)
    }

    /// `count` as an amount of a command.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] unless 1 ≤ `count` ≤ 2^53 − 1.
    pub const fn amount(count: i64) -> Result<Self, CreditsOutOfRange> {
        if Self(count).is_amount() { Ok(Self(count)) } else { Err(CreditsOutOfRange) }
    }

    /// Whether it is a valid amount of a command: 1 to 2^53 − 1.
    pub const fn is_amount(self) -> bool {
        self.0 >= 1 && self.0 <= Self::MAX_AMOUNT.0
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] past 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, CreditsOutOfRange> {
        self.0.checked_add(other.0).map(Self).ok_or(CreditsOutOfRange)
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] past 64 bits.
    pub fn minus(self, other: Self) -> Result<Self, CreditsOutOfRange> {
        self.0.checked_sub(other.0).map(Self).ok_or(CreditsOutOfRange)
    }

    /// The negated number.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] for `i64::MIN`.
    pub fn negated(self) -> Result<Self, CreditsOutOfRange> {
        self.0.checked_neg().map(Self).ok_or(CreditsOutOfRange)
    }

    /// The product with `quantity`, at most the maximum amount.
    #[must_use]
    pub fn times(self, quantity: u32) -> Self {
        Self(self.0.saturating_mul(i64::from(quantity)).min(Self::MAX_AMOUNT.0))
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] past 64 bits.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, CreditsOutOfRange> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl std::fmt::Display for Credits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Credits {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(self.0)
    }
}

/// Unchecked, for stored values. Amounts of requests go through [`Credits::amount`].
impl<'de> serde::Deserialize<'de> for Credits {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        i64::deserialize(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_at_least_one_and_fits_a_double_exactly() {
        assert_eq!(Credits::amount(0), Err(CreditsOutOfRange));
        assert_eq!(Credits::amount(-1), Err(CreditsOutOfRange));
        assert_eq!(Credits::amount(1), Ok(Credits::new(1)));
        assert_eq!(Credits::amount(9_007_199_254_740_991), Ok(Credits::MAX_AMOUNT));
        assert_eq!(Credits::amount(9_007_199_254_740_992), Err(CreditsOutOfRange));
    }

    #[test]
    fn sums_that_leave_the_range_are_errors() {
        assert_eq!(Credits::new(i64::MAX).plus(Credits::new(1)), Err(CreditsOutOfRange));
        assert_eq!(Credits::new(i64::MIN).minus(Credits::new(1)), Err(CreditsOutOfRange));
        assert_eq!(Credits::new(i64::MIN).negated(), Err(CreditsOutOfRange));
    }
}
