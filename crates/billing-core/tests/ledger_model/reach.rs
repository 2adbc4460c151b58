//! Whether the random histories come to everything that can happen. Tests that never get anywhere agree with
//! every model.

use std::collections::BTreeSet;

use billing_core::ledger::{HoldState, Outcome, Posting, Stage};
use billing_core::values::{Timestamp, Zone};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::steps::{postings, steps};
use crate::store::{Kept, Rows};
use crate::world::{accounts, begin};

/// What has to happen in a few hundred histories.
const ALL: &[&str] = &[
    // Refusals, by code; what does not fit 64 bits has a test of its own.
    "account_frozen",
    "account_not_found",
    "already_granted",
    "already_reversed",
    "empty_posting",
    "grant_not_found",
    "grant_over",
    "hold_closed",
    "hold_expired",
    "hold_not_found",
    "hold_settled",
    "idempotency_key_reused",
    "insufficient_credits",
    "invalid_amount",
    "invalid_expiry",
    "invalid_occurred_at",
    "invalid_rollover",
    "not_reversible",
    "transaction_not_found",
    "usage_not_found",
    // Entries, by type.
    "adjustment",
    "clawback",
    "expiry",
    "grant",
    "reversal",
    "rollover",
    "usage",
    "void",
    // Holds, by state.
    "open",
    "captured",
    "released",
    "lapsed",
    "settled",
    // And what is rarer.
    "a batch decided on what was loaded at first",
    "a batch that needs everything",
    "a capture beyond the hold",
    "a debt at the end",
    "a debt that a grant repaid",
    "a fraction carried",
    "a grant that waits for late usage",
    "a hold captured in part and let go",
    "a hold that an overdraft vouches for",
    "a pinned slice of a grant that has ended",
    "a refund of what had been owed and repaid",
    "a refund of what was drawn from a grant that has ended",
    "a repetition",
    "a spend into debt",
    "a spend of late credits",
    "a credit back that others had paid",
    "a fraction of a hold that made a credit at its end",
    "a hold for nothing",
    "usage captured from a hold",
    "usage captured from a hold where its month stood when it was placed",
    "usage given back to its month",
    "usage in a month that had begun",
    "usage of a month that is over",
    "usage charged more when its hold ended",
    "usage given back",
    "usage given back in part",
    "usage that nothing covered",
    "usage that was only carried",
];

#[test]
fn random_histories_come_to_everything_that_can_happen() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..600 {
        let steps = steps(1..20).new_tree(&mut runner).unwrap().current();
        let mut ledger = Kept::whole(&accounts());
        let (mut now, mut sent) = (begin(), Vec::new());
        for step in &steps {
            now = now.plus_seconds(step.seconds);
            if let Some(policy) = step.policy {
                ledger.set_policy(accounts()[policy.account], policy.overdraft_limit, policy.frozen);
            }
            let batch = postings(step, now, &ledger.rows, &mut sent);
            loading(&ledger.rows, &batch, now, &mut seen);
            for outcome in ledger.post(&batch, now) {
                answered(&outcome, &mut seen);
            }
            written(&ledger.rows, &mut seen);
        }
    }
    let missing: Vec<_> = ALL.iter().filter(|what| !seen.contains(**what)).collect();
    assert!(missing.is_empty(), "never came to {missing:?}");
}

fn loading(rows: &Rows, batch: &[Posting], now: Timestamp, seen: &mut BTreeSet<String>) {
    let more = rows.accounts_needing_full_load(1, batch, now);
    let what =
        if more { "a batch that needs everything" } else { "a batch decided on what was loaded at first" };
    // Where there is little, nothing is left out.
    if accounts().iter().any(|account| rows.grants_of(*account).filter(|grant| grant.is_live()).count() > 2) {
        seen.insert(what.to_owned());
    }
}

fn answered(outcome: &Outcome, seen: &mut BTreeSet<String>) {
    match outcome {
        Ok(posted) if posted.replayed => seen.insert("a repetition".to_owned()),
        Ok(_) => return,
        Err(refusal) => seen.insert(refusal.code().to_owned()),
    };
}

