//! Subscriptions that a schedule manages.

use billing_core::ports::ProviderError;

use crate::client::Client;
use crate::form::Form;
use crate::wire;

/// Updates the subscription at `path`. Where Stripe refuses because a schedule manages it (made in the dashboard or the
/// portal, such as a downgrade for the end of the period), the schedule is released first: the subscription stays as it is,
/// and what was planned for it is replaced by what is asked for now. See
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
