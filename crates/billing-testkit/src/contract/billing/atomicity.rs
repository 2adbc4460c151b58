//! Atomicity of commits.

use std::sync::Arc;

use billing_core::changes::{Changes, ProviderCustomer, Setting};
use billing_core::coupons::CouponUse;
use billing_core::ledger::Refusal;
use billing_core::payments::{Channel, PaymentRefs};
use billing_core::ports::{
    AccountRef, CheckInQuery, CommitError, CouponRef, GiftRef, OrderFilter, PaymentMethodRef, PaymentRef,
};
use billing_core::values::AccountId;

use super::super::world::{World, amounts};
use crate::Stores;
use crate::builders::{
    a_check_in, a_code, a_complimentary_gift, a_coupon, a_full_check_in_config, a_grant, a_key, a_pack,
    a_payment, a_payment_method, a_plan, a_rate_card, a_redemption, a_spend, a_subscription,
    a_subscription_command, an_account, an_external_id, an_order, noon, page, request_key,
};

/// Changes of every noun, all of a new account.
fn everything(world: &World) -> (AccountId, Changes) {
    let account = an_account("new", &world.ids);
    let (plan, pack) = (a_plan("pro", &world.ids), a_pack("small", &world.ids));
    let (rate_card, version) = a_rate_card("default", &world.ids);
    let coupon = a_coupon("summer", &world.ids);
    let order = an_order(account.id, &pack, &world.ids);
    let gift = a_complimentary_gift(account.id, &plan, "new", &world.ids);
    let subscription = a_subscription(account.id, &plan, "sub_1", &world.ids);
    let changes = Changes {
        redemptions: vec![a_redemption(&coupon, account.id, Some(order.id), &world.ids)],
        coupon_uses: vec![CouponUse::Take { coupon: coupon.id, version: 1 }],
        coupons: vec![coupon],
        provider_customers: vec![ProviderCustomer {
            channel: Channel::named("stripe"),
            account: account.id,
            customer: "cus_1".to_owned(),
            replaces: None,
            deleted: false,
        }],
        orders: vec![order],
        gifts: vec![gift],
        payments: vec![a_payment(account.id, "pi_new", &world.ids)],
        payment_methods: vec![a_payment_method(account.id, "pm_new")],
        subscription_commands: vec![a_subscription_command(&subscription, "new")],
        subscriptions: vec![subscription],
        plans: vec![plan],
        packs: vec![pack],
        rate_cards: vec![rate_card],
        rate_card_versions: vec![version],
        check_in_config: Some(a_full_check_in_config()),
        check_ins: vec![a_check_in(account.id, "2026-04-15", &world.ids)],
        api_keys: vec![a_key(1, &world.ids)],
        settings: vec![Setting { name: "secret".to_owned(), value: "s3cr3t".to_owned() }],
        postings: vec![a_grant(account.id, "g", 10)],
        receipt: None,
        accounts: vec![account],
    };
    (changes.accounts[0].id, changes)
}

/// The number of rows of each noun.
async fn rows(world: &World, account: AccountId) -> Vec<usize> {
    let (store, names) = (&world.store, PaymentRefs::of_payment("pi_new"));
    let payment = PaymentRef::Refs(Channel::named("stripe"), &names);
    let own = OrderFilter { account: Some(account), status: None };
    let coupon = store.coupon(CouponRef::Code(&a_code("summer"))).await.unwrap();
    let redemptions = match &coupon {
        Some(coupon) => store.redemptions(coupon.id, account).await.unwrap().len(),
        None => 0,
    };
    let command = store.subscription_command(account, &request_key("new")).await.unwrap();
    vec![
        usize::from(command.is_some()),
        usize::try_from(coupon.map_or(0, |coupon| coupon.uses)).unwrap(),
        redemptions,
        usize::from(store.gift(GiftRef::Request(account, &request_key("new"))).await.unwrap().is_some()),
        usize::from(store.account(AccountRef::Id(account)).await.unwrap().is_some()),
        usize::from(store.account(AccountRef::External(&an_external_id("new"))).await.unwrap().is_some()),
        usize::from(store.balance(account).await.unwrap().is_some()),
        usize::from(store.provider_customer(Channel::named("stripe"), account).await.unwrap().is_some()),
        store.plans().await.unwrap().len(),
        store.packs().await.unwrap().len(),
        store.rate_cards().await.unwrap().len(),
        usize::from(store.rate_card_version("default", 1).await.unwrap().is_some()),
        store.all_orders(&own, &page(10, 0)).await.unwrap().items.len(),
        usize::from(store.payment(payment).await.unwrap().is_some()),
        usize::from(store.payment_method(PaymentMethodRef::Account(account)).await.unwrap().is_some()),
        store.subscriptions(account).await.unwrap().len(),
        usize::try_from(store.check_in_config().await.unwrap().version).unwrap(),
        store.check_ins(account, CheckInQuery::Latest).await.unwrap().len(),
        store.api_keys().await.unwrap().len(),
        usize::from(store.setting("secret").await.unwrap().is_some()),
    ]
}

