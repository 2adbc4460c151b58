//! Rows of changes of subscriptions that were requested under an idempotency key.

use billing_core::ports::StoreError;
use billing_core::subscriptions::SubscriptionCommand;
use billing_core::values::{AccountId, RequestKey, SubscriptionId};

use super::read::{Reader, at, to_json};
use crate::entity::subscription_commands::Model;

/// The row of `command`, at the next version.
pub(crate) fn subscription_command_model(command: &SubscriptionCommand) -> Model {
    Model {
        account_id: command.account.uuid(),
        request_key: command.key.as_str().to_owned(),
        request: command.request.clone(),
        subscription_id: command.subscription.uuid(),
        subscription_version: command.subscription_version,
        offer: command.offer.as_ref().map(to_json),
        state: command.state.to_string(),
        created_at: command.created_at.micros(),
        version: command.version.saturating_add(1),
    }
}

pub(crate) fn read_subscription_command(row: Model) -> Result<SubscriptionCommand, StoreError> {
    let read = Reader::new("subscription_commands", row.subscription_id);
    let key = RequestKey::parse(&row.request_key);
    Ok(SubscriptionCommand {
        account: AccountId::from_uuid(row.account_id),
        key: key.map_err(|problem| read.corrupt("request_key", problem))?,
        request: row.request,
        subscription: SubscriptionId::from_uuid(row.subscription_id),
        subscription_version: row.subscription_version,
        offer: row.offer.map(|offer| read.json("offer", &offer)).transpose()?,
        state: read.parse("state", &row.state)?,
        created_at: at(row.created_at),
        version: row.version,
    })
}
