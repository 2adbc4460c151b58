//! A customer is deleted at Stripe.

use billing_core::payments::Channel;
use billing_core::ports::{AccountRef, BillingReads, CatalogReads};
use billing_core::requests::PurchaseItem;
use billing_core::values::AccountId;
use billing_testkit::builders::{a_checkout, an_external_id};
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story, stripe_story};

use super::World;

async fn account(world: &World) -> AccountId {
    world.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap().id
}

#[tokio::test]
async fn a_customer_that_was_deleted_is_replaced_once_and_its_events_find_the_account() {
    let world = World::new();
    let first = world.checkout(Story::CreditsPaid).await;
    let old = world.ids(&first);
    let ada = account(&world).await;
    let pack = PurchaseItem::Pack(world.store.packs().await.unwrap()[0].id);
    let other = |key| a_checkout("ada", Channel::named("stripe"), pack, Some(key));
    world.fake.delete_customer(&old.customer);
    let second = world.billing.start_checkout(&other("second")).await.unwrap();
    let third = world.billing.start_checkout(&other("third")).await.unwrap();
    let new = world.store.provider_customer(Channel::named("stripe"), ada).await.unwrap().unwrap().customer;
    assert_ne!(new, old.customer);
    assert_eq!(world.fake.customers().len(), 2);
    for started in [&second, &third] {
        let opened = world.fake.sessions().into_iter().find(|one| one.id == started.session.id).unwrap();
        assert_eq!(opened.customer.as_deref(), Some(&*new));
    }
    // The buyer had paid the first one before.
    for event in stripe_story(Story::CreditsPaid, Shape::PostBasil, &old, world.billing.now()) {
        world.deliver(&event).await;
    }
    world.settle().await;
    let owner = world.store.account_of_customer(Channel::named("stripe"), &old.customer).await.unwrap();
    assert_eq!(owner, Some(ada));
    assert_eq!(world.billing.balance(&an_external_id("ada")).await.unwrap().available.get(), 1000);
}

#[tokio::test]
async fn a_customer_whose_deletion_was_told_is_replaced_without_being_tried() {
    let world = World::new();
    let first = world.checkout(Story::CreditsPaid).await;
    let (old, ada) = (world.ids(&first).customer, account(&world).await);
    let stripe = Channel::named("stripe");
    world.fake.delete_customer(&old);
    for told in 0..2 {
        let deleted = serde_json::json!({ "id": old, "object": "customer", "deleted": true });
        let created_at = world.billing.now();
        let body = serde_json::json!({
            "id": format!("evt_deleted_{told}"), "object": "event", "api_version": "2025-03-31.basil",
            "created": created_at.unix_seconds(), "livemode": false, "type": "customer.deleted",
            "data": { "object": deleted },
        });
        world
            .deliver(&FixtureEvent {
                id: format!("evt_deleted_{told}"),
                kind: "customer.deleted".to_owned(),
                name: "customer.deleted",
                created_at,
                body: body.to_string().into_bytes(),
            })
            .await;
        world.settle().await;
        assert!(world.store.provider_customer(stripe, ada).await.unwrap().unwrap().deleted);
    }
    let calls = world.fake.requests().len();
    let pack = PurchaseItem::Pack(world.store.packs().await.unwrap()[0].id);
    world.billing.start_checkout(&a_checkout("ada", stripe, pack, Some("again"))).await.unwrap();
    assert_eq!(world.fake.requests().len(), calls + 2, "a customer and a checkout");
}