/// All changes of a commit are written, and the postings are answered.
pub async fn all_changes_are_written_together(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (account, changes) = everything(&world);
    let committed = world.commit(changes).await.unwrap();
    assert_eq!(committed.posted.len(), 1);
    assert_eq!(amounts(&committed.posted[0]), [10]);
    assert_eq!(rows(&world, account).await, [1; 20]);
    assert_eq!(world.available(account).await, 10);
}

/// An empty commit succeeds.
pub async fn no_changes_are_committed_as_well(store: Arc<dyn Stores>) {
    let committed = World::new(store).commit(Changes::default()).await.unwrap();
    assert_eq!(committed.posted, []);
}

/// A refused posting rolls back everything else.
pub async fn a_refused_posting_writes_nothing_at_all(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (account, mut changes) = everything(&world);
    changes.postings.push(a_spend(account, "s", 11));
    let ended = world.commit(changes.clone()).await;
    let Err(CommitError::Refused(Refusal::InsufficientCredits { required, available, .. })) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!((required.get(), available.get()), (11, 10));
    assert_eq!(rows(&world, account).await, [0; 20]);
    // And every key is still free.
    changes.postings.pop();
    world.write(changes).await;
    assert_eq!(rows(&world, account).await, [1; 20]);
}

/// A posting to an unknown account is refused like any other.
pub async fn a_posting_to_an_unknown_account_is_refused(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    let ended =
        world.commit(Changes { postings: vec![a_grant(unknown, "g", 1)], ..Changes::default() }).await;
    assert!(matches!(ended, Err(CommitError::Refused(Refusal::UnknownAccount { .. }))), "{ended:?}");
}

/// A conflict in one noun rolls back all others, for every noun.
pub async fn a_conflict_writes_nothing_at_all(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let other = world.account("other").await;
    let setting = Setting { name: "taken".to_owned(), value: "1".to_owned() };
    let (plan, pack, key) = (a_plan("taken", &world.ids), a_pack("taken", &world.ids), a_key(9, &world.ids));
    let taken = Changes {
        plans: vec![plan],
        packs: vec![pack],
        api_keys: vec![key],
        settings: vec![setting],
        check_ins: vec![a_check_in(other, "2026-04-15", &world.ids)],
        ..Changes::default()
    };
    world.write(taken.clone()).await;
    let (account, changes) = everything(&world);
    let conflicting = [
        Changes { accounts: vec![an_account("other", &world.ids)], ..Changes::default() },
        Changes { plans: taken.plans, ..Changes::default() },
        Changes { packs: taken.packs, ..Changes::default() },
        Changes { api_keys: taken.api_keys, ..Changes::default() },
        Changes { settings: taken.settings, ..Changes::default() },
        Changes { check_ins: taken.check_ins, ..Changes::default() },
    ];
    let before = rows(&world, account).await;
    for conflict in conflicting {
        let mut both = changes.clone();
        both.accounts.extend(conflict.accounts);
        both.plans.extend(conflict.plans);
        both.packs.extend(conflict.packs);
        both.api_keys.extend(conflict.api_keys);
        both.settings.extend(conflict.settings);
        both.check_ins.extend(conflict.check_ins);
        world.conflicts(both).await;
        assert_eq!(rows(&world, account).await, before);
    }
    world.write(changes).await;
}

/// Postings of a commit and of the ledger's own port see each other.
pub async fn both_writing_ports_share_one_ledger(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 10).await;
    world.write(Changes { postings: vec![a_spend(account, "s", 4)], ..Changes::default() }).await;
    let again = world.post_one(a_spend(account, "s", 4)).await.unwrap();
    assert!(again.replayed);
    let replay = Changes { postings: vec![a_spend(account, "s", 4)], ..Changes::default() };
    let committed = world.commit(replay).await.unwrap();
    assert!(committed.posted[0].replayed);
    assert_eq!(committed.posted[0].entries, again.entries);
    assert_eq!(world.available(account).await, 6);
    world.is_sound().await;
}

/// Concurrent postings through both ports lose no credit.
pub async fn both_writing_ports_can_be_used_at_once(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    let commits = (0..10)
        .map(|number| Changes {
            postings: vec![a_spend(account, &format!("c{number}"), 3)],
            ..Changes::default()
        })
        .collect();
    let posts = (0..10).map(|number| vec![a_spend(account, &format!("p{number}"), 2)]).collect();
    let (committed, posted) = tokio::join!(world.commit_at_once(commits), world.post_at_once(posts));
    assert!(committed.iter().all(Result::is_ok), "{committed:?}");
    assert!(posted.iter().flatten().all(Result::is_ok), "{posted:?}");
    assert_eq!(world.available(account).await, 50);
    world.is_sound().await;
}

/// A commit posts at the given time.
pub async fn a_commit_posts_at_the_moment_that_it_is_given(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let now = noon().plus_days(3);
    let changes = Changes { postings: vec![a_grant(account, "g", 1)], ..Changes::default() };
    let committed = world.store.commit(changes, now).await.unwrap();
    assert_eq!(committed.posted[0].entries[0].effective_at, now);
    world.is_sound().await;
}

/// A new store is healthy.
pub async fn a_store_that_was_set_up_is_healthy(store: Arc<dyn Stores>) {
    assert!(store.health().await.unwrap().migrated);
}
