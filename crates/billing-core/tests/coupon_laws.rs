//! What holds of discounts, whatever the price and the coupon.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

use billing_core::coupons::{
    Coupon, CouponCode, CouponEffect, CouponItem, CouponRefusal, CouponUse, Duration, PastUses, Redemption,
    RedemptionStatus, Settled, discount, percent_of,
};
use billing_core::values::{
    AccountId, CouponId, Credits, IdSource, Money, OrderId, PackId, PlanId, Timestamp,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

struct Same;

impl IdSource for Same {
    fn next_uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(7)
    }
}

fn coupon(effect: CouponEffect) -> Coupon {
    Coupon {
        id: CouponId::new(&Same),
        code: CouponCode::parse("law").unwrap(),
        effect,
        duration: Duration::Once,
        max_redemptions: None,
        max_per_account: None,
        first_purchase_only: false,
        plans: Vec::new(),
        packs: Vec::new(),
        starts_at: None,
        ends_at: None,
        active: true,
        uses: 0,
        created_at: Timestamp::EPOCH,
        version: 1,
    }
}

fn pack() -> CouponItem {
    CouponItem::Pack(PackId::new(&Same))
}

fn plan() -> CouponItem {
    CouponItem::Plan(PlanId::new(&Same))
}

fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, currency.parse().unwrap())
}

const CURRENCIES: [&str; 4] = ["USD", "EUR", "JPY", "KWD"];

/// Small prices, everyday ones, and the largest there are.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0_i64..1000, 4 => 0_i64..1_000_000, 1 => 0..=i64::MAX]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    /// What is off is never negative and never more than the price, and what is left and what is off are the price.
    #[test]
    fn a_discount_stays_within_the_price(
        minor in price(), percent in 1_u32..=100, off in 1_i64..=9_999_999_999,
        currency in select(&CURRENCIES[..]), fixed in any::<bool>(),
    ) {
        let list = money(minor, currency);
        let effect = if fixed { CouponEffect::Fixed(vec![money(off, currency)]) } else { CouponEffect::Percent(percent) };
        for item in [pack(), plan()] {
            match discount(&coupon(effect.clone()), item, list) {
                Ok(priced) => {
                    prop_assert!((1..=minor).contains(&priced.amount));
                    prop_assert!(priced.price().minor >= 0);
                    prop_assert_eq!(priced.price().minor.checked_add(priced.amount), Some(minor));
                    prop_assert_eq!(priced.price().currency, list.currency);
                }
                // Only where there is nothing to take off, not even half a unit.
                Err(refusal) => {
                    prop_assert_eq!(refusal.code(), "coupon_not_applicable");
                    prop_assert!(minor == 0 || (!fixed && i128::from(minor) * i128::from(percent) < 50));
                }
            }
        }
    }

    /// A percentage is the nearest unit to the exact part, half a unit in the buyer's favour; it grows with both.
    #[test]
    fn a_percentage_is_the_nearest_unit(minor in price(), percent in 0_u32..100) {
        let off = percent_of(minor, percent).unwrap();
        let exact = i128::from(minor) * i128::from(percent);
        let error = i128::from(off) * 100 - exact;
        prop_assert!(-50 < error && error <= 50, "{off} for {percent} % of {minor}");
        prop_assert!(off <= percent_of(minor, percent + 1).unwrap());
        prop_assert!(off <= percent_of(minor.saturating_add(1), percent).unwrap());
        prop_assert_eq!(percent_of(minor, 100), Some(minor));
        prop_assert_eq!(percent_of(minor, 0), Some(0));
    }

    /// What is not a part of a price has none.
    #[test]
    fn there_is_no_part_beyond_the_whole(minor in any::<i64>(), percent in 101_u32..) {
        prop_assert_eq!(percent_of(minor, percent), None);
        prop_assert_eq!(percent_of(minor.min(-1), 50), None);
    }

    /// A fixed amount is off in its own currency only.
    #[test]
    fn an_amount_is_off_in_its_own_currency(
        minor in 1_i64..1_000_000, off in 1_i64..1_000_000,
        own in select(&CURRENCIES[..]), asked in select(&CURRENCIES[..]),
    ) {
        let priced = discount(&coupon(CouponEffect::Fixed(vec![money(off, own)])), pack(), money(minor, asked));
        prop_assert_eq!(priced.is_ok(), own == asked);
        if let Ok(priced) = priced {
            prop_assert_eq!(priced.amount, off.min(minor));
        }
    }

    /// However orders end, and in whatever order it is told: what is counted is what is reserved or confirmed, and what
    /// was once paid stays confirmed.
    #[test]
    fn what_is_counted_is_what_is_held(told in vec(select(&[Settled::Paid, Settled::Unpaid][..]), 0..6)) {
        let (past, order) = (PastUses::default(), Some(OrderId::new(&Same)));
        let account = AccountId::new(&Same);
        let coupon = CouponId::new(&Same);
        let mut one = Redemption::new(coupon, account, order, &past, &Same, Timestamp::EPOCH);
        let (mut count, mut paid) = (1, false);
        for how in told {
            paid |= how == Settled::Paid;
            let before = one.clone();
            let (news, counted) = one.settle(how);
            prop_assert_eq!(news, one != before);
            count += match counted {
                Some(CouponUse::Return { .. }) => -1,
                Some(CouponUse::TakeBeyond { .. }) => 1,
                Some(CouponUse::Take { .. }) => 100,
                None => 0,
            };
            let held = one.status != RedemptionStatus::Returned;
            prop_assert_eq!(count, i32::from(held));
            prop_assert_eq!(one.status == RedemptionStatus::Confirmed, paid);
            prop_assert!(held || one.use_number.is_none());
        }
    }
}

