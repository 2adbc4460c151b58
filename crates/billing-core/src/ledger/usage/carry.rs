//! What is kept per account and meter.

use crate::catalog::MILLIONTHS;
use crate::values::Credits;

/// What all usage of one meter of one account left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carry {
    /// What is carried below one credit, in millionths: 0 to 999,999.
    pub millionths: u32,
    /// Credits that usage came to, that nothing covered, and that were not owed either.
    pub uncovered: Credits,
}

impl Carry {
    /// Takes `millionths` of a credit in (or out, if negative), and says how many whole credits are to be taken for
    /// it (or given back, if negative). Saturates; one usage's price was bounded before.
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
