//! An operator gives a plan to an account.

use billing_core::BillingError;
use billing_core::Job;
use billing_core::gifts::{GiftOrigin, GiftStatus};
use billing_core::ledger::Actor;
use billing_core::payments::Channel;
use billing_core::requests::{GiveSubscription, RedeemedGift};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{IdSource, PlanId};
use billing_testkit::SequentialIds;
use billing_testkit::builders::{an_external_id, page, request_key};

use super::shop::Shop;

impl Shop {
    fn giving(&self, account: &str, months: u32, key: &str) -> GiveSubscription {
        GiveSubscription {
            account: an_external_id(account),
            plan: self.plan.id,
            months,
            reason: "A long outage".to_owned(),
            key: request_key(key),
            actor: Actor::Operator("ann".to_owned()),
        }
    }

    async fn gives(&self, account: &str, months: u32, key: &str) -> Result<RedeemedGift, BillingError> {
        self.billing.give_subscription(&self.giving(account, months, key)).await
    }
}

#[tokio::test]
async fn a_plan_is_given_for_some_months_and_nobody_pays() {
    let shop = Shop::open().await;
    let given = shop.gives("bob", 2, "k").await.unwrap();
    assert_eq!((given.gift.status, given.gift.code()), (GiftStatus::Redeemed, None));
    let subscription = shop.shows("bob").await.unwrap();
    assert_eq!((subscription.channel, subscription.status), (Channel::GIFT, SubscriptionStatus::Active));
    assert_eq!(shop.balance("bob").await, 2000);
    let all = shop.billing.all_gifts(None, None, &page(10, 0)).await.unwrap().items;
    let (buyer, owner, gift) = &all[0];
    assert_eq!((buyer, owner.as_ref()), (&None, Some(&an_external_id("bob"))));
    let GiftOrigin::Complimentary { reason, given_by } = &gift.origin else { panic!("{gift:?}") };
    assert_eq!((reason.as_str(), given_by), ("A long outage", &Actor::Operator("ann".to_owned())));
    shop.comes_to(1, 0);
    assert_eq!(shop.balance("bob").await, 2000);
    shop.comes_to(2, 0);
    assert_eq!(shop.balance("bob").await, 0);
    assert_eq!(shop.shows("bob").await.unwrap().status, SubscriptionStatus::Canceled);
    shop.gives("bob", 1, "again").await.unwrap();
    assert_eq!(shop.balance("bob").await, 2000);
    shop.billing.run_due(Job::Gifts).await.unwrap();
    assert_eq!(shop.shows("bob").await.unwrap().status, SubscriptionStatus::Active);
    assert_eq!(shop.provider.asked(), []);
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn one_request_gives_once() {
    let shop = Shop::open().await;
    let first = shop.gives("bob", 2, "k").await.unwrap();
    let again = shop.gives("bob", 2, "k").await.unwrap();
    assert_eq!((first.replayed, again.replayed, first.gift.id), (false, true, again.gift.id));
    assert_eq!(shop.balance("bob").await, 2000);
    assert_eq!(shop.gives("bob", 3, "k").await.unwrap_err().code(), "idempotency_key_reused");
    assert_eq!(shop.gives("bob", 2, "other").await.unwrap_err().code(), "already_subscribed");
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_before_anybody_is_made_an_account() {
    let shop = Shop::open().await;
    for months in [0, 37] {
        assert_eq!(shop.gives("bob", months, "k").await.unwrap_err().code(), "invalid_request");
    }
    let plan = PlanId::from_uuid(SequentialIds::starting_at(9_000_000).next_uuid());
    let unknown = GiveSubscription { plan, ..shop.giving("bob", 1, "k") };
    assert_eq!(shop.billing.give_subscription(&unknown).await.unwrap_err().code(), "not_found");
    assert!(!shop.knows("bob").await);
}
