//! Read what the overview pages show.

use super::read_balance::{AccountBalance, balance_of};
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::catalog::Plan;
use crate::payments::PaymentMethod;
use crate::ports::StoreError;
use crate::subscriptions::{Subscription, paid_plan};
use crate::values::{AccountId, Timestamp};

/// An account's subscription and credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingSummary {
    /// The account, if anybody has seen it.
    pub account: Option<Account>,
    /// The subscription to show.
    pub subscription: Option<ShownSubscription>,
    /// What the account pays with, where the provider has told.
    pub payment_method: Option<PaymentMethod>,
    /// The credits; none where the account is not provisioned for them.
    pub credits: Option<AccountBalance>,
}

/// A subscription with its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSubscription {
    /// The subscription.
    pub subscription: Subscription,
    /// The plan that the current period was paid for, else the one that it is to.
    pub plan: Option<Plan>,
    /// The plan that it renews as, where that is another one.
    pub renews_as: Option<Plan>,
}

impl ShownSubscription {
    /// Shows `subscription`: who has changed to another plan for the renewal has until then what was paid for.
    pub(super) async fn read(ports: &Ports, subscription: Subscription) -> Result<Self, StoreError> {
        let now = ports.clock.now();
        let (channel, name) = (subscription.channel, &subscription.provider_id);
        let payments = if subscription.status.is_final() {
            Vec::new()
        } else {
            ports.payments.payments_of_subscription(channel, name).await?
        };
        let set_to = ports.catalog.plan(subscription.plan).await?;
        Ok(match paid_plan(&payments, now).filter(|(paid, _)| *paid != subscription.plan) {
            Some((paid, _)) => {
                Self { subscription, plan: ports.catalog.plan(paid).await?, renews_as: set_to }
            }
            None => Self { subscription, plan: set_to, renews_as: None },
        })
    }
}

/// Reads an account's subscription and credits. An account that nobody has seen has no subscription and no
/// credits, and is provisioned as new accounts are.
pub(crate) async fn read_summary(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<BillingSummary, BillingError> {
    let Some(account) = ports.accounts.account_by_external_id(external_id).await? else {
        return Ok(BillingSummary {
            account: None,
            subscription: None,
            payment_method: None,
            credits: Some(AccountBalance::default()),
        });
    };
    let subscription = match shown_subscription(ports, account.id, ports.clock.now()).await? {
        Some(subscription) => Some(ShownSubscription::read(ports, subscription).await?),
        None => None,
    };
    let payment_method = ports.payments.payment_method_of(account.id).await?;
    let credits = if account.credits_enabled { Some(balance_of(ports, account.id).await?) } else { None };
    Ok(BillingSummary { account: Some(account), subscription, payment_method, credits })
}

/// The live subscription, else the one that ended in the last 30 days, else none.
pub(crate) async fn shown_subscription(
    ports: &Ports,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Subscription>, BillingError> {
    let mut all = ports.subscriptions.subscriptions(account).await?;
    all = all.into_iter().map(|known| known.as_of(now)).collect();
    let live = all.iter().find(|subscription| subscription.is_live());
    Ok(live.or_else(|| all.iter().find(|subscription| subscription.is_shown(now))).cloned())
}
