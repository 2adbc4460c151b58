//! An account's customer at a provider.

use super::retry::retry;
use crate::BillingError;
use crate::accounts::Account;
use crate::billing::Ports;
use crate::changes::{Changes, ProviderCustomer};
use crate::payments::{Capability, CustomerRequest};
use crate::ports::PaymentProvider;

/// The provider's customer of this account. There is one per account and provider, enforced by a unique row rather than
/// by a read before the request. If the provider no longer knows the customer `gone`, it is replaced: by the one that
/// another request created meanwhile, or by a new one.
pub(super) async fn customer_of(
    ports: &Ports,
    provider: &dyn PaymentProvider,
    account: &Account,
    gone: Option<&str>,
) -> Result<Option<String>, BillingError> {
    if !provider.capabilities().can(Capability::Customers) {
        return Ok(None);
    }
    let channel = provider.channel();
    let customer = retry(ports, || async move {
        let known = ports.store.billing.provider_customer(channel, account.id).await?;
        let replaces = match known {
            Some(known) if known.deleted || gone == Some(&known.customer) => Some(known.customer),
            Some(known) => return Ok(known.customer),
            None => None,
        };
        let request = CustomerRequest {
            account: account.id,
            replaces: replaces.clone(),
            email: account.email.clone(),
            name: account.name.clone(),
        };
        let customer = provider.create_customer(&request).await.map_err(BillingError::from)?;
        let row = ProviderCustomer {
            channel,
            account: account.id,
            customer: customer.clone(),
            replaces,
            deleted: false,
        };
        let changes = Changes { provider_customers: vec![row], ..Changes::default() };
        ports.store.writer.commit(changes, ports.clock.now()).await?;
        Ok(customer)
    })
    .await?;
    Ok(Some(customer))
}
