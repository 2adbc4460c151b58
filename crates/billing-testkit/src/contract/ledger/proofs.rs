//! Audits, and checkpoints.

use std::sync::Arc;

use billing_core::ledger::{ChainHash, CheckpointRecord, CheckpointSigner, Command, SpendCredits};
use billing_core::ports::{AuditScope, Audited};
use billing_core::values::AccountId;

use super::super::world::World;
use super::twin::{Story, after, hold, spend};
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, noon, take};

/// Signs by repeating the message.
struct Parrot;

impl CheckpointSigner for Parrot {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        message.to_vec()
    }

    fn public_key(&self) -> Vec<u8> {
        b"parrot".to_vec()
    }
}

/// Everything written through the ledger is valid; an audit continues from the last position, and unchanged accounts
/// are not audited again.
pub async fn a_check_goes_on_where_the_last_one_ended(store: Arc<dyn Stores>) {
    let tale = Story::begin(store.clone()).await;
    let account = tale.account;
    for number in 0..5 {
        tale.world.post_one(a_grant(account, &format!("g{number}"), 10)).await.unwrap();
    }
    let whole = audit(&store, account, false).await;
    assert_eq!((whole.entries, whole.violations.as_slice()), (5, [].as_slice()));
    let targets = async |scope, after| {
        let targets = store.accounts_to_audit(scope, after, 10).await.unwrap();
        targets.iter().map(|target| target.account).collect::<Vec<_>>()
    };
    let changed = async || targets(AuditScope::Changed, None).await;
    assert_eq!(changed().await, [account]);
    store.keep_progress(vec![whole.mark]).await.unwrap();
    assert_eq!(changed().await, []);
    assert_eq!(targets(AuditScope::All, None).await, [account]);
    assert_eq!(targets(AuditScope::All, Some(account)).await, []);

    let both = a_posting(account, "both", vec![spend(12), hold(5, 900)]);
    tale.world.post_one_at(both, after(1)).await.unwrap();
    assert_eq!(changed().await, [account]);
    let rest = audit(&store, account, false).await;
    assert_eq!((rest.entries, rest.violations.as_slice()), (1, [].as_slice()));
    let whole = audit(&store, account, true).await;
    assert_eq!((whole.entries, whole.violations.as_slice(), whole.mark), (6, [].as_slice(), rest.mark));
    assert_eq!(store.count_accounts().await.unwrap(), 1);

    // What was written after the check is not covered by its mark.
    tale.world.post_one_at(a_spend(account, "later", 1), after(2)).await.unwrap();
    store.keep_progress(vec![rest.mark]).await.unwrap();
    assert_eq!(changed().await, [account]);
    // A hold writes no entry, but is a change.
    let last = audit(&store, account, false).await;
    store.keep_progress(vec![last.mark]).await.unwrap();
    assert_eq!(changed().await, []);
    tale.world.post_one_at(a_posting(account, "held", vec![hold(1, 900)]), after(3)).await.unwrap();
    assert_eq!(changed().await, [account]);
}

/// A history that does not continue from its position was changed before it.
pub async fn a_history_that_does_not_go_on_from_its_mark_is_found(store: Arc<dyn Stores>) {
    let world = World::new(store.clone());
    let account = world.rich_account("ada", 100).await;
    let mut mark = audit(&store, account, true).await.mark;
    mark.head = ChainHash::from_bytes([7; 32]);
    store.keep_progress(vec![mark]).await.unwrap();
    world.post_one(a_spend(account, "s", 1)).await.unwrap();
    let found = audit(&store, account, false).await.violations;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].what.contains("carries the hash"), "{found:?}");
}

/// The chain is read with everything that its hashes cover.
pub async fn the_chain_reads_back_to_its_head(store: Arc<dyn Stores>) {
    let tale = Story::begin(store.clone()).await;
    let account = tale.account;
    tale.world.post_one(a_grant(account, "g", 10)).await.unwrap();
    let late = Command::Spend(SpendCredits { occurred_at: Some(after(1)), ..take(3) });
    tale.at(2, vec![spend(1), late]).await.unwrap();
    let part = store.chain(account, 0, 100).await.unwrap();
    let all = &part.lines;
    let mut head = ChainHash::GENESIS;
    for entry in &all.entries {
        let parts = all.allocations.iter().filter(|part| part.seq == entry.seq);
        let parts = parts.map(|allocation| (*allocation, part.grants.get(&allocation.grant)));
        let parts =
            parts.map(|(allocation, grant)| (allocation, grant.and_then(|grant| allocation.terms(grant))));
        let key = entry.posting_key.as_ref().and_then(|key| all.keys.get(key));
        let owed = part.owed.iter().filter(|debt| debt.seq == entry.seq);
        let text = entry.text(&part.text_key);
        head = head.then(entry, &text, key.map(|key| &key.fingerprint), parts, owed);
        assert_eq!(entry.hash, head);
    }
    assert_eq!(tale.world.balance(account).await.head, head);
    let some = store.chain(account, 1, 1).await.unwrap().lines;
    assert_eq!((some.entries.as_slice(), some.allocations.len()), (&all.entries[1..2], 1));
}

