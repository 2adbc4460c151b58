//! Entering what was given back.

use billing_core::ledger::HoldState;

use super::enter::spends;
use super::{Books, Usage};
use crate::answers::Accepted;
use crate::meters::{CREDIT, units};
use crate::requests::Ask;

impl Books {
    /// The numbers of the usage that is to be given back.
    fn returned_by(&self, ask: &Ask) -> Vec<i64> {
        match ask {
            Ask::ReturnUsage { usage, .. } => vec![*usage],
            Ask::ReturnEntry { entry, .. } => {
                let paid = self.usages.values().filter(|usage| usage.line.entry == Some(*entry));
                paid.map(|usage| usage.line.number).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether something is left to give back. Of usage no more whole credits come back than it took itself, which only
    /// the ledger knows where others brought it over a credit: such parts may be refused.
    pub(super) fn can_return(&self, ask: &Ask) -> bool {
        let numbers = self.returned_by(ask);
        match ask {
            Ask::ReturnEntry { entry, credits } if numbers.is_empty() => {
                let (taken, returned) = self.spends[entry];
                credits.unwrap_or(1) <= taken - returned
            }
            Ask::ReturnUsage { credits: None, .. } | Ask::ReturnEntry { credits: None, .. } => {
                numbers.iter().any(|number| self.usages[number].is_returnable())
            }
            _ => false,
        }
    }

    pub(super) fn enter_returns(&mut self, ask: &Ask, accepted: &Accepted) {
        let (Ask::ReturnUsage { credits, .. } | Ask::ReturnEntry { credits, .. }) = ask else { return };
        let numbers = self.returned_by(ask);
        let moved: i64 = spends(accepted).map(|entry| entry.amount).sum();
        if let (Ask::ReturnEntry { entry, .. }, []) = (ask, numbers.as_slice()) {
            let (taken, returned) = self.spends[entry];
            assert_eq!(moved, credits.unwrap_or(taken - returned));
            assert!(returned + moved <= taken, "{returned} of {taken} came back before");
            self.spends.insert(*entry, (taken, returned + moved));
            return;
        }
        let given: i64 = accepted.usages.iter().map(|line| line.credits).sum();
        assert_eq!(moved, -given);
        let left = numbers.iter().map(|number| &self.usages[number]).filter(|usage| usage.is_returnable());
        let expected = credits.map_or_else(|| left.map(Usage::left).sum(), |credits| credits * CREDIT);
        let price: i64 = accepted.usages.iter().map(|line| -line.price).sum();
        assert_eq!(price, expected, "{accepted:#?}");
        for line in &accepted.usages {
            let number = line.returns.unwrap();
            assert!(numbers.contains(&number));
            let usage = self.usages.get_mut(&number).unwrap();
            usage.returned -= line.price;
            usage.returns += 1;
            assert!(usage.left() >= 0, "more of usage {number} is returned than it cost");
            let whole = usage.left() == 0;
            // Its units leave their month with the last of its price.
            let back = whole.then_some(usage.tenths).filter(|_| usage.line.units.is_some());
            assert_eq!(line.units, back.map(units));
            let (meter, month, tenths, hold) = (usage.line.meter, usage.month, usage.tenths, usage.line.hold);
            if whole {
                self.count(meter, month, -tenths);
            }
            if let Some(held) = hold.map(|hold| &mut self.holds[hold])
                && held.state == HoldState::Open
            {
                held.returned = true;
            }
            let back = Usage { line: line.clone(), tenths, month, returned: 0, returns: 0 };
            assert!(self.usages.insert(line.number, back).is_none());
        }
    }
}
