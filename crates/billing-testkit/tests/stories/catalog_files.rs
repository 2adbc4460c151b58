//! Applying a catalogue file.

use std::sync::Arc;

use billing_core::catalog::{CatalogRefusal, PlanPrices};
use billing_core::payments::Channel;
use billing_core::ports::StoreError;
use billing_core::requests::{
    AppliedCatalog, CatalogChange, CatalogDraft, PackDraft, PlanDraft, RateCardDraft,
};
use billing_core::values::Credits;
use billing_core::{Billing, BillingError};
use billing_testkit::builders::{
    a_pack_draft, a_plan_draft, a_rate, a_rate_card_draft, full_meters, monthly_price, noon, stripe_prices,
};
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};

struct Scene {
    billing: Billing,
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
}

fn scene() -> Scene {
    let (clock, store) = (Arc::new(ManualClock::at(noon())), Arc::new(MemoryStore::new()));
    let ids = Arc::new(SequentialIds::new());
    Scene { billing: Billing::builder(store.clone(), clock.clone(), ids).build(), clock, store }
}

/// Two plans, a pack, and two rate cards, one of which changes tomorrow.
fn a_file() -> CatalogDraft {
    let full = RateCardDraft { meters: full_meters(), ..a_rate_card_draft("default") };
    let tomorrow = RateCardDraft { effective_at: Some(noon().plus_days(1)), ..a_rate_card_draft("default") };
    CatalogDraft {
        plans: vec![
            PlanDraft { prices: monthly_price(Channel::named("stripe"), "price_1"), ..a_plan_draft("pro") },
            a_plan_draft("team"),
        ],
        packs: vec![a_pack_draft("small")],
        rate_cards: vec![full, tomorrow, a_rate_card_draft("batch")],
    }
}

/// The changes, as `+` for new items and `~` for changed ones.
fn told(applied: &AppliedCatalog) -> Vec<String> {
    let tell = |change: &CatalogChange| match change {
        CatalogChange::Plan { before, after } => line(before.is_none(), &after.slug, ""),
        CatalogChange::Pack { before, after } => line(before.is_none(), &after.slug, ""),
        CatalogChange::RateCard { before, after, version } => {
            let version = version.map_or(String::new(), |number| format!("@{number}"));
            line(before.is_none(), &after.slug, &version)
        }
    };
    applied.changes.iter().map(tell).collect()
}

fn line(new: bool, slug: &str, version: &str) -> String {
    format!("{}{slug}{version}", if new { '+' } else { '~' })
}

async fn apply(scene: &Scene, file: &CatalogDraft) -> AppliedCatalog {
    scene.billing.apply_catalog(file, false).await.unwrap()
}

#[tokio::test]
async fn a_file_is_applied_once_and_then_changes_nothing() {
    let scene = scene();
    let first = apply(&scene, &a_file()).await;
    assert_eq!(told(&first), ["+pro", "+team", "+small", "+default@1", "~default@2", "+batch@1"]);
    assert_eq!(first.unchanged, 0);
    // Neither now nor after the file's change of tomorrow.
    for (days, unchanged, superseded) in [(0, 6, 0), (1, 5, 1), (100, 5, 1)] {
        scene.clock.set(noon().plus_days(days));
        assert_eq!(apply(&scene, &a_file()).await, AppliedCatalog { changes: vec![], unchanged, superseded });
    }
    assert_eq!(scene.billing.plans().await.unwrap()[0].version, 1);
}

#[tokio::test]
async fn an_export_applies_without_a_change_and_makes_the_same_elsewhere() {
    let (here, there) = (scene(), scene());
    apply(&here, &a_file()).await;
    let exported = here.billing.export_catalog().await.unwrap();
    assert_eq!(exported, a_file());
    assert_eq!(apply(&here, &exported).await, AppliedCatalog { unchanged: 6, ..AppliedCatalog::default() });
    apply(&there, &exported).await;
    assert_eq!(there.billing.export_catalog().await.unwrap(), exported);

    here.clock.advance(90_000);
    let later = here.billing.export_catalog().await.unwrap();
    assert_eq!(later.rate_cards, [a_rate_card_draft("default"), a_rate_card_draft("batch")]);
    assert_eq!(apply(&here, &later).await.changes, []);
}

#[tokio::test]
async fn a_trial_run_says_the_same_and_writes_nothing() {
    let scene = scene();
    let tried = scene.billing.apply_catalog(&a_file(), true).await.unwrap();
    assert_eq!(scene.billing.export_catalog().await.unwrap(), CatalogDraft::default());
    assert_eq!(apply(&scene, &a_file()).await, tried);
}

#[tokio::test]
async fn a_file_that_is_applied_late_wants_what_it_says_of_today() {
    let scene = scene();
    scene.clock.set(noon().plus_days(3));
    let first = apply(&scene, &a_file()).await;
    assert_eq!((told(&first)[3].as_str(), first.superseded), ("+default@1", 1));
    let card = scene.billing.rate_card("default").await.unwrap();
    assert_eq!(card.version.edition.effective_at, noon().plus_days(1), "a new card has no past");
    assert_eq!(card.version.meters, a_rate_card_draft("default").meters);

    // An operator has changed the rates since; the file changes them back from now on.
    let by_hand = RateCardDraft { meters: full_meters(), ..a_rate_card_draft("default") };
    scene.billing.change_rate_card(&by_hand).await.unwrap();
    scene.clock.advance(60);
    assert_eq!(told(&apply(&scene, &a_file()).await), ["~default@3"]);
    let card = scene.billing.rate_card("default").await.unwrap();
    assert_eq!(card.version.edition.effective_at, noon().plus_days(3).plus_seconds(60));
    assert_eq!(apply(&scene, &a_file()).await.changes, []);
}

