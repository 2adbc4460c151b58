//! Requests to a provider end in time, whatever adapter implements the port.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use billing_core::payments::{AllowedOrigins, Channel};
use billing_core::ports::{ProviderError, Timer};
use billing_core::requests::PurchaseItem;
use billing_core::{Billing, BillingError, Job};
use billing_testkit::builders::{ALLOWED_ORIGIN, a_checkout};
use billing_testkit::{SequentialIds, Silence};
use tokio::time::Instant;

use super::shop::Shop;

struct PausedTime;

#[async_trait]
impl Timer for PausedTime {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn random(&self) -> u64 {
        0
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_has_ten_seconds_to_say_something_and_thirty_to_do_something() {
    let shop = Shop::open().await;
    let ids = Arc::new(SequentialIds::starting_at(1_000_000));
    let billing = Billing::builder(shop.store.clone(), shop.clock.clone(), ids)
        .provider(shop.provider.clone())
        .timer(Arc::new(PausedTime))
        .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
        .build();
    let ask = |account: &str| {
        a_checkout(account, Channel::named("stripe"), PurchaseItem::Pack(shop.pack.id), Some("key"))
    };
    billing.start_checkout(&ask("ada")).await.unwrap();
    shop.clock.advance(2 * 86_400);
    shop.provider.fall_silent(Some(Silence::Hangs));

    let begun = Instant::now();
    let report = billing.run_due(Job::Orders).await.unwrap();
    assert_eq!((report.failed, begun.elapsed()), (1, Duration::from_secs(10)));

    let begun = Instant::now();
    let failed = billing.start_checkout(&ask("bob")).await.unwrap_err();
    assert!(matches!(failed, BillingError::Provider(ProviderError::Unknown { .. })), "{failed}");
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
    // The same key resumes it.
    shop.provider.fall_silent(None);
    assert!(billing.start_checkout(&ask("bob")).await.is_ok());
}
