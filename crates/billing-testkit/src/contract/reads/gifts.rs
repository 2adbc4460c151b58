//! Gifts.

use std::sync::Arc;

use billing_core::catalog::Plan;
use billing_core::changes::Changes;
use billing_core::gifts::{Gift, GiftCode, GiftOrigin, GiftStatus, Redeemed};
use billing_core::ledger::Actor;
use billing_core::ports::{GiftFilter, GiftRef};
use billing_core::values::{AccountId, ApiKeyId, Cursor, GiftId, OrderId, PageRequest};

use super::super::world::World;
use crate::Stores;
use crate::builders::{
    a_complimentary_gift, a_full_gift, a_gift, a_plan, an_order_for_a_gift, page, page_after, request_key,
};

/// A store with an account that buys gifts.
struct Shop {
    world: World,
    account: AccountId,
    plan: Plan,
}

impl Shop {
    async fn open(store: Arc<dyn Stores>) -> Self {
        let world = World::new(store);
        let account = world.account("ada").await;
        let plan = a_plan("pro", &world.ids);
        world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
        Self { world, account, plan }
    }

    /// A gift, with its stored order.
    async fn bought(
        &self,
        make: fn(&billing_core::orders::Order, &Plan, &crate::SequentialIds) -> Gift,
    ) -> Gift {
        self.bought_by(self.account, make).await
    }

    async fn bought_by(
        &self,
        buyer: AccountId,
        make: fn(&billing_core::orders::Order, &Plan, &crate::SequentialIds) -> Gift,
    ) -> Gift {
        let order = an_order_for_a_gift(buyer, &self.plan, &self.world.ids);
        self.world.write(Changes { orders: vec![order.clone()], ..Changes::default() }).await;
        make(&order, &self.plan, &self.world.ids)
    }

    async fn keep(&self, gift: Gift) -> Gift {
        self.world.write(Changes { gifts: vec![gift.clone()], ..Changes::default() }).await;
        Gift { version: gift.version + 1, ..gift }
    }
}

/// A gift is read with every field, set or unset, in every status, by its id, code, order and request.
pub async fn a_gift_reads_back(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let store = &shop.world.store;
    let mut all = vec![
        shop.bought(|order, plan, ids| a_gift(order, plan, ids)).await,
        shop.bought(|order, plan, ids| a_full_gift(order, plan, ids)).await,
        a_complimentary_gift(shop.account, &shop.plan, "given", &shop.world.ids),
    ];
    let mut by_key = a_complimentary_gift(shop.account, &shop.plan, "by-key", &shop.world.ids);
    let given_by = Actor::Key(ApiKeyId::new(&shop.world.ids));
    by_key.origin = GiftOrigin::Complimentary { reason: "größe".to_owned(), given_by };
    all.push(by_key);
    for status in GiftStatus::ALL {
        all.push(Gift { status: *status, ..shop.bought(|order, plan, ids| a_gift(order, plan, ids)).await });
    }
    for gift in all {
        assert_eq!(store.gift(GiftRef::Id(gift.id)).await.unwrap(), None);
        let kept = shop.keep(gift).await;
        assert_eq!(store.gift(GiftRef::Id(kept.id)).await.unwrap(), Some(kept.clone()));
        if let (Some(code), Some(order)) = (kept.code(), kept.order()) {
            assert_eq!(store.gift(GiftRef::Code(code)).await.unwrap(), Some(kept.clone()));
            assert_eq!(store.gift(GiftRef::Order(order)).await.unwrap(), Some(kept.clone()));
        }
        if let Some(Redeemed { by, request: Some(key), .. }) = &kept.redeemed {
            assert_eq!(store.gift(GiftRef::Request(*by, key)).await.unwrap(), Some(kept.clone()));
        }
    }
    let bob = shop.world.account("bob").await;
    assert_eq!(store.gift(GiftRef::Request(bob, &request_key("given"))).await.unwrap(), None);
    assert_eq!(store.gift(GiftRef::Request(shop.account, &request_key("other"))).await.unwrap(), None);
    assert_eq!(store.gift(GiftRef::Id(GiftId::new(&shop.world.ids))).await.unwrap(), None);
    assert_eq!(store.gift(GiftRef::Code(&GiftCode::new([9; 16]))).await.unwrap(), None);
    assert_eq!(store.gift(GiftRef::Order(OrderId::new(&shop.world.ids))).await.unwrap(), None);
}

/// Gifts are listed newest first, and filtered by buyer and by status.
pub async fn gifts_come_newest_first_in_pages(store: Arc<dyn Stores>) {
    let shop = Shop::open(store).await;
    let bob = shop.world.account("bob").await;
    let mut ids = Vec::new();
    for (buyer, status) in
        [(shop.account, GiftStatus::Pending), (bob, GiftStatus::Paid), (shop.account, GiftStatus::Paid)]
    {
        let gift = shop.bought_by(buyer, |order, plan, ids| a_gift(order, plan, ids)).await;
        ids.push(shop.keep(Gift { status, ..gift }).await.id);
    }
    ids.push(shop.keep(a_complimentary_gift(bob, &shop.plan, "given", &shop.world.ids)).await.id);
    let all = GiftFilter::default();
    let find = async |filter: GiftFilter, wanted: PageRequest| {
        let found = shop.world.store.all_gifts(&filter, &wanted).await.unwrap();
        (found.items.iter().map(|gift| gift.id).collect::<Vec<_>>(), found.next)
    };
    assert_eq!(find(all, page(9, 0)).await.0, [ids[3], ids[2], ids[1], ids[0]]);
    assert_eq!(find(all, page(2, 1)).await.0, [ids[2], ids[1]]);
    let (first, next) = find(all, page(3, 0)).await;
    assert_eq!(first, [ids[3], ids[2], ids[1]]);
    assert_eq!(find(all, page_after(3, next.unwrap())).await, (vec![ids[0]], None));
    assert_eq!(find(GiftFilter { buyer: Some(shop.account), ..all }, page(9, 0)).await.0, [ids[2], ids[0]]);
    assert_eq!(find(GiftFilter { buyer: Some(bob), ..all }, page(9, 0)).await.0, [ids[1]]);
    let paid = GiftFilter { status: Some(GiftStatus::Paid), ..all };
    assert_eq!(find(paid, page(9, 0)).await.0, [ids[2], ids[1]]);
    let foreign = PageRequest::try_new(Some(2), None, Some(Cursor::new("nonsense"))).unwrap();
    assert!(shop.world.store.all_gifts(&all, &foreign).await.is_err());
}
