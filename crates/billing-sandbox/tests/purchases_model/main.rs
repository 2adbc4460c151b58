//! Random purchases: whatever is bought, paid, renewed, refused, ended, refunded and disputed, in whatever order it is
//! told and however often, credits follow the money.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod laws;
mod play;
mod step;
mod world;

use std::sync::Arc;

use billing_testkit::MemoryStore;
use proptest::prelude::*;

use play::play;

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::with_cases(cases(64)) })]

    #[test]
    fn credits_follow_the_money(steps in prop::collection::vec(step::step(), 1..=60)) {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(play(Arc::new(MemoryStore::new()), &steps));
    }
}

/// How many cases are run; `PROPTEST_CASES` says otherwise.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
