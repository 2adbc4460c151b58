//! The example gateway, on the real service.

#[path = "../../examples/ai_gateway/gateway/mod.rs"]
mod gateway;

use std::ops::ControlFlow;

use futures_util::{Stream, StreamExt, stream};

use crate::client::Backend;
use crate::process::{OPERATOR, Service, on_both};
use gateway::{Billing, Failure, Gateway, Prompt};

async fn gateway(service: &Service) -> Gateway {
    let billing = Billing::new(service.url.clone(), OPERATOR.to_owned()).unwrap();
    gateway::publish_prices(&billing).await.unwrap();
    gateway::publish_prices(&billing).await.unwrap();
    Gateway::new(billing)
}

fn prompt(account: &str, model: &str, input: u64, most: u64) -> Prompt {
    Prompt { account: account.to_owned(), model: model.to_owned(), input, cached: 0, most }
}

fn tokens(count: u64) -> impl Stream<Item = String> {
    stream::iter((0..count).map(|n| format!("word{n} ")))
}

fn listen(_: &str) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_costs_what_it_used_in_however_many_parts_and_the_rest_is_free_again() {
    on_both(async |setup| {
        let service = setup.start();
        let gateway = gateway(&service).await;
        let backend = Backend::of(&service);
        backend.give("alice", 100).await;

        // 1,000 × 2 / 1,000 + 300 × 10 / 1,000 = 5 credits, in five parts.
        let receipt = gateway
            .answer("job-1", &prompt("alice", "small-2", 1_000, 2_000), tokens(300), listen)
            .await
            .unwrap();
        assert_eq!((receipt.output, receipt.credits, receipt.held, receipt.balance), (300, 5, 22, 95));
        assert_eq!(backend.balance("alice").await, 95);

        // The same job again, as after a crash: nothing is taken twice.
        let again = gateway
            .answer("job-1", &prompt("alice", "small-2", 1_000, 2_000), tokens(300), listen)
            .await
            .unwrap();
        assert_eq!(again, receipt);
        assert_eq!(backend.balance("alice").await, 95);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_beyond_hold_and_balance_is_booked_in_full_by_the_same_call() {
    on_both(async |setup| {
        let service = setup.start();
        let gateway = gateway(&service).await;
        let backend = Backend::of(&service);
        backend.give("bob", 10).await;

        // The model went beyond its limit: 200 × 100 / 1,000 = 20 credits, where 10 were held and there.
        let receipt =
            gateway.answer("job-2", &prompt("bob", "large", 0, 100), tokens(200), listen).await.unwrap();
        assert_eq!((receipt.credits, receipt.held), (20, 10));
        let account = backend.get("/credits/balance?account_id=bob").await.body;
        assert_eq!((&account["data"]["balance"], &account["data"]["debt"]), (&(-10).into(), &10.into()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_pays_for_what_was_sent() {
    on_both(async |setup| {
        let service = setup.start();
        let gateway = gateway(&service).await;
        let backend = Backend::of(&service);
        backend.give("carol", 100).await;

        let mut heard = 0;
        let hang_up = |_: &str| {
            heard += 1;
            if heard == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let receipt =
            gateway.answer("job-3", &prompt("carol", "large", 0, 500), tokens(500), hang_up).await.unwrap();
        assert_eq!((receipt.output, receipt.credits, receipt.balance), (100, 10, 90));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_paid_or_priced_is_refused_before_the_model_is_asked() {
    on_both(async |setup| {
        let service = setup.start();
        let gateway = gateway(&service).await;
        let backend = Backend::of(&service);
        backend.give("dave", 1).await;

        let asked = std::cell::Cell::new(false);
        for (job, model, expected) in [("job-4", "large", 402), ("job-5", "unheard-of", 400)] {
            let watched = stream::iter([()]).map(|()| {
                asked.set(true);
                "word ".to_owned()
            });
            let refused =
                gateway.answer(job, &prompt("dave", model, 0, 100), watched, listen).await.unwrap_err();
            assert!(
                matches!(&refused, Failure::Refused { status, .. } if *status == expected),
                "{model}: {refused:?}"
            );
        }
        assert!(!asked.get(), "the model was asked");
        assert_eq!(backend.balance("dave").await, 1);
    })
    .await;
}
