//! Deadlines of work.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::billing::Ports;

/// The result of `work`, or none after `bound`. A write in progress is completed or rolled back.
pub(super) async fn in_time<T>(ports: &Ports, bound: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), ports.timer.deadline(bound)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
