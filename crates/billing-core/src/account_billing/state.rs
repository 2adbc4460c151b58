//! What is known of one account's billing.

use crate::accounts::Account;
use crate::catalog::{Interval, Plan};
use crate::changes::ProviderCustomer;
use crate::coupons::{CouponUse, Redemption};
use crate::gifts::{Gift, MOST_MONTHS};
use crate::ledger::{Actor, Command, Grant, Posting, business_keys};
use crate::orders::Order;
use crate::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use crate::subscriptions::{GracePeriods, Subscription, SubscriptionRef, SubscriptionRole, SubscriptionSlot};
use crate::values::{AccountId, BusinessKey, Fingerprint, OrderId, PlanId, PostingKey, Timestamp};

/// What is known of one account's billing, as far as a decision needs it: its subscriptions, what was paid for them in
/// the periods that can still change, and the orders that a fact names. Rows of the ledger are read and never changed
/// here: what concerns credits leaves as [`postings`](Self::postings), which are folded against the current rows when
/// they are committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBilling {
    /// The account. Its version is that of the whole: it was read first, and is written with every change.
    pub account: Account,
    /// Its subscriptions, latest begun first.
    pub subscriptions: Vec<Subscription>,
    /// Payments for periods of those, and of the orders.
    pub payments: Vec<Payment>,
    /// What it pays with, as far as a fact names it.
    pub payment_methods: Vec<PaymentMethod>,
    /// The orders that a fact names, or that began a subscription that it names.
    pub orders: Vec<Order>,
    /// The uses of coupons of those orders.
    pub redemptions: Vec<Redemption>,
    /// The gifts that those orders pay.
    pub gifts: Vec<Gift>,
    /// The customer that a checkout names, where it is this account's.
    pub customers: Vec<ProviderCustomer>,
    /// What the payments, trials and gifts of `subscriptions` granted, and what rolled over from that. What a gift of
    /// this account's brought may lie with another one.
    pub grants: Vec<Grant>,
    /// What the fact's prices stand for, in its order.
    pub prices: Vec<PricedPlan>,
    /// The plans of `prices`, of `orders`, and of what `payments` cover.
    pub plans: Vec<Plan>,
    /// What the ledger is to do.
    pub postings: Vec<Posting>,
    /// What is to be counted of coupons.
    pub coupon_uses: Vec<CouponUse>,
}

/// What a provider's price stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedPlan {
    /// The provider's price or product.
    pub price: String,
    /// The plan.
    pub plan: PlanId,
    /// How often it is paid.
    pub interval: Interval,
}

impl AccountBilling {
    /// Only the account, of which nothing else is known.
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

    /// What `price` stands for, if it is a plan's.
    pub fn priced(&self, price: &str) -> Option<(&Plan, Interval)> {
        let priced = self.prices.iter().find(|known| known.price == price)?;
        Some((self.plan(priced.plan)?, priced.interval))
    }

