//! Laws of prices.

use billing_core::catalog::{MILLIONTHS, Meter, Price, Rounding, UnitPrice, ceiling_of};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::made::{meter, number, priced, rate, usage};

/// Half of the last of the 12 decimals that a price has.
fn half_a_step() -> Decimal {
    Decimal::new(5, 13)
}

/// Up to a million units with up to 6 decimals, often whole.
fn units() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (0_i64..1_000_000).prop_map(Decimal::from),
        (0_i64..1_000_000_000_000).prop_map(|micros| Decimal::new(micros, 6)),
    ]
}

/// Up to a thousand credits with up to 9 decimals, often few.
fn credits() -> impl Strategy<Value = UnitPrice> {
    let number = prop_oneof![
        (0_i64..100).prop_map(Decimal::from),
        (0_i64..1_000_000_000_000).prop_map(|nanos| Decimal::new(nanos, 9)),
        (0_i64..1_000).prop_map(|nanos| Decimal::new(nanos, 9)),
    ];
    number.prop_map(|number| UnitPrice::try_new(number).unwrap())
}

fn per() -> impl Strategy<Value = u32> {
    prop_oneof![select(vec![1, 60, 1_000, 3_600, 1_000_000]), 1_u32..=1_000_000_000]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    select(Rounding::ALL.to_vec())
}

/// A meter of the quantities `a` and `b`.
fn meters() -> impl Strategy<Value = Meter> {
    let rates = [(credits(), per()), (credits(), per())];
    (rates, credits(), credits(), rounding()).prop_map(|([a, b], per_call, minimum, rounding)| {
        let rates = vec![rate("a", &a.0.to_string(), a.1), rate("b", &b.0.to_string(), b.1)];
        Meter { per_call, minimum, rounding, ..meter(rates) }
    })
}

/// The same without what belongs to the call rather than to its quantities.
fn bare(meter: Meter) -> Meter {
    Meter { per_call: UnitPrice::ZERO, minimum: UnitPrice::ZERO, ..meter }
}

fn close(one: Decimal, other: Decimal, by: Decimal) -> bool {
    (one - other).abs() <= by
}

