//! Who has an account's slot now.

use crate::accounts::Account;
use crate::billing::Ports;
use crate::payments::Channel;
use crate::ports::StoreError;

/// The account with its slot as it is now: a subscription that was given has left it when its months are over, whoever
/// has written that down.
pub(super) async fn current_slot(ports: &Ports, mut account: Account) -> Result<Account, StoreError> {
    let Some(name) = account.active_subscription.as_ref().filter(|name| name.channel == Channel::Gift) else {
        return Ok(account);
    };
    let held = ports.subscriptions.subscription_by_provider_id(name.channel, &name.id).await?;
    if held.is_none_or(|held| held.as_of(ports.clock.now()).status.is_final()) {
        account.active_subscription = None;
    }
    Ok(account)
}
