//! Entries: numbers without gaps, running balances, the hash chain, and allocations that add up.

use std::collections::BTreeMap;

use super::{Auditor, KeptKey, Lines};
use crate::ledger::{Allocation, ChainHash, DebtChange, Entry, EntryType, Grant};
use crate::values::{Credits, PostingKey};

impl Auditor<'_> {
    pub(super) fn entries(&mut self, lines: &Lines) {
        let mut parts = lines.allocations.as_slice();
        for entry in &lines.entries {
            let stray = parts.iter().take_while(|part| part.seq < entry.seq).count();
            self.expect(stray == 0, || format!("{stray} allocations before entry {} have none", entry.seq));
            let (_, rest) = parts.split_at(stray);
            let (own, rest) = rest.split_at(rest.iter().take_while(|part| part.seq == entry.seq).count());
            parts = rest;
            let debts = self.owed.remove(&entry.seq).unwrap_or_default();
            self.sequence(entry);
            self.paid_usage(entry);
            self.chain(entry, own, &debts, &lines.keys);
            self.parts(entry, own, &debts);
            self.reversal(entry);
            self.flows(entry, own);
        }
        self.expect(parts.is_empty(), || format!("{} allocations at the end have no entry", parts.len()));
    }

    /// Checks that need all entries.
    pub(super) fn end_of_entries(&mut self) {
        let kept = &self.kept.balance;
        let seq = self.last_seq();
        let posted = self.progress.posted;
        let head = self.progress.head.unwrap_or(ChainHash::GENESIS);
        self.expect(kept.seq == seq, || {
            format!("the balance row says {} entries, there are {seq}", kept.seq)
        });
        self.expect(i128::from(kept.posted.get()) == posted, || {
            format!("the balance row says {}, entries sum to {posted}", kept.posted)
        });
        self.expect(kept.head == head, || {
            format!("the balance row ends in {}, the chain of entries in {head}", kept.head)
        });
        self.expect(self.progress.last_at <= Some(kept.last_at) || seq == 0, || {
            "the last entry lies after the balance row".to_owned()
        });
        let strays = self.owed.len();
        self.expect(strays == 0, || format!("{strays} debts belong to no entry"));
    }

    fn sequence(&mut self, entry: &Entry) {
        self.progress.amounts.push(entry.amount.get());
        let seq = self.last_seq();
        self.progress.posted = self.progress.posted.saturating_add(i128::from(entry.amount.get()));
        let (posted, last_at) = (self.progress.posted, self.progress.last_at);
        self.expect(entry.seq == seq, || format!("entry {} stands where {seq} belongs", entry.seq));
        self.expect(i128::from(entry.balance_after.get()) == posted, || {
            format!("entry {seq} says {} after it, entries sum to {posted}", entry.balance_after)
        });
        self.expect(last_at <= Some(entry.effective_at), || {
            format!("entry {seq} lies before its predecessor")
        });
        self.expect(entry.amount != Credits::ZERO, || format!("entry {seq} moves nothing"));
        self.progress.last_at = Some(entry.effective_at);
    }

    fn chain(
        &mut self,
        entry: &Entry,
        parts: &[Allocation],
        debts: &[&DebtChange],
        keys: &BTreeMap<PostingKey, KeptKey>,
    ) {
        let before = self.progress.head.unwrap_or(ChainHash::GENESIS);
        let key = entry.posting_key.as_ref();
        let kept = key.and_then(|key| keys.get(key));
        let named = kept.is_some_and(|kept| (kept.entries.0..=kept.entries.1).contains(&entry.seq));
        self.expect(key.is_none() || named, || {
            format!("entry {} was posted under a key that is not there, or does not name it", entry.seq)
        });
        let parts = parts.iter().map(|part| {
            let grant = self.grants.get(&part.grant);
            (*part, grant.and_then(|grant| part.terms(grant)))
        });
        let text = entry.text(&self.kept.balance.text_key);
        let fingerprint = kept.map(|kept| &kept.fingerprint);
        let expected = before.then(entry, &text, fingerprint, parts, debts.iter().copied());
        // The hash cannot be computed without its key.
        self.expect(entry.hash == expected || kept.is_some() != key.is_some(), || {
            format!("entry {} carries the hash {}, its history makes {expected}", entry.seq, entry.hash)
        });
        let erased = entry.erased.is_some() && !(entry.description.is_empty() && entry.metadata.is_empty());
        self.expect(!erased, || format!("the text of entry {} was erased, and there is one", entry.seq));
        self.progress.erased = self.progress.erased.saturating_add(u64::from(entry.erased.is_some()));
        self.check_covered_entry(entry.seq, entry.hash);
        // Continues from the stored hash, so that one changed entry is one finding.
        self.progress.head = Some(entry.hash);
    }

    /// An entry's allocations sum up to its amount, and it draws only on grants that were live then.
    fn parts(&mut self, entry: &Entry, parts: &[Allocation], debts: &[&DebtChange]) {
        let moved: i128 = parts.iter().map(|part| i128::from(part.amount.get())).sum();
        let owed: i128 = debts.iter().map(|debt| i128::from(debt.amount.get())).sum();
        let amount = i128::from(entry.amount.get());
        self.expect(moved.saturating_sub(owed) == amount, || {
            format!("entry {} moves {amount}, its parts {moved} less {owed} owed", entry.seq)
        });
        for part in parts {
            let Some(grant) = self.grants.get(&part.grant).copied() else {
                self.expect(false, || format!("entry {} names a grant that is not there", entry.seq));
                continue;
            };
            let alive = !matches!(entry.kind, EntryType::Spend(_)) || self.may_spend(entry, grant);
            self.expect(alive, || format!("entry {} spends from {} outside its life", entry.seq, grant.id));
        }
    }

    fn may_spend(&self, entry: &Entry, grant: &Grant) -> bool {
        let alive_at =
            |moment| grant.effective_at <= moment && grant.expires_at.is_none_or(|end| moment < end);
        // An extended hold may have pinned grants that started after it was placed.
        let lived_since = |moment| {
            grant.effective_at <= entry.effective_at && grant.expires_at.is_none_or(|end| moment < end)
        };
        let pinned = entry.hold.and_then(|hold| self.holds.get(&hold)).is_some_and(|hold| {
            hold.slices.iter().any(|slice| slice.grant == grant.id) && lived_since(hold.placed_at)
        });
        let late = entry.occurred_at.is_some_and(|moment| {
            alive_at(moment) && grant.late_until.is_some_and(|until| entry.effective_at < until)
        });
        // At one time holds lapse before grants end, so the rest of a hold's usage may take the last of a grant.
        let lapse = entry.posting_key.is_none()
            && grant.expires_at == Some(entry.effective_at)
            && entry.hold.and_then(|hold| self.holds.get(&hold)).map(|hold| hold.expires_at)
                == grant.expires_at;
        alive_at(entry.effective_at) || pinned || late || lapse
    }

    /// No more is reversed than was taken.
    fn reversal(&mut self, entry: &Entry) {
        let Some(target) = entry.reverses else { return };
        let first = self.since.map_or(0, |mark| mark.seq).saturating_add(1);
        if target < first {
            // It was read by an earlier audit, and its amount is not known here.
            return;
        }
        let place = usize::try_from(target.saturating_sub(first)).ok();
        let taken = place.and_then(|place| self.progress.amounts.get(place)).copied().unwrap_or_default();
        let returned = self.progress.reversed.entry(target).or_default();
        *returned = returned.saturating_add(i128::from(entry.amount.get()));
        let returned = *returned;
        self.expect(returned <= i128::from(taken.saturating_neg()), || {
            format!("entry {} gives back {returned} of {taken} of entry {target}", entry.seq)
        });
    }

    fn flows(&mut self, entry: &Entry, parts: &[Allocation]) {
        for part in parts {
            let counts = self.grants.get(&part.grant).is_some_and(|grant| {
                entry.kind == grant.kind
                    && part.amount > Credits::ZERO
                    && (entry.grant == Some(grant.id) || grant.kind == EntryType::REVERSAL)
            });
            let ends = [EntryType::EXPIRY, EntryType::VOID, EntryType::ROLLOVER].contains(&entry.kind);
            let flow = self.progress.flows.entry(part.grant).or_default();
            let amount = i128::from(part.amount.get());
            flow.net = flow.net.saturating_add(amount);
            flow.counted = flow.counted.saturating_add(u32::from(counts));
            if ends && amount < 0 {
                flow.forfeited = flow.forfeited.saturating_sub(amount);
            }
        }
        if let Some(hold) = entry.hold {
            let settled = self.progress.settled.entry(hold).or_default();
            *settled = settled.saturating_sub(i128::from(entry.amount.get()));
        }
    }
}
