//! Publishing rate cards, and quoting usage.

use billing_core::catalog::{CatalogRefusal, Rounding};
use billing_core::ports::StoreError;
use billing_core::requests::{PriceUsage, RateCardDraft, RateCardRef, ShownRateCard};
use billing_core::{Billing, BillingError};
use billing_testkit::builders::{a_meter, a_rate, a_rate_card_draft, a_usage, noon};

use crate::shop::Shop;

/// `a_rate_card_draft` at `credits` per 1,000 input tokens.
fn at_a_rate_of(credits: &str, slug: &str) -> RateCardDraft {
    let mut draft = a_rate_card_draft(slug);
    draft.meters[0].rates[0] = a_rate("input_tokens", credits, 1_000);
    draft
}

/// 1,000 input tokens, priced by `card`.
fn tokens(card: RateCardRef) -> PriceUsage {
    PriceUsage { card, ..a_usage([("input_tokens", "1000")]) }
}

fn named(slug: &str) -> RateCardRef {
    RateCardRef::Named(slug.to_owned())
}

/// The price of the tokens, or why they cannot be priced.
async fn costs(billing: &Billing, card: RateCardRef) -> Result<String, String> {
    match billing.quote(None, &[tokens(card)]).await {
        Ok(quoted) => Ok(format!("{} by {}", quoted.prices[0].exact, quoted.prices[0].quote())),
        Err(error) => Err(format!("{}: {error}", error.code())),
    }
}

fn numbers(shown: &ShownRateCard) -> (u32, Option<u32>, Vec<u32>) {
    let all = shown.card.versions.iter().map(|edition| edition.number);
    (shown.version.edition.number, shown.in_force, all.collect())
}

#[tokio::test]
async fn a_version_takes_over_at_its_moment_and_a_quote_outlives_it() {
    let shop = Shop::open().await;
    let billing = &shop.billing;
    let made = billing.create_rate_card(&at_a_rate_of("3", "default")).await.unwrap();
    assert_eq!(numbers(&made), (1, Some(1), vec![1]));
    let tomorrow = noon().plus_days(1);
    let later = RateCardDraft { effective_at: Some(tomorrow), ..at_a_rate_of("4", "default") };
    let changed = billing.change_rate_card(&later).await.unwrap();
    assert_eq!(numbers(&changed), (2, Some(1), vec![1, 2]));
    assert_eq!(billing.rate_card("default").await.unwrap().version.edition.number, 1);

    shop.clock.set(tomorrow.plus_seconds(-1));
    assert_eq!(costs(billing, RateCardRef::Default).await.as_deref(), Ok("3 by default@1"));
    let quote = billing.quote(None, &[tokens(RateCardRef::Default)]).await.unwrap().prices[0].quote();
    shop.clock.set(tomorrow);
    assert_eq!(costs(billing, RateCardRef::Default).await.as_deref(), Ok("4 by default@2"));
    assert_eq!(costs(billing, RateCardRef::Quoted(quote)).await.as_deref(), Ok("3 by default@1"));
    assert_eq!(numbers(&billing.rate_card("default").await.unwrap()), (2, Some(2), vec![1, 2]));
    assert_eq!(numbers(&billing.rate_card_version("default", 1).await.unwrap()), (1, Some(2), vec![1, 2]));
}

#[tokio::test]
async fn usage_that_names_no_card_gets_the_default_or_the_only_one() {
    let shop = Shop::open().await;
    let billing = &shop.billing;
    let price =
        async |card| costs(billing, card).await.map_err(|why| why.split(':').next().unwrap().to_owned());
    assert_eq!(price(RateCardRef::Default).await, Err("no_rate_card".to_owned()));
    billing.create_rate_card(&at_a_rate_of("1", "one")).await.unwrap();
    assert_eq!(price(RateCardRef::Default).await.as_deref(), Ok("1 by one@1"));
    billing.create_rate_card(&at_a_rate_of("2", "two")).await.unwrap();
    assert_eq!(price(RateCardRef::Default).await, Err("no_rate_card".to_owned()));
    billing.create_rate_card(&at_a_rate_of("3", "default")).await.unwrap();
    assert_eq!(price(RateCardRef::Default).await.as_deref(), Ok("3 by default@1"));
    assert_eq!(price(named("two")).await.as_deref(), Ok("2 by two@1"));

    for slug in ["default", "two"] {
        let rate = if slug == "two" { "2" } else { "3" };
        let off = RateCardDraft { active: false, ..at_a_rate_of(rate, slug) };
        billing.change_rate_card(&off).await.unwrap();
    }
    assert_eq!(price(RateCardRef::Default).await.as_deref(), Ok("1 by one@1"));
    assert_eq!(
        costs(billing, named("two")).await,
        Err("no_rate_card: the rate card `two` is not active".to_owned())
    );
    let quote = "two@1".parse().unwrap();
    assert_eq!(price(RateCardRef::Quoted(quote)).await.as_deref(), Ok("2 by two@1"), "a quote holds");
}