/// A checkpoint covers the changes since the previous one; of two concurrent ones one is stored.
pub async fn a_checkpoint_covers_what_changed_since_the_last(store: Arc<dyn Stores>) {
    let world = World::new(store.clone());
    let (ada, bob) = (world.rich_account("ada", 10).await, world.rich_account("bob", 10).await);
    world.account("nobody").await;
    let checkpoint = async |now: i64| {
        let last = store.last_checkpoint().await.unwrap();
        let heads = store.uncovered_heads(10).await.unwrap();
        CheckpointRecord::after(last.as_ref(), heads, after(now), &Parrot)
    };
    let covers = |record: &CheckpointRecord| record.heads.iter().map(|head| head.account).collect::<Vec<_>>();
    let first = checkpoint(1).await;
    assert_eq!(covers(&first), [ada, bob]);
    assert!(store.keep_checkpoint(first.clone()).await.unwrap());
    assert!(!store.keep_checkpoint(first.clone()).await.unwrap());
    assert_eq!(store.last_checkpoint().await.unwrap().as_ref(), Some(&first.copy.checkpoint));
    assert_eq!(store.uncovered_heads(10).await.unwrap(), []);

    world.post_one(a_posting(bob, "s", vec![spend(1)])).await.unwrap();
    let second = checkpoint(2).await;
    assert_eq!(covers(&second), [bob]);
    assert!(store.keep_checkpoint(second.clone()).await.unwrap());
    let (earlier, later) = (&first.copy.checkpoint, &second.copy.checkpoint);
    assert_eq!((later.number, later.previous), (2, earlier.hash()));
    let latest = async |account| store.latest_checkpoint_of(account).await.unwrap();
    assert_eq!(latest(ada).await, Some((earlier.clone(), first.heads.clone())));
    assert_eq!(latest(bob).await, Some((later.clone(), second.heads.clone())));
    assert_eq!(latest(world.account("new").await).await, None);
    assert_eq!(store.checkpoints(0, 10).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.checkpoints(1, 10).await.unwrap(), [second]);
    assert_eq!(store.checkpoints(0, 1).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.checkpoint_heads(1).await.unwrap(), first.heads);
    assert_eq!(store.checkpoint_heads(3).await.unwrap(), []);
    assert!(noon() < after(1));
}

/// An audit compares the history with every checkpoint that covers it, also if it is incremental.
pub async fn a_check_compares_the_history_with_every_checkpoint(store: Arc<dyn Stores>) {
    let world = World::new(store.clone());
    let account = world.rich_account("ada", 10).await;
    let mut last = None;
    for number in 0..3 {
        world.post_one(a_spend(account, &format!("s{number}"), 1)).await.unwrap();
        let mut heads = store.uncovered_heads(10).await.unwrap();
        if number == 1 {
            heads[0].head = ChainHash::from_bytes([7; 32]);
        }
        let record = CheckpointRecord::after(last.as_ref(), heads, after(number), &Parrot);
        last = Some(record.copy.checkpoint.clone());
        assert!(store.keep_checkpoint(record).await.unwrap());
    }
    for whole in [true, false] {
        let found = audit(&store, account, whole).await.violations;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].what.contains("entry 3 carries the hash"), "{found:?}");
        assert!(found[0].what.contains("checkpoint 2 covers 0707"), "{found:?}");
    }
}

/// Auditing accounts together gives the same results as one by one.
pub async fn accounts_are_checked_together_as_by_themselves(store: Arc<dyn Stores>) {
    let world = World::new(store.clone());
    let mut accounts = Vec::new();
    for name in ["ada", "bob", "cid", "dora"] {
        let account = world.rich_account(name, 100).await;
        world.post_one(a_posting(account, "both", vec![spend(12), hold(5, 900)])).await.unwrap();
        accounts.push(account);
    }
    accounts.sort_unstable();
    world.account("nobody").await;
    let together = store.audit(&accounts, true).await.unwrap();
    assert_eq!(together.iter().map(|audited| audited.mark.account).collect::<Vec<_>>(), accounts);
    for audited in together {
        assert_eq!(audited, audit(&store, audited.mark.account, true).await);
        assert_eq!((audited.entries, audited.violations.as_slice()), (2, [].as_slice()));
    }
    let ends = store.audit(&[accounts[0], accounts[3]], true).await.unwrap();
    assert_eq!(ends.len(), 2);
    assert_eq!(store.audit(&[], true).await.unwrap(), []);
}

async fn audit(store: &Arc<dyn Stores>, account: AccountId, whole: bool) -> Audited {
    store.audit(&[account], whole).await.unwrap().pop().unwrap()
}
