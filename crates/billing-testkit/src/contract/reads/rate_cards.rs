//! Rate cards.

use std::sync::Arc;

use billing_core::catalog::{RateCard, RateCardVersion, VersionTerms};
use billing_core::changes::Changes;
use billing_core::values::Timestamp;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_rate_card, a_rate_card_version, full_meters, noon};

async fn write(world: &World, card: RateCard, version: RateCardVersion) {
    let changes = Changes { rate_cards: vec![card], rate_card_versions: vec![version], ..Changes::default() };
    world.write(changes).await;
}

/// A rate card is read with every field, and can be changed; its versions are immutable.
pub async fn a_rate_card_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (card, first) = a_rate_card("default", &world.ids);
    write(&world, card.clone(), first.clone()).await;
    let stored = world.store.rate_card("default").await.unwrap();
    assert_eq!(stored, Some(RateCard { version: 1, ..card.clone() }));

    let second = a_rate_card_version("default", 2, Timestamp::from_micros(1_900_000_000_123_456));
    let changed = RateCard {
        name: "Für \"große\" Mengen 🦉".to_owned(),
        description: "Two lines\nof text".to_owned(),
        active: false,
        versions: vec![first.edition, second.edition],
        version: 1,
        ..card
    };
    write(&world, changed.clone(), second.clone()).await;
    let stored = world.store.rate_card("default").await.unwrap();
    assert_eq!(stored, Some(RateCard { version: 2, ..changed }));
    for version in [first, second] {
        let stored = world.store.rate_card_version("default", version.edition.number).await.unwrap();
        assert_eq!(stored, Some(version));
    }
    assert_eq!(world.store.rate_card("Default").await.unwrap(), None);
    assert_eq!(world.store.rate_card_version("default", 3).await.unwrap(), None);
    assert_eq!(world.store.rate_card_version("other", 1).await.unwrap(), None);
}

/// Rates are read to the last digit, with all meters in their order.
pub async fn rates_read_back_exactly(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (card, version) = a_rate_card("default", &world.ids);
    let version = RateCardVersion { meters: full_meters(), ..version };
    write(&world, card, version.clone()).await;
    assert_eq!(world.store.rate_card_version("default", 1).await.unwrap(), Some(version));

    let number = u32::MAX;
    let edition =
        VersionTerms { number, effective_at: Timestamp::from_micros(i64::MIN), published_at: noon() };
    let last = RateCardVersion { edition, ..a_rate_card_version("default", number, noon()) };
    let changes = Changes { rate_card_versions: vec![last.clone()], ..Changes::default() };
    world.write(changes).await;
    assert_eq!(world.store.rate_card_version("default", number).await.unwrap(), Some(last));
}

/// All rate cards are listed oldest first, also after a change.
pub async fn rate_cards_are_listed_in_the_order_in_which_they_were_made(store: Arc<dyn Stores>) {
    let world = World::new(store);
    assert_eq!(world.store.rate_cards().await.unwrap(), []);
    for (number, slug) in ["z", "b", "a", "c"].into_iter().enumerate() {
        let (card, version) = a_rate_card(slug, &world.ids);
        let created_at = noon().plus_seconds(i64::try_from(number).unwrap());
        write(&world, RateCard { created_at, ..card }, version).await;
    }
    let first = world.store.rate_card("z").await.unwrap().unwrap();
    let changed = RateCard { name: "Changed".to_owned(), ..first };
    world.write(Changes { rate_cards: vec![changed], ..Changes::default() }).await;
    let cards = world.store.rate_cards().await.unwrap();
    let slugs: Vec<_> = cards.iter().map(|card| card.slug.as_str()).collect();
    assert_eq!(slugs, ["z", "b", "a", "c"]);
    assert_eq!(world.store.rate_card("z").await.unwrap().as_ref(), cards.first());
}
