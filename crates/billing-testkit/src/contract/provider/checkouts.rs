//! Opening and reading checkouts.

use billing_core::payments::{Capability, CheckoutFact, CheckoutOutcome, CheckoutRequest, Purchase};
use billing_core::ports::ProviderError;
use billing_core::values::OrderId;
use uuid::Uuid;

use super::stage::{ProviderStage, a_customer, a_pack, a_plan, can, the_order, told_truly};

/// A checkout has an id, a URL and an end that is not later than requested.
pub async fn a_checkout_says_where_it_is_paid_and_until_when(stage: &dyn ProviderStage) {
    for request in [a_pack(stage).await, a_plan(stage).await] {
        let session = stage.provider().create_checkout(&request).await.unwrap();
        assert!(!session.id.is_empty());
        assert!(session.url.starts_with("http"), "{}", session.url);
        let (end, latest) = (session.expires_at, request.expires_at);
        assert!(stage.now() < end && end <= latest, "{end} is not between now and {latest}");
    }
}

/// The same request opens the same checkout if writes are idempotent, and another order always another one.
pub async fn the_same_request_is_one_checkout_where_the_table_says_so(stage: &dyn ProviderStage) {
    let request = a_pack(stage).await;
    let first = stage.provider().create_checkout(&request).await.unwrap();
    let again = stage.provider().create_checkout(&request).await.unwrap();
    assert_eq!(first == again, can(stage, Capability::IdempotentWrites), "{first:?} {again:?}");
    let order = OrderId::from_uuid(Uuid::from_u128(99));
    let other = stage.provider().create_checkout(&CheckoutRequest { order, ..request }).await.unwrap();
    assert_ne!(first.id, other.id);
}

/// If the provider has customers, an account has one, for any number of requests.
pub async fn an_account_is_one_customer(stage: &dyn ProviderStage) {
    let provider = stage.provider();
    let made = provider.create_customer(&a_customer()).await;
    let Some(first) = told_truly(stage, Capability::Customers, made) else { return };
    assert!(!first.is_empty());
    let again = provider.create_customer(&a_customer()).await.unwrap();
    assert_eq!(first == again, can(stage, Capability::IdempotentWrites));
}

/// An item that needs a reference at the provider is not sold without one, and others are.
pub async fn what_the_catalogue_has_to_name_is_not_sold_without_a_name(stage: &dyn ProviderStage) {
    let (pack, plan) = (a_pack(stage).await, a_plan(stage).await);
    let nameless_pack = Purchase::Pack { name: "1,000 credits".to_owned(), product: None };
    let Purchase::Plan { name, interval, trial_days, .. } = plan.purchase.clone() else { return };
    let nameless_plan = Purchase::Plan { name, interval, price: None, trial_days };
    for (request, purchase, backed) in [
        (pack, nameless_pack, Capability::PacksCatalogBacked),
        (plan, nameless_plan, Capability::CatalogBacked),
    ] {
        let answer = stage.provider().create_checkout(&CheckoutRequest { purchase, ..request }).await;
        if can(stage, backed) {
            assert!(matches!(answer, Err(ProviderError::Unsupported(_))), "{backed}: {answer:?}");
        } else {
            assert!(answer.is_ok(), "{backed} is not in the table: {answer:?}");
        }
    }
}

/// An open checkout has no outcome, a paid one is paid, and names the order.
pub async fn what_became_of_a_checkout_can_be_asked_where_the_table_says_so(stage: &dyn ProviderStage) {
    let session = stage.provider().create_checkout(&a_pack(stage).await).await.unwrap();
    let open = stage.provider().read_checkout(&session.id).await;
    let Some(open) = told_truly(stage, Capability::ReadCheckout, open) else { return };
    assert_eq!(open, None, "nobody has paid");
    stage.pays(&session, the_order());
    let paid = stage.provider().read_checkout(&session.id).await.unwrap().unwrap();
    assert_eq!((paid.session, paid.outcome), (session.id, CheckoutOutcome::Paid));
    assert_eq!(paid.order_hint, Some(the_order()));
    assert!(paid.refs.payment.is_some());
}

/// A checkout that is closed is expired, also when asked again; one that was paid before says so.
pub async fn a_checkout_can_be_closed_where_the_table_says_so(stage: &dyn ProviderStage) {
    let session = stage.provider().create_checkout(&a_pack(stage).await).await.unwrap();
    let closed = stage.provider().expire_checkout(&session.id).await;
    let Some(closed) = told_truly(stage, Capability::ExpireCheckout, closed) else { return };
    let outcome = |fact: Option<CheckoutFact>| fact.map(|fact| (fact.session, fact.outcome));
    assert_eq!(outcome(closed), Some((session.id.clone(), CheckoutOutcome::Expired)));
    let again = stage.provider().expire_checkout(&session.id).await.unwrap();
    assert_eq!(outcome(again), Some((session.id, CheckoutOutcome::Expired)));
    let order = OrderId::from_uuid(Uuid::from_u128(99));
    let other = CheckoutRequest { order, ..a_pack(stage).await };
    let session = stage.provider().create_checkout(&other).await.unwrap();
    stage.pays(&session, order);
    let paid = stage.provider().expire_checkout(&session.id).await.unwrap();
    assert_eq!(outcome(paid), Some((session.id, CheckoutOutcome::Paid)));
}
