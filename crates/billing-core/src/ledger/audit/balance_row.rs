//! The balance row equals the sums of grants, holds and debts.

use super::{Auditor, KeptSettings};
use crate::ledger::{Balance, Grant, Hold, Stage};
use crate::values::Credits;

impl Auditor<'_> {
    pub(super) fn check_balance_row(&mut self) {
        let kept = &self.kept.balance;
        let (own, row) = (KeptSettings::from(kept), self.kept.settings);
        self.expect(row == Some(own), || format!("the account's row says {row:?}, the balance row {own:?}"));
        let counted = self.kept.grants.iter().filter(|grant| grant.stage != Stage::Upcoming);
        let left: i128 = counted.map(|grant| i128::from(grant.remaining.get())).sum();
        let posted = i128::from(kept.posted.get()).saturating_add(i128::from(kept.debt.get()));
        self.expect(left == posted, || format!("grants hold {left}, the balance row says {posted}"));

        let before = self.since.map_or((i64::MIN, Credits::ZERO), |mark| (mark.seq, mark.owed_before));
        let owed = self.kept.debts.iter().filter(|debt| debt.seq >= before.0);
        let owed: i128 = owed.map(|debt| i128::from(debt.amount.get())).sum();
        let debt = owed.saturating_add(i128::from(before.1.get()));
        self.expect(debt == i128::from(kept.debt.get()) && debt >= 0, || {
            format!("{debt} are owed, the balance row says {}", kept.debt)
        });
        let held: i128 = self.kept.holds.iter().map(|hold| i128::from(hold.left().get())).sum();
        self.expect(held == i128::from(kept.held.get()), || {
            format!("holds set {held} aside, the balance row says {}", kept.held)
        });

        let open = self.kept.holds.iter().filter(|hold| hold.is_open()).count();
        self.expect(i64::try_from(open) == Ok(kept.open_holds), || {
            format!("{open} holds are open, the balance row says {}", kept.open_holds)
        });

        let sums = Balance::counting(kept.account, &self.kept.grants).ok();
        let sums = sums.map(|sums| (sums.buckets, sums.late, sums.upcoming));
        let said = (kept.buckets, kept.late, kept.upcoming);
        self.expect(sums == Some(said), || format!("grants sum to {sums:?}, the balance row says {said:?}"));
        self.expect(kept.debt.is_zero() || kept.buckets.total() == Credits::ZERO, || {
            format!("{} are owed while {} are free", kept.debt, kept.buckets.total())
        });

        let grants = self.kept.grants.iter().filter_map(Grant::next_change_at);
        let next = grants.chain(self.kept.holds.iter().filter_map(Hold::next_change_at)).min();
        let seen = next.is_none_or(|next| kept.next_change_at.is_some_and(|kept| kept <= next));
        self.expect(seen, || format!("the next change is at {next:?}, kept {:?}", kept.next_change_at));
    }
}
