//! What a runner is given.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::Stores;

/// A case under way.
pub type CaseFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One case, to be called with a fresh, empty store. It panics where the store does not keep its contract.
pub type Case = Box<dyn FnOnce(Arc<dyn Stores>) -> CaseFuture + Send>;
