//! Metering: the whole credits of usage, and its records.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::catalog::{MonthKey, MonthPosition, Tariff, UsagePrice};
use crate::ledger::draft::Draft;
use crate::ledger::usage::Rating;
use crate::ledger::{Actor, Carry, ChainHash, EntryType, RatedUsage, Refusal, UsageRecord};
use crate::values::{Credits, HoldId, Metadata, PostingKey, Timestamp, UsageId};

/// Usage to be recorded, with the resulting carries and monthly units.
pub(super) struct Metering<'a> {
    report: Report<'a>,
    records: Vec<UsageRecord>,
    carries: BTreeMap<String, Carry>,
    months: BTreeMap<MonthKey, Decimal>,
}

/// The maximum units of a month: their prices can be computed exactly.
const MOST_UNITS_OF_A_MONTH: Decimal = Decimal::from_parts(2_808_348_672, 232_830_643, 0, false, 0);

/// The data reported with usage.
#[derive(Clone, Copy)]
pub(super) struct Report<'a> {
    pub(super) kind: &'a EntryType,
    pub(super) description: &'a str,
    pub(super) metadata: &'a Metadata,
    pub(super) actor: &'a Actor,
    pub(super) posting_key: Option<&'a PostingKey>,
    pub(super) hold: Option<HoldId>,
    pub(super) occurred_at: Timestamp,
}

impl<'a> Metering<'a> {
    pub(super) fn new(report: Report<'a>) -> Self {
        Self { report, records: Vec::new(), carries: BTreeMap::new(), months: BTreeMap::new() }
    }

    /// The carry of `meter` after all additions.
    pub(super) fn carried(&mut self, draft: &Draft<'_>, meter: &str) -> &mut Carry {
        self.carries.entry(meter.to_owned()).or_insert_with(|| draft.state.carried(meter))
    }

    /// The units counted at `key` after all additions.
    pub(super) fn counted(&self, draft: &Draft<'_>, key: &MonthKey) -> Decimal {
        self.months.get(key).copied().unwrap_or_else(|| draft.state.counted(key))
    }

    /// The price of `usage` after all units of its month and all additions.
    pub(super) fn rate(&self, draft: &Draft<'_>, usage: &RatedUsage) -> Result<Rating, Refusal> {
        let month = draft.state.zone.month_of(self.report.occurred_at);
        let keys = usage.tariff.month_keys(usage.quantities.keys(), month);
        let position = |key: MonthKey| {
            let before = self.counted(draft, &key);
            (key.quantity, MonthPosition { month, rate: key.rate, before })
        };
        let months = keys.map(position).collect();
        Ok(Rating { price: RatedUsage::price(&usage.tariff, &usage.quantities, &months)?, months })
    }

    /// Adds usage: its whole credits are due now, the fraction is carried.
    pub(super) fn book(
        &mut self,
        draft: &Draft<'_>,
        usage: &RatedUsage,
        rating: Rating,
    ) -> Result<(), Refusal> {
        let due = self.carried(draft, &usage.tariff.meter).book(rating.price.price);
        self.add(draft, usage, rating, due)
    }

    /// Adds usage of which `due` credits are due now.
    pub(super) fn add(
        &mut self,
        draft: &Draft<'_>,
        usage: &RatedUsage,
        rating: Rating,
        due: Credits,
    ) -> Result<(), Refusal> {
        let carried = self.carried(draft, &usage.tariff.meter).millionths;
        let record = self.report.record(draft, usage, rating, (due, carried));
        self.push(draft, record)
    }

    /// Charges the increase in price at the end of a hold, and carries the `rest` millionths that it has captured and
    /// that were neither taken nor carried so far.
    pub(super) fn settle(
        &mut self,
        draft: &Draft<'_>,
        tariff: &Tariff,
        (added, rest): (UsagePrice, i64),
    ) -> Result<(), Refusal> {
        if rest == 0 && added == UsagePrice::default() {
            return Ok(());
        }
        let carry = self.carried(draft, &tariff.meter);
        let due = carry.book(rest);
        let carried = carry.millionths;
        let same = |record: &&mut UsageRecord| {
            record.meter == tariff.meter && record.dimensions == tariff.dimensions
        };
        if let Some(record) = self.records.iter_mut().rev().find(same) {
            record.credits = record.credits.plus(due)?;
            record.price = record.price.saturating_add(added.price);
            record.markup = record.markup.saturating_add(added.markup);
        } else {
            let nothing = RatedUsage { tariff: tariff.clone(), quantities: BTreeMap::new() };
            let rating = Rating { price: added, ..Rating::default() };
            self.records.push(self.report.record(draft, &nothing, rating, (due, carried)));
        }
        // They are recorded together, so all have the same carry afterwards.
        for record in self.records.iter_mut().filter(|record| record.meter == tariff.meter) {
            record.carried = carried;
        }
        Ok(())
    }

