//! Everything that a request could have changed, as text.

use billing_core::accounts::ExternalId;
use billing_core::ports::{
    AccountRef, AdminReads, BillingReads, CatalogReads, CheckInQuery, Credentials, EntryFilter, LedgerReads,
    OrderFilter,
};

use super::World;
use billing_testkit::builders::{an_external_id, page};

impl World {
    /// Everything that a request about one of `names` could have changed.
    pub(crate) async fn snapshot(&self, names: &[&str]) -> String {
        let store = &self.store;
        let entries = store.all_entries(&EntryFilter::default(), &page(100, 0)).await.unwrap();
        let plans = store.plans().await.unwrap();
        let packs = store.packs().await.unwrap();
        let cards = store.rate_cards().await.unwrap();
        let keys = store.api_keys().await.unwrap();
        let config = store.check_in_config().await.unwrap();
        let mut text = format!("{entries:#?}{plans:#?}{packs:#?}{cards:#?}{keys:#?}{config:#?}");
        for name in names {
            text.push_str(&self.snapshot_of(&an_external_id(name)).await);
        }
        format!("{text}{:#?}{}", self.provider.asked(), self.waker.nudges())
    }

    async fn snapshot_of(&self, name: &ExternalId) -> String {
        let store = &self.store;
        let Some(account) = store.account(AccountRef::External(name)).await.unwrap() else {
            return format!("no {name}");
        };
        let own = OrderFilter { account: Some(account.id), status: None };
        let orders = store.all_orders(&own, &page(100, 0)).await.unwrap();
        let history = store.history(account.id).await.unwrap();
        let last = store.check_ins(account.id, CheckInQuery::Latest).await.unwrap();
        format!("{account:#?}{orders:#?}{history:#?}{last:#?}")
    }
}
