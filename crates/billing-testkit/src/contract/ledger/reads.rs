//! Round trips of stored values.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::ledger::{
    Actor, Command, EntryType, Grant, GrantCredits, Origin, Posting, Source, SpendCredits, TextKey,
};
use billing_core::ledger::{Balance, Buckets, SpendType};
use billing_core::ports::EntryFilter;
use billing_core::values::{AccountId, ApiKeyId, Credits, IdSource};

use super::super::world::World;
use crate::Stores;
use crate::builders::{
    a_grant, a_pack, a_plan, a_posting, a_spend, a_subscription, an_order, give, metadata, noon, page, take,
};

/// A new account has an empty ledger; an unknown one has none.
pub async fn a_new_account_has_an_empty_ledger(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let balance = world.balance(account).await;
    assert_eq!(balance, Balance { text_key: balance.text_key, ..Balance::empty(account) });
    assert_ne!(balance.text_key, TextKey::NONE);
    let state = world.store.state(account).await.unwrap().unwrap();
    assert_eq!((state.balance.seq, state.live_grants().count()), (0, 0));
    let history = world.history(account).await;
    assert_eq!(
        (history.lines.entries.len(), history.kept.grants.len(), history.lines.allocations.len()),
        (0, 0, 0)
    );
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(world.store.balance(unknown).await.unwrap(), None);
    assert_eq!(world.store.state(unknown).await.unwrap(), None);
    assert!(world.store.history(unknown).await.unwrap().is_none());
}

/// An entry is read with everything that its posting answered, set or unset.
pub async fn an_entry_reads_back_as_it_was_answered(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let notes = metadata([("model", "größe 🦉"), ("empty", ""), ("quoted", "\"'\\ \n")]);
    let full = SpendCredits {
        kind: EntryType::Spend(SpendType::parse("ai_usage").unwrap()),
        description: "Für alles: \"x\", 'y' and a 🦉".to_owned(),
        metadata: notes.clone(),
        ..take(3)
    };
    let gift = GrantCredits { metadata: notes, kind: EntryType::ADJUSTMENT, ..give("f", 10) };
    let actors = [
        Actor::User,
        Actor::Key(ApiKeyId::from_uuid(world.ids.next_uuid())),
        Actor::Operator("cli: root".to_owned()),
        Actor::Provider("stripe:evt_1".to_owned()),
    ];
    let commands =
        [Command::Grant(gift), Command::Spend(full), Command::Spend(take(1)), Command::Spend(take(2))];
    let mut answered = Vec::new();
    for (number, (command, actor)) in commands.into_iter().zip(actors).enumerate() {
        let posting = Posting { actor, ..a_posting(account, &format!("p{number}"), vec![command]) };
        answered.extend(world.post_one(posting).await.unwrap().entries);
    }
    assert_eq!(world.history(account).await.lines.entries, answered);
    answered.reverse();
    let listed = world.store.entries(account, &EntryFilter::default(), &page(10, 0)).await.unwrap();
    assert_eq!(listed.items, answered);
    let all = world.store.all_entries(&EntryFilter::default(), &page(10, 0)).await.unwrap();
    assert_eq!(all.items.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(), answered);
    world.is_sound().await;
}

/// A grant is read with every field, set or unset, for any source.
pub async fn a_grant_reads_back_as_it_was_made(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let (plan, pack) = (a_plan("pro", &world.ids), a_pack("small", &world.ids));
    let order = an_order(account, &pack, &world.ids);
    let subscription = a_subscription(account, &plan, "sub_1", &world.ids);
    let origin = Origin { order: Some(order.id), subscription: Some(subscription.id) };
    world
        .write(Changes {
            plans: vec![plan],
            packs: vec![pack],
            orders: vec![order],
            subscriptions: vec![subscription],
            ..Changes::default()
        })
        .await;
    let mut commands: Vec<_> = Source::ALL
        .iter()
        .map(|source| GrantCredits { source: *source, ..give(source.as_str(), 10) })
        .collect();
    commands[0].priority = i16::MIN;
    commands[1].priority = i16::MAX;
    commands[2].origin = origin;
    commands[3].expires_at = Some(noon().plus_days(9));
    commands[4].effective_at = Some(noon().plus_days(3));
    commands[5].description = String::from("Für alle 🦉");
    let commands = commands.into_iter().map(Command::Grant).collect();
    let made = world.post_one(a_posting(account, "p", commands)).await.unwrap().grants;
    assert_eq!(made.len(), Source::ALL.len());
    assert_eq!(world.history(account).await.kept.grants, made);
    let state = world.store.state(account).await.unwrap().unwrap();
    let mut live: Vec<Grant> = state.live_grants().cloned().collect();
    live.sort_by_key(|grant| grant.id);
    assert_eq!(live, made);
    world.is_sound().await;
}

/// Only live grants are loaded for decisions and reads; the history keeps all.
pub async fn used_up_grants_are_no_longer_live(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    world.post(vec![a_grant(account, "a", 5), a_grant(account, "b", 5), a_spend(account, "s", 7)]).await;
    let state = world.store.state(account).await.unwrap().unwrap();
    let left: Vec<_> = state.live_grants().map(|grant| grant.remaining.get()).collect();
    assert_eq!(left, [3]);
    assert_eq!(state.balance, world.balance(account).await);
    assert_eq!(world.history(account).await.kept.grants.len(), 2);
    world.is_sound().await;
}

/// The rest is summed up by source.
pub async fn buckets_are_kept_by_source(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let commands = Source::ALL
        .iter()
        .map(|source| Command::Grant(GrantCredits { source: *source, ..give(source.as_str(), 10) }));
    world.post_one(a_posting(account, "p", commands.collect())).await.unwrap();
    world.post_one(a_spend(account, "s", 45)).await.unwrap();
    let buckets = world.balance(account).await.buckets;
    // Promo, check-in, bonus and gift are gone, and half of the plan's.
    let expected = Buckets { plan: Credits::new(5), purchased: Credits::new(10), bonus: Credits::new(20) };
    assert_eq!(buckets, expected);
    world.is_sound().await;
}
