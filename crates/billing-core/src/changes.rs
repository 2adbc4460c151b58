//! What a cold use case wants changed, as one value.

use std::collections::BTreeSet;

use crate::accounts::Account;
use crate::catalog::{Pack, Plan, RateCard, RateCardVersion};
use crate::checkin::{CheckIn, CheckInConfig};
use crate::coupons::{Coupon, CouponUse, Redemption};
use crate::credentials::ApiKey;
use crate::gifts::Gift;
use crate::ledger::Posting;
use crate::orders::Order;
use crate::payments::{Channel, Payment, PaymentMethod};
use crate::subscriptions::Subscription;
use crate::values::AccountId;
use crate::webhooks::Receipt;

/// Everything that is to change together, or not at all.
///
/// What carries a `version` is written only if the stored one is still the same; version 0 means that it is
/// not stored yet. A store writes `version + 1`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Accounts; new ones get an empty ledger.
    pub accounts: Vec<Account>,
    /// Customers at providers; new ones only, which may take another one's place.
    pub provider_customers: Vec<ProviderCustomer>,
    /// Plans.
    pub plans: Vec<Plan>,
    /// Packs.
    pub packs: Vec<Pack>,
    /// Rate cards. A card's versions name exactly its versions: a new one comes with the card that names it.
    pub rate_cards: Vec<RateCard>,
    /// Versions of rate cards; new ones only.
    pub rate_card_versions: Vec<RateCardVersion>,
    /// Coupons; what they count is left alone.
    pub coupons: Vec<Coupon>,
    /// What is counted of coupons.
    pub coupon_uses: Vec<CouponUse>,
    /// Orders.
    pub orders: Vec<Order>,
    /// Gifts.
    pub gifts: Vec<Gift>,
    /// Uses of coupons.
    pub redemptions: Vec<Redemption>,
    /// Money that came in, and what of it went back.
    pub payments: Vec<Payment>,
    /// What customers pay with.
    pub payment_methods: Vec<PaymentMethod>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// The check-in configuration.
    pub check_in_config: Option<CheckInConfig>,
    /// Check-ins; new ones only.
    pub check_ins: Vec<CheckIn>,
    /// API keys.
    pub api_keys: Vec<ApiKey>,
    /// Settings that are made once and kept; new ones only.
    pub settings: Vec<Setting>,
    /// Postings to the ledger. If one is refused, nothing at all is written.
    pub postings: Vec<Posting>,
    /// The mark that a provider's event was dealt with.
    pub receipt: Option<Receipt>,
}

impl Changes {
    /// The accounts whose rows are written or referred to.
    pub fn account_ids(&self) -> BTreeSet<AccountId> {
        let accounts = self.accounts.iter().map(|account| account.id);
        let customers = self.provider_customers.iter().map(|customer| customer.account);
        let orders = self.orders.iter().map(|order| order.account);
        let gifts = self.gifts.iter().filter_map(Gift::buyer);
        let redemptions = self.redemptions.iter().map(|redemption| redemption.account);
        let payments = self.payments.iter().map(|payment| payment.account);
        let methods = self.payment_methods.iter().map(|method| method.account);
        let subscriptions = self.subscriptions.iter().map(|subscription| subscription.account);
        let check_ins = self.check_ins.iter().map(|check_in| check_in.account);
        let postings = self.postings.iter().map(|posting| posting.account);
        accounts
            .chain(customers)
            .chain(orders)
            .chain(gifts)
            .chain(redemptions)
            .chain(payments)
            .chain(methods)
            .chain(subscriptions)
            .chain(check_ins)
            .chain(postings)
            .collect()
    }
}

/// An account's customer at a provider. An account has one current customer per provider, and a customer one account, also
/// after another one has taken its place: events about it may still come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCustomer {
    /// Which provider.
    pub channel: Channel,
    /// Whose.
    pub account: AccountId,
    /// The provider's id.
    pub customer: String,
    /// The current customer whose place it takes, which the provider no longer knows.
    pub replaces: Option<String>,
    /// Whether the provider no longer knows it: it is current no more, and the next checkout makes another one.
    pub deleted: bool,
}

/// Something that the service made up once and must remember, such as a secret of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it is called; unique.
    pub name: String,
    /// What it is.
    pub value: String,
}

impl std::fmt::Debug for Setting {
    /// Values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting").field("name", &self.name).finish_non_exhaustive()
    }
}
