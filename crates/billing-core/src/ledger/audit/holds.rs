//! Holds: the reserved credits were captured, released, or are still held.

use super::Auditor;
use crate::ledger::HoldState;
use crate::values::Credits;

impl Auditor<'_> {
    pub(super) fn check_holds(&mut self) {
        for hold in &self.kept.holds {
            let set_aside: i128 = hold.slices.iter().map(|slice| i128::from(slice.amount.get())).sum();
            let set_aside = set_aside.saturating_add(i128::from(hold.uncovered.get()));
            self.expect(set_aside == i128::from(hold.amount.get()), || {
                format!("{} sets {} aside, its slices {set_aside}", hold.id, hold.amount)
            });
            let slices = hold.slices.iter().map(|slice| (slice.left, slice.amount));
            let all = slices.chain([(hold.uncovered_left, hold.uncovered)]);
            let bounded = all.clone().all(|(left, amount)| (Credits::ZERO..=amount).contains(&left));
            self.expect(bounded, || format!("{} has more left in a slice than was set aside", hold.id));
            let open = hold.state == HoldState::Open;
            let left: i128 = all.map(|(left, _)| i128::from(left.get())).sum();
            let captured = i128::from(hold.captured.get());
            let overrun = i128::from(hold.overrun.get());
            let accounted = left.saturating_add(captured);
            self.expect(
                if open { accounted == set_aside } else { left == 0 && captured <= set_aside },
                || {
                    format!(
                        "{} is {}: {captured} captured and {left} left of {set_aside}",
                        hold.id, hold.state
                    )
                },
            );
            let settled = self.progress.settled.remove(&hold.id).unwrap_or_default();
            self.expect(captured.saturating_add(overrun) == settled || self.since.is_some(), || {
                format!("{} says {captured} captured and {overrun} beyond it, entries {settled}", hold.id)
            });
            self.expect(open == hold.ended_at.is_none(), || format!("{} has an end or lacks one", hold.id));
        }
        let strays = self.progress.settled.len();
        self.expect(strays == 0, || format!("{strays} holds were settled that are not there"));
    }
}