#[tokio::test]
async fn what_no_card_knows_is_refused() {
    let shop = Shop::open().await;
    let billing = &shop.billing;
    let later = RateCardDraft { effective_at: Some(noon().plus_days(1)), ..at_a_rate_of("1", "default") };
    let made = billing.create_rate_card(&later).await.unwrap();
    assert_eq!(numbers(&made), (1, None, vec![1]));
    assert_eq!(numbers(&billing.rate_card("default").await.unwrap()), (1, None, vec![1]));
    for (card, why) in [
        (RateCardRef::Default, "no version of the rate card `default` is in force at 2026-04-15T12:00:00Z"),
        (named("none"), "there is no rate card `none`"),
        (RateCardRef::Quoted("default@2".parse().unwrap()), "the rate card `default` has no version 2"),
        (RateCardRef::Quoted("none@1".parse().unwrap()), "the rate card `none` has no version 1"),
    ] {
        assert_eq!(costs(billing, card).await, Err(format!("no_rate_card: {why}")));
    }
    let unknown =
        PriceUsage { card: RateCardRef::Quoted("default@1".parse().unwrap()), ..a_usage([("x", "1")]) };
    assert_eq!(billing.quote(None, &[unknown]).await.unwrap_err().code(), "unknown_quantity");
    for missing in [
        billing.rate_card("none").await,
        billing.rate_card_version("none", 1).await,
        billing.rate_card_version("default", 2).await,
        billing.change_rate_card(&at_a_rate_of("1", "none")).await,
    ] {
        assert_eq!(missing.unwrap_err().code(), "not_found");
    }
}

#[tokio::test]
async fn several_usages_are_priced_together() {
    let shop = Shop::open().await;
    let mut draft = a_rate_card_draft("default");
    draft.meters.push(billing_core::catalog::Meter {
        name: "image".to_owned(),
        rounding: Rounding::Up,
        rates: vec![a_rate("images", "2.5", 1)],
        ..a_meter()
    });
    shop.billing.create_rate_card(&draft).await.unwrap();
    let mut image = a_usage([("images", "1")]);
    image.usage.meter = "image".to_owned();
    let third = || a_usage([("input_tokens", "100")]);
    let quoted = shop.billing.quote(None, &[third(), image, third(), third(), third()]).await.unwrap();
    let each: Vec<_> = quoted.prices.iter().map(|price| price.ceiling().get()).collect();
    assert_eq!(each, [1, 3, 1, 1, 1]);
    assert_eq!(quoted.ceiling.get(), 5, "3 for the image, and 1.2 for the four chats");
    assert_eq!(shop.billing.quote(None, &[]).await.unwrap().ceiling.get(), 0);
}

#[tokio::test]
async fn a_card_that_is_published_again_unchanged_stays_as_it_is() {
    let shop = Shop::open().await;
    let made = shop.billing.create_rate_card(&a_rate_card_draft("default")).await.unwrap();
    assert_eq!(made.card.version, 1);
    shop.store.fail_next_write(StoreError::Busy);
    let same = shop.billing.change_rate_card(&a_rate_card_draft("default")).await.unwrap();
    assert_eq!(same, made, "nothing was written");
    let renamed = RateCardDraft { name: "Renamed".to_owned(), ..a_rate_card_draft("default") };
    let failed = shop.billing.change_rate_card(&renamed).await;
    assert!(matches!(failed, Err(BillingError::Store(StoreError::Busy))));
    let renamed = shop.billing.change_rate_card(&renamed).await.unwrap();
    assert_eq!((renamed.card.version, renamed.version.edition.number), (2, 1));
    let taken = shop.billing.create_rate_card(&a_rate_card_draft("default")).await;
    assert!(matches!(taken, Err(BillingError::Catalog(CatalogRefusal::SlugTaken { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_publish_at_once_each_gets_a_version_of_its_own_or_is_told_to_try_again() {
    let shop = Shop::open().await;
    shop.billing.create_rate_card(&at_a_rate_of("0", "default")).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    for number in 1..=16 {
        let billing = shop.billing.clone();
        let draft = at_a_rate_of(&number.to_string(), "default");
        running.spawn(async move { billing.change_rate_card(&draft).await });
    }
    let mut numbers = vec![1];
    for ended in running.join_all().await {
        match ended {
            Ok(shown) => numbers.push(shown.version.edition.number),
            Err(error) => assert!(matches!(error, BillingError::Store(StoreError::Busy)), "{error:?}"),
        }
    }
    numbers.sort_unstable();
    let card = shop.billing.rate_card("default").await.unwrap().card;
    let kept: Vec<_> = card.versions.iter().map(|edition| edition.number).collect();
    assert_eq!(numbers, kept);
    for number in kept {
        shop.billing.rate_card_version("default", number).await.unwrap();
    }
}
