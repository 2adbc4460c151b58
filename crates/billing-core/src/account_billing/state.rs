//! The state of one account's billing.

use crate::accounts::Account;
use crate::catalog::{Interval, Plan};
use crate::changes::ProviderCustomer;
use crate::coupons::{CouponUse, Redemption};
use crate::gifts::{Gift, MOST_MONTHS};
use crate::ledger::{Actor, Command, Grant, Posting, business_keys};
use crate::orders::Order;
use crate::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use crate::subscriptions::{GracePeriods, Subscription, SubscriptionRef, SubscriptionRole, SubscriptionSlot};
use crate::values::{AccountId, BusinessKey, Fingerprint, OrderId, Period, PlanId, PostingKey, Timestamp};

/// One account's billing, as far as a decision needs it: its subscriptions, their payments for the periods that can
/// still change, and the orders that a fact names. The ledger's rows are only read here: changes of credits are
/// [`postings`](Self::postings), which are applied to the current rows at the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBilling {
    /// The account. Its version stands for everything here: it is read first, and written with every change.
    pub account: Account,
    /// Its subscriptions, the latest start first.
    pub subscriptions: Vec<Subscription>,
    /// Payments for their periods, and for the orders.
    pub payments: Vec<Payment>,
    /// The payment methods that a fact names.
    pub payment_methods: Vec<PaymentMethod>,
    /// The orders that a fact names, or that started a subscription that it names.
    pub orders: Vec<Order>,
    /// The redemptions of coupons for those orders.
    pub redemptions: Vec<Redemption>,
    /// The gifts that those orders pay for.
    pub gifts: Vec<Gift>,
    /// The customer that a fact names, if it is this account's.
    pub customers: Vec<ProviderCustomer>,
    /// The grants of the payments, trials and gifts of `subscriptions`, and those in which their credits live on. A
    /// gift that this account bought may have its grants in another account.
    pub grants: Vec<Grant>,
    /// The plans that the fact's prices stand for, in its order.
    pub prices: Vec<PricedPlan>,
    /// The plans of `prices`, of `orders`, and of what `payments` cover.
    pub plans: Vec<Plan>,
    /// The postings to the ledger.
    pub postings: Vec<Posting>,
    /// The changes of coupons' counters.
    pub coupon_uses: Vec<CouponUse>,
}

/// The plan that a provider's price stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedPlan {
    /// The provider's price or product.
    pub price: String,
    /// The plan.
    pub plan: PlanId,
    /// The billing interval.
    pub interval: Interval,
}

impl AccountBilling {
    /// The billing of `account`, with nothing else loaded.
    pub const fn of(account: Account) -> Self {
        Self {
            account,
            subscriptions: Vec::new(),
            payments: Vec::new(),
            payment_methods: Vec::new(),
            orders: Vec::new(),
            redemptions: Vec::new(),
            gifts: Vec::new(),
            customers: Vec::new(),
            grants: Vec::new(),
            prices: Vec::new(),
            plans: Vec::new(),
            postings: Vec::new(),
            coupon_uses: Vec::new(),
        }
    }

    /// The plan with this id.
    pub fn plan(&self, id: PlanId) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// The plan and interval that `price` stands for, if it is a plan's.
    pub fn priced(&self, price: &str) -> Option<(&Plan, Interval)> {
        let priced = self.prices.iter().find(|known| known.price == price)?;
        Some((self.plan(priced.plan)?, priced.interval))
    }

