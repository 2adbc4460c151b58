//! Changes of subscriptions, and the customer portal.

use billing_core::payments::{
    ChangeRequest, Fact, PortalFlow, PortalRequest, SubscriptionChange, SubscriptionFact,
};
use billing_core::ports::ProviderError;

use crate::client::Client;
use crate::form::Form;
use crate::schedule;
use crate::webhook_read;
use crate::wire;

/// Opens the customer portal. It has to be configured in the account's dashboard once.
pub(crate) async fn open_portal(client: &Client, request: &PortalRequest) -> Result<String, ProviderError> {
    let form = Form::default().with("customer", &request.customer).with("return_url", &request.return_url);
    let form = match request.flow {
        None => form,
        Some(PortalFlow::PaymentMethod) => form.with("flow_data[type]", "payment_method_update"),
        Some(PortalFlow::Cancel) => form
            .with("flow_data[type]", "subscription_cancel")
            .with("flow_data[subscription_cancel][subscription]", &request.subscription),
        Some(PortalFlow::Change) => form
            .with("flow_data[type]", "subscription_update")
            .with("flow_data[subscription_update][subscription]", &request.subscription),
    };
    let opened: wire::Portal = client.post("/v1/billing_portal/sessions", &request.key, &form).await?;
    Ok(opened.url)
}

/// Cancels the subscription immediately or at the period's end, pauses it, or resumes it.
pub(crate) async fn change(
    client: &Client,
    request: &ChangeRequest,
) -> Result<SubscriptionFact, ProviderError> {
    let path = format!("/v1/subscriptions/{}", request.subscription.provider_id);
    let changed: wire::Subscription = match request.change {
        SubscriptionChange::CancelNow => match client.delete(&path).await {
            // An ended subscription cannot be canceled: after a lost response, or a concurrent cancellation, this is
            // the requested state.
            Err(refused) if refused.is_refusal() => {
                let now: wire::Subscription = client.get(&path).await?;
                if now.status == "canceled" { now } else { return Err(refused) }
            }
            answered => answered?,
        },
        SubscriptionChange::CancelAtPeriodEnd => {
            let form = Form::default().with("cancel_at_period_end", true);
            schedule::update(client, &path, &request.key(), &form).await?
        }
        SubscriptionChange::Pause => {
            // Invoices during the pause are void, so they are not owed afterwards.
            let form = Form::default().with("pause_collection[behavior]", "void");
            schedule::update(client, &path, &request.key(), &form).await?
        }
        SubscriptionChange::Resume => {
            // In flexible billing mode a cancellation may be scheduled by its time alone, and Stripe refuses both
            // fields together.
            let now: wire::Subscription = client.get(&path).await?;
            if now.status == "paused" {
                // A trial that ended without a card; see <https://docs.stripe.com/api/subscriptions/resume>.
                let path = format!("{path}/resume");
                let resumed = client.post(&path, &request.key(), &Form::default()).await?;
                return described(&resumed, request);
            }
            let form = if now.collects_nothing() {
                Form::default().with("pause_collection", "")
            } else if now.cancel_at_period_end == Some(true) {
                Form::default().with("cancel_at_period_end", false)
            } else {
                Form::default().with("cancel_at", "")
            };
            schedule::update(client, &path, &request.key(), &form).await?
        }
    };
    described(&changed, request)
}

fn described(
    changed: &wire::Subscription,
    request: &ChangeRequest,
) -> Result<SubscriptionFact, ProviderError> {
    let ended = request.change == SubscriptionChange::CancelNow;
    match webhook_read::subscription(changed, request.now, ended) {
        Fact::Subscription(fact) => Ok(fact),
        _ => Err(ProviderError::Unknown {
            message: format!("the subscription's status is unknown: {}", changed.status),
            request_id: None,
        }),
    }
}
