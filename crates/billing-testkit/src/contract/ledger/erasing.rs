//! Erasing personal data.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::ledger::{Command, SpendCredits, TextKey};
use billing_core::ports::{AccountRef, ErasedUpTo};
use billing_core::values::Metadata;

use super::twin::{Story, hold};
use crate::Stores;
use crate::builders::{a_full_subscription, a_grant, a_plan, metadata, take};

const FRESH: TextKey = TextKey::from_bytes([7; 16]);

/// Free text is erased in parts; amounts stay and verify, also when the history continues.
pub async fn free_text_is_erased_and_the_history_still_verifies(store: Arc<dyn Stores>) {
    let tale = Story::begin(store.clone()).await;
    let account = tale.account;
    let told = |amount| {
        Command::Spend(SpendCredits {
            description: "Film for ada@example.com".to_owned(),
            metadata: metadata([("to", "Ada")]),
            ..take(amount)
        })
    };
    let plan = a_plan("pro", &tale.world.ids);
    let subscription = a_full_subscription(account, &plan, "sub_1", &tale.world.ids);
    assert!(subscription.cancel_reason.is_some());
    let (plans, subscriptions) = (vec![plan], vec![subscription]);
    tale.world.write(Changes { plans, subscriptions, ..Changes::default() }).await;
    tale.world.post_one(a_grant(account, "g", 100)).await.unwrap();
    for seconds in 1..6 {
        tale.at(seconds, vec![told(3)]).await.unwrap();
    }
    tale.at(6, vec![hold(5, 900)]).await.unwrap();
    let before = store.history(account).await.unwrap().unwrap();
    let (mut after, mut parts) = (ErasedUpTo::default(), 0);
    while let Some(further) = store.erase(account, after, FRESH, 2).await.unwrap() {
        assert!(further > after, "{further:?}");
        (after, parts) = (further, parts + 1);
    }
    assert!(parts == 0 || parts == 3, "{parts}");

    let history = store.history(account).await.unwrap().unwrap();
    assert_eq!(history.kept.balance.text_key, FRESH);
    for (entry, before) in history.lines.entries.iter().zip(&before.lines.entries) {
        assert_eq!((entry.description.as_str(), &entry.metadata), ("", &Metadata::default()));
        assert_eq!((entry.amount, entry.hash, &entry.kind), (before.amount, before.hash, &before.kind));
    }
    assert!(history.kept.grants.iter().all(|grant| grant.description.is_empty()));
    assert!(history.kept.holds.iter().all(|hold| hold.description.is_empty() && hold.metadata.is_empty()));
    let found = store.account(AccountRef::Id(account)).await.unwrap().unwrap();
    assert_eq!((found.email, found.name, found.text_key), (None, None, FRESH));
    let kept = store.subscriptions(account).await.unwrap();
    assert_eq!((&kept[0].cancel_reason, kept[0].version), (&None, 2));

    tale.at(7, vec![told(1)]).await.unwrap();
    for whole in [true, false] {
        let audited = store.audit(&[account], whole).await.unwrap().pop().unwrap();
        assert_eq!(audited.violations, []);
        assert!(!whole || (audited.entries, audited.erased) == (7, 6), "{audited:?}");
    }
    // Once more erases what has come since, and what is erased stays as it is.
    let mut after = ErasedUpTo::default();
    while let Some(further) = store.erase(account, after, TextKey::from_bytes([8; 16]), 100).await.unwrap() {
        after = further;
    }
    let audited = store.audit(&[account], true).await.unwrap().pop().unwrap();
    assert_eq!((audited.erased, audited.violations.as_slice()), (7, [].as_slice()));
}
