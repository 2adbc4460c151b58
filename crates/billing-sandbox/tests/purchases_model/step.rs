//! The steps of the model.

use billing_core::Job;
use billing_core::payments::SubscriptionChange;
use billing_sandbox::Happening;
use proptest::prelude::*;

/// One step. Indices wrap around: they select an item whenever there is one.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Opens a checkout for the item at this index.
    Checkout { item: usize, coupon: bool },
    /// Pays an open checkout.
    Pay(usize),
    /// Declines the payment of an open checkout, which can still be paid.
    Decline(usize),
    /// Something happens to a purchase at the provider.
    Happens { to: usize, what: Happening },
    /// Refunds some percent of the rest of a purchase's latest payment at the provider.
    Refunded { of: usize, percent: i64 },
    /// Delivers one of the waiting events.
    Told(usize),
    /// Delivers all of them, the latest first or last.
    AllTold { backwards: bool },
    /// Delivers an event again.
    ToldAgain(usize),
    /// Changes the live subscription through the service; its provider reports it, too.
    Change(SubscriptionChange),
    /// Changes the live subscription to the plan at this index.
    ChangePlan(usize),
    /// Opens a checkout for a gift of `months` of a plan.
    Gift { months: u32 },
    /// Another account redeems a gift.
    Redeem { gift: usize, by: usize },
    /// An operator refunds some percent of the rest of a payment.
    Operator { refunds: usize, percent: i64 },
    /// Spends credits, if there are enough.
    Spend(i64),
    /// Runs a job.
    Runs(Job),
    /// Lets hours pass.
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

/// The buyer subscribes, and changes to other plans repeatedly.
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
