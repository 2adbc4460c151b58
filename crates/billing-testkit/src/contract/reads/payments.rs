//! Payments.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use billing_core::ports::{PaymentMethodRef, PaymentQuery, PaymentRef};
use billing_core::values::OrderId;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_full_payment, a_pack, a_payment, a_payment_method, an_order, noon};

async fn keep(world: &World, payment: Payment) -> Payment {
    world.write(Changes { payments: vec![payment.clone()], ..Changes::default() }).await;
    Payment { version: payment.version + 1, ..payment }
}

/// A payment is read with every field, set or unset, by each of its refs, and can be changed.
pub async fn a_payment_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let pack = a_pack("small", &world.ids);
    let order = an_order(account, &pack, &world.ids);
    world.write(Changes { packs: vec![pack], orders: vec![order.clone()], ..Changes::default() }).await;
    let find = async |refs: PaymentRefs| {
        world.store.payment(PaymentRef::Refs(Channel::named("stripe"), &refs)).await.unwrap()
    };

    let bare = keep(&world, a_payment(account, "pi_bare", &world.ids)).await;
    let full = keep(&world, a_full_payment(account, "full", Some(order.id), &world.ids)).await;
    assert_eq!(find(PaymentRefs::of_payment("pi_bare")).await, Some(bare.clone()));
    assert_eq!(find(PaymentRefs::of_payment("pi_full")).await, Some(full.clone()));
    assert_eq!(find(PaymentRefs::of_invoice("in_full")).await, Some(full.clone()));
    assert_eq!(find(full.refs.clone()).await, Some(full.clone()));
    // A period with a coupon of 100 percent is paid, too.
    let mut free = a_payment(account, "pi_free", &world.ids);
    free.paid.minor = 0;
    let free = keep(&world, free).await;
    assert_eq!(find(PaymentRefs::of_payment("pi_free")).await, Some(free));
    let told = PaymentRefs { payment: Some("pi_other".to_owned()), ..full.refs.clone() };
    assert_eq!(find(told).await, Some(full.clone()));
    for none in [
        PaymentRefs::default(),
        PaymentRefs::of_payment("in_full"),
        PaymentRefs::of_invoice("pi_bare"),
        PaymentRefs::of_payment("pi_none"),
    ] {
        assert_eq!(find(none).await, None);
    }
    let elsewhere = PaymentRefs::of_payment("pi_bare");
    assert_eq!(
        world.store.payment(PaymentRef::Refs(Channel::named("creem"), &elsewhere)).await.unwrap(),
        None
    );

    let changed = Payment { id: bare.id, version: 1, ..a_full_payment(account, "late", None, &world.ids) };
    let kept = keep(&world, changed).await;
    assert_eq!(find(PaymentRefs::of_invoice("in_late")).await, Some(kept));
    assert_eq!(find(PaymentRefs::of_payment("pi_bare")).await, None);
}

