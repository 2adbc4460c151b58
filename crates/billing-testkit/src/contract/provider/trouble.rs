//! Failing calls.

use billing_core::payments::SubscriptionChange::CancelAtPeriodEnd;
use billing_core::payments::{Capability, CheckoutRequest, CustomerRequest, PortalRequest, RefundRequest};
use billing_core::ports::ProviderError;
use billing_core::subscriptions::Subscription;
use billing_core::values::AccountId;
use uuid::Uuid;

use super::money::refund_of;
use super::stage::{ProviderStage, Trouble, a_customer, a_pack, can};
use super::subscriptions::change;
use crate::builders::ALLOWED_ORIGIN;

/// One of each supported call.
struct Calls {
    checkout: CheckoutRequest,
    portal: PortalRequest,
    kept: Subscription,
    refund: RefundRequest,
}

const CALLS: [Option<Capability>; 5] = [
    None,
    Some(Capability::Customers),
    Some(Capability::Portal),
    Some(Capability::Cancel),
    Some(Capability::Refund),
];

impl Calls {
    async fn of(stage: &dyn ProviderStage) -> Self {
        let checkout = a_pack(stage).await;
        let kept = stage.subscribed();
        let portal = PortalRequest {
            subscription: "sub_contract".to_owned(),
            flow: None,
            customer: checkout.customer.clone().unwrap_or_else(|| kept.provider_customer.clone()),
            return_url: format!("{ALLOWED_ORIGIN}/account"),
            key: "portal:1".to_owned(),
        };
        Self { checkout, portal, kept, refund: refund_of(stage, 999, "refund:1") }
    }

    /// The call of a capability; opens a checkout without one.
    async fn make(&self, stage: &dyn ProviderStage, call: Option<Capability>) -> Result<(), ProviderError> {
        let provider = stage.provider();
        match call {
            Some(Capability::Customers) => {
                let bo = CustomerRequest {
                    account: AccountId::from_uuid(Uuid::from_u128(77)),
                    replaces: None,
                    ..a_customer()
                };
                provider.create_customer(&bo).await.map(drop)
            }
            Some(Capability::Portal) => provider.open_portal(&self.portal).await.map(drop),
            Some(Capability::Cancel) => change(stage, &self.kept, CancelAtPeriodEnd).await.map(drop),
            Some(Capability::Refund) => provider.refund(&self.refund).await.map(drop),
            _ => provider.create_checkout(&self.checkout).await.map(drop),
        }
    }
}

fn possible(stage: &dyn ProviderStage) -> impl Iterator<Item = Option<Capability>> {
    CALLS.into_iter().filter(|call| call.is_none_or(|call| can(stage, call)))
}

/// A refusal is permanent, with the provider's own message.
pub async fn a_refusal_is_told_in_the_providers_words(stage: &dyn ProviderStage) {
    let calls = Calls::of(stage).await;
    for call in possible(stage) {
        let Some(words) = stage.spoils(Trouble::Refuses) else { return };
        let failed = calls.make(stage, call).await.unwrap_err();
        let ProviderError::Refused { message, .. } = &failed else { panic!("{call:?}: {failed:?}") };
        assert!(message.contains(words), "{call:?}: {message}");
    }
}

/// Internal errors and lost responses have an unknown outcome; the same call works afterwards.
pub async fn trouble_leaves_the_outcome_open_and_the_same_call_works_afterwards(stage: &dyn ProviderStage) {
    for trouble in [Trouble::Down, Trouble::Lost] {
        let calls = Calls::of(stage).await;
        for call in possible(stage) {
            if stage.spoils(trouble).is_none() {
                return;
            }
            let failed = calls.make(stage, call).await.unwrap_err();
            assert!(matches!(failed, ProviderError::Unknown { .. }), "{trouble:?} {call:?}: {failed:?}");
            assert_eq!(calls.make(stage, call).await, Ok(()), "{trouble:?} {call:?}");
        }
    }
}
