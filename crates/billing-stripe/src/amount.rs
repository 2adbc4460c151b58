//! Amounts as Stripe counts them.

use billing_core::values::{Currency, Money};

/// Currencies that Stripe counts with other decimals than ISO 4217 has: kept at two after the currency lost
/// them (ISK, UGX), or without any although it has some (MGA).
/// See <https://docs.stripe.com/currencies#special-cases>.
const SPECIAL: [(&str, u32); 3] = [("ISK", 2), ("MGA", 0), ("UGX", 2)];

/// The amount to send for `money`; none if Stripe cannot say it exactly, or does not take it: of currencies with three
/// decimals the last has to be 0. See <https://docs.stripe.com/currencies#three-decimal>.
pub(crate) fn to_stripe(money: Money) -> Option<i64> {
    let decimals = decimals(money.currency);
    let amount = rescale(money.minor, money.currency.exponent(), decimals)?;
    (decimals < 3 || amount.checked_rem(10)? == 0).then_some(amount)
}

/// The money that Stripe's `amount` of `currency` stands for; none if our unit cannot say it exactly.
pub(crate) fn from_stripe(amount: i64, currency: Currency) -> Option<Money> {
    rescale(amount, decimals(currency), currency.exponent()).map(|minor| Money::new(minor, currency))
}

/// The money that `amount` and a currency's code stand for, where both are there and known.
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
        /// What is sent is what was meant, to the last unit; what cannot be is not sent.
        #[test]
        fn what_goes_out_comes_back_the_same(minor: i64, code in select(CODES.to_vec())) {
            let money = Money::new(minor, code.parse().unwrap());
            if let Some(amount) = to_stripe(money) {
                prop_assert_eq!(from_stripe(amount, money.currency), Some(money));
            }
        }

        /// Whatever Stripe says, nothing of it is lost in reading.
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