/// An order's payments are listed in the order of their recording, and only its own.
pub async fn payments_of_an_order_come_in_order(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let pack = a_pack("small", &world.ids);
    let [order, other] = [(); 2].map(|()| an_order(account, &pack, &world.ids));
    let orders = vec![order.clone(), other.clone()];
    world.write(Changes { packs: vec![pack], orders, ..Changes::default() }).await;
    let mut kept = Vec::new();
    for (name, of) in [("1", &order), ("2", &other), ("3", &order)] {
        kept.push(keep(&world, a_full_payment(account, name, Some(of.id), &world.ids)).await);
    }
    keep(&world, a_payment(account, "pi_none", &world.ids)).await;
    let name = |payment: &Payment| payment.refs.payment.clone().unwrap();
    let covering = async |channel, subscription: &str| {
        let found = world
            .store
            .payments(PaymentQuery::Subscription { channel, id: subscription, since: None })
            .await
            .unwrap();
        found.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(covering(Channel::named("stripe"), "sub_1").await, ["pi_1", "pi_2", "pi_3"]);
    // By the last of their periods.
    let end = kept[0].covers.as_ref().unwrap().end();
    for (since, expected) in [(end, 3), (end.plus_seconds(1), 0)] {
        let recent = world
            .store
            .payments(PaymentQuery::Subscription {
                channel: Channel::named("stripe"),
                id: "sub_1",
                since: Some(since),
            })
            .await;
        assert_eq!(recent.unwrap().len(), expected);
    }
    assert_eq!(covering(Channel::named("stripe"), "sub_2").await, [""; 0]);
    assert_eq!(covering(Channel::named("creem"), "sub_1").await, [""; 0]);
    let latest = |limit| world.store.payments(PaymentQuery::Latest { account, limit });
    let refs = async |limit| latest(limit).await.unwrap().iter().map(name).collect::<Vec<_>>();
    assert_eq!(refs(10).await, ["pi_none", "pi_3", "pi_2", "pi_1"]);
    assert_eq!(refs(2).await, ["pi_none", "pi_3"]);
    assert_eq!(
        world
            .store
            .payments(PaymentQuery::Latest { account: world.account("bob").await, limit: 10 })
            .await
            .unwrap(),
        []
    );
    let of = async |order: OrderId| world.store.payments(PaymentQuery::Order(order)).await.unwrap();
    assert_eq!(of(order.id).await, [kept[0].clone(), kept[2].clone()]);
    assert_eq!(of(other.id).await, [kept[1].clone()]);
}

/// A reference belongs to one payment of a provider, as either of its two refs.
pub async fn a_name_names_one_payment(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let payments = |payment: Payment| Changes { payments: vec![payment], ..Changes::default() };
    world.write(payments(a_full_payment(account, "1", None, &world.ids))).await;
    let full = |payment: &str, invoice: &str| Payment {
        refs: PaymentRefs { payment: Some(payment.to_owned()), invoice: Some(invoice.to_owned()) },
        ..a_full_payment(account, "2", None, &world.ids)
    };
    world.conflicts(payments(full("pi_1", "in_2"))).await;
    world.conflicts(payments(full("pi_2", "in_1"))).await;
    world.write(payments(Payment { channel: Channel::named("creem"), ..full("pi_1", "in_1") })).await;
    world.write(payments(full("pi_2", "in_2"))).await;
    // A missing second reference never conflicts.
    for name in ["pi_3", "pi_4"] {
        world.write(payments(a_payment(account, name, &world.ids))).await;
    }
}

/// A payment method is read by its id; an account's current one is the last reported that is not detached.
pub async fn a_payment_method_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let write = async |method: PaymentMethod| {
        world.write(Changes { payment_methods: vec![method.clone()], ..Changes::default() }).await;
        PaymentMethod { version: method.version + 1, ..method }
    };
    let find = async |id: &str| {
        world.store.payment_method(PaymentMethodRef::Id(Channel::named("stripe"), id)).await.unwrap()
    };
    let of = async |account| world.store.payment_method(PaymentMethodRef::Account(account)).await.unwrap();
    assert_eq!((find("pm_1").await, of(ada).await), (None, None));
    let first = write(a_payment_method(ada, "pm_1")).await;
    assert_eq!((find("pm_1").await, of(ada).await), (Some(first.clone()), Some(first.clone())));
    let later = noon().plus_seconds(1);
    let second = write(PaymentMethod { provider_updated_at: later, ..a_payment_method(ada, "pm_2") }).await;
    assert_eq!(of(ada).await, Some(second.clone()));
    let gone = write(PaymentMethod { removed: true, ..second }).await;
    assert_eq!((find("pm_2").await, of(ada).await), (Some(gone), Some(first.clone())));
    // A name belongs to its provider, and a second row of it conflicts.
    assert_eq!(
        world.store.payment_method(PaymentMethodRef::Id(Channel::named("creem"), "pm_1")).await.unwrap(),
        None
    );
    write(PaymentMethod { channel: Channel::named("creem"), ..a_payment_method(bob, "pm_1") }).await;
    let again = Changes { payment_methods: vec![a_payment_method(bob, "pm_1")], ..Changes::default() };
    world.conflicts(again).await;
    assert_eq!(find("pm_1").await, Some(first));
}
