//! Changes of subscriptions.

use billing_core::payments::SubscriptionChange::{CancelAtPeriodEnd, CancelNow, Pause, Resume};
use billing_core::payments::{
    Capability, ChangeRequest, PortalRequest, SubscriptionChange, SubscriptionFact,
};
use billing_core::ports::ProviderError;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};

use super::stage::{ProviderStage, a_pack, told_truly};
use crate::builders::ALLOWED_ORIGIN;

pub(super) async fn change(
    stage: &dyn ProviderStage,
    kept: &Subscription,
    change: SubscriptionChange,
) -> Result<SubscriptionFact, ProviderError> {
    let request = ChangeRequest { subscription: kept.clone(), change, reason: None, now: stage.now() };
    stage.provider().change_subscription(&request).await
}

/// Applies the response, as the service does.
fn keep(kept: &mut Subscription, answered: &SubscriptionFact) {
    assert_eq!(answered.id, kept.provider_id, "the answer is about another subscription");
    let to = kept.subscribed();
    kept.answered(answered, to);
    kept.version += 1;
}

/// A cancellation at the period's end can be scheduled, undone, and scheduled again.
pub async fn an_end_is_set_taken_back_and_carried_out(stage: &dyn ProviderStage) {
    let mut kept = stage.subscribed();
    let ending = change(stage, &kept, CancelAtPeriodEnd).await;
    let Some(ending) = told_truly(stage, Capability::Cancel, ending) else { return };
    assert!(ending.status.is_live() && ending.cancel_at_period_end, "{ending:?}");
    keep(&mut kept, &ending);
    let going_on = change(stage, &kept, Resume).await.unwrap();
    assert!(going_on.status.is_live() && !going_on.cancel_at_period_end, "{going_on:?}");
    assert_eq!(going_on.cancel_at, None);
    keep(&mut kept, &going_on);
    let ended = change(stage, &kept, CancelNow).await.unwrap();
    assert_eq!(ended.status, SubscriptionStatus::Canceled);
    // Some let what was paid for go on to its end.
    assert!(ended.ended_at.is_some(), "{ended:?}");
}

/// A subscription can be paused and resumed.
pub async fn a_subscription_is_set_aside_and_taken_up_again(stage: &dyn ProviderStage) {
    let mut kept = stage.subscribed();
    let aside = change(stage, &kept, Pause).await;
    let Some(aside) = told_truly(stage, Capability::Pause, aside) else { return };
    assert_eq!(aside.status, SubscriptionStatus::Paused);
    keep(&mut kept, &aside);
    let again = change(stage, &kept, Resume).await.unwrap();
    assert_eq!(again.status, SubscriptionStatus::Active);
}

/// The customer portal can be opened repeatedly.
pub async fn pages_of_its_own_are_opened_where_the_table_says_so(stage: &dyn ProviderStage) {
    let customer = a_pack(stage).await.customer.unwrap_or_else(|| stage.subscribed().provider_customer);
    for key in ["portal:1", "portal:2"] {
        let return_url = format!("{ALLOWED_ORIGIN}/account");
        let request = PortalRequest {
            customer: customer.clone(),
            subscription: "sub_contract".to_owned(),
            flow: None,
            return_url,
            key: key.to_owned(),
        };
        let opened = stage.provider().open_portal(&request).await;
        let Some(url) = told_truly(stage, Capability::Portal, opened) else { return };
        assert!(url.starts_with("http"), "{url}");
    }
}
