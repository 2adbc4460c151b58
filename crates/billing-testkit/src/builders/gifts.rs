//! Gifts.

use billing_core::catalog::{Interval, Plan};
use billing_core::gifts::{Gift, GiftCode, GiftOrigin, GiftPlan, GiftStatus, Recipient, Redeemed};
use billing_core::ledger::Actor;
use billing_core::orders::{NewOrder, Order, RequestMark};
use billing_core::payments::Channel;
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, IdSource, Money, Period, Timestamp};

use super::orders::as_its_own_request;
use super::{a_subscription, fingerprint, noon, request_key};

/// A pending order for a gift of three months of `plan`.
pub fn an_order_for_a_gift(account: AccountId, plan: &Plan, ids: &dyn IdSource) -> Order {
    let new = NewOrder {
        account,
        channel: Channel::named("stripe"),
        success_url: "https://app.example.com/paid".to_owned(),
        cancel_url: "https://app.example.com/pricing".to_owned(),
        request: RequestMark { key: None, fingerprint: fingerprint("a gift") },
    };
    let price = Money::new(plan.price_monthly.checked_mul(3).unwrap(), plan.currency);
    as_its_own_request(Order::for_gift(new, plan, (3, price), ids, noon()))
}

/// The gift of three months of `plan` that `order` pays for; nothing optional is set.
pub fn a_gift(order: &Order, plan: &Plan, ids: &dyn IdSource) -> Gift {
    let origin = GiftOrigin::Bought {
        buyer: order.account,
        order: order.id,
        code: GiftCode::new(ids.next_uuid().into_bytes()),
        recipient: Recipient::default(),
        redeem_url: None,
    };
    let plan = GiftPlan { plan: plan.id, months: 3, interval: Interval::Monthly, terms: plan.terms() };
    Gift::bought(origin, plan, ids, noon())
}

/// [`a_gift`], redeemed by its buyer, with every field set.
pub fn a_full_gift(order: &Order, plan: &Plan, ids: &dyn IdSource) -> Gift {
    let gift = a_gift(order, plan, ids);
    let recipient = Recipient {
        email: Some("bob@example.com".to_owned()),
        name: Some("Bob 🦉".to_owned()),
        message: Some("Happy birthday!".to_owned()),
    };
    let origin = GiftOrigin::Bought {
        buyer: order.account,
        order: order.id,
        code: GiftCode::new(ids.next_uuid().into_bytes()),
        recipient,
        redeem_url: Some("https://app.example.com/redeem".to_owned()),
    };
    let redeemed = Redeemed {
        by: order.account,
        at: noon().plus_days(2),
        request: Some(request_key(&format!("redeem-{}", gift.id))),
    };
    let months = GiftPlan { months: 36, interval: Interval::Yearly, ..gift.plan };
    Gift { origin, plan: months, status: GiftStatus::Redeemed, redeemed: Some(redeemed), ..gift }
}

/// Two months of `plan` that an operator gave to `account` with the request `key`.
pub fn a_complimentary_gift(account: AccountId, plan: &Plan, key: &str, ids: &dyn IdSource) -> Gift {
    let plan = GiftPlan { plan: plan.id, months: 2, interval: Interval::Monthly, terms: plan.terms() };
    let redeemed = Redeemed { by: account, at: noon(), request: Some(request_key(key)) };
    let why = ("A sorry".to_owned(), Actor::Operator("test".to_owned()));
    Gift::complimentary(why, plan, redeemed, ids)
}

/// A gift subscription whose period ends at `end`.
pub fn a_given_subscription(
    account: AccountId,
    plan: &Plan,
    gift: &str,
    end: Timestamp,
    ids: &dyn IdSource,
) -> Subscription {
    Subscription {
        channel: Channel::GIFT,
        provider_customer: String::new(),
        period: Some(Period { start: noon(), end }),
        cancel_at_period_end: true,
        ..a_subscription(account, plan, gift, ids)
    }
}
