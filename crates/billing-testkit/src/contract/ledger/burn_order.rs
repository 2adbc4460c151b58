//! The burn order.

use std::sync::Arc;

use billing_core::ledger::{Command, GrantCredits, Source};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_posting, a_spend, give, noon};

/// Makes a grant of one credit for each of `grants`, a second apart, and spends one at a time: they burn in the order
/// of `expected`.
async fn burn(store: Arc<dyn Stores>, grants: Vec<GrantCredits>, expected: &[&str]) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let mut now = noon();
    for grant in grants {
        let key = format!("give {}", grant.business_key.as_str()).replace(' ', "-");
        world.post_one_at(a_posting(account, &key, vec![Command::Grant(grant)]), now).await.unwrap();
        now = now.plus_seconds(1);
    }
    let mut burnt = Vec::new();
    for number in 0..expected.len() {
        let spent = world.post_one_at(a_spend(account, &format!("s{number}"), 1), now).await.unwrap();
        burnt.extend(world.drawn_on(account, spent.entries[0].seq).await);
    }
    assert_eq!(burnt, expected);
    world.is_sound().await;
}

/// Priority takes precedence: 0 before 1, and negative ones before both.
pub async fn priority_burns_first(store: Arc<dyn Stores>) {
    let expires_at = Some(noon().plus_days(1));
    let grants = vec![
        GrantCredits { priority: 1, expires_at, source: Source::Promo, ..give("one", 1) },
        GrantCredits { priority: 0, source: Source::Purchase, ..give("zero", 1) },
        GrantCredits { priority: -1, source: Source::Purchase, ..give("minus", 1) },
    ];
    burn(store, grants, &["minus", "zero", "one"]).await;
}

/// Expiring grants burn before others, earlier expiry first.
pub async fn what_expires_sooner_burns_first(store: Arc<dyn Stores>) {
    let ends = |days| Some(noon().plus_days(days));
    let grants = vec![
        GrantCredits { source: Source::Promo, ..give("never", 1) },
        GrantCredits { expires_at: ends(30), source: Source::Promo, ..give("late", 1) },
        GrantCredits { expires_at: ends(2), source: Source::Purchase, ..give("soon", 1) },
        GrantCredits { expires_at: ends(30), source: Source::Purchase, ..give("late too", 1) },
    ];
    burn(store, grants, &["soon", "late", "late too", "never"]).await;
}

/// With equal priority and expiry, free credits burn before paid ones.
pub async fn what_was_given_burns_before_what_was_paid(store: Arc<dyn Stores>) {
    let order = [
        Source::Promo,
        Source::CheckIn,
        Source::Bonus,
        Source::Gift,
        Source::Plan,
        Source::Refund,
        Source::Manual,
        Source::Purchase,
    ];
    assert_eq!(order.len(), Source::ALL.len());
    let grants =
        order.iter().rev().map(|source| GrantCredits { source: *source, ..give(source.as_str(), 1) });
    burn(store, grants.collect(), &order.map(Source::as_str)).await;
}

/// With all of that equal, the earlier start burns first.
pub async fn what_took_effect_earlier_burns_first(store: Arc<dyn Stores>) {
    let later = Some(noon().plus_seconds(1));
    let grants = vec![
        GrantCredits { effective_at: later, ..give("announced", 1) },
        // Given at the moment at which the announced one takes effect: made later, so it comes later.
        give("tie", 1),
        GrantCredits { effective_at: None, ..give("last", 1) },
    ];
    burn(store, grants, &["announced", "tie", "last"]).await;
}

/// With everything equal, the grant that was made first burns first.
pub async fn the_last_tie_is_settled_by_what_was_made_first(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let names = ["a", "b", "c", "d"];
    let commands = names.map(|name| Command::Grant(give(name, 1))).to_vec();
    world.post_one(a_posting(account, "p", commands)).await.unwrap();
    for (number, name) in names.into_iter().enumerate() {
        let spent = world.post_one(a_spend(account, &format!("s{number}"), 1)).await.unwrap();
        assert_eq!(world.drawn_on(account, spent.entries[0].seq).await, [name]);
    }
    world.is_sound().await;
}

/// A partly used grant is used up before the next.
pub async fn a_grant_that_was_begun_burns_to_its_end(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let commands = ["a", "b"].map(|name| Command::Grant(give(name, 10))).to_vec();
    world.post_one(a_posting(account, "p", commands)).await.unwrap();
    let mut drawn = Vec::new();
    for number in 0..4 {
        let spent = world.post_one(a_spend(account, &format!("s{number}"), 5)).await.unwrap();
        drawn.extend(world.drawn_on(account, spent.entries[0].seq).await);
    }
    assert_eq!(drawn, ["a", "a", "b", "b"]);
    world.is_sound().await;
}
