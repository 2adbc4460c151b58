//! Orders.

use std::sync::Arc;

use billing_core::catalog::Interval;
use billing_core::catalog::{Pack, Plan};
use billing_core::changes::Changes;
use billing_core::orders::{Order, OrderItem, OrderSlot, OrderStatus, RequestMark, Trial};
use billing_core::payments::Channel;
use billing_core::ports::{CommitError, OrderFilter, OrderRef};
use billing_core::values::{AccountId, Credits, OrderId};

use super::super::world::World;
use crate::Stores;
use crate::builders::{
    a_full_order, a_pack, a_plan, a_session, an_order, an_order_for_a_gift, an_order_for_a_plan, fingerprint,
    noon, page, page_after, request_key,
};

/// A store with an account, a pack and a plan to order.
struct Shop {
    world: World,
    account: AccountId,
    pack: Pack,
    plan: Plan,
}

impl Shop {
    async fn open(store: Arc<dyn Stores>) -> Self {
        let world = World::new(store);
        let account = world.account("ada").await;
        let (pack, plan) = (a_pack("small", &world.ids), a_plan("pro", &world.ids));
        world
            .write(Changes { packs: vec![pack.clone()], plans: vec![plan.clone()], ..Changes::default() })
            .await;
        Self { world, account, pack, plan }
    }

    fn order(&self) -> Order {
        an_order(self.account, &self.pack, &self.world.ids)
    }

    /// Writes `order` and returns it as stored.
    async fn keep(&self, order: Order) -> Order {
        self.world.write(Changes { orders: vec![order.clone()], ..Changes::default() }).await;
        Order { version: order.version + 1, ..order }
    }

    async fn stored(&self, id: OrderId) -> Option<Order> {
        self.world.store.order(OrderRef::Id(id)).await.unwrap()
    }
}

/// An order is read with every field, set or unset, in every status and on every channel.
pub async fn an_order_reads_back(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let ids = &shop.world.ids;
    let item = OrderItem::Pack {
        pack: shop.pack.id,
        credits: Credits::MAX_AMOUNT,
        bonus_credits: Credits::new(7),
        expires_after_days: Some(30),
    };
    let trial = Some(Trial { days: 14, credits: Credits::new(50) });
    let yearly =
        OrderItem::Plan { plan: shop.plan.id, interval: Interval::Yearly, credits: Credits::ZERO, trial };
    let mut orders = vec![
        shop.order(),
        a_full_order(shop.account, &shop.pack, ids),
        an_order_for_a_plan(shop.world.account("bob").await, &shop.plan, ids),
        Order { item, description: "größe 🦉".to_owned(), ..shop.order() },
        Order { item: yearly, ..shop.order() },
        an_order_for_a_gift(shop.account, &shop.plan, ids),
    ];
    orders.extend(OrderStatus::ALL.iter().map(|status| Order { status: *status, ..shop.order() }));
    orders.extend(
        ["stripe", "creem", "sandbox"].map(|name| Order { channel: Channel::named(name), ..shop.order() }),
    );
    for order in orders {
        let kept = shop.keep(order).await;
        assert_eq!(shop.stored(kept.id).await, Some(kept));
    }
    assert_eq!(shop.stored(OrderId::from_uuid(uuid::Uuid::from_u128(404))).await, None);
}

/// An order passes through its life cycle, and set fields stay.
pub async fn an_order_can_be_changed(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let order = shop.keep(shop.order()).await;
    let opened = shop.keep(Order { session: Some(a_session("cs_1")), ..order }).await;
    assert_eq!(shop.stored(opened.id).await, Some(opened.clone()));
    let mut paid = opened;
    let refs = billing_core::orders::OrderRefs { payment: Some("pi_1".to_owned()), ..paid.refs.clone() };
    assert!(paid.complete(&refs, noon().plus_seconds(60)));
    let paid = shop.keep(paid).await;
    assert_eq!((paid.version, shop.stored(paid.id).await), (3, Some(paid)));
}

