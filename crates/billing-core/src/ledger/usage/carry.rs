//! The carry per account and meter.

use crate::catalog::MILLIONTHS;
use crate::values::Credits;

/// The carry of one meter of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carry {
    /// The carried fraction of a credit, in millionths: 0 to 999,999.
    pub millionths: u32,
    /// The credits of usage that were neither covered nor became debt.
    pub uncovered: Credits,
}

impl Carry {
    /// Adds `millionths` of a credit (or subtracts, if negative), and returns the whole credits to take (or to return,
    /// if negative). Saturates; a usage's price was bounded before.
    pub(in crate::ledger) fn book(&mut self, millionths: i64) -> Credits {
        let credit = i64::from(MILLIONTHS);
        let sum = i64::from(self.millionths).saturating_add(millionths);
        self.millionths = u32::try_from(sum.rem_euclid(credit)).unwrap_or_default();
        Credits::new(sum.div_euclid(credit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_booked_in_parts_and_back_comes_to_what_its_sum_does() {
        let mut carry = Carry { millionths: 900_000, ..Carry::default() };
        assert_eq!(carry.book(200_000), Credits::new(1));
        assert_eq!(carry.millionths, 100_000);
        assert_eq!(carry.book(-200_000), Credits::new(-1));
        assert_eq!(carry.millionths, 900_000);
        assert_eq!(carry.book(-3_900_000), Credits::new(-3));
        assert_eq!(carry, Carry::default());
    }
}
