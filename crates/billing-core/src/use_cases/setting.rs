//! Generated settings.

use super::retry::retry;
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::{Changes, Setting};

/// The value of the setting `name`; `fresh` is stored if there is none yet. Of two processes that start concurrently,
/// one wins and both return its value.
pub(crate) async fn setting_or(ports: &Ports, name: &str, fresh: &str) -> Result<String, BillingError> {
    retry(ports, || async move {
        if let Some(value) = ports.store.credentials.setting(name).await? {
            return Ok(value);
        }
        let setting = Setting { name: name.to_owned(), value: fresh.to_owned() };
        let changes = Changes { settings: vec![setting], ..Changes::default() };
        ports.store.writer.commit(changes, ports.clock.now()).await?;
        Ok(fresh.to_owned())
    })
    .await
}
