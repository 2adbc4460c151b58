//! What holds of sums in every currency there is.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

use billing_core::values::{Currency, Money};
use proptest::prelude::*;
use proptest::sample::select;

/// All that ISO 4217 has been asked for, with no, two, three and four decimals.
const CODES: [(&str, u32); 12] = [
    ("JPY", 0),
    ("KRW", 0),
    ("ISK", 0),
    ("UGX", 0),
    ("USD", 2),
    ("EUR", 2),
    ("MGA", 2),
    ("KWD", 3),
    ("BHD", 3),
    ("TND", 3),
    ("CLF", 4),
    ("UYW", 4),
];

fn any_currency() -> impl Strategy<Value = (Currency, u32)> {
    select(CODES.to_vec()).prop_map(|(code, decimals)| (code.parse().unwrap(), decimals))
}

proptest! {
    /// As text for people, a sum has exactly its currency's decimals, and the digits are those of its minor units.
    #[test]
    fn a_text_for_people_has_every_digit_and_no_more(minor: i64, (currency, decimals) in any_currency()) {
        let text = Money::new(minor, currency).major().to_string();
        let after = text.split_once('.').map_or(0, |(_, after)| after.len());
        prop_assert_eq!(after, usize::try_from(decimals).unwrap(), "{}", text);
        let digits: String = text.chars().filter(|one| *one != '.').collect();
        prop_assert_eq!(digits.parse::<i64>().unwrap(), minor, "{}", text);
    }

    /// Written down and read again, a sum is the same, at the largest and smallest there are as well.
    #[test]
    fn a_sum_reads_back_as_it_was_written(
        minor in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)],
        (currency, _) in any_currency(),
    ) {
        let money = Money::new(minor, currency);
        let written = serde_json::to_string(&money).unwrap();
        prop_assert!(!written.contains('.'), "{}", written);
        prop_assert_eq!(serde_json::from_str::<Money>(&written).unwrap(), money);
    }

    /// A code is one currency, however it is written.
    #[test]
    fn a_code_is_one_currency_in_small_letters_and_capitals((currency, decimals) in any_currency()) {
        let small: Currency = currency.code().to_lowercase().parse().unwrap();
        prop_assert_eq!((small, small.exponent()), (currency, decimals));
    }
}
