//! Random purchases: credits follow the payments, whatever is bought, paid, renewed, refused, ended, refunded and
//! disputed, in whatever order and however often it is reported.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod gifts;
mod laws;
mod plans;
mod play;
mod step;
mod world;

use std::sync::Arc;

use billing_sandbox::Happening;
use billing_testkit::MemoryStore;
use proptest::prelude::*;

use play::play;
use step::Step;

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn credits_follow_the_money(steps in prop::collection::vec(step::step(), 1..=60)) {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(play(Arc::new(MemoryStore::new()), &steps));
    }

    #[test]
    fn changing_to_and_fro_mints_nothing(steps in step::changing()) {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(play(Arc::new(MemoryStore::new()), &steps));
    }
}

/// Restored credits live at least as long as they would have rolled over.
#[tokio::test]
async fn a_dispute_is_won_after_the_end_of_credits_that_roll_over() {
    let happens = |what| Step::Happens { to: 0, what };
    let steps = [
        Step::Checkout { item: 4, coupon: false },
        Step::Pay(0),
        happens(Happening::Dispute),
        Step::Wait(744),
        Step::Wait(216),
        happens(Happening::Win),
    ];
    play(Arc::new(MemoryStore::new()), &steps).await;
}
