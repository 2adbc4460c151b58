//! The webhook inbox.

use std::collections::BTreeSet;
use std::sync::Arc;

use billing_core::payments::Channel;
use billing_core::ports::Received;
use billing_core::values::{InboxEventId, PageRequest, Position, Timestamp};
use billing_core::webhooks::{Attempt, InboxEvent, InboxState};

use super::world::{World, at_once};
use crate::Stores;
use crate::builders::{an_event, noon};

const LEASE: i64 = 60;

async fn claim(world: &World, now: Timestamp, limit: u32) -> Vec<InboxEvent> {
    world.store.claim(now, now.plus_seconds(LEASE), limit).await.unwrap()
}

async fn claimed(world: &World, now: Timestamp, limit: u32) -> Vec<String> {
    claim(world, now, limit).await.into_iter().map(|event| event.event_id).collect()
}

async fn receive(world: &World, event: InboxEvent) {
    assert_eq!(world.store.receive(event).await.unwrap(), Received::New);
}

fn attempt(state: InboxState, next_attempt_at: Option<Timestamp>) -> Attempt {
    Attempt { state, note: "it went wrong: \"größe\"".to_owned(), next_attempt_at }
}

/// An event is stored byte for byte, with every field.
pub async fn an_event_is_kept_byte_for_byte(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let every_byte: Vec<u8> = (0..=255).collect();
    let bodies = [every_byte, Vec::new(), b"{ \"a\":1,\"a\":2 }\r\n".to_vec(), "größe 🦉\0".into()];
    for (number, body) in bodies.into_iter().enumerate() {
        let event = InboxEvent { body, ..an_event(&format!("evt_{number}"), &world.ids) };
        receive(&world, event.clone()).await;
        assert_eq!(world.store.event(Channel::named("stripe"), &event.event_id).await.unwrap(), Some(event));
    }
    let later = InboxEvent {
        kind: "größe".to_owned(),
        state: InboxState::Failed,
        attempts: 7,
        note: Some("once".to_owned()),
        next_attempt_at: None,
        ..an_event("evt_full", &world.ids)
    };
    receive(&world, later.clone()).await;
    assert_eq!(world.store.event(Channel::named("stripe"), "evt_full").await.unwrap(), Some(later));
    assert_eq!(world.store.event(Channel::named("stripe"), "evt_none").await.unwrap(), None);
}

/// A second delivery changes nothing, even with another content; another provider's event may have the same id.
pub async fn a_second_delivery_changes_nothing(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let first = an_event("evt_1", &world.ids);
    receive(&world, first.clone()).await;
    claim(&world, noon(), 1).await;
    let kept = world.store.event(Channel::named("stripe"), "evt_1").await.unwrap();
    let second = InboxEvent { body: b"other".to_vec(), ..an_event("evt_1", &world.ids) };
    assert_eq!(world.store.receive(second.clone()).await.unwrap(), Received::Duplicate);
    assert_eq!(world.store.event(Channel::named("stripe"), "evt_1").await.unwrap(), kept);
    receive(&world, InboxEvent { channel: Channel::named("sandbox"), ..second }).await;
    assert_eq!(world.store.event(Channel::named("sandbox"), "evt_1").await.unwrap().unwrap().body, b"other");
}

/// Of concurrent deliveries of one event one is new.
pub async fn of_many_deliveries_at_once_one_is_new(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let deliver = |event: InboxEvent| {
        let store = world.store.clone();
        async move { store.receive(event).await.unwrap() }
    };
    let events: Vec<_> = (0..16).map(|_| an_event("evt_1", &world.ids)).collect();
    let received = at_once(events.into_iter().map(deliver)).await;
    assert_eq!(received.iter().filter(|received| **received == Received::New).count(), 1);
}

/// A claim leases an event: no other claim gets it before the lease expires.
pub async fn a_claim_keeps_others_away_until_its_lease_ends(store: Arc<dyn Stores>) {
    let world = World::new(store);
    receive(&world, an_event("evt_1", &world.ids)).await;
    let first = claim(&world, noon(), 10).await;
    assert_eq!((first.len(), first[0].attempts), (1, 1));
    assert_eq!(first[0].next_attempt_at, Some(noon().plus_seconds(LEASE)));
    assert_eq!(world.store.event(Channel::named("stripe"), "evt_1").await.unwrap(), Some(first[0].clone()));
    assert_eq!(claimed(&world, noon(), 10).await, [""; 0]);
    assert_eq!(claimed(&world, noon().plus_seconds(LEASE - 1), 10).await, [""; 0]);
    let second = claim(&world, noon().plus_seconds(LEASE), 10).await;
    assert_eq!((second.len(), second[0].attempts), (1, 2));
}

/// Due events are claimed longest waiting first, up to the limit.
pub async fn what_waits_longest_comes_first(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let due = |event_id: &str, next: i64, received: i64| InboxEvent {
        next_attempt_at: Some(noon().plus_seconds(next)),
        received_at: noon().plus_seconds(received),
        ..an_event(event_id, &world.ids)
    };
    let events = [
        due("soon", 1, 0),
        due("second", -5, 0),
        due("third", -1, -9),
        due("first", -6, 0),
        due("fourth", -1, -3),
        due("fifth", -1, -3),
        due("sixth", 0, -10),
    ];
    for event in events {
        receive(&world, event).await;
    }
    assert_eq!(claimed(&world, noon(), 2).await, ["first", "second"]);
    assert_eq!(claimed(&world, noon(), 10).await, ["third", "fourth", "fifth", "sixth"]);
    assert_eq!(claimed(&world, noon().plus_seconds(1), 10).await, ["soon"]);
}

