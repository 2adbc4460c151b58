//! Lists of entries.

use std::sync::Arc;

use billing_core::ledger::{Command, Entry, EntryType, Posting, SpendCredits, SpendType};
use billing_core::ports::{EntryFilter, OrderFilter, StoreError};
use billing_core::values::{AccountId, Cursor, PageRequest};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, noon, page, page_after, take};

async fn numbers(world: &World, account: AccountId, wanted: &PageRequest) -> (Vec<i64>, Option<Cursor>) {
    let page = world.store.entries(account, &EntryFilter::default(), wanted).await.unwrap();
    (page.items.iter().map(|entry| entry.seq).collect(), page.next)
}

/// An account with entries 1 to `count`.
async fn busy_account(world: &World, name: &str, count: i64) -> AccountId {
    let account = world.account(name).await;
    let batch = (0..count).map(|number| a_grant(account, &format!("g{number}"), 1)).collect();
    world.post(batch).await;
    account
}

/// Entries are listed newest first, in pages that say whether there is more.
pub async fn entries_come_newest_first_in_pages(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = busy_account(&world, "ada", 5).await;
    let (first, next) = numbers(&world, account, &page(2, 0)).await;
    assert_eq!((first, next.is_some()), (vec![5, 4], true));
    let (second, _) = numbers(&world, account, &page(2, 2)).await;
    assert_eq!(second, [3, 2]);
    assert_eq!(numbers(&world, account, &page(2, 4)).await, (vec![1], None));
    assert_eq!(numbers(&world, account, &page(2, 5)).await, (vec![], None));
    assert_eq!(numbers(&world, account, &page(5, 0)).await, (vec![5, 4, 3, 2, 1], None));
    assert_eq!(numbers(&world, account, &page(100, 1000)).await, (vec![], None));
}

/// A cursor continues where its page ended, independent of new entries.
pub async fn a_cursor_is_stable_while_entries_come_in(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = busy_account(&world, "ada", 5).await;
    let (_, next) = numbers(&world, account, &page(2, 0)).await;
    world.post_one(a_grant(account, "new", 1)).await.unwrap();
    let (second, next) = numbers(&world, account, &page_after(2, next.unwrap())).await;
    assert_eq!(second, [3, 2]);
    assert_eq!(numbers(&world, account, &page_after(2, next.unwrap())).await, (vec![1], None));
}

/// A list shows one account's entries only, and of an unknown account none.
pub async fn a_list_shows_one_account_only(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ada = busy_account(&world, "ada", 2).await;
    busy_account(&world, "bob", 3).await;
    assert_eq!(numbers(&world, ada, &page(10, 0)).await, (vec![2, 1], None));
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(numbers(&world, unknown, &page(10, 0)).await, (vec![], None));
}

/// A foreign cursor is an error.
pub async fn a_foreign_cursor_is_an_error(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = busy_account(&world, "ada", 2).await;
    let wanted = page_after(10, Cursor::new("x"));
    let one = world.store.entries(account, &EntryFilter::default(), &wanted).await;
    assert!(matches!(one, Err(StoreError::Corrupt(_))), "{one:?}");
    let all = world.store.all_entries(&EntryFilter::default(), &wanted).await;
    assert!(matches!(all, Err(StoreError::Corrupt(_))), "{all:?}");
    let orders = world.store.all_orders(&OrderFilter { account: Some(account), status: None }, &wanted).await;
    assert!(matches!(orders, Err(StoreError::Corrupt(_))), "{orders:?}");
}

/// All accounts' entries are listed newest first with external ids, page by page, each once.
pub async fn all_entries_come_newest_first_with_their_accounts(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    for (number, account) in [ada, bob, bob, ada, bob].into_iter().enumerate() {
        let number = i64::try_from(number).unwrap();
        // Two of them at one moment, so that ids have to settle it.
        let now = noon().plus_seconds(number / 2);
        world.post_one_at(a_grant(account, &format!("g{number}"), 10 + number), now).await.unwrap();
    }
    let filter = EntryFilter::default();
    let mut seen = Vec::new();
    let mut wanted = page(2, 0);
    loop {
        let found = world.store.all_entries(&filter, &wanted).await.unwrap();
        let line = |(name, entry): &(billing_core::accounts::ExternalId, Entry)| {
            (name.as_str().to_owned(), entry.amount.get())
        };
        seen.extend(found.items.iter().map(line));
        // New entries do not appear on later pages.
        world
            .post_one_at(a_grant(ada, &format!("late{}", seen.len()), 1), noon().plus_days(1))
            .await
            .unwrap();
        let Some(next) = found.next else { break };
        wanted = page_after(2, next);
    }
    let lines = [("bob", 14), ("ada", 13), ("bob", 12), ("bob", 11), ("ada", 10)];
    assert_eq!(seen, lines.map(|(name, amount)| (name.to_owned(), amount)));
    let offset = world.store.all_entries(&filter, &page(1, 4)).await.unwrap();
    assert_eq!(offset.items.len(), 1);
}

fn a_spend_called(account: AccountId, word: &str) -> Posting {
    let kind = EntryType::Spend(SpendType::parse(word).unwrap());
    a_posting(account, word, vec![Command::Spend(SpendCredits { kind, ..take(1) })])
}

/// Entries are filtered by type and by effective time: from inclusive, to exclusive.
pub async fn entries_can_be_filtered(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    let days = |days| noon().plus_days(days);
    for (day, word) in [(1, "ai_usage"), (2, "export"), (3, "ai_usage_2")] {
        world.post_one_at(a_spend_called(account, word), days(day)).await.unwrap();
    }
    world.post_one_at(a_spend(account, "s", 1), days(4)).await.unwrap();
    let kind = |kind: &str| EntryFilter { kind: Some(kind.to_owned()), ..EntryFilter::default() };
    let span = |from, to| EntryFilter { kind: None, from, to };
    let cases = [
        (kind("ai_usage"), vec![2]),
        (kind("grant"), vec![1]),
        (kind("usage"), vec![5]),
        (kind("nothing"), vec![]),
        (span(Some(days(2)), None), vec![5, 4, 3]),
        (span(None, Some(days(2))), vec![2, 1]),
        (span(Some(days(1)), Some(days(3))), vec![3, 2]),
        (EntryFilter { kind: Some("export".to_owned()), from: Some(days(2)), to: Some(days(3)) }, vec![3]),
    ];
    for (filter, expected) in cases {
        let one = world.store.entries(account, &filter, &page(10, 0)).await.unwrap();
        assert_eq!(one.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), expected, "{filter:?}");
        let all = world.store.all_entries(&filter, &page(10, 0)).await.unwrap();
        assert_eq!(all.items.iter().map(|(_, entry)| entry.seq).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

/// A page of a filtered list is full: skipped entries do not count.
pub async fn a_filtered_list_has_full_pages(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let batch = (0..10).flat_map(|number| {
        [a_grant(account, &format!("g{number}"), 2), a_spend(account, &format!("s{number}"), 1)]
    });
    world.post(batch.collect()).await;
    let filter = EntryFilter { kind: Some("grant".to_owned()), ..EntryFilter::default() };
    let first = world.store.entries(account, &filter, &page(4, 0)).await.unwrap();
    assert_eq!(first.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [19, 17, 15, 13]);
    let after = page_after(4, first.next.unwrap());
    let second = world.store.entries(account, &filter, &after).await.unwrap();
    assert_eq!(second.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [11, 9, 7, 5]);
}