/// An order is found by its checkout, per provider.
pub async fn an_order_is_found_by_its_checkout(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    shop.keep(shop.order()).await;
    let opened = Order { session: Some(a_session("cs_1")), ..shop.order() };
    let opened = shop.keep(opened).await;
    let find =
        async |channel, session| shop.world.store.order(OrderRef::Session(channel, session)).await.unwrap();
    assert_eq!(find(Channel::named("stripe"), "cs_1").await, Some(opened));
    assert_eq!(find(Channel::named("sandbox"), "cs_1").await, None);
    assert_eq!(find(Channel::named("stripe"), "cs_2").await, None);
    assert_eq!(find(Channel::named("stripe"), "").await, None);
}

/// An order is found by its request's key, per account.
pub async fn an_order_is_found_by_its_request(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let other = shop.world.account("bob").await;
    shop.keep(shop.order()).await;
    let request = RequestMark { key: Some(request_key("k")), fingerprint: fingerprint("x") };
    let asked = shop.keep(Order { request, ..shop.order() }).await;
    let find = async |account, key: &str| {
        shop.world.store.order(OrderRef::Request(account, &request_key(key))).await.unwrap()
    };
    assert_eq!(find(shop.account, "k").await, Some(asked));
    assert_eq!(find(shop.account, "K").await, None);
    assert_eq!(find(other, "k").await, None);
}

/// A pending order holds its slot: none other of the account gets it until the order is past paying.
pub async fn a_pending_order_holds_its_slot(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let account = shop.account;
    let find = async |slot| shop.world.store.order(OrderRef::Slot(account, slot)).await.unwrap();
    let order = shop.order();
    let slot = order.slot().unwrap();
    assert_eq!((&slot, find(&slot).await), (&OrderSlot::Request(order.request.fingerprint), None));
    let order = shop.keep(order).await;
    assert_eq!(find(&slot).await, Some(order.clone()));
    // Not what another request said, what was said with a key, or another account.
    shop.keep(shop.order()).await;
    let keyed = RequestMark { key: Some(request_key("k")), ..order.request.clone() };
    let keyed = shop.keep(Order { request: keyed, ..shop.order() }).await;
    assert_eq!(keyed.slot(), None);
    let bob = shop.world.account("bob").await;
    let bobs = an_order(bob, &shop.pack, &shop.world.ids);
    shop.keep(Order { request: order.request.clone(), ..bobs }).await;
    let again = Order { request: order.request.clone(), ..shop.order() };
    let taken = shop.world.commit(Changes { orders: vec![again.clone()], ..Changes::default() }).await;
    assert!(matches!(taken, Err(CommitError::Conflict)), "{taken:?}");
    shop.keep(Order { status: OrderStatus::Completed, ..order }).await;
    assert_eq!(find(&slot).await, None);
    let again = shop.keep(again).await;
    assert_eq!(find(&slot).await, Some(again));
}

/// An account's orders are listed newest first, in pages, by offset and by cursor.
pub async fn orders_come_newest_first_in_pages(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let bob = shop.world.account("bob").await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, shop.keep(shop.order()).await);
        shop.keep(an_order(bob, &shop.pack, &shop.world.ids)).await;
    }
    let list = async |wanted| {
        shop.world
            .store
            .all_orders(&OrderFilter { account: Some(shop.account), status: None }, &wanted)
            .await
            .unwrap()
    };
    let first = list(page(2, 0)).await;
    assert_eq!(first.items, made[..2]);
    assert_eq!(list(page(2, 2)).await.items, made[2..4]);
    // New orders do not shift later pages.
    shop.keep(shop.order()).await;
    let second = list(page_after(2, first.next.unwrap())).await;
    assert_eq!(second.items, made[2..4]);
    let third = list(page_after(2, second.next.unwrap())).await;
    assert_eq!((third.items.as_slice(), third.next), (&made[4..], None));
}
