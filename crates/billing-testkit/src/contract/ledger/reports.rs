//! Reports: holds, grants, and one entry with its related rows.

use std::sync::Arc;

use billing_core::ledger::{CaptureHold, Command, EntryRecord, Grant, Hold, ReverseSpend, Taken};
use billing_core::ports::{HoldFilter, StoreError};
use billing_core::values::{AccountId, BusinessKey, Credits, Cursor, EntryId, Metadata};

use super::super::world::World;
use super::twin::{after, capture, ending, grant, hold};
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, noon, page, page_after, take};

fn hold_amounts(holds: &[Hold]) -> Vec<i64> {
    holds.iter().map(|hold| hold.amount.get()).collect()
}

/// Holds are listed newest first in pages, all or the open ones; each with its slices.
pub async fn holds_come_newest_first_in_pages(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    world.rich_account("bob", 10).await;
    let mut placed = Vec::new();
    for (number, until) in (1_i64..).zip([900, 60, 900, 900, 30]) {
        let posting = a_posting(account, &format!("h{number}"), vec![hold(number, until)]);
        placed.push(world.post_one(posting).await.unwrap().holds[0].id);
    }
    let captured = Command::Capture(CaptureHold { charge: None, last: true, ..capture(placed[2], 0) });
    world.post_one(a_posting(account, "c", vec![captured])).await.unwrap();
    let list = async |filter, wanted| world.store.holds(account, filter, &wanted).await.unwrap();

    let all = list(HoldFilter::All, page(10, 0)).await;
    assert_eq!((hold_amounts(&all.items), all.next), (vec![5, 4, 3, 2, 1], None));
    let kept = world.history(account).await.kept.holds;
    assert!(all.items.iter().all(|hold| kept.contains(hold) && !hold.slices.is_empty()));
    let mut seen = Vec::new();
    let mut wanted = page(2, 0);
    loop {
        let found = list(HoldFilter::All, wanted).await;
        seen.extend(hold_amounts(&found.items));
        let Some(next) = found.next else { break };
        wanted = page_after(2, next);
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    assert_eq!(hold_amounts(&list(HoldFilter::All, page(2, 3)).await.items), [2, 1]);

    assert_eq!(hold_amounts(&list(HoldFilter::Open(noon()), page(10, 0)).await.items), [5, 4, 2, 1]);
    let open = list(HoldFilter::Open(noon()), page(2, 0)).await;
    let rest = list(HoldFilter::Open(noon()), page_after(2, open.next.unwrap())).await;
    assert_eq!((hold_amounts(&rest.items), rest.next), (vec![2, 1], None));
    // A lapsed hold is not open, even if that is not persisted.
    assert_eq!(hold_amounts(&list(HoldFilter::Open(after(60)), page(10, 0)).await.items), [4, 1]);

    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(world.store.holds(unknown, HoldFilter::All, &page(10, 0)).await.unwrap().items, []);
    let foreign = page_after(10, Cursor::of_seq(1));
    let refused = world.store.holds(account, HoldFilter::All, &foreign).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

/// Grants are listed newest first in pages, live or not.
pub async fn grants_come_newest_first_in_pages(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    world.rich_account("bob", 10).await;
    for number in 1..=5 {
        world.post_one(a_grant(account, &format!("g{number}"), number)).await.unwrap();
    }
    world.post_one(a_spend(account, "s", 4)).await.unwrap();
    let left = |grants: &[Grant]| -> Vec<_> {
        grants.iter().map(|grant| (grant.amount.get(), grant.remaining.get())).collect()
    };
    let listed = async |wanted| world.store.grants(account, &wanted).await.unwrap();
    let first = listed(page(2, 0)).await;
    assert_eq!(left(&first.items), [(5, 5), (4, 4)]);
    world.post_one(a_grant(account, "new", 6)).await.unwrap();
    let second = listed(page_after(2, first.next.unwrap())).await;
    assert_eq!(left(&second.items), [(3, 2), (2, 0)]);
    let oldest = listed(page_after(2, second.next.unwrap())).await;
    assert_eq!((left(&oldest.items), oldest.next), (vec![(1, 0)], None));
    assert_eq!(left(&listed(page(3, 4)).await.items), [(2, 0), (1, 0)]);
    let all = listed(page(100, 0)).await;
    let mut kept = world.history(account).await.kept.grants;
    kept.reverse();
    assert_eq!((all.items, all.next), (kept, None));
    let refused = world.store.grants(account, &page_after(10, Cursor::new("x"))).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

/// The allocations of an entry, in short.
fn parts(record: &EntryRecord) -> Vec<(String, i64)> {
    let part = |(grant, amount): &(Grant, Credits)| (grant.business_key.as_str().to_owned(), amount.get());
    record.parts.iter().map(part).collect()
}

fn part(fact: &str, amount: i64) -> (String, i64) {
    (fact.to_owned(), amount)
}

/// An entry is read with its grants, its debt, its hold, and its reversals.
pub async fn an_entry_is_told_with_everything_around_it(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut account = world.stored_account("ada").await;
    account.overdraft_limit = Credits::new(50);
    world
        .write(billing_core::changes::Changes { accounts: vec![account.clone()], ..Default::default() })
        .await;
    let account = account.id;
    let post =
        async |key: &str, command| world.post_one(a_posting(account, key, vec![command])).await.unwrap();
    let told = async |id: EntryId| world.store.entry_record(account, id).await.unwrap().unwrap();
    let first = post("a", Command::Grant(ending("a", 10, 900))).await.entries[0].id;
    post("b", grant("b", 5)).await;
    let spent = post("s", Command::Spend(take(22))).await.entries[0].clone();
    let given = post("c", grant("c", 10)).await.entries[0].id;

    assert_eq!(parts(&told(first).await), [part("a", 10)]);
    let record = told(spent.id).await;
    assert_eq!(record.entry, spent);
    assert_eq!(parts(&record), [part("a", -10), part("b", -5)]);
    assert_eq!((record.owed.get(), record.repaid.get(), record.reversed.get()), (7, 0, 0));
    assert_eq!(record.parts[0].0.remaining.get(), 0, "grants are told as they are");
    let record = told(given).await;
    assert_eq!((record.owed.get(), record.repaid.get()), (0, 7));

    let back = |amount| {
        Command::Reverse(ReverseSpend {
            taken: Taken::Entry(spent.id),
            amount: Some(Credits::new(amount)),
            refund_expires_at: after(900),
            description: "Failed".to_owned(),
            metadata: Metadata::default(),
        })
    };
    let one = post("r1", back(9)).await.entries[0].clone();
    let two = post("r2", back(3)).await.entries[0].clone();
    let record = told(spent.id).await;
    assert_eq!((record.reversed_by, record.reversed.get()), (vec![one.clone(), two], 12));
    assert_eq!(told(one.id).await.reverses, Some(spent));

    let placed = post("h", hold(6, 900)).await.holds[0].id;
    let captured = post("k", Command::Capture(capture(placed, 4))).await.entries[0].id;
    let record = told(captured).await;
    let held = record.hold.unwrap();
    assert_eq!((held.id, held.amount.get(), held.left().get()), (placed, 6, 2));
    world.is_sound().await;
}

/// Grants are found by their business keys, of any account.
pub async fn grants_are_found_by_their_facts(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    for (account, fact) in [(ada, "one"), (bob, "two"), (ada, "three")] {
        world.post_one(a_posting(account, fact, vec![grant(fact, 5)])).await.unwrap();
    }
    let fact = |fact: &str| BusinessKey::from_stored(fact.to_owned());
    let found = world.store.grants_by_key(&[fact("two"), fact("none"), fact("three")]).await.unwrap();
    let mut found: Vec<_> = found.iter().map(|grant| (grant.account, grant.business_key.clone())).collect();
    found.sort();
    let mut expected = vec![(bob, fact("two")), (ada, fact("three"))];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(world.store.grants_by_key(&[]).await.unwrap(), []);
}

/// An entry is read by its own account only.
pub async fn another_accounts_entry_is_not_told(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, eve) = (world.account("ada").await, world.rich_account("eve", 5).await);
    let entry = world.post_one(a_grant(ada, "g", 1)).await.unwrap().entries[0].id;
    assert!(world.store.entry_record(ada, entry).await.unwrap().is_some());
    assert_eq!(world.store.entry_record(eve, entry).await.unwrap(), None);
    let unknown = EntryId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(world.store.entry_record(ada, unknown).await.unwrap(), None);
}
