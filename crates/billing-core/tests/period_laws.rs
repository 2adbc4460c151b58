//! What holds of paid periods and of the facts that they are granted for.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

use billing_core::catalog::{CreditsInterval, MonthlyShare, period_grants};
use billing_core::ledger::business_keys;
use billing_core::payments::Channel;
use billing_core::values::{AccountId, BusinessKey, OrderId, Period, PlanId, RequestKey, Timestamp, Zone};
use proptest::prelude::*;
use proptest::sample::select;

const DAY: i64 = 86_400;

fn start() -> impl Strategy<Value = Timestamp> {
    (1_577_836_800_i64..2_208_988_800).prop_map(Timestamp::from_unix_seconds)
}

/// Shares lie end to end from the period's start to its end, and are counted from 0.
fn lie_end_to_end(shares: &[MonthlyShare], period: Period) -> Result<(), TestCaseError> {
    prop_assert_eq!(shares.first().unwrap().effective_at, period.start);
    prop_assert_eq!(shares.last().unwrap().ends_at, period.end);
    prop_assert!(shares.windows(2).all(|pair| pair[0].ends_at == pair[1].effective_at));
    prop_assert!(shares.iter().all(|share| share.effective_at < share.ends_at));
    prop_assert!(shares.iter().zip(0..).all(|(share, month)| share.month == month));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// A period of whole months has a share per month, without gap or overlap.
    #[test]
    fn a_period_of_months_is_cut_into_its_months(start in start(), months in 1_i32..=60) {
        let period = Period { start, end: Zone::UTC.plus_months(start, months) };
        let shares = period_grants(period, CreditsInterval::Monthly);
        lie_end_to_end(&shares, period)?;
        prop_assert_eq!(shares.len(), usize::try_from(months).unwrap());
        for share in shares {
            let days = share.ends_at.seconds_since(share.effective_at) / DAY;
            prop_assert!((28..=31).contains(&days), "a month of {days} days");
        }
    }

    /// A period of any length is covered whole, and a rest of a few days makes no share of its own.
    #[test]
    fn a_period_of_any_length_is_covered_whole(start in start(), seconds in 1_i64..2000 * DAY) {
        let period = Period { start, end: start.plus_seconds(seconds) };
        let shares = period_grants(period, CreditsInterval::Monthly);
        lie_end_to_end(&shares, period)?;
        let last = shares.last().unwrap();
        let rest = last.ends_at.seconds_since(last.effective_at);
        prop_assert!(shares.len() == 1 || rest > 5 * DAY, "a share of {rest} seconds");
        prop_assert!(rest <= 36 * DAY, "a share of {rest} seconds");
    }

    /// Credits per period are one share of it all.
    #[test]
    fn credits_per_period_are_one_share(start in start(), seconds in 1_i64..2000 * DAY) {
        let period = Period { start, end: start.plus_seconds(seconds) };
        let shares = period_grants(period, CreditsInterval::PerPeriod);
        lie_end_to_end(&shares, period)?;
        prop_assert_eq!(shares.len(), 1);
    }

    /// Two facts have one key only if they are one fact.
    #[test]
    fn different_facts_have_different_keys(one in fact(), other in fact()) {
        prop_assert_eq!(one.key() == other.key(), one == other, "{:?} and {:?}", one, other);
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fact {
    Pack(OrderId),
    Bonus(OrderId),
    Period { channel: Channel, payment: String, plan: PlanId, start: i64, month: u32 },
    CheckIn(AccountId, String),
    Manual(AccountId, String),
}

impl Fact {
    fn key(&self) -> BusinessKey {
        match self {
            Self::Pack(order) => business_keys::order_pack(*order),
            Self::Bonus(order) => business_keys::order_bonus(*order),
            Self::Period { channel, payment, plan, start, month } => {
                business_keys::period(*channel, payment, *plan, Timestamp::from_unix_seconds(*start), *month)
            }
            Self::CheckIn(account, day) => business_keys::check_in(*account, day.parse().unwrap()),
            Self::Manual(account, key) => business_keys::manual(*account, &RequestKey::parse(key).unwrap()),
        }
    }
}

/// Few values each, so that two are often alike but for one of them; texts look like parts of keys.
fn fact() -> impl Strategy<Value = Fact> {
    let uuid = (0_u128..2).prop_map(uuid::Uuid::from_u128);
    let text = select(vec!["1", "1:1", "1:1:1", "order:1:pack", "a", "a:0"]).prop_map(str::to_owned);
    let account = uuid.clone().prop_map(AccountId::from_uuid);
    let order = uuid.clone().prop_map(OrderId::from_uuid);
    let plan = uuid.prop_map(PlanId::from_uuid);
    let day = select(vec!["2026-01-11", "2026-11-01"]).prop_map(str::to_owned);
    // The sandbox has one line per charge: plan and start do not tell its periods apart.
    let stripe =
        (text.clone(), plan.clone(), 0_i64..2, 0_u32..2).prop_map(|(payment, plan, start, month)| {
            Fact::Period { channel: Channel::named("stripe"), payment, plan, start, month }
        });
    let sandbox = (text.clone(), 0_u32..2).prop_map(|(payment, month)| {
        let plan = PlanId::from_uuid(uuid::Uuid::nil());
        Fact::Period { channel: Channel::named("sandbox"), payment, plan, start: 0, month }
    });
    prop_oneof![
        order.clone().prop_map(Fact::Pack),
        order.prop_map(Fact::Bonus),
        stripe,
        sandbox,
        (account.clone(), day).prop_map(|(account, day)| Fact::CheckIn(account, day)),
        (account, text).prop_map(|(account, key)| Fact::Manual(account, key)),
    ]
}
