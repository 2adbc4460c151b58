//! The interface of test runners.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::Stores;

/// A running case.
pub type CaseFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One case, to be called with a fresh, empty store. It panics if the store violates its contract.
pub type Case = Box<dyn FnOnce(Arc<dyn Stores>) -> CaseFuture + Send>;