fn used(status: RedemptionStatus, use_number: Option<u32>) -> Redemption {
    let past = PastUses::default();
    let one =
        Redemption::new(CouponId::new(&Same), AccountId::new(&Same), None, &past, &Same, Timestamp::EPOCH);
    Redemption { status, use_number, ..one }
}

#[test]
fn each_limit_refuses_with_its_own_numbers() {
    let base = coupon(CouponEffect::Percent(10));
    let now = Timestamp::from_unix_seconds(1_000_000);
    let code = |coupon: &Coupon, past: &PastUses| coupon.usable(past, now).unwrap_err().code();
    let new = PastUses::default();
    assert_eq!(base.usable(&new, now), Ok(()));
    assert_eq!(code(&Coupon { active: false, ..base.clone() }, &new), "coupon_inactive");
    let later = Coupon { starts_at: Some(now.plus_seconds(1)), ..base.clone() };
    assert_eq!(code(&later, &new), "coupon_not_started");
    assert_eq!(later.usable(&new, now.plus_seconds(1)), Ok(()));
    let over = Coupon { ends_at: Some(now), ..base.clone() };
    assert_eq!(code(&over, &new), "coupon_expired");
    assert_eq!(over.usable(&new, now.plus_seconds(-1)), Ok(()));
    let last = Coupon { max_redemptions: Some(5), uses: 5, ..base.clone() };
    let exhausted = CouponRefusal::Exhausted { code: base.code.clone(), limit: 5 };
    assert_eq!(last.usable(&new, now), Err(exhausted));
    assert_eq!(Coupon { uses: 4, ..last }.usable(&new, now), Ok(()));
    let twice = Coupon { max_per_account: Some(2), ..base.clone() };
    let past = |redemptions| PastUses { redemptions, bought_before: false };
    let one = || used(RedemptionStatus::Reserved, Some(0));
    let returned = || used(RedemptionStatus::Returned, None);
    assert_eq!(twice.usable(&past(vec![one(), returned(), returned()]), now), Ok(()));
    let used_up = CouponRefusal::UsedUp { code: base.code.clone(), limit: 2, used: 2 };
    let late = used(RedemptionStatus::Confirmed, None);
    assert_eq!(twice.usable(&past(vec![one(), late]), now), Err(used_up));
    let first = Coupon { first_purchase_only: true, ..base.clone() };
    let bought = PastUses { bought_before: true, ..new.clone() };
    assert_eq!(code(&first, &bought), "coupon_first_purchase_only");
    assert_eq!(code(&first, &past(vec![one()])), "coupon_used_up");
    let credits = CouponEffect::Credits { credits: Credits::new(1), expires_after_days: None };
    assert_eq!(code(&coupon(credits), &past(vec![one()])), "coupon_used_up");
}