    /// The subscription that the provider calls so.
    pub fn subscription(&self, channel: Channel, id: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|known| known.channel == channel && known.provider_id == id)
    }

    /// Whether the account is subscribed: a second subscription beside it is refused.
    pub fn is_subscribed(&self, grace: GracePeriods, now: Timestamp) -> bool {
        self.account.active_subscription.is_some()
            || self.subscriptions.iter().any(|known| known.is_live() && !self.has_lapsed(known, grace, now))
    }

    /// Whether `subscription` is over by time alone, and nothing was paid beyond that.
    pub fn has_lapsed(&self, subscription: &Subscription, grace: GracePeriods, now: Timestamp) -> bool {
        let end = subscription.period.map(|period| period.end);
        let mut paid = self
            .payments_for(subscription.channel, &subscription.provider_id)
            .flat_map(|payment| payment.covers.iter().flat_map(|covered| &covered.brings));
        subscription.lapses_at(grace).is_some_and(|at| at <= now)
            && !paid.any(|line| {
                line.period.contains(now) && end.is_none_or(|end| end <= line.period.start.plus_seconds(3600))
            })
    }

    /// The account's slot, seen by the subscription of this name.
    pub fn slot(&self, name: &SubscriptionRef) -> SubscriptionSlot {
        name.slot(self.account.active_subscription.as_ref())
    }

    /// The order that the provider's subscription began with, else the one that a hint names.
    pub fn order_of_subscription(&self, channel: Channel, id: &str, hint: Option<OrderId>) -> Option<&Order> {
        let of_channel = || self.orders.iter().filter(|order| order.channel == channel);
        let begun = of_channel().find(|order| order.refs.subscription.as_deref() == Some(id));
        begun.or_else(|| of_channel().find(|order| Some(order.id) == hint))
    }

    /// The payment that the provider calls by one of these names; where they are two payments', the one that the
    /// payment's own id names.
    pub fn payment(&self, channel: Channel, refs: &PaymentRefs) -> Option<&Payment> {
        let of_channel = || self.payments.iter().filter(|payment| payment.channel == channel);
        let of_payment = || of_channel().find(|known| known.refs.payment == refs.payment);
        let of_invoice = || of_channel().find(|known| known.refs.invoice == refs.invoice);
        let named = refs.payment.is_some().then(of_payment).flatten();
        named.or_else(|| refs.invoice.is_some().then(of_invoice).flatten())
    }

    /// What was paid for the provider's subscription.
    pub fn payments_for(&self, channel: Channel, subscription: &str) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(move |payment| {
            let covered = payment.covers.as_ref();
            payment.channel == channel && covered.is_some_and(|covered| covered.subscription == subscription)
        })
    }

    /// The grant whose credits live on in `grant`, because they rolled over or were given once more; else itself.
    pub(super) fn root<'a>(&'a self, grant: &'a Grant) -> &'a Grant {
        let parent = |of: &&'a Grant| {
            let id = business_keys::parent(&of.business_key)?;
            self.grants.iter().find(|one| one.id.to_string() == id)
        };
        std::iter::successors(Some(grant), parent).last().unwrap_or(grant)
    }

    /// Asks the ledger for `commands` under the key of one business fact, which grants or changes once.
    pub(crate) fn post(&mut self, fact: &BusinessKey, actor: &Actor, commands: Vec<Command>) {
        if !commands.is_empty() {
            let account = self.account.id;
            self.postings.push(posting(account, fact, actor.clone(), commands));
        }
    }

    /// Keeps `subscription` as it is now, and gives it the account's slot or takes the slot from it: whichever goes live
    /// first has the slot until it ends; another one that goes live meanwhile is a duplicate. What is over by now says
    /// nothing of a subscription that lives.
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

    /// Takes for the account's own whichever was told to be live while another was, and had begun only after that had
    /// ended: its beginning was told before the other's end. What was given back meanwhile stays so.
    pub(super) fn lift_duplicates(&mut self, grace: GracePeriods, now: Timestamp) {
        use SubscriptionRole::{Duplicate, DuplicateUnresolved};
        let starts_within = |one: &Subscription, other: &Subscription| {
            let ended = other.ended(grace).is_some_and(|end| end <= one.started_at);
            other.started_at <= one.started_at && !ended
        };
        for place in 0..self.subscriptions.len() {
            let Some(known) = self.subscriptions.get(place) else { continue };
            let is_beside = |other: &Subscription| {
                let (counts, own) = (other.role.is_active() && !other.never_began(), other.id == known.id);
                counts && !own && (starts_within(known, other) || starts_within(other, known))
            };
            let flagged = matches!(known.role, Duplicate | DuplicateUnresolved);
            // Of what has the slot by its payment nothing is known yet.
            let unknown = self.account.active_subscription.as_ref();
            let unknown = unknown.is_some_and(|name| self.subscription(name.channel, &name.id).is_none());
            // Some of its money went back: it stays what it was taken for, and so goes the rest.
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

/// A posting under the key of one business fact: asked for again, however late, it finds itself made.
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

/// The business keys of what a subscription grants by itself: its trial, and its months where it was given.
pub(crate) fn grant_keys(subscription: &Subscription) -> Vec<BusinessKey> {
    let mut keys = vec![business_keys::trial(subscription.id)];
    if subscription.is_given()
        && let Ok(gift) = subscription.provider_id.parse()
    {
        keys.extend((0..MOST_MONTHS).map(|month| business_keys::gift(gift, month)));
    }
    keys
}

/// Puts `row` in the place of the one that it is, else behind the others.
pub(super) fn put<T>(rows: &mut Vec<T>, row: T, is_same: impl Fn(&T) -> bool) {
    match rows.iter_mut().find(|known| is_same(known)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}
