//! Stripe did it, and the answer was lost.

use billing_core::payments::Channel;
use billing_core::requests::{AccountDraft, PurchaseItem};
use billing_testkit::builders::{a_checkout, a_pack_draft, an_external_id};
use billing_testkit::http_fakes::stripe::Fault;

use super::World;

/// Every try of a call: two retries come after the first.
const TRIES: usize = 3;

#[tokio::test]
async fn a_corrected_name_does_not_lock_an_account_out_of_buying() {
    let world = World::new();
    let pack = world.billing.publish_pack(None, &a_pack_draft("small")).await.unwrap();
    let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Pack(pack.id), Some("k"));
    (0..TRIES).for_each(|_| world.fake.inject(Fault::CutAfterEffect));
    assert_eq!(world.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    let corrected = AccountDraft { name: Some("Ada L.".to_owned()), ..AccountDraft::default() };
    world.billing.put_account(&an_external_id("ada"), &corrected).await.unwrap();
    world.billing.start_checkout(&ask).await.unwrap();
}

#[tokio::test]
async fn a_renamed_pack_does_not_kill_an_order_whose_checkout_is_open() {
    let world = World::new();
    let pack = world.billing.publish_pack(None, &a_pack_draft("small")).await.unwrap();
    let wanted = PurchaseItem::Pack(pack.id);
    // So that the customer is there, and the checkout's answer is the one that is lost.
    world
        .billing
        .start_checkout(&a_checkout("ada", Channel::named("stripe"), wanted, Some("before")))
        .await
        .unwrap();
    let ask = a_checkout("ada", Channel::named("stripe"), wanted, Some("k"));
    (0..TRIES).for_each(|_| world.fake.inject(Fault::CutAfterEffect));
    assert_eq!(world.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    let mut renamed = a_pack_draft("small");
    renamed.name = "Renamed".to_owned();
    world.billing.publish_pack(Some(pack.id), &renamed).await.unwrap();
    let found = world.billing.start_checkout(&ask).await.unwrap();
    assert_eq!(found.session.id, world.fake.sessions()[1].id);
    assert_eq!(world.fake.sessions().len(), 2);
}