#[test]
fn a_use_takes_the_first_place_that_is_free() {
    let place = |taken: &[Option<u32>]| {
        let redemptions = taken.iter().map(|place| used(RedemptionStatus::Confirmed, *place)).collect();
        let past = PastUses { redemptions, bought_before: false };
        Redemption::new(CouponId::new(&Same), AccountId::new(&Same), None, &past, &Same, Timestamp::EPOCH)
            .use_number
    };
    assert_eq!(place(&[]), Some(0));
    assert_eq!(place(&[Some(0), Some(2), None]), Some(1));
    assert_eq!(place(&[Some(1)]), Some(0));
}

#[test]
fn a_coupon_is_for_what_it_names_and_free_days_are_for_plans() {
    let list = money(1000, "USD");
    let other = IdOf(8);
    let named = Coupon { plans: vec![PlanId::new(&Same)], ..coupon(CouponEffect::Percent(10)) };
    assert!(discount(&named, plan(), list).is_ok());
    assert!(discount(&named, pack(), list).is_err());
    assert!(discount(&named, CouponItem::Plan(PlanId::new(&other)), list).is_err());
    let trial = coupon(CouponEffect::TrialDays(30));
    let priced = discount(&trial, plan(), list).unwrap();
    assert_eq!((priced.trial_days, priced.amount, priced.price()), (Some(30), 0, list));
    assert!(discount(&trial, pack(), list).is_err());
    let credits = CouponEffect::Credits { credits: Credits::new(1), expires_after_days: None };
    assert!(discount(&coupon(credits), pack(), list).is_err());
}

struct IdOf(u128);

impl IdSource for IdOf {
    fn next_uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(self.0)
    }
}

#[test]
fn a_coupon_that_makes_no_sense_cannot_be_offered() {
    let percent = || coupon(CouponEffect::Percent(10));
    let of = |effect| coupon(effect);
    let credits =
        |count, days| CouponEffect::Credits { credits: Credits::new(count), expires_after_days: days };
    let at = Timestamp::from_unix_seconds;
    for (field, wrong) in [
        ("value", of(CouponEffect::Percent(0))),
        ("value", of(CouponEffect::Percent(101))),
        ("value", of(CouponEffect::TrialDays(0))),
        ("value", of(CouponEffect::TrialDays(731))),
        ("value", of(credits(0, None))),
        ("value", of(CouponEffect::Fixed(vec![money(0, "USD")]))),
        ("value", of(CouponEffect::Fixed(vec![money(10_000_000_000, "USD")]))),
        ("currency", of(CouponEffect::Fixed(Vec::new()))),
        ("other_currencies", of(CouponEffect::Fixed(vec![money(1, "USD"), money(2, "usd")]))),
        ("expires_after_days", of(credits(1, Some(0)))),
        ("type", Coupon { first_purchase_only: true, ..of(credits(1, None)) }),
        ("duration", Coupon { duration: Duration::Forever, ..of(CouponEffect::TrialDays(7)) }),
        ("duration_periods", Coupon { duration: Duration::Repeating(0), ..percent() }),
        ("duration_periods", Coupon { duration: Duration::Repeating(121), ..percent() }),
        ("max_redemptions", Coupon { max_redemptions: Some(0), ..percent() }),
        ("max_per_account", Coupon { max_per_account: Some(0), ..percent() }),
        ("ends_at", Coupon { starts_at: Some(at(5)), ends_at: Some(at(5)), ..percent() }),
    ] {
        let refusal = wrong.check().unwrap_err().to_string();
        assert!(refusal.starts_with(&format!("`{field}` ")), "{field}: {refusal}");
    }
    assert_eq!(percent().check(), Ok(()));
}