/// Processed and dead events are not claimed; failed and orphaned ones are, when they are due.
pub async fn only_what_is_open_is_claimed(store: Arc<dyn Stores>) {
    let world = World::new(store);
    for state in InboxState::ALL {
        receive(&world, InboxEvent { state: *state, ..an_event(state.as_str(), &world.ids) }).await;
    }
    let unplanned = InboxEvent { next_attempt_at: None, ..an_event("unplanned", &world.ids) };
    receive(&world, unplanned).await;
    let found: BTreeSet<_> = claimed(&world, noon(), 100).await.into_iter().collect();
    assert_eq!(found, BTreeSet::from(["pending", "failed", "orphan"].map(str::to_owned)));
}

/// A failed attempt is recorded, and repeated when it is due.
pub async fn what_is_put_off_comes_again(store: Arc<dyn Stores>) {
    let world = World::new(store);
    receive(&world, an_event("evt_1", &world.ids)).await;
    let event = claim(&world, noon(), 1).await.remove(0);
    let next = noon().plus_seconds(10);
    for state in [InboxState::Failed, InboxState::Orphan] {
        world.store.record_attempt(event.id, attempt(state, Some(next))).await.unwrap();
        let kept = world.store.event(Channel::named("stripe"), "evt_1").await.unwrap().unwrap();
        assert_eq!((kept.state, kept.attempts, kept.next_attempt_at), (state, 1, Some(next)));
        assert_eq!(kept.note.as_deref(), Some("it went wrong: \"größe\""));
    }
    assert_eq!(claimed(&world, noon().plus_seconds(9), 1).await, [""; 0]);
    assert_eq!(claim(&world, next, 1).await[0].attempts, 2);
    world.store.record_attempt(event.id, attempt(InboxState::Dead, None)).await.unwrap();
    assert_eq!(claimed(&world, noon().plus_days(9), 1).await, [""; 0]);
}

/// An event that was processed meanwhile stays processed.
pub async fn what_was_dealt_with_is_not_put_off(store: Arc<dyn Stores>) {
    let world = World::new(store);
    for state in InboxState::HANDLED {
        let dealt = InboxEvent { state, next_attempt_at: None, ..an_event(state.as_str(), &world.ids) };
        receive(&world, dealt.clone()).await;
        world.store.record_attempt(dealt.id, attempt(InboxState::Failed, Some(noon()))).await.unwrap();
        assert_eq!(world.store.event(Channel::named("stripe"), &dealt.event_id).await.unwrap(), Some(dealt));
    }
    let unknown = InboxEventId::from_uuid(uuid::Uuid::from_u128(404));
    world.store.record_attempt(unknown, attempt(InboxState::Failed, None)).await.unwrap();
}

/// Concurrent claims never share an event, and skip none.
pub async fn claimers_at_once_never_share_an_event(store: Arc<dyn Stores>) {
    let world = World::new(store);
    for number in 0..60 {
        receive(&world, an_event(&format!("evt_{number}"), &world.ids)).await;
    }
    let claimer = |_| {
        let store = world.store.clone();
        async move {
            let mut mine = Vec::new();
            loop {
                let more = store.claim(noon(), noon().plus_seconds(LEASE), 4).await.unwrap();
                mine.extend(more.iter().map(|event| event.event_id.clone()));
                // A store that hands out one event again and again would never come to an end.
                if more.is_empty() || mine.len() > 60 {
                    return mine;
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let taken: Vec<_> = at_once((0..8).map(claimer)).await.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = taken.iter().collect();
    assert_eq!(distinct.len(), taken.len(), "an event was taken twice");
    // One that was locked by another for a moment may be passed over; it is still there.
    let rest = claimed(&world, noon(), 100).await;
    assert_eq!(taken.len() + rest.len(), 60);
}

/// Events are listed in pages, newest first, all of them or those in one state, with every field but the body.
pub async fn events_are_listed_newest_first_by_state(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let states =
        [InboxState::Processed, InboxState::NeedsOperator, InboxState::Dead, InboxState::NeedsOperator];
    let mut stored = Vec::new();
    for (number, state) in states.into_iter().enumerate() {
        let note = (state != InboxState::Processed).then(|| format!("decide about {number}"));
        let event = InboxEvent { state, note, attempts: 3, ..an_event(&format!("evt_{number}"), &world.ids) };
        receive(&world, event.clone()).await;
        stored.insert(0, event);
    }
    let page = |position, limit| PageRequest { position, limit };
    let list = async |state, page: PageRequest| world.store.events(state, &page).await.unwrap();
    let all = list(None, page(Position::Offset(0), 10)).await;
    assert_eq!(all.next, None);
    for (listed, event) in all.items.iter().zip(&stored) {
        let fields = (listed.id, listed.channel, &listed.event_id, &listed.kind, listed.state, &listed.note);
        assert_eq!(fields, (event.id, event.channel, &event.event_id, &event.kind, event.state, &event.note));
        let times = (listed.created_at, listed.received_at, listed.next_attempt_at, listed.attempts);
        assert_eq!(times, (event.created_at, event.received_at, event.next_attempt_at, 3));
    }
    assert_eq!(all.items.len(), stored.len());
    let first = list(Some(InboxState::NeedsOperator), page(Position::Offset(0), 1)).await;
    assert_eq!(first.items[0].id, stored[0].id);
    let rest = list(Some(InboxState::NeedsOperator), page(Position::After(first.next.unwrap()), 5)).await;
    assert_eq!(rest.items.iter().map(|event| event.id).collect::<Vec<_>>(), [stored[2].id]);
    assert_eq!(rest.next, None);
    assert!(list(Some(InboxState::Orphan), page(Position::Offset(0), 5)).await.items.is_empty());
}
