//! Checking the ledger, and publishing roots of it.

use std::sync::Arc;

use billing_core::ledger::{ChainHash, Checkpoint, CheckpointSigner, Command, SpendCredits};
use billing_core::ports::{AuditScope, Stores};

use super::super::world::World;
use super::twin::{Story, after, hold, spend};
use crate::builders::{a_grant, a_posting, a_spend, noon, take};

/// Signs by repeating.
struct Parrot;

impl CheckpointSigner for Parrot {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        message.to_vec()
    }

    fn public_key(&self) -> Vec<u8> {
        b"parrot".to_vec()
    }
}

/// What was written through the ledger holds; a check goes on from where the last one ended, and an account that
/// did not change is not looked at again.
pub async fn a_check_goes_on_where_the_last_one_ended(store: Arc<dyn Stores>) {
    let tale = Story::begin(store.clone()).await;
    let account = tale.account;
    for number in 0..5 {
        tale.world.post_one(a_grant(account, &format!("g{number}"), 10)).await.unwrap();
    }
    let whole = store.audit(account, false).await.unwrap().unwrap();
    assert_eq!((whole.entries, whole.violations.as_slice()), (5, [].as_slice()));
    let changed = async || store.accounts_to_audit(AuditScope::Changed, None, 10).await.unwrap();
    assert_eq!(changed().await, [account]);
    store.keep_progress(vec![whole.mark]).await.unwrap();
    assert_eq!(changed().await, []);
    assert_eq!(store.accounts_to_audit(AuditScope::All, None, 10).await.unwrap(), [account]);
    assert_eq!(store.accounts_to_audit(AuditScope::All, Some(account), 10).await.unwrap(), []);

    let both = a_posting(account, "both", vec![spend(12), hold(5, 900)]);
    tale.world.post_one_at(both, after(1)).await.unwrap();
    assert_eq!(changed().await, [account]);
    let rest = store.audit(account, false).await.unwrap().unwrap();
    assert_eq!((rest.entries, rest.violations.as_slice()), (1, [].as_slice()));
    let whole = store.audit(account, true).await.unwrap().unwrap();
    assert_eq!((whole.entries, whole.violations.as_slice(), whole.mark), (6, [].as_slice(), rest.mark));
    assert_eq!(store.count_accounts().await.unwrap(), 1);

    // What was written after the check is not covered by its mark.
    tale.world.post_one_at(a_spend(account, "later", 1), after(2)).await.unwrap();
    store.keep_progress(vec![rest.mark]).await.unwrap();
    assert_eq!(changed().await, [account]);
    // A hold leaves no entry, and is a change all the same.
    let last = store.audit(account, false).await.unwrap().unwrap();
    store.keep_progress(vec![last.mark]).await.unwrap();
    assert_eq!(changed().await, []);
    tale.world.post_one_at(a_posting(account, "held", vec![hold(1, 900)]), after(3)).await.unwrap();
    assert_eq!(changed().await, [account]);
}

/// A mark that is not where the history went on shows that something was changed before it.
pub async fn a_history_that_does_not_go_on_from_its_mark_is_found(store: Arc<dyn Stores>) {
    let world = World::new(store.clone());
    let account = world.rich_account("ada", 100).await;
    let mut mark = store.audit(account, true).await.unwrap().unwrap().mark;
    mark.head = ChainHash::from_bytes([7; 32]);
    store.keep_progress(vec![mark]).await.unwrap();
    world.post_one(a_spend(account, "s", 1)).await.unwrap();
    let found = store.audit(account, false).await.unwrap().unwrap().violations;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].what.contains("carries the hash"), "{found:?}");
}

/// The chain reads back with everything that its hashes cover.
pub async fn the_chain_reads_back_to_its_head(store: Arc<dyn Stores>) {
    let tale = Story::begin(store.clone()).await;
    let account = tale.account;
    tale.world.post_one(a_grant(account, "g", 10)).await.unwrap();
    let late = Command::Spend(SpendCredits { occurred_at: Some(after(1)), ..take(3) });
    tale.at(2, vec![spend(1), late]).await.unwrap();
    let (all, owed) = store.chain(account, 0, 100).await.unwrap();
    let mut head = ChainHash::GENESIS;
    for entry in &all.entries {
        let parts = all.allocations.iter().filter(|part| part.seq == entry.seq);
        head = head.then(entry, parts, owed.iter().filter(|debt| debt.seq == entry.seq));
        assert_eq!(entry.hash, head);
    }
    assert_eq!(tale.world.balance(account).await.head, head);
    let (some, _) = store.chain(account, 1, 1).await.unwrap();
    assert_eq!((some.entries.as_slice(), some.allocations.len()), (&all.entries[1..2], 1));
}

/// A checkpoint covers what changed since the one before; two that are made at the same time do not both count.
pub async fn a_checkpoint_covers_what_changed_since_the_last(store: Arc<dyn Stores>) {
    let world = World::new(store.clone());
    let (ada, bob) = (world.rich_account("ada", 10).await, world.rich_account("bob", 10).await);
    world.account("nobody").await;
    let checkpoint = async |now: i64| {
        let last = store.last_checkpoint().await.unwrap();
        let heads = store.uncovered_heads(10).await.unwrap();
        let checkpoint = Checkpoint::after(last.as_ref(), &heads, after(now), &Parrot);
        (checkpoint, heads)
    };
    let (first, heads) = checkpoint(1).await;
    assert_eq!(heads.iter().map(|head| head.account).collect::<Vec<_>>(), [ada, bob]);
    assert!(store.keep_checkpoint(first.clone(), heads.clone()).await.unwrap());
    assert!(!store.keep_checkpoint(first.clone(), heads.clone()).await.unwrap());
    assert_eq!(store.last_checkpoint().await.unwrap(), Some(first.clone()));
    assert_eq!(store.uncovered_heads(10).await.unwrap(), []);

    world.post_one(a_posting(bob, "s", vec![spend(1)])).await.unwrap();
    let (second, changed) = checkpoint(2).await;
    assert_eq!(changed.len(), 1);
    assert!(store.keep_checkpoint(second.clone(), changed.clone()).await.unwrap());
    assert_eq!((second.number, second.previous), (2, first.hash()));
    assert_eq!(store.latest_checkpoint_of(ada).await.unwrap(), Some((first, heads)));
    assert_eq!(store.latest_checkpoint_of(bob).await.unwrap(), Some((second, changed)));
    let nobody = world.account("new").await;
    assert_eq!(store.latest_checkpoint_of(nobody).await.unwrap(), None);
    assert!(noon() < after(1));
}
