//! API keys and settings.

use std::sync::Arc;

use billing_core::changes::{Changes, Setting};
use billing_core::credentials::{ApiKey, KeyHash, Scope, Scopes};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_full_key, a_key, noon};

/// A key is read by its hash with every field, set or unset, valid or not.
pub async fn a_key_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let everything = Scopes::new(Scope::ALL.iter().copied());
    let keys = [
        a_key(1, &world.ids),
        a_full_key(2, account, &world.ids),
        ApiKey { name: "größe 🦉".to_owned(), scopes: everything, ..a_key(3, &world.ids) },
        ApiKey { scopes: Scopes::default(), ..a_key(4, &world.ids) },
    ];
    for key in keys {
        world.write(Changes { api_keys: vec![key.clone()], ..Changes::default() }).await;
        let stored = world.store.api_key(&key.hash).await.unwrap();
        assert_eq!(stored, Some(ApiKey { version: 1, ..key }));
    }
    assert_eq!(world.store.api_key(&KeyHash::of("nobody's")).await.unwrap(), None);
}

/// Keys are listed oldest first, also after a change.
pub async fn keys_are_listed_in_the_order_in_which_they_were_made(store: Arc<dyn Stores>) {
    let world = World::new(store);
    assert_eq!(world.store.api_keys().await.unwrap(), []);
    let mut made = Vec::new();
    for number in [9, 3, 7] {
        let created_at = noon().plus_seconds(i64::try_from(made.len()).unwrap());
        let key = ApiKey { created_at, ..a_key(number, &world.ids) };
        world.write(Changes { api_keys: vec![key.clone()], ..Changes::default() }).await;
        made.push(ApiKey { version: 1, ..key });
    }
    let revoked = ApiKey { revoked_at: Some(noon().plus_days(1)), ..made[0].clone() };
    world.write(Changes { api_keys: vec![revoked.clone()], ..Changes::default() }).await;
    made[0] = ApiKey { version: 2, ..revoked };
    assert_eq!(world.store.api_keys().await.unwrap(), made);
}

/// A setting is read unchanged, with any text.
pub async fn a_setting_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let texts = ["", "s3cr3t", "größe 🦉 \"quoted\" \\ 'so'\n"];
    let name = |number: usize| format!("setting {number}");
    let settings = texts
        .iter()
        .enumerate()
        .map(|(number, text)| Setting { name: name(number), value: (*text).to_owned() });
    world.write(Changes { settings: settings.collect(), ..Changes::default() }).await;
    for (number, text) in texts.into_iter().enumerate() {
        assert_eq!(world.store.setting(&name(number)).await.unwrap().as_deref(), Some(text));
    }
    assert_eq!(world.store.setting("setting").await.unwrap(), None);
}
