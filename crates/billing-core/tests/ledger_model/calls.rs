//! All captures of a hold are one call: they cost what it costs, in whatever parts, and what it was placed for is
//! always covered, whatever else is used in the month.

use billing_core::catalog::{
    MonthPosition, MonthPositions, RatePrice, Tariff, TariffRate, Tier, Tiers, TiersMode, TiersScope,
    UnitRate,
};
use billing_core::ledger::{
    CaptureHold, Charge, Command, EntryType, GrantCredits, HoldState, PlaceHold, RatedUsage, Shortfall,
    Source, SpendCredits, SpendType,
};
use billing_core::values::{BusinessKey, Credits, HoldId, Metadata};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::store::Kept;
use crate::tariffs;
use crate::world::{accounts, begin, posting};

/// Up to five tiers of whole millionths for each unit, some dearer and some cheaper than the one before.
fn tariff() -> impl Strategy<Value = Tariff> {
    let tier = (1_i64..400_000, 0_i64..9, prop_oneof![2 => Just(0), 1 => 0_i64..2_000_000]);
    let scope = select(TiersScope::ALL.to_vec());
    let markup = prop_oneof![2 => Just(0), 1 => -100_i64..300];
    let drawn = (vec(tier, 1..6), select(TiersMode::ALL.to_vec()), scope, markup, 0_i64..2_000_000);
    drawn.prop_map(|(drawn, mode, scope, markup, minimum)| {
        let millionths = |millionths: i64| Decimal::new(millionths, 6).to_string().parse().unwrap();
        let last = drawn.len() - 1;
        let mut end = 0;
        let tiers = drawn.into_iter().enumerate().map(|(place, (width, each, flat))| {
            end += width;
            Tier {
                up_to: (place < last).then(|| end.into()),
                rate: UnitRate { credits: millionths(each), per: 1.try_into().unwrap() },
                flat: millionths(flat),
            }
        });
        let price = RatePrice::Tiered(Tiers { mode, scope, tiers: tiers.collect() });
        Tariff {
            rates: [("units".to_owned(), TariffRate { price, key: String::new() })].into(),
            markup: markup.to_string().parse().unwrap(),
            minimum: millionths(minimum),
            ..tariffs::used(0, 0).tariff
        }
    })
}

fn used(tariff: &Tariff, units: i64) -> RatedUsage {
    RatedUsage { tariff: tariff.clone(), quantities: [("units".to_owned(), units.into())].into() }
}

fn place(usage: RatedUsage) -> Command {
    Command::Hold(PlaceHold {
        charge: Charge::Usage(vec![usage]),
        expires_at: begin().plus_seconds(60),
        description: String::new(),
        metadata: Metadata::default(),
    })
}

fn capture(hold: HoldId, usage: RatedUsage, last: bool) -> Command {
    Command::Capture(CaptureHold {
        hold,
        charge: Some(Charge::Usage(vec![usage])),
        shortfall: Shortfall::Refuse,
        last,
        or_spend: false,
        kind: EntryType::Spend(SpendType::default()),
        description: String::new(),
        metadata: Metadata::default(),
    })
}

fn spend(usage: RatedUsage) -> Command {
    let spend = SpendCredits::new(Credits::new(1), EntryType::Spend(SpendType::default()), String::new());
    Command::Spend(SpendCredits { charge: Charge::Usage(vec![usage]), shortfall: Shortfall::Owe, ..spend })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn parts_of_a_hold_cost_what_one_call_costs(
        tariff in tariff(),
        before in 0_i64..900_000,
        parts in vec((0_i64..300_000, prop::option::weighted(0.4, 1_i64..500_000)), 1..7),
        unused in prop_oneof![2 => Just(0), 1 => 0_i64..500_000],
    ) {
        let [account, _] = accounts();
        let mut ledger = Kept::partial(&accounts(), 2);
        let mut keys = 0;
        let mut post = |command: Command| {
            keys += 1;
            let posting = posting(account, &format!("k{keys}"), vec![command]);
            ledger.post(&[posting], begin()).pop().unwrap().unwrap()
        };
        let fact = BusinessKey::from_stored("given".to_owned());
        post(Command::Grant(GrantCredits::new(Credits::new(1 << 40), Source::Promo, fact, String::new())));
        post(spend(used(&tariff, before)));

        let total: i64 = parts.iter().map(|(units, _)| units).sum();
        let hold = post(place(used(&tariff, total + unused))).holds[0];
        let mut records = Vec::new();
        let last = parts.len() - 1;
        for (number, (units, beside)) in parts.iter().enumerate() {
            if let Some(units) = beside {
                post(spend(used(&tariff, *units)));
            }
            let captured = post(capture(hold.id, used(&tariff, *units), number == last));
            prop_assert!(captured.usages.iter().all(|usage| usage.price >= 0));
            records.extend(captured.usages);
        }
        let ended = ledger.rows.holds[&hold.id].clone();
        prop_assert_eq!((ended.state, ended.overrun), (HoldState::Captured, Credits::ZERO));

        let position =
            MonthPosition { month: "2026-04".parse().unwrap(), rate: String::new(), before: before.into() };
        let monthly = tariff.is_monthly();
        let position: MonthPositions =
            monthly.then(|| ("units".to_owned(), position)).into_iter().collect();
        let call = tariff.price(&used(&tariff, total).quantities, &position).unwrap().usage_price();
        prop_assert_eq!(records.iter().map(|usage| usage.price).sum::<i64>(), call.price);
        prop_assert_eq!(records.iter().map(|usage| usage.markup).sum::<i64>(), call.markup);
        prop_assert!(ended.captured <= hold.amount);

        let beside: i64 = parts.iter().filter_map(|(_, beside)| *beside).sum();
        let counted: Vec<_> = ledger.rows.months_of(account).map(|(_, units)| units).collect();
        let all = Decimal::from(before + total + beside);
        let expected = if monthly && !all.is_zero() { vec![all] } else { Vec::new() };
        prop_assert_eq!(counted, expected);
    }
}