    /// The subscription with the provider's id `id`.
    pub fn subscription(&self, channel: Channel, id: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|known| known.channel == channel && known.provider_id == id)
    }

    /// Whether the account is subscribed; a second subscription is then refused.
    pub fn is_subscribed(&self, grace: GracePeriods, now: Timestamp) -> bool {
        self.account.active_subscription.is_some()
            || self.subscriptions.iter().any(|known| known.is_live() && !self.has_lapsed(known, grace, now))
    }

    /// Whether `subscription` is over by time alone, with no later period paid.
    pub fn has_lapsed(&self, subscription: &Subscription, grace: GracePeriods, now: Timestamp) -> bool {
        let end = subscription.period.map(|period| period.end);
        let mut paid = self
            .payments_for(subscription.channel, &subscription.provider_id)
            .flat_map(|payment| payment.covers.iter().flat_map(|covered| &covered.brings));
        subscription.lapses_at(grace).is_some_and(|at| at <= now)
            && !paid.any(|line| {
                line.period.contains(now)
                    && end.is_none_or(|end| end <= line.period.start.plus_seconds(Period::SLACK_SECONDS))
            })
    }

    /// The state of the account's slot, as seen by the subscription `name`.
    pub fn slot(&self, name: &SubscriptionRef) -> SubscriptionSlot {
        name.slot(self.account.active_subscription.as_ref())
    }

    /// The order that started the provider's subscription, else the one that a hint names.
    pub fn order_of_subscription(&self, channel: Channel, id: &str, hint: Option<OrderId>) -> Option<&Order> {
        let of_channel = || self.orders.iter().filter(|order| order.channel == channel);
        let begun = of_channel().find(|order| order.refs.subscription.as_deref() == Some(id));
        begun.or_else(|| of_channel().find(|order| Some(order.id) == hint))
    }

    /// The payment with one of these references; if they belong to two payments, the one with the payment's own id.
    pub fn payment(&self, channel: Channel, refs: &PaymentRefs) -> Option<&Payment> {
        let of_channel = || self.payments.iter().filter(|payment| payment.channel == channel);
        let of_payment = || of_channel().find(|known| known.refs.payment == refs.payment);
        let of_invoice = || of_channel().find(|known| known.refs.invoice == refs.invoice);
        let named = refs.payment.is_some().then(of_payment).flatten();
        named.or_else(|| refs.invoice.is_some().then(of_invoice).flatten())
    }

    /// The payments for the provider's subscription.
    pub fn payments_for(&self, channel: Channel, subscription: &str) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(move |payment| {
            let covered = payment.covers.as_ref();
            payment.channel == channel && covered.is_some_and(|covered| covered.subscription == subscription)
        })
    }

    /// The original grant of the credits in `grant`, if they rolled over or were revived; else `grant` itself.
    pub(super) fn root<'a>(&'a self, grant: &'a Grant) -> &'a Grant {
        let parent = |of: &&'a Grant| {
            let id = business_keys::parent(&of.business_key)?;
            self.grants.iter().find(|one| one.id.to_string() == id)
        };
        std::iter::successors(Some(grant), parent).last().unwrap_or(grant)
    }

    /// Adds a posting of `commands` under a business key, which is applied once.
    pub(crate) fn post(&mut self, fact: &BusinessKey, actor: &Actor, commands: Vec<Command>) {
        if !commands.is_empty() {
            let account = self.account.id;
            self.postings.push(posting(account, fact, actor.clone(), commands));
        }
    }

    /// Stores `subscription`, and gives it the account's slot or takes the slot from it. The first one to become live
    /// has the slot until it ends; another one that becomes live meanwhile is a duplicate. One that has lapsed takes no
    /// slot.
    pub(crate) fn put_subscription(
        &mut self,
        mut subscription: Subscription,
        grace: GracePeriods,
        now: Timestamp,
    ) -> Subscription {
        let name = subscription.name();
        let lapsed = self.has_lapsed(&subscription, grace, now);
        let lives = subscription.is_live() && !lapsed;
        match self.slot(&name) {
            SubscriptionSlot::Free if lives => self.account.active_subscription = Some(name),
            SubscriptionSlot::Own if subscription.status.is_final() || lapsed => {
                self.account.active_subscription = None;
            }
            SubscriptionSlot::Taken if lives => subscription.role = SubscriptionRole::Duplicate,
            _ => {}
        }
        let id = subscription.id;
        put(&mut self.subscriptions, subscription.clone(), |known| known.id == id);
        self.lift_duplicates(grace, now);
        self.subscriptions.iter().find(|known| known.id == id).cloned().unwrap_or(subscription)
    }

    /// Makes a duplicate active if it started only after the other subscription had ended, and that end was reported
    /// later. What was canceled and refunded meanwhile stays so.
    pub(super) fn lift_duplicates(&mut self, grace: GracePeriods, now: Timestamp) {
        use SubscriptionRole::{Duplicate, DuplicateUnresolved};
        for place in 0..self.subscriptions.len() {
            let Some(known) = self.subscriptions.get(place) else { continue };
            let is_beside = |other: &Subscription| {
                let (counts, own) = (other.role.is_active() && !other.never_began(), other.id == known.id);
                counts
                    && !own
                    && (self.starts_within(known, other, grace) || self.starts_within(other, known, grace))
            };
            let flagged = matches!(known.role, Duplicate | DuplicateUnresolved);
            // The slot's holder is known by a payment only, so its start is not known yet.
            let unknown = self.account.active_subscription.as_ref();
            let unknown = unknown.is_some_and(|name| self.subscription(name.channel, &name.id).is_none());
            // A duplicate that was refunded in part stays one, and the rest is refunded too.
            let went_back = self
                .payments_for(known.channel, &known.provider_id)
                .any(|payment| payment.permanently_reversed() > 0);
            if !flagged || unknown || went_back || self.subscriptions.iter().any(is_beside) {
                continue;
            }
            let lives = known.status.is_live() && !self.has_lapsed(known, grace, now);
            let takes = (lives && self.account.active_subscription.is_none()).then(|| known.name());
            self.account.active_subscription = self.account.active_subscription.take().or(takes);
            if let Some(known) = self.subscriptions.get_mut(place) {
                known.role = SubscriptionRole::Active;
            }
        }
    }

    /// Whether `one` started while `other` was not over.
    fn starts_within(&self, one: &Subscription, other: &Subscription, grace: GracePeriods) -> bool {
        let is_over = if other.status.is_final() {
            other.ended(grace).is_some_and(|end| end <= one.started_at)
        } else {
            self.has_lapsed(other, grace, one.started_at)
        };
        other.started_at <= one.started_at && !is_over
    }

    pub(super) fn put_payment(&mut self, payment: Payment) {
        let id = payment.id;
        put(&mut self.payments, payment, |known| known.id == id);
    }

    pub(super) fn put_payment_method(&mut self, method: PaymentMethod) {
        let name = (method.channel, method.provider_id.clone());
        put(&mut self.payment_methods, method, |known| {
            (known.channel, &known.provider_id) == (name.0, &name.1)
        });
    }
}

/// A posting under a business key. Posted again, however late, it answers the first outcome.
pub(crate) fn posting(
    account: AccountId,
    fact: &BusinessKey,
    actor: Actor,
    commands: Vec<Command>,
) -> Posting {
    let key = PostingKey::of_business_key(fact);
    let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
    Posting { account, key, fingerprint, actor, commands }
}

/// The business keys of a subscription's grants without a payment: its trial, and its months if it was given.
pub(crate) fn grant_keys(subscription: &Subscription) -> Vec<BusinessKey> {
    let mut keys = vec![business_keys::trial(subscription.id)];
    if subscription.is_given()
        && let Ok(gift) = subscription.provider_id.parse()
    {
        keys.extend((0..MOST_MONTHS).map(|month| business_keys::gift(gift, month)));
    }
    keys
}

/// Replaces the row for which `is_same` holds, or appends `row`.
pub(super) fn put<T>(rows: &mut Vec<T>, row: T, is_same: impl Fn(&T) -> bool) {
    match rows.iter_mut().find(|known| is_same(known)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}
