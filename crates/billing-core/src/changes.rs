//! The change set of a cold-path use case, as one value.

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
use crate::subscriptions::{Subscription, SubscriptionCommand};
use crate::values::AccountId;
use crate::webhooks::Receipt;

/// Changes that are committed together or not at all.
///
/// A row with a `version` is written only if the stored version is unchanged; version 0 means that the row does not
/// exist yet. A store writes `version + 1`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Accounts; new ones get an empty ledger.
    pub accounts: Vec<Account>,
    /// Customers at providers; new ones only, which may replace the current one.
    pub provider_customers: Vec<ProviderCustomer>,
    /// Plans.
    pub plans: Vec<Plan>,
    /// Packs.
    pub packs: Vec<Pack>,
    /// Rate cards. A card's versions name exactly its versions: a new one comes with the card that names it.
    pub rate_cards: Vec<RateCard>,
    /// Versions of rate cards; new ones only.
    pub rate_card_versions: Vec<RateCardVersion>,
    /// Coupons, without their counters.
    pub coupons: Vec<Coupon>,
    /// Changes of coupons' counters.
    pub coupon_uses: Vec<CouponUse>,
    /// Orders.
    pub orders: Vec<Order>,
    /// Gifts.
    pub gifts: Vec<Gift>,
    /// Uses of coupons.
    pub redemptions: Vec<Redemption>,
    /// Payments, with what was reversed of them.
    pub payments: Vec<Payment>,
    /// Customers' payment methods.
    pub payment_methods: Vec<PaymentMethod>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Changes of subscriptions that were requested under an idempotency key.
    pub subscription_commands: Vec<SubscriptionCommand>,
    /// The check-in configuration.
    pub check_in_config: Option<CheckInConfig>,
    /// Check-ins; new ones only.
    pub check_ins: Vec<CheckIn>,
    /// API keys.
    pub api_keys: Vec<ApiKey>,
    /// Settings that are generated once; new ones only.
    pub settings: Vec<Setting>,
    /// Postings to the ledger. If one is refused, nothing at all is written.
    pub postings: Vec<Posting>,
    /// Marks a provider's event as processed.
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
        let commands = self.subscription_commands.iter().map(|command| command.account);
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
            .chain(commands)
            .chain(check_ins)
            .chain(postings)
            .collect()
    }
}

/// An account's customer at a provider. An account has one current customer per provider. A replaced customer still
/// belongs to its account, because events about it may still arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCustomer {
    /// The provider.
    pub channel: Channel,
    /// The owner.
    pub account: AccountId,
    /// The provider's id.
    pub customer: String,
    /// The current customer that it replaces, because the provider no longer knows it.
    pub replaces: Option<String>,
    /// Whether the provider no longer knows it: another one takes its place with the next checkout.
    pub deleted: bool,
}

/// A value that the service generated once and must keep, such as a secret of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// The unique name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for Setting {
    /// Redacted: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting").field("name", &self.name).finish_non_exhaustive()
    }
}
