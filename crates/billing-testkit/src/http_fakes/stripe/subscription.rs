//! Subscriptions added by tests.

use billing_core::values::Timestamp;
use serde_json::{Value, json};

use super::api_error::ApiError;
use super::params::Params;

const KNOWN: &[&str] = &[
    "cancel_at_period_end",
    "cancel_at",
    "pause_collection",
    "pause_collection[behavior]",
    "items[][id]",
    "items[][price]",
    "proration_behavior",
    "payment_behavior",
    "billing_cycle_anchor[type]",
];

/// Applies `params` to `subscription`. Stripe refuses both ways to schedule a cancellation together.
pub(super) fn update(subscription: &mut Value, params: &Params, now: Timestamp) -> Result<(), ApiError> {
    params.check_names(KNOWN)?;
    if subscription["status"] == "canceled" {
        return Err(ApiError::invalid(
            "resource_missing",
            "id",
            "A canceled subscription cannot be updated.".to_owned(),
        ));
    }
    if let Some(schedule) = subscription["schedule"].as_str() {
        // There is no error code for it.
        let message = format!(
            "The subscription is managed by the subscription schedule `{schedule}`. Please update the schedule instead."
        );
        return Err(ApiError::request(400, message));
    }
    switch_price(subscription, params)?;
    match params.get("pause_collection[behavior]") {
        Some(behavior) => {
            subscription["pause_collection"] = json!({ "behavior": behavior, "resumes_at": null });
        }
        None if params.pairs().iter().any(|(name, _)| name == "pause_collection") => {
            subscription["pause_collection"] = Value::Null;
        }
        None => {}
    }
    let end = subscription.pointer("/items/data/0/current_period_end").cloned().unwrap_or_default();
    match (params.get("cancel_at_period_end"), params.get("cancel_at")) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these: cancel_at, cancel_at_period_end.".to_owned();
            return Err(ApiError::request(400, message));
        }
        (Some("true"), None) => {
            subscription["cancel_at_period_end"] = json!(true);
            subscription["cancel_at"] = end;
            subscription["canceled_at"] = json!(now.unix_seconds());
        }
        (Some("false"), None) if subscription["cancel_at_period_end"] == true => keep(subscription),
        (None, None) if params.pairs().iter().any(|(name, _)| name == "cancel_at") => keep(subscription),
        _ => {}
    }
    Ok(())
}

/// Releases a schedule: its subscription is unchanged. See
/// <https://docs.stripe.com/api/subscription_schedules/release>.
pub(super) fn release<'a>(
    mut subscriptions: impl Iterator<Item = &'a mut Value>,
    schedule: &str,
) -> Result<Value, ApiError> {
    let managed = subscriptions.find(|subscription| subscription["schedule"] == schedule);
    let managed = managed.ok_or_else(|| {
        let message = format!("No such subscription schedule: '{schedule}'");
        ApiError { status: 404, ..ApiError::invalid("resource_missing", "schedule", message) }
    })?;
    managed["schedule"] = Value::Null;
    Ok(json!({ "id": schedule, "object": "subscription_schedule", "status": "released",
        "released_subscription": managed["id"] }))
}

/// Cancels `subscription` immediately.
pub(super) fn cancel(subscription: &mut Value, now: Timestamp) -> Result<(), ApiError> {
    if subscription["status"] == "canceled" {
        let message = "No such subscription".to_owned();
        return Err(ApiError { status: 404, ..ApiError::invalid("resource_missing", "id", message) });
    }
    subscription["status"] = json!("canceled");
    subscription["canceled_at"] = json!(now.unix_seconds());
    subscription["ended_at"] = json!(now.unix_seconds());
    Ok(())
}

fn keep(subscription: &mut Value) {
    subscription["cancel_at_period_end"] = json!(false);
    subscription["cancel_at"] = Value::Null;
    subscription["canceled_at"] = Value::Null;
}

/// Resumes a `subscription` whose trial ended without a card.
pub(super) fn resume(subscription: &mut Value) -> Result<(), ApiError> {
    if subscription["status"] != "paused" {
        return Err(ApiError::request(400, "Only paused subscriptions can be resumed."));
    }
    subscription["status"] = json!("active");
    Ok(())
}

/// The payment was declined.
pub(super) fn declined() -> ApiError {
    let message = "Your card was declined.".to_owned();
    ApiError { status: 402, kind: "card_error", ..ApiError::invalid("card_declined", "", message) }
}

/// Changes the price of an item. Without the item's id Stripe would add another one; here that is refused.
fn switch_price(subscription: &mut Value, params: &Params) -> Result<(), ApiError> {
    let Some(price) = params.get("items[0][price]") else { return Ok(()) };
    if price == "price_declined" {
        return Err(declined());
    }
    let item = params.need("items[0][id]")?;
    let known = subscription.pointer_mut("/items/data/0").filter(|known| known["id"] == item);
    let known = known.ok_or_else(|| {
        ApiError::invalid("resource_missing", "items[0][id]", format!("No such subscription item: '{item}'"))
    })?;
    known["price"] = json!({ "id": price, "object": "price" });
    if known["plan"].is_object() {
        known["plan"] = json!({ "id": price, "object": "plan" });
    }
    Ok(())
}

/// The next invoice: always 21 dollars for a renewal, and 7 for a change.
pub(super) fn preview(params: &Params) -> Result<Value, ApiError> {
    params.check_names(&[
        "subscription",
        "subscription_details[items][][id]",
        "subscription_details[items][][price]",
        "subscription_details[proration_behavior]",
        "subscription_details[billing_cycle_anchor][type]",
    ])?;
    params.need("subscription")?;
    let renewal = params.pairs().len() == 1;
    if !renewal {
        params.need("subscription_details[items][0][id]")?;
    }
    let due = if renewal { 2100 } else { 700 };
    Ok(json!({ "id": "upcoming_in_1Fake", "object": "invoice", "amount_due": due, "currency": "usd" }))
}
