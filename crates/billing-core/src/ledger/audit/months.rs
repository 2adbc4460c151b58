//! Monthly units: each counter equals the sum of the usage in its month.

use super::Auditor;
use crate::ledger::UsageRecord;

impl Auditor<'_> {
    pub(super) fn count_units(&mut self, usage: &UsageRecord) {
        if self.since.is_some() {
            return;
        }
        for (key, units) in usage.counted_units() {
            let sum = self.progress.usages.months.entry(key).or_default();
            *sum = sum.checked_add(units).unwrap_or(*sum);
        }
    }

    /// An incremental audit has not read the earlier usage.
    pub(super) fn check_months(&mut self) {
        if self.since.is_some() {
            return;
        }
        let mut used = std::mem::take(&mut self.progress.usages.months);
        for (key, counted) in &self.kept.months {
            let used = used.remove(key).unwrap_or_default();
            self.expect(used == *counted, || {
                format!("{counted} units are counted at {key:?}, its usage says {used}")
            });
        }
        let uncounted = used.values().filter(|units| !units.is_zero()).count();
        self.expect(uncounted == 0, || format!("usage of {uncounted} months is not counted"));
    }
}