fn in_credits(price: &Price) -> Decimal {
    Decimal::from(price.whole.get()) + Decimal::new(i64::from(price.millionths), 6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// A line is units × rate ÷ per, to the last of its decimals.
    #[test]
    fn a_price_is_units_times_rate_by_per(meter in meters(), a in units()) {
        let meter = bare(meter);
        let price = priced(&meter, &usage([("a", a)])).unwrap();
        let rate = &meter.rates[0];
        // Whole numbers have no rounding of their own: compare units × rate with price × per in 10^-18.
        let exact = |number: Decimal, decimals: u32| {
            let number = number.normalize();
            number.mantissa() * 10_i128.pow(decimals - number.scale())
        };
        let rate = rate.price.per_unit().unwrap();
        let per = i128::from(rate.per.get());
        let wanted = exact(a, 6) * exact(rate.credits.get(), 9);
        // price × 10^12 × per × 10^3 against units × rate × 10^15.
        let told = exact(price.exact, 12) * 1_000 * per;
        prop_assert!((wanted - told).abs() <= 500 * per, "{wanted} {told}");
    }

    /// Two quantities together cost what each costs alone.
    #[test]
    fn a_price_is_additive_over_quantities(meter in meters(), a in units(), b in units()) {
        let meter = bare(meter);
        let alone = [("a", a), ("b", b)].map(|one| priced(&meter, &usage([one])).unwrap());
        let both = priced(&meter, &usage([("a", a), ("b", b)])).unwrap();
        let step = half_a_step() * Decimal::from(3);
        prop_assert!(close(both.exact, alone[0].exact + alone[1].exact, step));
        prop_assert_eq!(&both.lines[0], &alone[0].lines[0]);
        prop_assert_eq!(&both.lines[1], &alone[1].lines[0]);
    }

    /// The parts that a price tells are what it is made of, and the minimum is kept.
    #[test]
    fn a_price_is_the_sum_of_its_parts(meter in meters(), a in units(), b in units()) {
        let price = priced(&meter, &usage([("a", a), ("b", b)])).unwrap();
        let lines: Decimal = price.lines.iter().map(|line| line.credits).sum();
        let parts = lines + price.per_call.get() + price.topped_up;
        prop_assert!(close(price.exact, parts, half_a_step() * Decimal::from(4)));
        prop_assert!(price.exact >= meter.minimum.get());
        prop_assert!(price.topped_up.is_zero() || price.exact == meter.minimum.get());
    }

    /// No price is negative, and no fraction is a whole credit or more.
    #[test]
    fn a_price_is_never_negative(meter in meters(), a in units()) {
        let price = priced(&meter, &usage([("a", a)])).unwrap();
        prop_assert!(!price.exact.is_sign_negative() || price.exact.is_zero());
        prop_assert!(price.whole.get() >= 0 && price.millionths < MILLIONTHS);
        prop_assert!(price.rounding == Rounding::Carry || price.millionths == 0);
        prop_assert!(price.lines.iter().all(|line| line.credits >= Decimal::ZERO));
    }

    /// More never costs less, by any rule.
    #[test]
    fn a_price_is_monotone_in_quantities(meter in meters(), a in units(), b in units(), more in units()) {
        let less = priced(&meter, &usage([("a", a), ("b", b)])).unwrap();
        let more = priced(&meter, &usage([("a", a + more), ("b", b)])).unwrap();
        prop_assert!(less.exact <= more.exact);
        prop_assert!(less.in_millionths() <= more.in_millionths());
        prop_assert!(less.ceiling() <= more.ceiling());
    }

    /// Each rule stays as near to the exact price as it says.
    #[test]
    fn a_rule_is_off_by_no_more_than_it_says(meter in meters(), a in units(), b in units()) {
        let price = priced(&meter, &usage([("a", a), ("b", b)])).unwrap();
        let taken = in_credits(&price);
        let off = taken - price.exact;
        match meter.rounding {
            Rounding::Carry => prop_assert!(off.abs() <= Decimal::new(5, 7)),
            Rounding::Up => prop_assert!(off >= Decimal::ZERO && off < Decimal::ONE),
            Rounding::Nearest => prop_assert!(off > -Decimal::new(5, 1) && off <= Decimal::new(5, 1)),
        }
        prop_assert!(Decimal::from(price.ceiling().get()) >= taken);
        prop_assert!(Decimal::from(price.ceiling().get()) < taken + Decimal::ONE);
        prop_assert_eq!(ceiling_of(std::slice::from_ref(&price)), price.ceiling());
    }

    /// Many calls that carry cost what one call of all their quantities costs, to within half a millionth of a
    /// credit for each.
    #[test]
    fn carried_calls_cost_what_their_sum_costs(meter in meters(), each in units(), calls in 1_i64..500) {
        let meter = Meter { rounding: Rounding::Carry, ..bare(meter) };
        let once = priced(&meter, &usage([("a", each)])).unwrap();
        let sum = priced(&meter, &usage([("a", each * Decimal::from(calls))])).unwrap();
        let off = once.in_millionths() * calls - sum.in_millionths();
        prop_assert!(off.abs() <= i64::midpoint(calls, 2), "{calls} calls are off by {off}");

        // What is kept never is a whole credit, and nothing is lost on the way.
        let (mut taken, mut kept) = (0_i64, 0_u32);
        for _ in 0..calls {
            let carried = kept + once.millionths;
            taken += once.whole.get() + i64::from(carried / MILLIONTHS);
            kept = carried % MILLIONTHS;
        }
        prop_assert_eq!(taken * i64::from(MILLIONTHS) + i64::from(kept), once.in_millionths() * calls);
        let all = ceiling_of(&vec![once; usize::try_from(calls).unwrap()]);
        prop_assert!(all.get() == taken + i64::from(kept > 0));
    }
}

#[test]
fn a_thousand_tiny_calls_cost_what_they_should() {
    let carried = meter(vec![rate("a", "0.0015", 1)]);
    let once = priced(&carried, &usage([("a", number("1"))])).unwrap();
    assert_eq!((once.whole.get(), once.millionths, once.ceiling().get()), (0, 1_500, 1));
    assert_eq!(once.in_millionths() * 1_000, 1_500_000, "one and a half credits");
    let up = Meter { rounding: Rounding::Up, ..carried };
    assert_eq!(priced(&up, &usage([("a", number("1"))])).unwrap().whole.get(), 1, "a thousand credits");
}

#[test]
fn fractions_of_different_meters_do_not_add_up() {
    let one = priced(&meter(vec![rate("a", "0.4", 1)]), &usage([("a", number("1"))])).unwrap();
    let other = Price { meter: "other".to_owned(), ..one.clone() };
    assert_eq!(ceiling_of(&[one.clone(), one.clone()]).get(), 1);
    assert_eq!(ceiling_of(&[one.clone(), one.clone(), one.clone()]).get(), 2);
    assert_eq!(ceiling_of(&[one, other]).get(), 2);
    assert_eq!(ceiling_of(&[]).get(), 0);
}
