//! A customer is deleted at Stripe.

use billing_core::payments::Channel;
use billing_core::ports::{AccountRef, BillingReads, CatalogReads};
use billing_core::requests::PurchaseItem;
use billing_core::values::AccountId;
use billing_testkit::builders::{a_checkout, an_external_id};
use billing_testkit::fixtures::stripe::{Shape, Story, stripe_story};

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
    let new = world.store.provider_customer(Channel::named("stripe"), ada).await.unwrap().unwrap();
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
