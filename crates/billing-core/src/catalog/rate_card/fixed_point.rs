//! The integer arithmetic of prices.
//!
//! Units have 6 decimals and rates 9, so their product is a whole number of 10^-15 credits. The division by `per` may
//! have a remainder; it is truncated at 10^-18 of a credit, the sum of all lines stays in that grain, and the total is
//! rounded once, to 10^-12. So a total with at most twelve decimals is exact, even if its parts are periodic
//! fractions: three times a third is one.

use std::num::NonZeroU32;

use rust_decimal::Decimal;

use super::MarkupPercent;

/// Credits in grains of 10^-18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Grains(u128);

/// The maximum number of decimals of units.
pub(super) const UNIT_DECIMALS: u32 = 6;
/// The number of decimals of a price.
const PRICE_DECIMALS: u32 = 12;
const GRAINS_PER_CREDIT: u128 = 1_000_000_000_000_000_000;
const GRAINS_PER_STEP: u128 = 1_000_000;

impl Grains {
    /// The price of `units` at `rate` credits per `per`. None above 10^20 credits, or if a number has too many
    /// decimals.
    pub(super) fn of(units: Decimal, rate: Decimal, per: NonZeroU32) -> Option<Self> {
        let product = scaled(units, UNIT_DECIMALS)?.checked_mul(scaled(rate, super::UnitPrice::DECIMALS)?)?;
        let per = u128::from(per.get());
        let (quotient, rest) = (product / per, product % per);
        let fine = rest.checked_mul(1_000)? / per;
        quotient.checked_mul(1_000)?.checked_add(fine).map(Self)
    }

    /// `credits` once.
    pub(super) fn of_credits(credits: Decimal) -> Option<Self> {
        scaled(credits, 18).map(Self)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount with `markup`, truncated to a grain.
    pub(super) fn marked_up(self, markup: MarkupPercent) -> Option<Self> {
        let (factor, one) = (u128::from(markup.factor()?), u128::from(MarkupPercent::ONE));
        let (quotient, rest) = (self.0 / one, self.0 % one);
        let fine = rest.checked_mul(factor)? / one;
        quotient.checked_mul(factor)?.checked_add(fine).map(Self)
    }

    /// The difference up to `least`; 0 if there is none.
    pub(super) fn missing_to(self, least: Self) -> Self {
        Self(least.0.saturating_sub(self.0))
    }

    pub(super) fn is_more_than(self, credits: u64) -> bool {
        u128::from(credits).checked_mul(GRAINS_PER_CREDIT).is_none_or(|most| self.0 > most)
    }

    /// The amount rounded half up to 12 decimals. None if a decimal cannot hold it.
    pub(super) fn to_decimal(self) -> Option<Decimal> {
        to_decimal_value(self.steps()?)
    }

    /// `later` minus this, with 12 decimals; negative if it is less. None if a decimal cannot hold it.
    pub(super) fn difference_to(self, later: Self) -> Option<Decimal> {
        match later.minus(self) {
            Some(more) => more.to_decimal(),
            None => to_decimal_value(self.minus(later)?.steps()?.checked_neg()?),
        }
    }

    fn steps(self) -> Option<i128> {
        i128::try_from(self.0.checked_add(GRAINS_PER_STEP / 2)? / GRAINS_PER_STEP).ok()
    }
}

fn to_decimal_value(steps: i128) -> Option<Decimal> {
    Some(Decimal::try_from_i128_with_scale(steps, PRICE_DECIMALS).ok()?.normalize())
}

/// `number` as a whole number of 10^-`decimals`. None if it is negative or has more decimals.
fn scaled(number: Decimal, decimals: u32) -> Option<u128> {
    let number = number.normalize();
    let missing = decimals.checked_sub(number.scale())?;
    u128::try_from(number.mantissa()).ok()?.checked_mul(10_u128.checked_pow(missing)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::parse_decimal;

    fn line(units: &str, rate: &str, per: u32) -> Option<Grains> {
        let number = |text| parse_decimal(text).unwrap();
        Grains::of(number(units), number(rate), NonZeroU32::new(per).unwrap())
    }

    fn text(grains: Grains) -> String {
        grains.to_decimal().unwrap().to_string()
    }

    #[test]
    fn a_line_is_units_times_rate_by_per() {
        for (units, rate, per, credits) in [
            ("1000", "3", 1000, "3"),
            ("1234", "3", 1000, "3.702"),
            ("0.5", "0.000000001", 1, "0.0000000005"),
            ("90", "1", 60, "1.5"),
            ("1", "1", 3, "0.333333333333"),
            ("2", "1", 3, "0.666666666667"),
            ("0", "1000000000", 1, "0"),
        ] {
            assert_eq!(text(line(units, rate, per).unwrap()), credits, "{units} at {rate} per {per}");
        }
    }

    #[test]
    fn thirds_add_up() {
        let third = line("1", "1", 3).unwrap();
        assert_eq!(text(third.plus(third).unwrap().plus(third).unwrap()), "1");
        let sixth = line("1", "1", 6).unwrap();
        assert_eq!(text(third.plus(sixth).unwrap()), "0.5");
    }

    #[test]
    fn a_markup_multiplies_to_the_last_grain() {
        let price = line("1", "1", 3).unwrap();
        for (markup, marked, added) in [
            ("0", "0.333333333333", "0"),
            ("20", "0.4", "0.066666666667"),
            ("-10.5", "0.298333333333", "-0.035"),
            ("-100", "0", "-0.333333333333"),
            ("10000", "33.666666666667", "33.333333333333"),
        ] {
            let with = price.marked_up(markup.parse().unwrap()).unwrap();
            assert_eq!(text(with), marked, "{markup}");
            assert_eq!(price.difference_to(with).unwrap().to_string(), added, "{markup}");
        }
        let largest = Grains(u128::MAX);
        assert_eq!(largest.marked_up("0.0001".parse().unwrap()), None);
        assert_eq!(largest.marked_up(MarkupPercent::ZERO), Some(largest));
    }

    #[test]
    fn what_is_too_large_or_too_fine_is_none() {
        assert_eq!(line("1000000000000000", "1000000000", 1), None);
        assert!(line("1000000000000000", "1000000000", 1_000_000_000).is_none());
        assert!(line("1000000000000000", "1", 1_000_000_000).is_some());
        assert_eq!(line("0.0000001", "1", 1), None);
        assert_eq!(line("-1", "1", 1), None);
    }
}
