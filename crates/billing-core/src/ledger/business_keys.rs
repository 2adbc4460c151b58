//! The keys under which a business fact may grant credits once. All of them are made here.
//!
//! The provider's own event id is never part of one: providers send two events for one payment, and one
//! event twice.

use crate::payments::Channel;
use crate::values::{
    AccountId, BusinessKey, Day, EntryId, GiftId, GrantId, OrderId, PaymentId, PlanId, RedemptionId,
    RequestKey, SubscriptionId, Timestamp,
};

/// A paid one-off order: the pack's credits.
pub fn order_pack(order: OrderId) -> BusinessKey {
    key(format!("order:{order}:pack"))
}

/// A paid one-off order: what the pack adds on top.
pub fn order_bonus(order: OrderId) -> BusinessKey {
    key(format!("order:{order}:bonus"))
}

/// A paid period of a subscription. `payment` is the provider's own name for what was paid
/// ([`PaymentRefs::names`](crate::payments::PaymentRefs::names)), which may pay for several plans and periods; `month`
/// counts the monthly grants of a longer period, from 0.
pub fn period(channel: Channel, payment: &str, plan: PlanId, start: Timestamp, month: u32) -> BusinessKey {
    key(format!("period:{channel}:{payment}:{plan}:{}:{month}", start.unix_seconds()))
}

/// A month of a gift, counted from 0.
pub fn gift(gift: GiftId, month: u32) -> BusinessKey {
    key(format!("gift:{gift}:{month}"))
}

/// How every fact of a change in mid period begins.
pub(crate) const CHANGE: &str = "change:";

/// A change of plan in mid period that `payment` paid: what it brings for one month of the period, counted from 0.
pub fn change(channel: Channel, payment: &str, plan: PlanId, start: Timestamp, month: u32) -> BusinessKey {
    key(format!("{CHANGE}{channel}:{payment}:{plan}:{}:{month}", start.unix_seconds()))
}

/// Ends of a subscription's credits that were moved when its account's row was in `version`.
pub fn credits_moved(account: AccountId, version: i64, subscription: &str) -> BusinessKey {
    key(format!("moved:{account}:{version}:{subscription}"))
}

/// A month of the plan that costs nothing, counted from when the account was first seen, from 0.
pub fn free_month(account: AccountId, month: i32) -> BusinessKey {
    key(format!("free:{account}:{month}"))
}

/// The trial with which a subscription begins.
pub fn trial(subscription: SubscriptionId) -> BusinessKey {
    key(format!("trial:{subscription}"))
}

/// A day's check-in.
pub fn check_in(account: AccountId, day: Day) -> BusinessKey {
    key(format!("checkin:{account}:{day}"))
}

/// A coupon that brought credits.
pub fn coupon(redemption: RedemptionId) -> BusinessKey {
    key(format!("coupon:{redemption}"))
}

/// Credits that an operator or a backend gave under a key of its own.
pub fn manual(account: AccountId, request: &RequestKey) -> BusinessKey {
    key(format!("manual:{account}:{}", request.as_str()))
}

/// One row of an import: its own key, whatever account it names. A row that was given to the wrong account
/// is not given again to the right one.
pub fn import(row: &RequestKey) -> BusinessKey {
    key(format!("import:{}", row.as_str()))
}

/// What a grant had left at its end, as a grant of its own.
pub fn rollover(grant: GrantId) -> BusinessKey {
    key(format!("rollover:{grant}"))
}

/// Credits of a reversal (its entry) whose own grant had ended.
pub fn refund(reversal: EntryId) -> BusinessKey {
    key(format!("refund:{reversal}"))
}

/// Credits of a reversal (its entry) that had been owed, and that other grants had repaid.
pub fn repaid(reversal: EntryId) -> BusinessKey {
    key(format!("repaid:{reversal}"))
}

/// Credits that were taken back with a payment's money, and are given again because the money came back to us:
/// the payment's `number`th such grant, from 0.
pub fn restored(payment: PaymentId, number: u32) -> BusinessKey {
    key(format!("restored:{payment}:{number}"))
}

/// What was done about a payment's money when its row was in `version`.
pub fn payment_reversal(payment: PaymentId, version: i64) -> BusinessKey {
    key(format!("payment_reversal:{payment}:{version}"))
}

fn key(text: String) -> BusinessKey {
    BusinessKey::from_stored(text)
}
