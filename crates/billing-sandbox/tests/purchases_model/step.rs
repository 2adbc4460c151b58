//! One thing that happens.

use billing_core::Job;
use billing_core::payments::SubscriptionChange;
use billing_sandbox::Happening;
use proptest::prelude::*;

/// One thing that happens. Places count around: there is always one that is meant, if there are any.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A checkout is opened for the item at this place.
    Checkout { item: usize, coupon: bool },
    /// An open checkout is paid.
    Pay(usize),
    /// The payment of an open checkout is declined; it can be paid all the same.
    Decline(usize),
    /// Something happens to a purchase at the provider.
    Happens { to: usize, what: Happening },
    /// Some percent of what is left of a purchase's latest payment are given back at the provider.
    Refunded { of: usize, percent: i64 },
    /// One of the events that have not been told yet is told.
    Told(usize),
    /// All of them are told, the latest first or last.
    AllTold { backwards: bool },
    /// Something is told again.
    ToldAgain(usize),
    /// The live subscription is changed through the service; its provider tells so, too.
    Change(SubscriptionChange),
    /// The live subscription is changed to the plan at this place.
    ChangePlan(usize),
    /// A checkout is opened for so many months of a plan for somebody else.
    Gift { months: u32 },
    /// A gift is redeemed by one of the others.
    Redeem { gift: usize, by: usize },
    /// An operator gives some percent of what is left of a payment back.
    Operator { refunds: usize, percent: i64 },
    /// Credits are spent, if there are so many.
    Spend(i64),
    /// A job runs.
    Runs(Job),
    /// Time passes, in hours.
    Wait(i64),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let place = 0_usize..8;
    let changes = prop::sample::select(SubscriptionChange::ALL);
    prop_oneof![
        4 => (0_usize..9, prop::bool::weighted(0.2)).prop_map(|(item, coupon)| Step::Checkout { item, coupon }),
        6 => place.clone().prop_map(Step::Pay),
        1 => place.clone().prop_map(Step::Decline),
        8 => (place.clone(), prop::sample::select(Happening::ALL.to_vec()))
            .prop_map(|(to, what)| Step::Happens { to, what }),
        3 => (place.clone(), Just(Happening::Renew)).prop_map(|(to, what)| Step::Happens { to, what }),
        4 => (place.clone(), prop::sample::select(vec![Happening::Dispute, Happening::Win, Happening::Lose]))
            .prop_map(|(to, what)| Step::Happens { to, what }),
        2 => (place.clone(), 1_i64..=100).prop_map(|(of, percent)| Step::Refunded { of, percent }),
        8 => (0_usize..30).prop_map(Step::Told),
        4 => any::<bool>().prop_map(|backwards| Step::AllTold { backwards }),
        2 => (0_usize..100).prop_map(Step::ToldAgain),
        3 => changes.prop_map(Step::Change),
        6 => (0_usize..5).prop_map(Step::ChangePlan),
        3 => (1_u32..=3).prop_map(|months| Step::Gift { months }),
        5 => (0_usize..8, 0_usize..2).prop_map(|(gift, by)| Step::Redeem { gift, by }),
        2 => (place, 1_i64..=100).prop_map(|(refunds, percent)| Step::Operator { refunds, percent }),
        5 => (1_i64..1200).prop_map(Step::Spend),
        3 => prop::sample::select(Job::ALL.to_vec()).prop_map(Step::Runs),
        4 => prop_oneof![Just(1_i64), Just(20), Just(24 * 9), Just(24 * 31)].prop_map(Step::Wait),
    ]
}

/// Somebody subscribes, and changes to other plans again and again.
pub(crate) fn changing() -> impl Strategy<Value = Vec<Step>> {
    let happens = |what| Step::Happens { to: 0, what };
    let then = prop_oneof![
        12 => (0_usize..5).prop_map(Step::ChangePlan),
        6 => prop_oneof![Just(1_i64), Just(20), Just(24 * 4), Just(24 * 9)].prop_map(Step::Wait),
        3 => Just(Step::Happens { to: 0, what: Happening::Renew }),
        1 => prop::sample::select(Happening::ALL.to_vec()).prop_map(happens),
        2 => (0_usize..30).prop_map(Step::Told),
        2 => any::<bool>().prop_map(|backwards| Step::AllTold { backwards }),
        1 => (0_usize..100).prop_map(Step::ToldAgain),
        1 => (0_usize..8, 1_i64..=100).prop_map(|(refunds, percent)| Step::Operator { refunds, percent }),
        2 => (1_i64..6000).prop_map(Step::Spend),
        1 => prop::sample::select(Job::ALL.to_vec()).prop_map(Step::Runs),
    ];
    (1_usize..9, prop::bool::weighted(0.2), prop::collection::vec(then, 1..=40)).prop_map(
        |(item, coupon, then)| {
            let begins = [Step::Checkout { item, coupon }, Step::Pay(0), Step::AllTold { backwards: false }];
            begins.into_iter().chain(then).collect()
        },
    )
}
