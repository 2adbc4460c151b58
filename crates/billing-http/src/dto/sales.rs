//! Sales, for operators.

use billing_core::account_billing::ShownSubscription;
use billing_core::accounts::ExternalId;
use billing_core::orders::Order;
use billing_core::payments::Payment;
use billing_core::subscriptions::Subscription;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InvoiceView, OrderView, SubscriptionView};
use crate::request::{Whole, whole_if_sent};

/// An order with its account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedOrderView {
    account_id: String,
    #[serde(flatten)]
    order: OrderView,
}

/// A payment with its account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedPaymentView {
    account_id: String,
    #[serde(flatten)]
    payment: InvoiceView,
}

/// A subscription with its account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedSubscriptionView {
    account_id: String,
    /// `active`, or, if it was started while another was live: `duplicate` until it is canceled and refunded, then
    /// `duplicate_refunded`, or `duplicate_unresolved` if the provider refused that.
    role: String,
    #[serde(flatten)]
    subscription: SubscriptionView,
}

/// A refund.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundBody {
    /// In minor units; the whole refundable rest by default.
    #[serde(default, deserialize_with = "whole_if_sent")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub(crate) amount: Option<Whole>,
}

impl From<(ExternalId, Order)> for OwnedOrderView {
    fn from((account, order): (ExternalId, Order)) -> Self {
        Self { account_id: account.to_string(), order: order.into() }
    }
}

impl From<(ExternalId, Payment)> for OwnedPaymentView {
    fn from((account, payment): (ExternalId, Payment)) -> Self {
        Self { account_id: account.to_string(), payment: InvoiceView::from(&payment) }
    }
}

impl From<(ExternalId, Subscription)> for OwnedSubscriptionView {
    fn from((account, subscription): (ExternalId, Subscription)) -> Self {
        Self {
            account_id: account.to_string(),
            role: subscription.role.to_string(),
            subscription: ShownSubscription { subscription, plan: None, renews_as: None }.into(),
        }
    }
}
