//! The business keys, under which credits are granted once. All of them are created here.
//!
//! A provider's event id is never part of one: providers send two events for one payment, and one event twice.

use crate::payments::Channel;
use crate::values::{
    AccountId, BusinessKey, Day, EntryId, GiftId, GrantId, OrderId, PaymentId, PlanId, RedemptionId,
    RequestKey, SubscriptionId, Timestamp,
};

/// A paid order: the pack's credits.
pub fn order_pack(order: OrderId) -> BusinessKey {
    key(format!("order:{order}:pack"))
}

/// A paid order: the pack's bonus credits.
pub fn order_bonus(order: OrderId) -> BusinessKey {
    key(format!("order:{order}:bonus"))
}

/// A paid period of a subscription. `payment` is the provider's id of the payment
/// ([`PaymentRefs::names`](crate::payments::PaymentRefs::names)), which may cover several plans and periods; `month`
/// is the index of a monthly grant in a longer period.
pub fn period(channel: Channel, payment: &str, plan: PlanId, start: Timestamp, month: u32) -> BusinessKey {
    key(format!("period:{channel}:{payment}:{plan}:{}:{month}", start.unix_seconds()))
}

/// A month of a gift, counted from 0.
pub fn gift(gift: GiftId, month: u32) -> BusinessKey {
    key(format!("gift:{gift}:{month}"))
}

/// The prefix of all mid-period changes.
pub(crate) const CHANGE: &str = "change:";

/// A paid mid-period change of plan: its credits for one month of the period, counted from 0.
pub fn change(channel: Channel, payment: &str, plan: PlanId, start: Timestamp, month: u32) -> BusinessKey {
    key(format!("{CHANGE}{channel}:{payment}:{plan}:{}:{month}", start.unix_seconds()))
}

/// Changed ends of a subscription's credits, at `version` of the account's row.
pub fn credits_moved(account: AccountId, version: i64, subscription: &str) -> BusinessKey {
    key(format!("moved:{account}:{version}:{subscription}"))
}

/// A month of the free plan, counted from the account's creation, from 0.
pub fn free_month(account: AccountId, month: i32) -> BusinessKey {
    key(format!("free:{account}:{month}"))
}

/// The trial of a subscription.
pub fn trial(subscription: SubscriptionId) -> BusinessKey {
    key(format!("trial:{subscription}"))
}

/// A day's check-in.
pub fn check_in(account: AccountId, day: Day) -> BusinessKey {
    key(format!("checkin:{account}:{day}"))
}

/// A coupon that grants credits.
pub fn coupon(redemption: RedemptionId) -> BusinessKey {
    key(format!("coupon:{redemption}"))
}

/// Credits given by an operator or a backend under its own key.
pub fn manual(account: AccountId, request: &RequestKey) -> BusinessKey {
    key(format!("manual:{account}:{}", request.as_str()))
}

/// One row of an import: its own key, for any account. A row that was granted to the wrong account is not granted
/// again to the right one.
pub fn import(row: &RequestKey) -> BusinessKey {
    key(format!("import:{}", row.as_str()))
}

/// The prefix of every rollover's key.
pub(crate) const ROLLOVER: &str = "rollover:";

/// The rollover of a grant.
pub fn rollover(grant: GrantId) -> BusinessKey {
    key(format!("{ROLLOVER}{grant}"))
}

/// The credits of a grant that another payment had ended, granted again after that payment was reversed in full.
pub fn revived(grant: GrantId) -> BusinessKey {
    key(format!("revived:{grant}"))
}

/// The grants in which credits of `grant` may live on.
pub(crate) fn heirs(grant: GrantId) -> [BusinessKey; 2] {
    [rollover(grant), revived(grant)]
}

/// The id of the grant whose credits live on in that of this key, as text.
pub(crate) fn parent(key: &BusinessKey) -> Option<&str> {
    let text = key.as_str();
    text.strip_prefix(ROLLOVER).or_else(|| text.strip_prefix("revived:"))
}

/// Credits of a reversal (its entry) whose own grant had ended.
pub fn refund(reversal: EntryId) -> BusinessKey {
    key(format!("refund:{reversal}"))
}

/// Credits of a reversal (its entry) that had been debt which other grants had repaid.
pub fn repaid(reversal: EntryId) -> BusinessKey {
    key(format!("repaid:{reversal}"))
}

/// Credits that were clawed back and are restored because the payment was restored: the payment's `number`th such
/// grant, from 0.
pub fn restored(payment: PaymentId, number: u32) -> BusinessKey {
    key(format!("restored:{payment}:{number}"))
}

/// The clawbacks and restored credits of a payment, at `version` of its row.
pub fn payment_reversal(payment: PaymentId, version: i64) -> BusinessKey {
    key(format!("payment_reversal:{payment}:{version}"))
}

fn key(text: String) -> BusinessKey {
    BusinessKey::from_stored(text)
}
