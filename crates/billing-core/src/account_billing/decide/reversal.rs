//! Applies refunds and disputes.

use std::collections::BTreeSet;

use crate::account_billing::state::{posting, put};
use crate::account_billing::{AccountBilling, Context, Outcome};
use crate::ledger::{
    ClawBack, ClawbackPolicy, Command, EntryType, Grant, GrantCredits, Rollover, Stage, business_keys,
};
use crate::payments::{Capability, Payment, PaymentReversal, ReversedAmount};
use crate::subscriptions::SubscriptionRole;
use crate::values::{BusinessKey, Credits, Timestamp};

/// Applies a payment reversal.
///
/// Claws back `⌊credits × reversed ÷ paid⌋` of the credits that the payment granted, from the last grants first, so
/// that a partial refund of a year takes the months that are still to come. An open dispute claws back unspent credits
/// only; of a permanent reversal, spent credits become debt or are written off, by policy. If a reversal is undone,
/// what was clawed back is granted again, until the end that it had.
pub(super) fn decide(billing: &mut AccountBilling, fact: &PaymentReversal, context: &Context<'_>) -> Outcome {
    let channel = context.source.channel;
    let Some(mut payment) = billing.payment(channel, &fact.payment).cloned() else {
        return Outcome::Unknown("the payment is not known");
    };
    match payment.record_reversal(&fact.update) {
        Err(_) => return Outcome::NeedsOperator("it was reversed in another currency than it was paid in"),
        Ok(false) => return Outcome::Applied,
        Ok(true) => {}
    }
    let together = context.capabilities.can(Capability::DisputesAreRefunded);
    let gone = payment.reversed(together);
    let commands = settle(&mut payment, gone, billing, context);
    if !commands.is_empty() {
        let key = business_keys::payment_reversal(payment.id, payment.version);
        let granted = billing.grants.iter().find(|grant| payment.grant_keys.contains(&grant.business_key));
        // A gift's grants belong to the account that redeemed it.
        let account = granted.map_or(payment.account, |grant| grant.account);
        billing.postings.push(posting(account, &key, context.source.actor.clone(), commands));
    }
    if let Some(order) = payment.order
        && let Some(order) = billing.orders.iter_mut().find(|known| known.id == order)
    {
        order.money_went_back(gone.firm, payment.paid.minor);
    }
    // A dispute was won, or a refund failed: the duplicate's payment has to be refunded again.
    let returned = payment.covers.as_ref().and_then(|of| billing.subscription(channel, &of.subscription));
    let returned = returned.filter(|known| known.role == SubscriptionRole::DuplicateRefunded).cloned();
    if let Some(mut known) = returned.filter(|_| payment.left(together) > 0) {
        known.role = SubscriptionRole::Duplicate;
        let id = known.id;
        put(&mut billing.subscriptions, known, |known| known.id == id);
    }
    billing.put_payment(payment);
    Outcome::Applied
}

/// The commands after which the clawed-back credits correspond to `gone`.
fn settle(
    payment: &mut Payment,
    gone: ReversedAmount,
    billing: &AccountBilling,
    context: &Context<'_>,
) -> Vec<Command> {
    let found = |fact: &BusinessKey| billing.grants.iter().find(|grant| grant.business_key == *fact);
    let granted: Vec<&Grant> = payment.grant_keys.iter().filter_map(found).collect();
    // Rollovers and revived grants hold the same credits in another grant, not additional ones.
    let lives_on = |grant: &&Grant| {
        let id = grant.id;
        billing.grants.iter().filter(move |heir| heir.id != id && billing.root(heir).id == id)
    };
    let grants: Vec<&Grant> =
        granted.iter().flat_map(|grant| std::iter::once(*grant).chain(lives_on(grant))).collect();
    // By key, not by index: a later event of the payment may add grants behind them.
    let restored: BTreeSet<_> =
        (0..payment.restored).map(|number| business_keys::restored(payment.id, number)).collect();
    let is_own = |grant: &&&Grant| !restored.contains(&grant.business_key);
    // Restored credits are clawed back first and in full: the original grants still count them as clawed back.
    let brought = total(granted.iter().filter(is_own).map(|grant| grant.amount));
    let given_back = total(granted.iter().filter(|grant| !is_own(grant)).map(|grant| grant.amount));
    let wanted = |gone| share(brought, gone, payment.paid.minor).saturating_add(given_back);
    let (firm, for_now) = (wanted(gone.firm), wanted(gone.for_now));
    let taken = total(grants.iter().map(|grant| grant.clawed));

    let mut clawed: Vec<i64> = grants.iter().map(|grant| grant.clawed.get()).collect();
    let mut commands = take_back(&grants, &mut clawed, firm.saturating_sub(taken), context.policy.clawback);
    let more = for_now.saturating_sub(firm.max(taken));
    commands.extend(take_back(&grants, &mut clawed, more, ClawbackPolicy::WriteOff));
    let mut too_much = taken.saturating_sub(for_now);
    for grant in grants {
        let back = grant.clawed.get().min(too_much);
        if back > 0 {
            too_much = too_much.saturating_sub(back);
            commands.push(Command::Grant(give_again(payment, grant, Credits::new(back), context)));
        }
    }
    commands
}

/// The part of `credits` that corresponds to `gone` of `paid`, rounded down.
fn share(credits: i64, gone: i64, paid: i64) -> i64 {
    let part = i128::from(credits).saturating_mul(i128::from(gone)).checked_div(i128::from(paid));
    part.and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}

/// Claws back `more` credits, from the last grant first, and of each at most what neither expired nor was voided.
/// `clawed` is the total clawed back of each grant, before and after.
fn take_back(grants: &[&Grant], clawed: &mut [i64], more: i64, policy: ClawbackPolicy) -> Vec<Command> {
    let mut left = more;
    let mut commands = Vec::new();
    for (grant, clawed) in grants.iter().zip(clawed).rev() {
        let there = grant.amount.get().saturating_sub(grant.forfeited.get()).saturating_sub(*clawed);
        let part = left.min(there);
        if part > 0 {
            left = left.saturating_sub(part);
            *clawed = clawed.saturating_add(part);
            commands.push(Command::Clawback(ClawBack {
                grant: grant.id,
                total: Credits::new(*clawed),
                policy,
                description: format!("Taken back: {}", grant.description),
            }));
        }
    }
    commands
}

/// Grants `amount` of the credits that were clawed back from `grant` again.
fn give_again(payment: &mut Payment, grant: &Grant, amount: Credits, context: &Context<'_>) -> GrantCredits {
    let fact = business_keys::restored(payment.id, payment.restored);
    payment.grant_keys.push(fact.clone());
    payment.restored = payment.restored.saturating_add(1);
    let over = |at: Timestamp| at <= context.now;
    let upcoming = grant.stage == Stage::Upcoming;
    let until = |at| if over(at) { context.now.plus_days(context.policy.refund_days) } else { at };
    let expires_at = grant.expires_at.map(until);
    GrantCredits {
        priority: grant.priority,
        effective_at: upcoming.then_some(grant.effective_at),
        expires_at,
        // A grant that ends after its rollover would have ended has nothing to roll over to.
        rollover: grant.rollover.filter(|Rollover { until, .. }| expires_at.is_some_and(|end| end < *until)),
        origin: grant.origin,
        kind: EntryType::GRANT,
        ..GrantCredits::new(amount, grant.source, fact, format!("Given back: {}", grant.description))
    }
}

fn total(amounts: impl Iterator<Item = Credits>) -> i64 {
    amounts.fold(0, |sum, amount| sum.saturating_add(amount.get()))
}
