//! Subscriptions with a schedule.

use billing_core::ports::ProviderError;

use crate::client::Client;
use crate::form::Form;
use crate::wire;

/// Updates the subscription at `path`. If Stripe refuses because a schedule manages it (created in the dashboard or
/// the portal, for example for a downgrade at the period's end), the schedule is released first: the subscription is
/// unchanged by that, and its planned change is replaced by this one. See
/// <https://docs.stripe.com/api/subscription_schedules/release>.
///
/// # Errors
///
/// As [`Client::post_anew`].
pub(crate) async fn update(
    client: &Client,
    path: &str,
    key: &str,
    form: &Form,
) -> Result<wire::Subscription, ProviderError> {
    match client.post_anew(path, key, form).await {
        Err(ProviderError::Refused { message, code, request_id }) if message.contains("schedule") => {
            let now: wire::Subscription = client.get(path).await?;
            let Some(schedule) = &now.schedule else {
                return Err(ProviderError::Refused { message, code, request_id });
            };
            let release = format!("/v1/subscription_schedules/{}/release", schedule.id());
            let _: wire::Schedule =
                client.post(&release, &format!("{key}:release"), &Form::default()).await?;
            client.post_anew(path, &format!("{key}:released"), form).await
        }
        answered => answered,
    }
}
