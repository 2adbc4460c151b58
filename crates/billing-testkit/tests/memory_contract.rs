//! The memory store keeps every contract.

use std::sync::Arc;

use billing_testkit::MemoryStore;
use billing_testkit::contract::Case;

async fn in_memory(case: Case) {
    case(Arc::new(MemoryStore::new())).await;
}

billing_testkit::store_contract!(in_memory);
