//! Sets the check-in configuration.

use super::retry::retry;
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::checkin::CheckInConfig;

/// Replaces the configuration without a version check: the last writer wins.
pub(crate) async fn set_check_in(
    ports: &Ports,
    wanted: &CheckInConfig,
) -> Result<CheckInConfig, BillingError> {
    wanted.check()?;
    retry(ports, || async move {
        let version = ports.store.catalog.check_in_config().await?.version;
        let mut config = CheckInConfig { version, ..wanted.clone() };
        let changes = Changes { check_in_config: Some(config.clone()), ..Changes::default() };
        ports.store.writer.commit(changes, ports.clock.now()).await?;
        config.version = version.saturating_add(1);
        Ok(config)
    })
    .await
}
