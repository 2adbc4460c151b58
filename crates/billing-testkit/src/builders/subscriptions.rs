//! Subscriptions.

use billing_core::catalog::{
    ChangePolicy, CreditsInterval, Interval, Plan, PlanTerms, RolloverMode, RolloverPolicy,
};
use billing_core::payments::{Channel, SubscriptionItem};
use billing_core::subscriptions::{
    CommandState, Subscription, SubscriptionCommand, SubscriptionRole, SubscriptionStatus,
};
use billing_core::values::{AccountId, Credits, IdSource, Period, SubscriptionId};

use super::{noon, request_key};

/// A monthly subscription that started at noon; nothing optional is set.
pub fn a_subscription(
    account: AccountId,
    plan: &Plan,
    provider_id: &str,
    ids: &dyn IdSource,
) -> Subscription {
    Subscription {
        id: SubscriptionId::new(ids),
        account,
        channel: Channel::named("stripe"),
        provider_id: provider_id.to_owned(),
        provider_customer: "cus_1".to_owned(),
        plan: plan.id,
        interval: Interval::Monthly,
        item: None,
        terms: plan.terms(),
        role: SubscriptionRole::Active,
        status: SubscriptionStatus::Active,
        period: None,
        cancel_at_period_end: false,
        cancel_at: None,
        canceled_at: None,
        ended_at: None,
        cancel_reason: None,
        trial_end: None,
        started_at: noon(),
        provider_updated_at: noon(),
        version: 0,
    }
}

/// A yearly subscription with every field set.
pub fn a_full_subscription(
    account: AccountId,
    plan: &Plan,
    provider_id: &str,
    ids: &dyn IdSource,
) -> Subscription {
    Subscription {
        interval: Interval::Yearly,
        item: Some(SubscriptionItem { price: "price_1".to_owned(), quantity: 3 }),
        terms: PlanTerms {
            credits: Credits::new(777),
            credits_interval: CreditsInterval::PerPeriod,
            rollover: RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(55)) },
            change_policy: ChangePolicy::ResetBillingAnchor,
        },
        role: SubscriptionRole::Duplicate,
        status: SubscriptionStatus::Canceled,
        period: Some(Period { start: noon(), end: noon().plus_days(365) }),
        cancel_at_period_end: true,
        cancel_at: Some(noon().plus_days(20)),
        canceled_at: Some(noon().plus_days(10)),
        ended_at: Some(noon().plus_days(21)),
        cancel_reason: Some("Zu teuer für mich".to_owned()),
        trial_end: Some(noon().plus_days(14)),
        provider_updated_at: noon().plus_days(21),
        ..a_subscription(account, plan, provider_id, ids)
    }
}

/// A cancellation of `subscription` under a key, which is not carried out yet.
pub fn a_subscription_command(subscription: &Subscription, key: &str) -> SubscriptionCommand {
    SubscriptionCommand {
        account: subscription.account,
        key: request_key(key),
        request: "cancel_now".to_owned(),
        subscription: subscription.id,
        subscription_version: subscription.version,
        offer: None,
        state: CommandState::Pending,
        created_at: noon(),
        version: 0,
    }
}
