//! Changes of subscriptions, and the customer portal.

use billing_core::payments::{
    ChangePlanRequest, ChangeRequest, PortalRequest, ProrationBehavior, ProviderPlanChange,
    SubscriptionChange, SubscriptionFact,
};
use billing_core::ports::ProviderError;
use billing_core::values::Timestamp;
use serde::Serialize;

use crate::client::Client;
use crate::webhook_read;
use crate::wire;

#[derive(Debug, Serialize)]
struct Customer<'a> {
    customer_id: &'a str,
}

/// The mode of a cancellation. Always sent: the default is a setting in the store's dashboard.
#[derive(Debug, Serialize)]
struct End {
    mode: &'static str,
    #[serde(rename = "onExecute", skip_serializing_if = "Option::is_none")]
    on_execute: Option<&'static str>,
}

/// Another product. Always with the charge behavior: by default it is charged at once.
#[derive(Debug, Serialize)]
struct Upgrade<'a> {
    product_id: &'a str,
    update_behavior: &'static str,
}

#[derive(Debug, Serialize)]
struct Nothing {}

/// Opens the customer portal. It has no return URL.
pub(crate) async fn open_portal(client: &Client, request: &PortalRequest) -> Result<String, ProviderError> {
    let customer = Customer { customer_id: &request.customer };
    let opened: wire::Portal = client.post("/v1/customers/billing", &customer).await?;
    Ok(opened.customer_portal_link)
}

/// Cancels the subscription immediately or at the period's end, pauses it, or resumes it.
pub(crate) async fn change(
    client: &Client,
    request: &ChangeRequest,
) -> Result<SubscriptionFact, ProviderError> {
    let path = format!("/v1/subscriptions/{}", request.subscription.provider_id);
    let end = |mode, on_execute| End { mode, on_execute };
    let changed: wire::Subscription = match request.change {
        SubscriptionChange::CancelNow => {
            client.post(&format!("{path}/cancel"), &end("immediate", None)).await?
        }
        SubscriptionChange::CancelAtPeriodEnd => {
            client.post(&format!("{path}/cancel"), &end("scheduled", Some("cancel"))).await?
        }
        SubscriptionChange::Pause => client.post(&format!("{path}/pause"), &Nothing {}).await?,
        SubscriptionChange::Resume => client.post(&format!("{path}/resume"), &Nothing {}).await?,
    };
    described(&changed, request.now)
}

/// Sets another product for the renewal.
pub(crate) async fn change_plan(
    client: &Client,
    call: &ChangePlanRequest,
) -> Result<ProviderPlanChange, ProviderError> {
    if call.money != ProrationBehavior::AtRenewal {
        return Err(ProviderError::Unsupported("charge a change at once"));
    }
    let path = format!("/v1/subscriptions/{}/upgrade", call.subscription.provider_id);
    let upgrade = Upgrade { product_id: &call.price, update_behavior: "proration-none" };
    let changed: wire::Subscription = client.post(&path, &upgrade).await?;
    Ok(ProviderPlanChange { subscription: described(&changed, call.now)?, paid: None })
}

fn described(changed: &wire::Subscription, now: Timestamp) -> Result<SubscriptionFact, ProviderError> {
    let unknown = |message: String| ProviderError::Unknown { message, request_id: None };
    let described = webhook_read::subscription(changed, now).map_err(unknown)?;
    described.ok_or_else(|| unknown("the subscription's status is unknown".to_owned()))
}
