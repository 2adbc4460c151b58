//! Rows of subscriptions.

use billing_core::catalog::{PlanTerms, RolloverPolicy};
use billing_core::payments::SubscriptionItem;
use billing_core::ports::StoreError;
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, Credits, Period, PlanId, SubscriptionId, Timestamp};

use super::read::{Reader, at};
use crate::entity::subscriptions::Model;

/// The row of `subscription`, at the next version.
pub(crate) fn subscription_model(subscription: &Subscription) -> Model {
    Model {
        id: subscription.id.uuid(),
        account_id: subscription.account.uuid(),
        channel: subscription.channel.to_string(),
        provider_id: subscription.provider_id.clone(),
        provider_customer: subscription.provider_customer.clone(),
        plan_id: subscription.plan.uuid(),
        plan_interval: subscription.interval.to_string(),
        item_price: subscription.item.as_ref().map(|item| item.price.clone()),
        item_quantity: subscription.item.as_ref().map(|item| i64::from(item.quantity)),
        terms_credits: subscription.terms.credits.get(),
        terms_credits_interval: subscription.terms.credits_interval.to_string(),
        terms_rollover_mode: subscription.terms.rollover.mode.to_string(),
        terms_rollover_cap: subscription.terms.rollover.cap.map(Credits::get),
        terms_change_policy: subscription.terms.change_policy.to_string(),
        role: subscription.role.to_string(),
        status: subscription.status.to_string(),
        period_start: subscription.period.map(|period| period.start.micros()),
        period_end: subscription.period.map(|period| period.end.micros()),
        cancel_at_period_end: subscription.cancel_at_period_end,
        cancel_at: subscription.cancel_at.map(Timestamp::micros),
        canceled_at: subscription.canceled_at.map(Timestamp::micros),
        ended_at: subscription.ended_at.map(Timestamp::micros),
        cancel_reason: subscription.cancel_reason.clone(),
        trial_end: subscription.trial_end.map(Timestamp::micros),
        started_at: subscription.started_at.micros(),
        provider_updated_at: subscription.provider_updated_at.micros(),
        version: subscription.version.saturating_add(1),
    }
}

pub(crate) fn read_subscription(row: Model) -> Result<Subscription, StoreError> {
    let read = Reader::new("subscriptions", row.id);
    let period = match (row.period_start, row.period_end) {
        (Some(start), Some(end)) => Some(Period { start: at(start), end: at(end) }),
        (None, None) => None,
        _ => return Err(read.corrupt("period_end", "half a period")),
    };
    let item = match (row.item_price, row.item_quantity) {
        (Some(price), Some(quantity)) => {
            Some(SubscriptionItem { price, quantity: read.small("item_quantity", quantity)? })
        }
        (None, None) => None,
        _ => return Err(read.corrupt("item_quantity", "half an item")),
    };
    Ok(Subscription {
        id: SubscriptionId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        channel: read.parse("channel", &row.channel)?,
        provider_id: row.provider_id,
        provider_customer: row.provider_customer,
        plan: PlanId::from_uuid(row.plan_id),
        interval: read.parse("plan_interval", &row.plan_interval)?,
        item,
        terms: PlanTerms {
            credits: Credits::new(row.terms_credits),
            credits_interval: read.parse("terms_credits_interval", &row.terms_credits_interval)?,
            rollover: RolloverPolicy {
                mode: read.parse("terms_rollover_mode", &row.terms_rollover_mode)?,
                cap: row.terms_rollover_cap.map(Credits::new),
            },
            change_policy: read.parse("terms_change_policy", &row.terms_change_policy)?,
        },
        role: read.parse("role", &row.role)?,
        status: read.parse("status", &row.status)?,
        period,
        cancel_at_period_end: row.cancel_at_period_end,
        cancel_at: row.cancel_at.map(at),
        canceled_at: row.canceled_at.map(at),
        ended_at: row.ended_at.map(at),
        cancel_reason: row.cancel_reason,
        trial_end: row.trial_end.map(at),
        started_at: at(row.started_at),
        provider_updated_at: at(row.provider_updated_at),
        version: row.version,
    })
}
