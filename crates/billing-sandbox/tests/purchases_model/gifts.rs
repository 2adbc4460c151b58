//! Gifts.

use billing_core::gifts::{Gift, GiftStatus};
use billing_core::ledger::audit;
use billing_core::payments::Channel;
use billing_core::requests::PurchaseItem;
use billing_testkit::builders::{a_checkout, an_external_id, page};

use crate::laws::is_restored;
use crate::world::{BUYER, World};

/// The accounts that redeem gifts.
const OTHERS: [&str; 2] = ["bob", "cleo"];

/// Opens a checkout for `months` of a plan.
pub(crate) async fn checkout(world: &mut World, months: u32) {
    let wanted = PurchaseItem::Gift(world.changeable[0], months);
    let key = format!("gift-{}", world.count);
    let started =
        world.billing.start_checkout(&a_checkout(BUYER, Channel::named("sandbox"), wanted, Some(&key))).await;
    // A gift can be bought whatever the buyer has.
    let started = started.unwrap();
    let token = started.session.url.rsplit('/').next().unwrap();
    world.gifts.insert(started.order.id);
    world.open.push(world.sandbox.session(token).unwrap());
}

/// Another account redeems the gift at this index: it succeeds once, if the gift is paid and the account is not
/// subscribed.
pub(crate) async fn redeem(world: &World, place: usize, by: usize) {
    let gifts = all(world).await;
    let Some(place) = place.checked_rem(gifts.len()) else { return };
    let (gift, name) = (&gifts[place], an_external_id(OTHERS[by % OTHERS.len()]));
    let subscribed = match world.billing.account(&name).await {
        Ok(account) => {
            let now = world.billing.now();
            let known = world.store.subscriptions(account.id).await.unwrap();
            known.into_iter().any(|known| known.as_of(now).is_live())
        }
        Err(_) => false,
    };
    let done = world.billing.redeem_gift(&name, gift.code().unwrap().reveal(), None).await;
    match done {
        Ok(_) => {
            assert!(gift.status == GiftStatus::Paid && !subscribed, "{gift:?} {subscribed}");
            let order = gift.order().unwrap();
            assert!(world.bought.iter().any(|(session, _)| session.order == order), "it was paid: {gift:?}");
        }
        Err(refused) => {
            assert_eq!(all(world).await, gifts, "what is refused changes nothing");
            // While its payment is disputed, the gift counts as refunded.
            let may = gift.status != GiftStatus::Paid || subscribed || refused.code() == "gift_refunded";
            assert!(may, "it was paid, and nobody had it: {refused:?}");
        }
    }
}

/// Each gift grants at most its months' credits, each month's once, and only to the account that redeemed it.
pub(crate) async fn hold(world: &World) {
    let gifts = all(world).await;
    for name in OTHERS {
        let Ok(account) = world.billing.account(&an_external_id(name)).await else { continue };
        let Some(history) = world.store.history(account.id).await.unwrap() else { continue };
        assert_eq!(audit::check(&history), []);
        for grant in history.kept.grants.iter().filter(|grant| !is_restored(grant)) {
            let has = |gift: &&Gift| {
                gift.facts().contains(&grant.business_key)
                    && gift.redeemed.as_ref().is_some_and(|redeemed| redeemed.by == account.id)
            };
            let gift = gifts.iter().find(has);
            // Each month's business key exists once, with the plan's credits, so nothing else was granted.
            assert!(gift.is_some_and(|gift| grant.amount == gift.plan.terms.credits), "{grant:?} {gift:?}");
        }
        let mut keys: Vec<_> = history.kept.grants.iter().map(|grant| &grant.business_key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), history.kept.grants.len(), "each month comes once");
        let known = world.store.subscriptions(account.id).await.unwrap();
        let now = world.billing.now();
        assert!(known.into_iter().filter(|known| known.clone().as_of(now).is_live()).count() <= 1);
    }
}

async fn all(world: &World) -> Vec<Gift> {
    world.billing.gifts(&an_external_id(BUYER), &page(1000, 0)).await.unwrap().items
}
