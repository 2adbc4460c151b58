//! Whether background work is called for: the one question here is "was it called".

use std::sync::Arc;

use billing_core::Billing;
use billing_core::payments::{Channel, Fact, WebhookHeaders};
use billing_core::ports::Waker;
use billing_testkit::builders::noon;
use billing_testkit::{ManualClock, MemoryStore, ScriptedProvider, SequentialIds};

mockall::mock! {
    Bell {}
    impl Waker for Bell {
        fn wake(&self);
    }
}

/// A service whose bell is rung exactly `times`; the bell checks it when it goes.
fn billing(times: usize) -> (Billing, Arc<ScriptedProvider>) {
    let mut bell = MockBell::new();
    bell.expect_wake().times(times).return_const(());
    let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
    let clock = Arc::new(ManualClock::at(noon()));
    let billing = Billing::builder(Arc::new(MemoryStore::new()), clock, Arc::new(SequentialIds::new()))
        .provider(provider.clone())
        .waker(Arc::new(bell))
        .build();
    (billing, provider)
}

#[tokio::test]
async fn an_event_that_is_taken_in_rings_the_bell() {
    let (billing, provider) = billing(1);
    let event = provider.event("evt_1", Fact::Ignored("nothing of ours"));
    billing.receive_webhook(Channel::named("stripe"), &event.headers, &event.body).await.unwrap();
}

#[tokio::test]
async fn an_event_that_is_refused_rings_nothing() {
    let (billing, provider) = billing(0);
    let event = provider.event("evt_1", Fact::Ignored("nothing of ours"));
    billing
        .receive_webhook(Channel::named("stripe"), &WebhookHeaders::default(), &event.body)
        .await
        .unwrap_err();
}