#[tokio::test]
async fn only_what_differs_is_changed() {
    let scene = scene();
    apply(&scene, &a_file()).await;
    let mut file = a_file();
    file.plans.remove(0);
    file.plans[0].credits_included = Credits::new(1);
    file.rate_cards.truncate(2);
    file.rate_cards[1].meters[0].rates[0] = a_rate("input_tokens", "4", 1_000);
    let changed = apply(&scene, &file).await;
    assert_eq!((told(&changed), changed.unchanged), (vec!["~team".to_owned(), "~default@3".to_owned()], 2));
    let CatalogChange::Plan { before: Some(before), after } = &changed.changes[0] else { panic!() };
    assert_eq!((before.credits_included.get(), after.credits_included.get()), (2000, 1));
    let CatalogChange::RateCard { before: Some(before), after, .. } = &changed.changes[1] else { panic!() };
    assert_eq!(
        (
            before.meters[0].rates[0].price.per_unit().unwrap().credits.to_string().as_str(),
            before.effective_at
        ),
        ("3", after.effective_at)
    );
    let exported = scene.billing.export_catalog().await.unwrap();
    assert_eq!(exported.plans.len(), 2, "what the file does not speak of stays");
    assert_eq!(exported.rate_cards.len(), 3);

    let mut renamed = a_file();
    renamed.rate_cards = vec![RateCardDraft { name: "Renamed".to_owned(), ..file.rate_cards[0].clone() }];
    let changed = apply(&scene, &renamed).await;
    assert!(told(&changed).contains(&"~default".to_owned()), "{:?}", told(&changed));
}

#[tokio::test]
async fn a_file_with_a_mistake_changes_nothing_and_the_place_is_named() {
    let scene = scene();
    let mistake = |make: &dyn Fn(&mut CatalogDraft)| {
        let mut file = a_file();
        make(&mut file);
        file
    };
    for (file, place) in [
        (mistake(&|file| file.plans[1].price_monthly = -1), "plans[1].price_monthly"),
        (mistake(&|file| file.plans[1].slug = "pro".to_owned()), "plans[1].slug"),
        (mistake(&|file| file.packs[0].credits = Credits::ZERO), "packs[0].credits"),
        (mistake(&|file| file.packs.push(a_pack_draft("small"))), "packs[1].slug"),
        (mistake(&|file| file.rate_cards[2].meters.clear()), "rate_cards[2].meters"),
        (mistake(&|file| file.rate_cards[0].meters[1].name = "A".to_owned()), "rate_cards[0].meters[1].name"),
        (mistake(&|file| file.rate_cards[1].effective_at = None), "rate_cards[1].slug"),
        (mistake(&|file| file.rate_cards[1].name = "Other".to_owned()), "rate_cards[1].slug"),
    ] {
        let refused = scene.billing.apply_catalog(&file, false).await.unwrap_err();
        let BillingError::Catalog(CatalogRefusal::Invalid { field, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert_eq!(field, place, "{refused}");
        assert_eq!(scene.billing.export_catalog().await.unwrap(), CatalogDraft::default());
    }
    scene.store.fail_next_write(StoreError::Busy);
    assert!(scene.billing.apply_catalog(&a_file(), false).await.is_err());
    assert_eq!(scene.billing.export_catalog().await.unwrap(), CatalogDraft::default());
}

#[tokio::test]
async fn a_price_stands_for_one_item_of_a_file_and_of_all_that_were_before() {
    let scene = scene();
    let refused = async |file: &CatalogDraft| {
        let before = scene.billing.export_catalog().await.unwrap();
        let refused = scene.billing.apply_catalog(file, false).await.unwrap_err();
        assert_eq!(refused.code(), "provider_price_taken");
        assert_eq!(scene.billing.export_catalog().await.unwrap(), before);
        refused.to_string()
    };
    let always = "; a price stands for one item for good";
    let mut file = a_file();
    for (monthly, yearly, told) in [
        ("price_2", "price_1", "`price_1` of stripe stands for `pro`"),
        (
            "price_2",
            "price_2",
            "`price_2` of stripe stands for the plan's monthly period, and for its other one",
        ),
    ] {
        file.plans[1].prices = stripe_prices(monthly, yearly);
        assert_eq!(refused(&file).await, format!("{told}{always}"));
    }

    apply(&scene, &a_file()).await;
    let mut file = a_file();
    file.plans[1].prices = std::mem::take(&mut file.plans[0].prices);
    let told = format!("`price_1` of stripe stands for the plan `pro`, monthly{always}");
    assert_eq!(refused(&file).await, told);
    let moved = std::mem::take(&mut file.plans[1].prices);
    apply(&scene, &file).await;
    // Customers who subscribed at that price continue to pay it.
    file.plans[1].prices = moved.clone();
    assert_eq!(refused(&file).await, told);
    file.plans[1].prices = PlanPrices::default();
    file.plans[0].prices = moved;
    apply(&scene, &file).await;
    let pack = CatalogDraft {
        packs: vec![PackDraft { active: false, ..a_pack_draft("small") }],
        ..CatalogDraft::default()
    };
    assert_eq!(super::catalog_files::told(&apply(&scene, &pack).await), ["~small"]);
}
