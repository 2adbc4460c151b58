//! Reads the data of overview pages.

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
    /// The account, if it is known.
    pub account: Option<Account>,
    /// The subscription to show.
    pub subscription: Option<ShownSubscription>,
    /// The account's payment method, if the provider reported one.
    pub payment_method: Option<PaymentMethod>,
    /// The next invoice, as far as it is known.
    pub upcoming: Option<UpcomingInvoice>,
    /// The credits; none if the account cannot have any.
    pub credits: Option<AccountBalance>,
}

/// Reads an account's subscription and credits. An unknown account has no subscription and no credits, and the
/// defaults of a new account.
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
