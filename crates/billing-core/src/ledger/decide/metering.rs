//! What usage comes to, in whole credits, and how that is written down.

use std::collections::BTreeMap;

use crate::catalog::Tariff;
use crate::ledger::draft::Draft;
use crate::ledger::{Actor, Carry, ChainHash, EntryType, RatedUsage, Refusal, UsageRecord};
use crate::values::{Credits, HoldId, Metadata, PostingKey, Timestamp, UsageId};

/// Usage that is about to be recorded, and what is carried of its meters afterwards.
pub(super) struct Metering<'a> {
    report: Report<'a>,
    records: Vec<UsageRecord>,
    carries: BTreeMap<String, Carry>,
}

/// What is said with usage.
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
        Self { report, records: Vec::new(), carries: BTreeMap::new() }
    }

    /// What is carried of `meter` after all that was added.
    pub(super) fn carried(&mut self, draft: &Draft<'_>, meter: &str) -> &mut Carry {
        self.carries.entry(meter.to_owned()).or_insert_with(|| draft.state.carried(meter))
    }

    /// Adds usage that costs `price` millionths: whole credits are due at once, and the rest is carried.
    pub(super) fn book(&mut self, draft: &Draft<'_>, usage: &RatedUsage, price: i64) {
        let due = self.carried(draft, &usage.tariff.meter).book(price);
        self.add(draft, usage, price, due);
    }

    /// Adds usage that costs `price` millionths, of which `due` credits are due now.
    pub(super) fn add(&mut self, draft: &Draft<'_>, usage: &RatedUsage, price: i64, due: Credits) {
        let carried = self.carried(draft, &usage.tariff.meter).millionths;
        let record = self.report.record(draft, usage, (price, due, carried));
        self.records.push(record);
    }

    /// Carries `rest` millionths that a hold has captured and that were neither taken nor carried so far.
    pub(super) fn settle(&mut self, draft: &Draft<'_>, tariff: &Tariff, rest: i64) -> Result<(), Refusal> {
        if rest == 0 {
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
        } else {
            let nothing = RatedUsage { tariff: tariff.clone(), quantities: BTreeMap::new() };
            self.records.push(self.report.record(draft, &nothing, (0, due, carried)));
        }
        // All of it is recorded at once, and that is what is carried afterwards.
        for record in self.records.iter_mut().filter(|record| record.meter == tariff.meter) {
            record.carried = carried;
        }
        Ok(())
    }

    /// The whole credits that all of it comes to.
    pub(super) fn credits(&self) -> Result<Credits, Refusal> {
        Ok(Credits::sum(self.records.iter().map(|record| record.credits))?)
    }

    /// Leaves out `missing` credits that nothing covers, of what was added last first.
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

    /// Adds what gives usage back.
    pub(super) fn push(&mut self, record: UsageRecord) {
        self.records.push(record);
    }

    /// Writes it down, before the entry that `moves` its credits, and answers its first and last number.
    pub(super) fn record(self, draft: &mut Draft<'_>, moves: bool) -> Result<Option<(i64, i64)>, Refusal> {
        for (meter, carry) in &self.carries {
            if *carry != draft.state.carried(meter) {
                draft.carry(meter, *carry);
            }
        }
        draft.record(self.records, moves)
    }
}

impl Report<'_> {
    /// The record of `usage` that costs `price` millionths, takes `credits` and leaves `carried` millionths. Its
    /// number and place are known when it is written.
    fn record(
        &self,
        draft: &Draft<'_>,
        usage: &RatedUsage,
        (price, credits, carried): (i64, Credits, u32),
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
            price,
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
