//! Round trips, and positions of errors.

use billing_core::catalog::RateCardDraft as Card;
use billing_core::requests::{CatalogDraft, PackDraft, PlanDraft, RateCardDraft};
use billing_testkit::SequentialIds;
use billing_testkit::builders::{
    a_full_pack, a_full_plan, a_pack_draft, a_plan_draft, a_rate, a_rate_card_draft, at, full_meters,
};

use super::{line_of, read, write};

/// A catalogue with minimal and with complete items.
fn full() -> CatalogDraft {
    let ids = SequentialIds::new();
    let odd = RateCardDraft {
        name: "Rates with \"quotes\",\n# lines and 'more'".to_owned(),
        description: "Für \\ alle 🦉".to_owned(),
        active: false,
        effective_at: Some(at("2026-09-01T00:00:00.123456Z")),
        markup: "20".parse().unwrap(),
        meters: full_meters(),
        ..a_rate_card_draft("odd")
    };
    CatalogDraft {
        plans: vec![a_plan_draft("bare"), PlanDraft::from(&a_full_plan("full", &ids))],
        packs: vec![a_pack_draft("bare"), PackDraft::from(&a_full_pack("full", &ids))],
        rate_cards: vec![a_rate_card_draft("default"), odd],
    }
}

#[test]
fn what_was_written_reads_back() {
    for catalog in [CatalogDraft::default(), full()] {
        let text = write(&catalog);
        assert_eq!(read(&text).unwrap(), catalog, "{text}");
    }
}

#[test]
fn a_card_reads_as_a_table_of_rates() {
    let card = Card { meters: vec![full_meters().remove(0)], ..a_rate_card_draft("default") };
    let text = write(&CatalogDraft { rate_cards: vec![card], ..CatalogDraft::default() });
    let card = text.split_once("\n\n").unwrap().1;
    let expected = r#"[[rate_cards]]
slug = "default"
name = "Standard rates"

[[rate_cards.meters]]
name = "image_1"
dimensions = ["model", "size"]
per_call = "0.000000001"
minimum = "999999999.999999999"
markup_percent = "-10.5"
rounding = "nearest"
rates = [
    { quantity = "images", credits = "0.000000001", per = 1000000000 },
    { quantity = "images", credits = 1000000000, when = { model = 'größer "XL" 🦉' } },
    { quantity = "images", credits = "12.5", per = 3, when = { model = "a", size = "1024x1024" } },
    { quantity = "seconds", tiers_mode = "volume", tiers = [{ up_to = "0.000001", credits = 1000000000 }, { credits = 0, per = 1000000000 }] },
    { quantity = "seconds", when = { model = "a*" }, tiers_mode = "graduated", tiers_scope = "month", tiers = [{ up_to = 1000, credits = 3, per = 1000, flat = "0.5" }, { up_to = 1000000000000000, credits = "1.25", per = 1000 }, { credits = 1, per = 1000, flat = 7 }] },
]
"#;
    assert_eq!(card, expected);
}

#[test]
fn what_is_left_out_has_its_default() {
    let text = r#"
[[plans]]
slug = "pro"
name = "Pro"
price_monthly = 999
currency = "usd"

[[rate_cards]]
slug = "default"
name = "Standard"
effective_at = "2026-09-01T02:00:00+02:00"
meters = [{ name = "call", rates = [{ quantity = "calls", credits = "1.50", when = { model = "*" } }] }]
"#;
    let catalog = read(text).unwrap();
    let plan = &catalog.plans[0];
    assert!(plan.public && plan.active && plan.features.is_empty() && plan.credits_included.is_zero());
    let card = &catalog.rate_cards[0];
    assert_eq!(card.effective_at, Some(at("2026-09-01T00:00:00Z")));
    let rate = &card.meters[0].rates[0];
    assert_eq!(*rate, a_rate("calls", "1.5", 1));
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let card = |meter: &str| {
        format!("[[rate_cards]]\nslug = \"a\"\nname = \"A\"\n[[rate_cards.meters]]\nname = \"m\"\n{meter}\n")
    };
    for (text, line, said) in [
        ("[[plans]\n".to_owned(), 1, "expected"),
        ("plans = 5\n".to_owned(), 1, "expected a sequence"),
        ("[[plans]]\nslug = \"pro\"\n".to_owned(), 1, "missing field `name`"),
        ("[[packs]]\nslug = \"a\"\ncolour = 1\n".to_owned(), 3, "unknown field `colour`"),
        ("[[packs]]\nslug = \"a\"\nslug = \"b\"\n".to_owned(), 3, "duplicate key"),
        ("[coupons]\n".to_owned(), 1, "unknown field `coupons`"),
        ("[[packs]]\nslug = \"a\"\nname = \"A\"\nprice = 9.99\n".to_owned(), 4, "floating point"),
        ("[[packs]]\nslug = \"a\"\nname = \"A\"\nprice = 9\ncurrency = \"XYZ\"\n".to_owned(), 5, "ISO 4217"),
        (card("rates = [\n{ quantity = \"a\", credits = 0.5 },\n]"), 7, "in quotes"),
        (card("rates = [{ quantity = \"a\", credits = \"-1\" }]"), 6, "from 0 to 1000000000"),
        (card("rates = [{ quantity = \"a\", credits = 1, per = 0 }]"), 6, "nonzero"),
        (card("rates = [{ quantity = \"a\" }]"), 6, "`credits` is required, or `tiers`"),
        (
            card("rates = [{ quantity = \"a\", credits = 1, tiers = [] }]"),
            6,
            "cannot stand together with `credits`",
        ),
        (card("rates = [{ quantity = \"a\", tiers = [{ credits = 1 }] }]"), 6, "`tiers_mode` is required"),
        (card("rates = [{ quantity = \"a\", credits = 1, tiers_scope = \"month\" }]"), 6, "needs `tiers`"),
        (card("rates = [{ quantity = \"a\", tiers_mode = \"linear\" }]"), 6, "`graduated`"),
        (card("markup_percent = 20.5"), 6, "in quotes"),
        (card("markup_percent = \"-100.5\""), 6, "from -100 to 10000"),
        (card("rounding = \"down\""), 6, "`carry`, `up`, `nearest`"),
        ("[[rate_cards]]\nslug = \"a\"\neffective_at = 2026-09-01\n".to_owned(), 3, "RFC 3339"),
    ] {
        let problem = read(&text).unwrap_err().to_string();
        assert!(
            problem.contains(&format!("at line {line}, ")) && problem.contains(said),
            "{text}\n{problem}"
        );
    }
}

#[test]
fn a_field_is_found_by_its_path() {
    let text = write(&full());
    let line = |field: &str| line_of(&text, field).map(|line| text.lines().nth(line - 1).unwrap().to_owned());
    for (field, found) in [
        ("plans[1].price_yearly", "price_yearly = 9999999999"),
        ("plans[0].trial_days", "[[plans]]"),
        ("packs[1].credits", "credits = 9007199254740991"),
        (
            "rate_cards[1].meters[1].rates[0].credits",
            "    { quantity = \"input_tokens\", credits = 3, per = 1000 },",
        ),
        (
            "rate_cards[1].meters[0].rates[2].when.size",
            "    { quantity = \"images\", credits = \"12.5\", per = 3, when = { model = \"a\", size = \"1024x1024\" } },",
        ),
        ("rate_cards[1].meters[2].rates", "[[rate_cards.meters]]"),
    ] {
        assert_eq!(line(field).as_deref(), Some(found), "{field}");
    }
    assert_eq!(line_of("", "plans[0].name"), None);
}
