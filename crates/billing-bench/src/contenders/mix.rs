//! The mix of calls of a backend that checks before it works.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use billing_core::ports::IdSource;
use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Deserialize;
use uuid::Uuid;

use super::Ids;
use super::http::Connections;
use crate::stage::external_id;

/// Of ten calls seven check and spend, two hold and capture, and one reads.
pub(crate) struct Mix {
    connections: Connections,
    /// The unique prefix of its keys.
    name: Uuid,
    /// The number of calls.
    calls: AtomicU64,
    /// The credits that they took.
    spent: AtomicU64,
}

/// The fields of a hold's answer.
#[derive(Deserialize)]
struct HoldAnswer {
    data: Hold,
}

#[derive(Deserialize)]
struct Hold {
    hold_id: String,
}

impl Mix {
    pub(crate) async fn connect(url: &str, key: &str, callers: usize) -> Result<Self> {
        let connections = Connections::open(url, key, callers).await?;
        Ok(Self {
            connections,
            name: Ids.next_uuid(),
            calls: AtomicU64::default(),
            spent: AtomicU64::default(),
        })
    }

    /// The credits of all calls.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    /// One call, of one request or two.
    pub(crate) async fn call(&self, caller: usize, account: usize) -> Result<()> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let key = format!("{}-{number}", self.name);
        let account = external_id(account);
        match number % 10 {
            0..=6 => self.check_and_spend(caller, &account, &key).await,
            7 | 8 => self.hold_and_capture(caller, &account, &key).await,
            _ => {
                let path = format!("/credits/transactions?account_id={account}");
                good(self.connections.get(caller, path).await?).map(drop)
            }
        }
    }

    async fn check_and_spend(&self, caller: usize, account: &str, key: &str) -> Result<()> {
        let check = format!(r#"{{"account_id":"{account}","amount":1}}"#);
        good(self.connections.post(caller, "/credits/check", key, check).await?)?;
        let spend = format!(r#"{{"account_id":"{account}","amount":1,"type":"ai_usage"}}"#);
        good(self.connections.post(caller, "/credits/consume", key, spend).await?)?;
        self.spent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn hold_and_capture(&self, caller: usize, account: &str, key: &str) -> Result<()> {
        let hold = format!(r#"{{"account_id":"{account}","amount":2,"expires_in_seconds":900}}"#);
        let made = good(self.connections.post(caller, "/credits/holds", key, hold).await?)?;
        let HoldAnswer { data: Hold { hold_id } } =
            serde_json::from_slice(&made).context("an answer without a hold")?;
        let (path, key) = (format!("/credits/holds/{hold_id}/capture"), format!("{key}-end"));
        let capture = r#"{"amount":1,"type":"ai_usage","final":true}"#.to_owned();
        good(self.connections.post(caller, &path, &key, capture).await?)?;
        self.spent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// The body of a successful answer.
fn good((status, body): (StatusCode, Bytes)) -> Result<Bytes> {
    ensure!(status.is_success(), "a call ended as {status}: {}", String::from_utf8_lossy(&body));
    Ok(body)
}
