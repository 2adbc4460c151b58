//! Read what the overview pages show.

use super::load_billing::load_view;
use super::read_balance::{AccountBalance, balance_of};
use crate::BillingError;
use crate::account_billing::{BillingView, ShownSubscription, UpcomingInvoice};
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::payments::PaymentMethod;

/// An account's subscription and credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingSummary {
    /// The account, if anybody has seen it.
    pub account: Option<Account>,
    /// The subscription to show.
    pub subscription: Option<ShownSubscription>,
    /// What the account pays with, where the provider has told.
    pub payment_method: Option<PaymentMethod>,
    /// What will be asked for next, as far as can be told.
    pub upcoming: Option<UpcomingInvoice>,
    /// The credits; none where the account is not provisioned for them.
    pub credits: Option<AccountBalance>,
}

/// Reads an account's subscription and credits. An account that nobody has seen has no subscription and no
/// credits, and is provisioned as new accounts are.
pub(crate) async fn read_summary(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<BillingSummary, BillingError> {
    let Some(account) = ports.find_account(external_id).await? else {
        return Ok(BillingSummary {
            account: None,
            subscription: None,
            payment_method: None,
            upcoming: None,
            credits: Some(AccountBalance::default()),
        });
    };
    let view = load_view(ports, &account, ports.clock.now()).await?;
    let credits = if account.credits_enabled { Some(balance_of(ports, account.id).await?) } else { None };
    let BillingView { subscription, payment_method, upcoming } = view;
    Ok(BillingSummary { account: Some(account), subscription, payment_method, upcoming, credits })
}
