//! What goes wrong inside, and the table of codes.

use std::collections::BTreeSet;

use actix_web::http::Method;
use billing_core::ports::{ProviderError, StoreError};
use billing_http::problem::{CODES, status_of};
use serde_json::json;

use super::{CHECKOUT, CONSUME, good, world};

#[actix_web::test]
async fn what_fails_inside_is_not_told_outside() {
    let (world, _, pack) = world().await;
    let secret = || std::sync::Arc::new(std::io::Error::other("password=hunter2"));
    let spend = async || world.operator(Method::POST, CONSUME).key("k").json(&good(CONSUME)).send().await;
    for (error, status, code) in [
        (StoreError::Busy, 503, "unavailable"),
        (StoreError::Overloaded, 503, "overloaded"),
        (StoreError::LockTimeout { accounts: BTreeSet::new() }, 503, "lock_timeout"),
        (StoreError::StorageFull(secret()), 503, "storage_full"),
        (StoreError::ReadOnly(secret()), 503, "read_only"),
        (StoreError::Unavailable(secret()), 503, "unavailable"),
        (StoreError::OutcomeUnknown(secret()), 503, "outcome_unknown"),
        (StoreError::Corrupt("password=hunter2".to_owned()), 500, "internal"),
        (StoreError::Unexpected(secret()), 500, "internal"),
    ] {
        world.store.fail_next_write(error);
        let answer = spend().await;
        answer.is(status, code);
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
        assert_eq!(answer.header("Retry-After"), (status == 503).then_some("1"));
    }
    assert_eq!(spend().await.data()["balance"], 9, "the same key takes it once the store is back");

    let mut checkout = good(CHECKOUT);
    checkout["pack_id"] = json!(pack);
    let request_id = Some("req_1".to_owned());
    for (count, (error, status, code)) in [
        (ProviderError::Unauthorized { request_id: request_id.clone() }, 502, "provider_unavailable"),
        (ProviderError::Unknown { message: "hunter2".to_owned(), request_id }, 502, "provider_unavailable"),
        (ProviderError::Unsupported("do this"), 400, "provider_unsupported"),
        (
            ProviderError::Refused { code: None, message: "no such price".to_owned(), request_id: None },
            502,
            "provider_refused",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        world.provider.answer_checkout(Err(error));
        let answer =
            world.operator(Method::POST, CHECKOUT).key(&format!("buy-{count}")).json(&checkout).send().await;
        answer.is(status, code);
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
    }
}

#[test]
fn the_table_of_codes_is_sorted_and_each_code_is_an_error_with_a_stable_spelling() {
    let codes: Vec<_> = CODES.iter().map(|(code, _)| *code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(codes, sorted);
    for (code, status) in CODES {
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
        assert!((400..600).contains(status), "{code}");
        assert_eq!(status_of(code).as_u16(), *status);
    }
    assert_eq!(status_of("no_such_code").as_u16(), 500);
}
