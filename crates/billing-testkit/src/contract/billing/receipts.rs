//! An event is processed once, together with its effect.

use std::sync::Arc;

use billing_core::changes::{Changes, Setting};
use billing_core::ledger::Refusal;
use billing_core::payments::Channel;
use billing_core::ports::{CommitError, StoreError};
use billing_core::values::{AccountId, InboxEventId};
use billing_core::webhooks::{InboxEvent, InboxState, Receipt, ReceiptOutcome};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_grant, a_spend, an_event};

async fn received(world: &World, event_id: &str) -> InboxEventId {
    let event = an_event(event_id, &world.ids);
    let id = event.id;
    world.store.receive(event).await.unwrap();
    id
}

async fn stored(world: &World, event_id: &str) -> InboxEvent {
    world.store.event(Channel::named("stripe"), event_id).await.unwrap().unwrap()
}

/// Changes that show whether they were written.
fn effect(event: InboxEventId, account: AccountId, key: &str) -> Changes {
    let receipt = Some(Receipt { event, outcome: ReceiptOutcome::Processed });
    Changes { receipt, postings: vec![a_grant(account, key, 10)], ..Changes::default() }
}

/// A receipt marks its event, together with the effect.
pub async fn a_receipt_marks_its_event(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let event = received(&world, "evt_1").await;
    let other = received(&world, "evt_2").await;
    world.write(effect(event, account, "g")).await;
    let marked = stored(&world, "evt_1").await;
    assert_eq!((marked.state, marked.note, marked.next_attempt_at), (InboxState::Processed, None, None));
    assert_eq!(world.available(account).await, 10);
    let ignored = Receipt { event: other, outcome: ReceiptOutcome::Ignored("not ours".to_owned()) };
    world.write(Changes { receipt: Some(ignored), ..Changes::default() }).await;
    let marked = stored(&world, "evt_2").await;
    assert_eq!(marked.state, InboxState::Ignored);
    assert_eq!((marked.note.as_deref(), marked.next_attempt_at), (Some("not ours"), None));
    world.is_sound().await;
}

/// A second receipt of one event writes nothing, whatever its outcome and its other changes.
pub async fn a_second_receipt_writes_nothing(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let outcomes = [ReceiptOutcome::Processed, ReceiptOutcome::Ignored("not ours".to_owned())];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let event = received(&world, &format!("evt_{number}")).await;
        world.write(Changes { receipt: Some(Receipt { event, outcome }), ..Changes::default() }).await;
        let before = stored(&world, &format!("evt_{number}")).await;
        let setting = Setting { name: format!("late {number}"), value: String::new() };
        let late = Changes { settings: vec![setting], ..effect(event, account, "late") };
        let ended = world.commit(late).await;
        assert!(matches!(ended, Err(CommitError::AlreadyHandled)), "{ended:?}");
        assert_eq!(world.store.setting(&format!("late {number}")).await.unwrap(), None);
        assert_eq!(stored(&world, &format!("evt_{number}")).await, before);
    }
    assert_eq!(world.balance(account).await.seq, 0);
}

/// "Already processed" takes precedence over every other error.
pub async fn a_second_receipt_is_told_apart_from_a_conflict(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let event = received(&world, "evt_1").await;
    let setting = Setting { name: "once".to_owned(), value: String::new() };
    let changes = Changes { settings: vec![setting], ..effect(event, account, "g") };
    world.write(changes.clone()).await;
    let ended = world.commit(changes.clone()).await;
    assert!(matches!(ended, Err(CommitError::AlreadyHandled)), "{ended:?}");
    let ended = world.commit(Changes { postings: vec![a_spend(account, "s", 99)], ..changes }).await;
    assert!(matches!(ended, Err(CommitError::AlreadyHandled)), "{ended:?}");
}

/// A refused or conflicting effect leaves its event unmarked.
pub async fn an_effect_that_fails_leaves_its_event_open(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let event = received(&world, "evt_1").await;
    let before = stored(&world, "evt_1").await;
    let poor = Changes { postings: vec![a_spend(account, "s", 1)], ..effect(event, account, "g") };
    let ended = world.commit(poor).await;
    let refused = matches!(ended, Err(CommitError::Refused(Refusal::InsufficientCredits { .. })));
    assert!(refused, "{ended:?}");
    let setting = || vec![Setting { name: "once".to_owned(), value: String::new() }];
    world.write(Changes { settings: setting(), ..Changes::default() }).await;
    world.conflicts(Changes { settings: setting(), ..effect(event, account, "g") }).await;
    assert_eq!(stored(&world, "evt_1").await, before);
    world.write(effect(event, account, "g")).await;
    world.is_sound().await;
}

/// A dead event can still be processed later.
pub async fn a_dead_event_can_still_be_dealt_with(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let event = received(&world, "evt_1").await;
    let dead = billing_core::webhooks::Attempt {
        state: InboxState::Dead,
        note: "gave up".to_owned(),
        next_attempt_at: None,
    };
    world.store.record_attempt(event, dead).await.unwrap();
    world.write(effect(event, account, "g")).await;
    assert_eq!(stored(&world, "evt_1").await.state, InboxState::Processed);
}

/// A receipt of an unknown event is an internal error, and writes nothing.
pub async fn a_receipt_of_an_unknown_event_writes_nothing(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let unknown = InboxEventId::from_uuid(uuid::Uuid::from_u128(404));
    let ended = world.commit(effect(unknown, account, "g")).await;
    assert!(matches!(ended, Err(CommitError::Store(StoreError::Corrupt(_)))), "{ended:?}");
    assert_eq!(world.balance(account).await.seq, 0);
}

/// One event that is applied 32 times concurrently grants once; all others get "already processed".
pub async fn one_event_at_once_is_one_effect(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let event = received(&world, "evt_1").await;
    let ended = world.commit_at_once(vec![effect(event, account, "g"); 32]).await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    let handled = |ended: &&_| matches!(ended, Err(CommitError::AlreadyHandled));
    assert_eq!(ended.iter().filter(handled).count(), 31, "{ended:?}");
    assert_eq!(world.available(account).await, 10);
    world.is_sound().await;
}

/// Two events with the same business key, applied concurrently, grant once and are both marked.
pub async fn two_events_of_one_fact_at_once_grant_once(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let mut changes = Vec::new();
    for number in 0..8 {
        let event = received(&world, &format!("evt_{number}")).await;
        changes.push(effect(event, account, "g"));
    }
    let ended = world.commit_at_once(changes).await;
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    let fresh = |ended: &&Result<billing_core::ports::Committed, CommitError>| {
        ended.as_ref().is_ok_and(|committed| !committed.posted[0].replayed)
    };
    assert_eq!(ended.iter().filter(fresh).count(), 1, "{ended:?}");
    for number in 0..8 {
        assert_eq!(stored(&world, &format!("evt_{number}")).await.state, InboxState::Processed);
    }
    assert_eq!(world.available(account).await, 10);
    world.is_sound().await;
}
