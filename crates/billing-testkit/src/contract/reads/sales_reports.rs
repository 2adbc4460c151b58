//! Lists for operators.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::orders::{Order, OrderStatus};
use billing_core::ports::{OrderFilter, PaymentRef, SubscriptionFilter};
use billing_core::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use billing_core::values::{Cursor, PageRequest};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_pack, a_payment, a_plan, a_subscription, an_order, page, page_after};

/// The ids of a list, page by page of two, by both kinds of pages.
macro_rules! all_of {
    ($list:expr) => {{
        let list = $list;
        let (mut found, mut wanted) = (Vec::new(), page(2, 0));
        loop {
            let next: billing_core::values::Page<_> = list(wanted).await.unwrap();
            assert!(next.items.len() <= 2);
            found.extend(next.items.iter().map(|item| item.id));
            match next.next {
                Some(cursor) => wanted = page_after(2, cursor),
                None => break,
            }
        }
        let offset: Vec<_> = list(page(100, 1)).await.unwrap().items.iter().map(|item| item.id).collect();
        assert_eq!(found.get(1..).unwrap_or_default(), offset);
        let foreign = PageRequest::try_new(Some(2), None, Some(Cursor::new("nonsense"))).unwrap();
        assert!(list(foreign).await.is_err());
        found
    }};
}

/// All accounts' orders are listed newest first, and filtered by account and status.
pub async fn all_orders_can_be_looked_through(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let pack = a_pack("small", &world.ids);
    world.write(Changes { packs: vec![pack.clone()], ..Changes::default() }).await;
    let mut ids = Vec::new();
    for (account, status) in
        [(ada, OrderStatus::Pending), (bob, OrderStatus::Completed), (ada, OrderStatus::Completed)]
    {
        let order = Order { status, ..an_order(account, &pack, &world.ids) };
        ids.push(order.id);
        world.write(Changes { orders: vec![order], ..Changes::default() }).await;
    }
    let of = async |filter: OrderFilter| {
        all_of!(async |page: PageRequest| world.store.all_orders(&filter, &page).await)
    };
    assert_eq!(of(OrderFilter::default()).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(of(OrderFilter { account: Some(ada), status: None }).await, [ids[2], ids[0]]);
    let completed = Some(OrderStatus::Completed);
    assert_eq!(of(OrderFilter { account: None, status: completed }).await, [ids[2], ids[1]]);
    assert_eq!(of(OrderFilter { account: Some(bob), status: completed }).await, [ids[1]]);
    assert_eq!(of(OrderFilter { account: Some(bob), status: Some(OrderStatus::Failed) }).await, []);
}

/// All accounts' payments are listed newest first, and filtered by account; each is found by its id.
pub async fn all_payments_can_be_looked_through(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let mut ids = Vec::new();
    for (number, account) in [ada, bob, ada].into_iter().enumerate() {
        let payment = a_payment(account, &format!("pi_{number}"), &world.ids);
        ids.push(payment.id);
        world.write(Changes { payments: vec![payment], ..Changes::default() }).await;
    }
    let of =
        async |account| all_of!(async |page: PageRequest| world.store.all_payments(account, &page).await);
    assert_eq!(of(None).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(of(Some(ada)).await, [ids[2], ids[0]]);
    let found = world.store.payment(PaymentRef::Id(ids[1])).await.unwrap().unwrap();
    assert_eq!(found.refs.payment.as_deref(), Some("pi_1"));
    let none = billing_core::values::PaymentId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(world.store.payment(PaymentRef::Id(none)).await.unwrap(), None);
}

/// All accounts' subscriptions are listed newest first, and filtered by account, status and role.
pub async fn all_subscriptions_can_be_looked_through(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let plan = a_plan("pro", &world.ids);
    world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
    let mut ids = Vec::new();
    for (number, (account, status, role)) in [
        (ada, SubscriptionStatus::Active, SubscriptionRole::Active),
        (ada, SubscriptionStatus::Active, SubscriptionRole::Duplicate),
        (bob, SubscriptionStatus::Canceled, SubscriptionRole::DuplicateUnresolved),
    ]
    .into_iter()
    .enumerate()
    {
        let bare = a_subscription(account, &plan, &format!("sub_{number}"), &world.ids);
        ids.push(bare.id);
        let subscription = Subscription { status, role, ..bare };
        world.write(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
    }
    let of = async |filter: SubscriptionFilter| {
        all_of!(async |page: PageRequest| world.store.all_subscriptions(&filter, &page).await)
    };
    let all = SubscriptionFilter::default();
    assert_eq!(of(all).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(of(SubscriptionFilter { account: Some(ada), ..all }).await, [ids[1], ids[0]]);
    let active = Some(SubscriptionStatus::Active);
    assert_eq!(of(SubscriptionFilter { status: active, ..all }).await, [ids[1], ids[0]]);
    let role = Some(SubscriptionRole::Duplicate);
    assert_eq!(of(SubscriptionFilter { role, ..all }).await, [ids[1]]);
}
