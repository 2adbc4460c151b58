//! Due changes of accounts without postings.

use std::sync::Arc;

use billing_core::accounts::Account;
use billing_core::changes::Changes;
use billing_core::ledger::{Command, GrantCredits, Posting, Refusal, Rollover, Stage};
use billing_core::values::{AccountId, Credits, Timestamp};

use super::super::world::{World, amounts};
use super::twin::{after, ending, grant, on_both};
use crate::Stores;
use crate::builders::{a_grant, a_posting, noon};

async fn pass_time(world: &World, account: AccountId, now: Timestamp) -> Vec<i64> {
    amounts(&world.post_one_at(Posting::of_time(account), now).await.unwrap())
}

/// Expiries, lapses, starts and rollovers are persisted by a posting without commands, as by any other; if nothing is
/// due, nothing is written.
pub async fn what_time_has_done_can_be_written_by_itself(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let rollover = Rollover { cap: Credits::new(4), until: after(600) };
        story.done(0, Command::Grant(GrantCredits { rollover: Some(rollover), ..ending("a", 10, 60) })).await;
        let later = GrantCredits { effective_at: Some(after(50)), ..ending("b", 20, 900) };
        story.done(0, Command::Grant(later)).await;
        story.done(0, grant("c", 30)).await;
        story.hold(1, 15, 30).await;
        assert_eq!(pass_time(&story.world, story.account, after(29)).await, [0; 0]);
        // The hold of ten of a and five of c lapses, b begins, a ends: four roll over, six expire.
        assert_eq!(pass_time(&story.world, story.account, after(100)).await, [20, -4, 4, -6]);
        let kept = story.world.balance(story.account).await;
        assert_eq!((kept.posted.get(), kept.held.get(), kept.last_at), (54, 0, after(60)));
        assert_eq!(kept.next_change_at, Some(after(600)));
        let before = story.world.history(story.account).await;
        for now in [after(100), after(599)] {
            assert_eq!(pass_time(&story.world, story.account, now).await, [0; 0]);
        }
        assert_eq!(format!("{:?}", story.world.history(story.account).await), format!("{before:?}"));
        assert_eq!(pass_time(&story.world, story.account, after(10_000)).await, [-4, -20]);
        assert_eq!(story.world.balance(story.account).await.next_change_at, None);
        story
    })
    .await;
}

/// Due changes and requests in one batch are equivalent to one at a time.
pub async fn time_passes_between_the_postings_of_a_batch(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let short = Command::Grant(ending("a", 10, 60));
    world.post_one(a_posting(account, "g", vec![short])).await.unwrap();
    let batch = vec![
        Posting::of_time(account),
        a_grant(account, "b", 5),
        Posting::of_time(account),
        Posting::of_time(account),
    ];
    let outcomes = world.post_at(batch, after(60)).await;
    let told: Vec<_> = outcomes.iter().map(|outcome| amounts(outcome.as_ref().unwrap())).collect();
    assert_eq!(told, [vec![-10], vec![5], vec![], vec![]]);
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    let outcome = world.post_one(Posting::of_time(unknown)).await;
    assert_eq!(outcome, Err(Refusal::UnknownAccount { account: unknown }));
    world.is_sound().await;
}

/// Accounts with due changes are found, the longest overdue first, until they are persisted.
pub async fn accounts_with_something_due_are_found(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut accounts = Vec::new();
    for (name, end) in [("late", Some(300)), ("soon", Some(100)), ("never", None), ("next", Some(200))] {
        let account = world.account(name).await;
        let command = end.map_or_else(|| grant(name, 10), |end| Command::Grant(ending(name, 10, end)));
        world.post_one(a_posting(account, "g", vec![command])).await.unwrap();
        accounts.push(account);
    }
    let [late, soon, _, next] = accounts[..] else { panic!("four accounts") };
    let due = async |seconds: i64, limit: u32| world.due_accounts(after(seconds), limit).await;
    assert_eq!(due(99, 10).await, []);
    assert_eq!(due(100, 10).await, [soon]);
    assert_eq!(due(1000, 10).await, [soon, next, late]);
    assert_eq!(due(1000, 2).await, [soon, next]);
    pass_time(&world, soon, after(100)).await;
    assert_eq!(due(1000, 10).await, [next, late]);
    let grants = world.history(soon).await.kept.grants;
    assert_eq!(grants[0].stage, Stage::Expired);
    world.is_sound().await;
}

/// A frozen account has no due changes, and is not found.
pub async fn a_frozen_account_is_not_due(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.stored_account("ada").await;
    let short = Command::Grant(ending("a", 10, 60));
    world.post_one(a_posting(account.id, "g", vec![short])).await.unwrap();
    let frozen = Account { frozen: Some("an audit".to_owned()), ..account.clone() };
    world.write(Changes { accounts: vec![frozen.clone()], ..Changes::default() }).await;
    assert_eq!(world.due_accounts(after(60), 10).await, []);
    let outcome = world.post_one_at(Posting::of_time(account.id), after(60)).await;
    assert_eq!(outcome, Err(Refusal::AccountFrozen));
    let thawed = Account { frozen: None, version: 2, ..frozen };
    world.write(Changes { accounts: vec![thawed], ..Changes::default() }).await;
    assert_eq!(world.due_accounts(noon().plus_days(1), 10).await, [account.id]);
}
