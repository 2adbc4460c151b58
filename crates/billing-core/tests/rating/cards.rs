//! Which version is in force, and what publishing comes to.

use billing_core::catalog::{
    CatalogRefusal, MarkupPercent, Meter, Publication, RateCard, RateCardDraft, RateCardVersion, VersionTerms,
};
use billing_core::values::{RateCardId, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use crate::made::{meter, rate};

const FRESH: RateCardId = RateCardId::from_uuid(Uuid::nil());

fn now() -> Timestamp {
    "2026-04-15T12:00:00Z".parse().unwrap()
}

fn card(moments: &[i64]) -> RateCard {
    let versions = moments.iter().zip(1_u32..).map(|(moment, number)| VersionTerms {
        number,
        effective_at: Timestamp::from_micros(*moment),
        published_at: Timestamp::EPOCH,
    });
    RateCard {
        id: FRESH,
        slug: "default".to_owned(),
        name: "Default".to_owned(),
        description: String::new(),
        active: true,
        versions: versions.collect(),
        created_at: Timestamp::EPOCH,
        version: 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// A version is in force from its own moment on, to the microsecond, until the next one's.
    #[test]
    fn the_version_in_force_changes_exactly_when_one_takes_effect(moments in vec(-50_i64..50, 0..8)) {
        let card = card(&moments);
        let at = |micros| card.in_force(Timestamp::from_micros(micros)).map(|edition| edition.number);
        for moment in -60..60 {
            let begins = moments.contains(&moment);
            prop_assert!(begins || at(moment) == at(moment - 1), "changed at {moment}");
            if begins {
                // The last that was published for this moment.
                let place = moments.iter().rposition(|other| *other == moment).unwrap();
                prop_assert_eq!(at(moment), u32::try_from(place + 1).ok());
            }
        }
        prop_assert_eq!(at(-61), None);
    }

    /// What is said to be coming is what will be in force.
    #[test]
    fn what_is_coming_will_be_in_force(moments in vec(-50_i64..50, 0..8), moment in -60_i64..60) {
        let card = card(&moments);
        let coming = card.coming(Timestamp::from_micros(moment));
        prop_assert!(coming.is_sorted_by(|one, next| one.effective_at < next.effective_at));
        let mut seen = Vec::new();
        for later in moment + 1..60 {
            let edition = card.in_force(Timestamp::from_micros(later));
            if edition != card.in_force(Timestamp::from_micros(later - 1)) {
                seen.extend(edition);
            }
        }
        prop_assert_eq!(coming, seen);
    }
}

fn draft(credits: &str) -> RateCardDraft {
    RateCardDraft {
        slug: "default".to_owned(),
        name: "Default".to_owned(),
        description: String::new(),
        active: true,
        effective_at: None,
        markup: MarkupPercent::ZERO,
        meters: vec![meter(vec![rate("a", credits, 1)])],
    }
}

/// A card with what was published on it.
#[derive(Default)]
struct Shelf {
    card: Option<RateCard>,
    versions: Vec<RateCardVersion>,
}

impl Shelf {
    /// Publishes `draft`; answers the number of the new version.
    fn publish(&mut self, draft: &RateCardDraft, now: Timestamp) -> Result<Option<u32>, CatalogRefusal> {
        let now = self.card.as_ref().map_or(now, |card| card.moment(now));
        let replaced = self.at(draft.effective_at.unwrap_or(now)).cloned();
        let Publication { card, version } =
            draft.publish(self.card.as_ref(), replaced.as_ref(), FRESH, now)?;
        self.card = Some(card);
        let number = version.as_ref().map(|version| version.edition.number);
        self.versions.extend(version);
        Ok(number)
    }

    fn at(&self, moment: Timestamp) -> Option<&RateCardVersion> {
        let number = self.card.as_ref()?.in_force(moment)?.number;
        self.versions.iter().find(|version| version.edition.number == number)
    }

    fn rate_at(&self, moment: Timestamp) -> Option<String> {
        self.at(moment).map(|version| {
            let rate = &version.meters[0].rates[0];
            rate.price.per_unit().unwrap().credits.to_string()
        })
    }
}

#[test]
fn rates_that_are_in_force_already_make_no_new_version() {
    let mut shelf = Shelf::default();
    assert_eq!(shelf.publish(&draft("1"), now()), Ok(Some(1)));
    assert_eq!(shelf.publish(&draft("1"), now().plus_days(1)), Ok(None));
    let renamed = RateCardDraft { name: "Other".to_owned(), active: false, ..draft("1.0") };
    assert_eq!(shelf.publish(&renamed, now().plus_days(1)), Ok(None));
    let card = shelf.card.clone().unwrap();
    assert_eq!((card.name.as_str(), card.active, card.versions.len()), ("Other", false, 1));
    assert_eq!(shelf.publish(&draft("2"), now().plus_days(2)), Ok(Some(2)));
    assert_eq!(shelf.publish(&draft("1"), now().plus_days(3)), Ok(Some(3)));
}

#[test]
fn a_version_may_begin_later_and_can_be_taken_back_before_it_does() {
    let (mut shelf, march) = (Shelf::default(), now().plus_days(30));
    shelf.publish(&draft("1"), now()).unwrap();
    let later = RateCardDraft { effective_at: Some(march), ..draft("2") };
    assert_eq!(shelf.publish(&later, now()), Ok(Some(2)));
    assert_eq!(shelf.publish(&later, now()), Ok(None), "it is coming already");
    assert_eq!(shelf.rate_at(now().plus_days(29)).as_deref(), Some("1"));
    assert_eq!(shelf.rate_at(march).as_deref(), Some("2"));
    // A change of today's rates leaves what is coming alone.
    assert_eq!(shelf.publish(&draft("1.5"), now().plus_days(1)), Ok(Some(3)));
    assert_eq!(shelf.rate_at(march).as_deref(), Some("2"));
    let back = RateCardDraft { effective_at: Some(march), ..draft("1.5") };
    assert_eq!(shelf.publish(&back, now().plus_days(2)), Ok(Some(4)));
    assert_eq!(shelf.rate_at(march).as_deref(), Some("1.5"));
    assert_eq!(shelf.card.unwrap().coming(now().plus_days(2)).len(), 1);
}

#[test]
fn what_was_priced_stays_priced() {
    let mut shelf = Shelf::default();
    let earlier = |credits| RateCardDraft { effective_at: Some(now().plus_days(-1)), ..draft(credits) };
    assert_eq!(shelf.publish(&earlier("1"), now()), Ok(Some(1)), "nothing was priced with it before");
    let refused = shelf.publish(&earlier("2"), now()).unwrap_err();
    assert!(refused.to_string().starts_with("`effective_at` must not lie before now"), "{refused}");
    assert_eq!(shelf.publish(&earlier("1"), now()), Ok(None), "it says what is so already");
    let at_once = RateCardDraft { effective_at: Some(now()), ..draft("2") };
    assert_eq!(shelf.publish(&at_once, now()), Ok(Some(2)));
}

#[test]
fn what_is_published_later_counts_also_where_the_clock_is_behind() {
    let mut shelf = Shelf::default();
    shelf.publish(&draft("1"), now().plus_seconds(30)).unwrap();
    assert_eq!(shelf.publish(&draft("2"), now()), Ok(Some(2)));
    assert_eq!(shelf.rate_at(now().plus_seconds(30)).as_deref(), Some("2"));
    // A clock that was far off does not put everything off.
    let mut shelf = Shelf::default();
    shelf.publish(&draft("1"), now().plus_days(365)).unwrap();
    assert_eq!(shelf.publish(&draft("2"), now()), Ok(Some(2)));
    assert_eq!(shelf.rate_at(now()).as_deref(), Some("2"));
}

#[test]
fn a_card_has_a_last_version() {
    let mut shelf = Shelf::default();
    for number in 1..=1_000_u32 {
        assert_eq!(shelf.publish(&draft(&number.to_string()), now()), Ok(Some(number)));
    }
    let refused = shelf.publish(&draft("0"), now()).unwrap_err();
    assert!(refused.to_string().contains("at most 1000 versions"), "{refused}");
    assert_eq!(shelf.publish(&draft("1000"), now()), Ok(None));
}

#[test]
fn a_draft_that_cannot_be_published_says_which_field() {
    let long = "x".repeat(1_001);
    for (draft, field) in [
        (RateCardDraft { slug: "No Slug".to_owned(), ..draft("1") }, "slug"),
        (RateCardDraft { name: " ".to_owned(), ..draft("1") }, "name"),
        (RateCardDraft { description: long, ..draft("1") }, "description"),
        (RateCardDraft { meters: vec![], ..draft("1") }, "meters"),
        (
            RateCardDraft { meters: vec![Meter { name: "A".to_owned(), ..meter(vec![]) }], ..draft("1") },
            "meters[0].name",
        ),
    ] {
        let refused = draft.publish(None, None, FRESH, now()).unwrap_err();
        assert!(refused.to_string().starts_with(&format!("`{field}` ")), "{refused}");
    }
}