    /// The total of whole credits.
    pub(super) fn credits(&self) -> Result<Credits, Refusal> {
        Ok(Credits::sum(self.records.iter().map(|record| record.credits))?)
    }

    /// Leaves `missing` credits uncovered, starting with the last addition.
    pub(super) fn leave_uncovered(&mut self, missing: Credits) -> Result<(), Refusal> {
        let mut missing = missing;
        for record in self.records.iter_mut().rev() {
            let part = missing.min(record.credits.max(Credits::ZERO));
            if part.is_zero() {
                continue;
            }
            missing = missing.minus(part)?;
            record.credits = record.credits.minus(part)?;
            record.uncovered = record.uncovered.plus(part)?;
            if let Some(carry) = self.carries.get_mut(&record.meter) {
                carry.uncovered = carry.uncovered.plus(part)?;
            }
        }
        Ok(())
    }

    /// Adds a record, and adds its units to their month, or subtracts them for a reversal.
    pub(super) fn push(&mut self, draft: &Draft<'_>, record: UsageRecord) -> Result<(), Refusal> {
        for (key, units) in record.counted_units() {
            let counted = self.counted(draft, &key).checked_add(units);
            let counted = counted.filter(|counted| *counted <= MOST_UNITS_OF_A_MONTH);
            let too_many = || Refusal::UsageOutOfRange {
                meter: key.meter.clone(),
                problem: format!("more than {MOST_UNITS_OF_A_MONTH} of `{}` in a month", key.quantity),
            };
            let counted = counted.ok_or_else(too_many)?.max(Decimal::ZERO).normalize();
            self.months.insert(key, counted);
        }
        self.records.push(record);
        Ok(())
    }

    /// Writes the records, before the entry that `moves` their credits, and returns their first and last number.
    pub(super) fn record(self, draft: &mut Draft<'_>, moves: bool) -> Result<Option<(i64, i64)>, Refusal> {
        for (meter, carry) in &self.carries {
            if *carry != draft.state.carried(meter) {
                draft.carry(meter, *carry);
            }
        }
        for (key, units) in self.months {
            if units != draft.state.counted(&key) {
                draft.count(key, units);
            }
        }
        draft.record(self.records, moves)
    }
}

impl Report<'_> {
    /// The record of `usage` that takes `credits` and leaves a carry of `carried` millionths. Its number and position
    /// are assigned when it is written.
    fn record(
        &self,
        draft: &Draft<'_>,
        usage: &RatedUsage,
        rating: Rating,
        (credits, carried): (Credits, u32),
    ) -> UsageRecord {
        UsageRecord {
            id: UsageId::new(draft.ids),
            account: draft.state.balance.account,
            number: 0,
            entry: None,
            quote: usage.tariff.quote(),
            meter: usage.tariff.meter.clone(),
            dimensions: usage.tariff.dimensions.clone(),
            quantities: usage.quantities.clone(),
            price: rating.price.price,
            markup: rating.price.markup,
            months: rating.months,
            credits,
            uncovered: Credits::ZERO,
            carried,
            kind: self.kind.clone(),
            description: self.description.to_owned(),
            metadata: self.metadata.clone(),
            erased: None,
            actor: self.actor.clone(),
            posting_key: self.posting_key.cloned(),
            hold: self.hold,
            returns: None,
            occurred_at: self.occurred_at,
            recorded_at: draft.now,
            hash: ChainHash::GENESIS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_what_it_says() {
        assert_eq!(MOST_UNITS_OF_A_MONTH.to_string(), "1000000000000000000");
    }
}
