//! Give up what takes too long.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::billing::Ports;

/// What `work` comes to, or none once `bound` is over. What it has begun to write is written, or not at all.
pub(super) async fn in_time<T>(ports: &Ports, bound: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), ports.timer.deadline(bound)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
