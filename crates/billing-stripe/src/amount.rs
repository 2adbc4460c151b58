//! Amounts in Stripe's units.

use billing_core::values::{Currency, Money};

/// Currencies whose decimals at Stripe differ from ISO 4217: two although the currency has none any more (ISK, UGX),
/// or none although it has some (MGA). See <https://docs.stripe.com/currencies#special-cases>.
const SPECIAL: [(&str, u32); 3] = [("ISK", 2), ("MGA", 0), ("UGX", 2)];

/// The amount of `money` in Stripe's unit; none if Stripe cannot represent it, or does not accept it: with three
/// decimals the last one has to be 0. See <https://docs.stripe.com/currencies#three-decimal>.
pub(crate) fn to_stripe(money: Money) -> Option<i64> {
    let decimals = decimals(money.currency);
    let amount = rescale(money.minor, money.currency.exponent(), decimals)?;
    (decimals < 3 || amount.checked_rem(10)? == 0).then_some(amount)
}

/// The money of Stripe's `amount` of `currency`; none if our unit cannot represent it.
pub(crate) fn from_stripe(amount: i64, currency: Currency) -> Option<Money> {
    rescale(amount, decimals(currency), currency.exponent()).map(|minor| Money::new(minor, currency))
}

/// The money of `amount` and a currency code, if both are present and known.
pub(crate) fn read(amount: Option<i64>, currency: Option<&str>) -> Option<Money> {
    from_stripe(amount?, currency?.parse().ok()?)
}

fn decimals(currency: Currency) -> u32 {
    let special = SPECIAL.iter().find(|(code, _)| *code == currency.code());
    special.map_or_else(|| currency.exponent(), |(_, decimals)| *decimals)
}

fn rescale(amount: i64, from: u32, to: u32) -> Option<i64> {
    let factor = 10_i64.checked_pow(from.abs_diff(to))?;
    if from <= to {
        amount.checked_mul(factor)
    } else {
        (amount.checked_rem(factor)? == 0).then(|| amount.checked_div(factor)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const CODES: [&str; 12] =
        ["usd", "eur", "jpy", "krw", "clp", "kwd", "bhd", "tnd", "isk", "ugx", "mga", "huf"];

    proptest! {
        /// A sent amount equals the intended one exactly, or is not sent.
        #[test]
        fn what_goes_out_comes_back_the_same(minor: i64, code in select(CODES.to_vec())) {
            let money = Money::new(minor, code.parse().unwrap());
            if let Some(amount) = to_stripe(money) {
                prop_assert_eq!(from_stripe(amount, money.currency), Some(money));
            }
        }

        /// A received amount is read exactly, or not at all.
        #[test]
        fn what_comes_in_is_read_exactly_or_not_at_all(amount: i64, code in select(CODES.to_vec())) {
            let currency: Currency = code.parse().unwrap();
            let Some(money) = from_stripe(amount, currency) else { return Ok(()) };
            let back = rescale(money.minor, currency.exponent(), decimals(currency));
            prop_assert_eq!(back, Some(amount));
        }
    }

    #[test]
    fn amounts_are_the_minor_unit_but_for_stripes_special_cases() {
        for (code, ours, theirs) in [
            ("usd", 999, 999),
            ("jpy", 500, 500),
            ("kwd", 5120, 5120),
            ("isk", 5, 500),
            ("ugx", 1000, 100_000),
            ("mga", 1000, 10),
        ] {
            let money = Money::new(ours, code.parse().unwrap());
            assert_eq!(to_stripe(money), Some(theirs), "{code}");
            assert_eq!(from_stripe(theirs, money.currency), Some(money), "{code}");
        }
    }

    #[test]
    fn what_cannot_be_said_exactly_is_not_said() {
        assert_eq!(to_stripe(Money::new(1050, "mga".parse().unwrap())), None);
        for code in ["bhd", "jod", "kwd", "omr", "tnd"] {
            assert_eq!(to_stripe(Money::new(5123, code.parse().unwrap())), None, "{code}");
            assert_eq!(to_stripe(Money::new(5120, code.parse().unwrap())), Some(5120), "{code}");
        }
        assert_eq!(from_stripe(550, "isk".parse().unwrap()), None);
        assert_eq!(to_stripe(Money::new(i64::MAX, "isk".parse().unwrap())), None);
        assert_eq!(read(Some(1), Some("zzz")), None);
    }
}
