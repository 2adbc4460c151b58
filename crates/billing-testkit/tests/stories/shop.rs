//! A shop that sells packs and plans.

use std::sync::Arc;

use billing_core::catalog::{Pack, Plan};
use billing_core::ledger::audit;
use billing_core::orders::{Order, OrderRefs};
use billing_core::payments::{AllowedOrigins, Channel, CheckoutFact, CheckoutOutcome, Fact};
use billing_core::ports::{AccountRef, BillingReads, LedgerReads, Received};
use billing_core::requests::{JobReport, PackDraft, PlanDraft, PurchaseItem, StartCheckout, StartedCheckout};
use billing_core::values::Credits;
use billing_core::{Billing, BillingError, Job};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, noon, stripe_prices,
};
use billing_testkit::{CountingWaker, Delivery, ManualClock, MemoryStore, ScriptedProvider, SequentialIds};

pub(crate) struct Shop {
    pub(crate) billing: Billing,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) provider: Arc<ScriptedProvider>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) waker: Arc<CountingWaker>,
    pub(crate) pack: Pack,
    pub(crate) plan: Plan,
}

impl Shop {
    /// A shop that charges through Stripe and sells one pack (1,000 credits and a bonus of 50) and one plan (2,000
    /// credits a month, billed monthly or yearly).
    pub(crate) async fn open() -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
        let (store, waker) = (Arc::new(MemoryStore::new()), Arc::new(CountingWaker::default()));
        let billing = Billing::builder(store.clone(), clock.clone(), Arc::new(SequentialIds::new()))
            .provider(provider.clone())
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .waker(waker.clone())
            .build();
        let pack = PackDraft {
            bonus_credits: Credits::new(50),
            expires_after_days: Some(90),
            ..a_pack_draft("small")
        };
        let plan = PlanDraft {
            price_yearly: Some(20_000),
            prices: stripe_prices("price_month", "price_year"),
            ..a_plan_draft("pro")
        };
        let pack = billing.publish_pack(None, &pack).await.unwrap();
        let plan = billing.publish_plan(None, &plan).await.unwrap();
        Self { billing, clock, provider, store, waker, pack, plan }
    }

    /// The same shop, charging through `provider`.
    pub(crate) fn selling_through(&self, provider: ScriptedProvider) -> Billing {
        Billing::builder(
            self.store.clone(),
            self.clock.clone(),
            Arc::new(SequentialIds::starting_at(1_000_000)),
        )
        .provider(Arc::new(provider))
        .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
        .build()
    }

    pub(crate) fn wants_pack(&self, account: &str, key: Option<&str>) -> StartCheckout {
        a_checkout(account, Channel::named("stripe"), PurchaseItem::Pack(self.pack.id), key)
    }

    pub(crate) async fn orders_pack(&self, account: &str) -> StartedCheckout {
        self.billing.start_checkout(&self.wants_pack(account, None)).await.unwrap()
    }

    pub(crate) async fn order(&self, account: &str, order: &Order) -> Order {
        self.billing.order(&an_external_id(account), order.id).await.unwrap()
    }

    pub(crate) async fn orders(&self, account: &str) -> usize {
        let page = billing_testkit::builders::page(100, 0);
        self.billing.orders(&an_external_id(account), &page).await.unwrap().items.len()
    }

    pub(crate) async fn balance(&self, account: &str) -> i64 {
        self.billing.balance(&an_external_id(account)).await.unwrap().available.get()
    }

    pub(crate) async fn knows(&self, account: &str) -> bool {
        match self.billing.account(&an_external_id(account)).await {
            Ok(_) => true,
            Err(BillingError::AccountNotFound(_)) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Receives a delivery of the provider.
    pub(crate) async fn receives(&self, delivery: &Delivery) -> Received {
        self.billing
            .receive_webhook(Channel::named("stripe"), &delivery.headers, &delivery.body)
            .await
            .unwrap()
    }

    /// Receives an event that states `fact`, and applies all due events.
    pub(crate) async fn hears(&self, event_id: &str, fact: Fact) -> JobReport {
        assert_eq!(self.receives(&self.provider.event(event_id, fact)).await, Received::New);
        self.works().await
    }

    /// Applies all due events.
    pub(crate) async fn works(&self) -> JobReport {
        self.billing.run_due(Job::Inbox).await.unwrap()
    }

    /// Checks every invariant of the ledger for `account`.
    pub(crate) async fn is_sound(&self, account: &str) {
        let owner =
            self.store.account(AccountRef::External(&an_external_id(account))).await.unwrap().unwrap();
        let history = self.store.history(owner.id).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), []);
    }
}

/// The checkout of `started` ended with `outcome`, as the provider reports it.
pub(crate) fn told(started: &StartedCheckout, outcome: CheckoutOutcome) -> Fact {
    Fact::Checkout(CheckoutFact {
        session: started.session.id.clone(),
        outcome,
        subscription_mode: started.order.plan().is_some(),
        total: Some(started.order.price),
        customer: Some(customer_of(&started.order)),
        refs: OrderRefs { payment: Some("pi_1".to_owned()), ..OrderRefs::default() },
        order_hint: Some(started.order.id),
    })
}

/// The provider's customer for the account of `order`.
pub(crate) fn customer_of(order: &Order) -> String {
    format!("cus_{}", order.account.uuid().simple())
}

/// One event was applied, and no other was due.
pub(crate) const DONE: JobReport =
    JobReport { done: 1, needs_operator: 0, orphans: 0, failed: 0, deferred: 0, unrecorded: 0 };

/// One event was applied, and an operator has to resolve something.
pub(crate) const NEEDS_OPERATOR: JobReport = JobReport { needs_operator: 1, ..DONE };