fn written(rows: &Rows, seen: &mut BTreeSet<String>) {
    let mut note = |happened: bool, what: &str| {
        if happened {
            seen.insert(what.to_owned());
        }
    };
    for hold in rows.holds.values() {
        note(true, hold.state.as_str());
        let ended =
            hold.slices.iter().filter(|slice| slice.left.get() > 0).map(|slice| &rows.grants[&slice.grant]);
        note(
            { ended }.any(|grant| grant.stage == Stage::Expired),
            "a pinned slice of a grant that has ended",
        );
        note(hold.uncovered.get() > 0, "a hold that an overdraft vouches for");
        let part = hold.captured.get() > 0 && hold.captured < hold.amount;
        note(part && hold.state != HoldState::Open, "a hold captured in part and let go");
        let own = rows.entries_of(hold.account).filter(|entry| entry.hold == Some(hold.id));
        let taken: i128 = own.map(|entry| i128::from(entry.amount.get())).sum();
        note(-taken > i128::from(hold.amount.get()), "a capture beyond the hold");
    }
    for entry in rows.entries.values() {
        note(true, entry.kind.as_str());
        let owed = rows.debts_of(entry.account).any(|debt| debt.seq == entry.seq && debt.amount.get() > 0);
        note(owed && entry.kind.as_str() == "usage", "a spend into debt");
        let drawn = rows.parts_at(entry.account, entry.seq).map(|part| &rows.grants[&part.grant]);
        let ended = { drawn }.any(|grant| grant.expires_at.is_some_and(|end| end <= entry.effective_at));
        note(ended && entry.occurred_at.is_some(), "a spend of late credits");
    }
    for grant in rows.grants.values() {
        let fact = grant.business_key.as_str();
        note(fact.starts_with("refund:"), "a refund of what was drawn from a grant that has ended");
        note(fact.starts_with("repaid:"), "a refund of what had been owed and repaid");
        note(grant.stage == Stage::Late, "a grant that waits for late usage");
    }
    note(rows.debts.values().any(|debt| debt.grant.is_some()), "a debt that a grant repaid");
    note(rows.balances.values().any(|balance| balance.debt.get() > 0), "a debt at the end");
    note(rows.carried.values().any(|carry| carry.millionths > 0), "a fraction carried");
    note(rows.carried.values().any(|carry| carry.uncovered.get() > 0), "usage that nothing covered");
    for usage in rows.usages.values() {
        note(usage.entry.is_none() && usage.price > 0, "usage that was only carried");
        note(
            usage.is_end_of_hold() && usage.credits.get() > 0,
            "a fraction of a hold that made a credit at its end",
        );
        note(usage.hold.is_some() && !usage.is_end_of_hold(), "usage captured from a hold");
        let role = usage.months.values().next();
        note(role.is_some_and(|role| !role.before.is_zero()), "usage in a month that had begun");
        let past = role.is_some_and(|role| Zone::UTC.month_of(usage.recorded_at) > role.month);
        note(past, "usage of a month that is over");
        note(role.is_some() && usage.returns.is_some(), "usage given back to its month");
        let pinned = role.is_some() && usage.hold.is_some();
        note(pinned, "usage captured from a hold where its month stood when it was placed");
        let late = usage.hold.is_some() && usage.quantities.is_empty() && usage.price > 0;
        note(late, "usage charged more when its hold ended");
        let back = -usage.credits.get();
        let original = usage.returns.map(|number| &rows.usages[&(usage.account, number)]);
        note(original.is_some(), "usage given back");
        note(original.is_some_and(|own| back > own.credits.get()), "a credit back that others had paid");
        let partly = original.is_some_and(|own| own.price > -usage.price);
        note(partly, "usage given back in part");
    }
    note(rows.holds.values().any(|hold| hold.overrun.get() > 0), "a capture beyond the hold");
    note(rows.holds.values().any(|hold| hold.amount.get() == 0), "a hold for nothing");
}
