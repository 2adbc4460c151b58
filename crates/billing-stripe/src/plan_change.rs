//! Changes of plans.

use billing_core::payments::{ChangePlanRequest, Fact, ProrationBehavior, ProviderPlanChange};
use billing_core::ports::ProviderError;
use billing_core::subscriptions::Subscription;
use billing_core::values::Money;

use crate::amount;
use crate::client::Client;
use crate::form::Form;
use crate::schedule;
use crate::webhook_read;
use crate::wire;

/// Changes the price of the subscription item of the plan. Without the item's id Stripe would add another one.
pub(crate) async fn change(
    client: &Client,
    call: &ChangePlanRequest,
) -> Result<ProviderPlanChange, ProviderError> {
    let path = format!("/v1/subscriptions/{}", call.subscription.provider_id);
    let item = item(client, &path, &call.subscription).await?;
    if let (true, ProrationBehavior::Prorate, Some(paid_at)) =
        (call.has_scheduled_change, call.money, &call.paid_at)
    {
        // First back to the paid price, otherwise the proration would start from another one.
        let back = Form::default().with("items[0][id]", &item).with("items[0][price]", paid_at);
        let back = back.with("proration_behavior", "none");
        let _ = schedule::update(client, &path, &format!("{}:back:{paid_at}", call.key()), &back).await?;
    }
    let form = Form::default().with("items[0][id]", &item).with("items[0][price]", &call.price);
    let form = match call.money {
        ProrationBehavior::AtRenewal => form.with("proration_behavior", "none"),
        ProrationBehavior::Prorate => {
            form.with("proration_behavior", "always_invoice").with("payment_behavior", "error_if_incomplete")
        }
        ProrationBehavior::ResetBillingAnchor => form
            .with("proration_behavior", "none")
            .with(client.anchor(""), "now")
            .with("payment_behavior", "error_if_incomplete"),
    };
    let changed = schedule::update(client, &path, &call.key(), &form).await?;
    match webhook_read::subscription(&changed, call.now, false) {
        // The payment is reported by its invoice.
        Fact::Subscription(subscription) => Ok(ProviderPlanChange { subscription, paid: None }),
        _ => Err(ProviderError::Unknown {
            message: format!("the subscription's status is unknown: {}", changed.status),
            request_id: None,
        }),
    }
}

/// The amount due now, with tax and the customer's balance.
pub(crate) async fn preview(client: &Client, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
    let id = &call.subscription.provider_id;
    let item = item(client, &format!("/v1/subscriptions/{id}"), &call.subscription).await?;
    let form = Form::default()
        .with("subscription", id)
        .with("subscription_details[items][0][id]", &item)
        .with("subscription_details[items][0][price]", &call.price);
    let form = match call.money {
        ProrationBehavior::AtRenewal => form.with("subscription_details[proration_behavior]", "none"),
        ProrationBehavior::Prorate => form.with("subscription_details[proration_behavior]", "always_invoice"),
        ProrationBehavior::ResetBillingAnchor => form
            .with("subscription_details[proration_behavior]", "none")
            .with(client.anchor("subscription_details"), "now"),
    };
    // Nothing is created, so no idempotency key is needed.
    due(&client.ask("/v1/invoices/create_preview", &form).await?)
}

/// The amount of the next renewal; none if there will be none.
pub(crate) async fn renewal(
    client: &Client,
    subscription: &Subscription,
) -> Result<Option<Money>, ProviderError> {
    let form = Form::default().with("subscription", &subscription.provider_id);
    match client.ask("/v1/invoices/create_preview", &form).await {
        Ok(invoice) => due(&invoice).map(Some),
        Err(ProviderError::Refused { code: Some(code), .. }) if code == "invoice_upcoming_none" => Ok(None),
        Err(error) => Err(error),
    }
}

fn due(invoice: &wire::Preview) -> Result<Money, ProviderError> {
    let unreadable = || ProviderError::Unknown {
        message: format!("the preview's amount cannot be read: {} {}", invoice.amount_due, invoice.currency),
        request_id: None,
    };
    amount::read(Some(invoice.amount_due), Some(&invoice.currency)).ok_or_else(unreadable)
}

/// The item of the plan: others, such as a metered price, are not touched.
async fn item(client: &Client, path: &str, kept: &Subscription) -> Result<String, ProviderError> {
    let now: wire::Subscription = client.get(path).await?;
    let price = kept.item.as_ref().map(|item| item.price.as_str());
    let id = now.item_at(price).map(str::to_owned);
    id.ok_or_else(|| ProviderError::Refused {
        code: None,
        message: "the subscription has no item at the price that is known of it".to_owned(),
        request_id: None,
    })
}
