//! Accounts and their customers at providers.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::accounts::Account;
use billing_core::changes::{Changes, ProviderCustomer};
use billing_core::payments::Channel;
use billing_core::ports::{AccountRef, CommitError};
use billing_core::values::AccountId;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_full_account, an_account, an_external_id};

/// An account is read with every field, set or unset, by either of its ids.
pub async fn an_account_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    for account in [an_account("ada", &world.ids), a_full_account("größe 🦉", &world.ids)] {
        world.write(Changes { accounts: vec![account.clone()], ..Changes::default() }).await;
        let stored = Account { version: 1, ..account.clone() };
        assert_eq!(world.store.account(AccountRef::Id(account.id)).await.unwrap(), Some(stored.clone()));
        let found = world.store.account(AccountRef::External(&account.external_id)).await.unwrap();
        assert_eq!(found, Some(stored));
    }
}

/// Every field except the ids and the creation time can be set and unset.
pub async fn an_account_can_be_changed(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let bare = world.stored_account("ada").await;
    let full = Account { id: bare.id, version: 1, ..a_full_account("ada", &world.ids) };
    for (version, next) in [(2, full), (3, Account { version: 2, ..bare.clone() })] {
        world.write(Changes { accounts: vec![next.clone()], ..Changes::default() }).await;
        let stored = world.store.account(AccountRef::Id(bare.id)).await.unwrap();
        assert_eq!(stored, Some(Account { version, ..next }));
    }
}

/// An unknown account is none.
pub async fn an_unknown_account_is_none(store: Arc<dyn Stores>) {
    let world = World::new(store);
    world.account("ada").await;
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(world.store.account(AccountRef::Id(unknown)).await.unwrap(), None);
    for name in ["bob", "Ada", "ada%", "a_a"] {
        assert_eq!(
            world.store.account(AccountRef::External(&an_external_id(name))).await.unwrap(),
            None,
            "{name}"
        );
    }
}

/// The known accounts among many external ids are found in one read.
pub async fn accounts_are_found_by_many_names(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut names = vec![an_external_id("nobody"), an_external_id("größe 🦉")];
    let mut known = BTreeMap::new();
    for number in 0..3 {
        let name = an_external_id(&format!("ada{number}"));
        known.insert(name.clone(), world.account(name.as_str()).await);
        names.extend([name.clone(), name]);
    }
    assert_eq!(world.store.account_ids(&names).await.unwrap(), known);
    assert!(world.store.account_ids(&[]).await.unwrap().is_empty());
    let many: Vec<_> = (0..2500).map(|number| an_external_id(&format!("ada{number}"))).collect();
    assert_eq!(world.store.account_ids(&many).await.unwrap(), known);

    let mut ids: Vec<_> = known.values().copied().collect();
    ids.push(AccountId::from_uuid(uuid::Uuid::from_u128(404)));
    let by_id: BTreeMap<_, _> = known.into_iter().map(|(name, id)| (id, name)).collect();
    assert_eq!(world.store.external_ids(&ids).await.unwrap(), by_id);
    assert!(world.store.external_ids(&[]).await.unwrap().is_empty());
}

/// A customer is found by its account, and the account by its customer, per provider.
pub async fn a_customer_and_its_account_find_each_other(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let row = |channel, account, customer: &str| ProviderCustomer {
        channel,
        account,
        customer: customer.to_owned(),
        replaces: None,
        deleted: false,
    };
    let rows = vec![
        row(Channel::named("stripe"), ada, "cus_1"),
        row(Channel::named("stripe"), bob, "cus_2"),
        row(Channel::named("sandbox"), bob, "cus_1"),
    ];
    world.write(Changes { provider_customers: rows, ..Changes::default() }).await;
    let customer = async |channel, account| {
        world.store.provider_customer(channel, account).await.unwrap().map(|known| known.customer)
    };
    let owner = async |channel, customer| world.store.account_of_customer(channel, customer).await.unwrap();
    assert_eq!(customer(Channel::named("stripe"), ada).await.as_deref(), Some("cus_1"));
    assert_eq!(customer(Channel::named("sandbox"), bob).await.as_deref(), Some("cus_1"));
    assert_eq!(customer(Channel::named("sandbox"), ada).await, None);
    assert_eq!(owner(Channel::named("stripe"), "cus_1").await, Some(ada));
    assert_eq!(owner(Channel::named("sandbox"), "cus_1").await, Some(bob));
    assert_eq!(owner(Channel::named("sandbox"), "cus_2").await, None);
    // One that was deleted is still the account's, until another one takes its place.
    let stripe = Channel::named("stripe");
    let commit = async |row| {
        world.commit(Changes { provider_customers: vec![row], ..Changes::default() }).await.map(drop)
    };
    let deleted = ProviderCustomer { deleted: true, ..row(stripe, ada, "cus_1") };
    commit(deleted.clone()).await.unwrap();
    let not_current = ProviderCustomer { deleted: true, ..row(stripe, ada, "cus_2") };
    assert!(matches!(commit(not_current).await, Err(CommitError::Conflict)));
    assert_eq!(world.store.provider_customer(stripe, ada).await.unwrap(), Some(deleted));
    assert_eq!(owner(stripe, "cus_1").await, Some(ada));
    let replaces = Some("cus_1".to_owned());
    commit(ProviderCustomer { replaces, ..row(stripe, ada, "cus_3") }).await.unwrap();
    assert_eq!(customer(stripe, ada).await.as_deref(), Some("cus_3"));
    assert_eq!(owner(Channel::named("creem"), "cus_1").await, None);
}
