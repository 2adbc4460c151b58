//! The provider and its script.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use billing_core::orders::OrderRefs;
use billing_core::payments::{
    Capabilities, Capability, ChangePlanRequest, ChangeRequest, Channel, CheckoutFact, CheckoutOutcome,
    CheckoutRequest, CheckoutSession, CustomerRequest, Fact, PaymentReversalUpdate, PortalRequest,
    ProviderPlanChange, Purchase, Refund, RefundRequest, RefundState, SubscriptionFact,
};
use billing_core::ports::{
    Checkout, Invoices, PaymentProvider, Portal, ProviderError, Refunds, Subscriptions,
};
use billing_core::subscriptions::Subscription;
use billing_core::values::Money;

/// A payment provider for any channel that returns scripted answers and records its requests.
///
/// Without a script it succeeds: the same account always gets the same customer and the same order the same checkout,
/// as with idempotency keys. Scripted answers are used first, in order.
#[derive(Debug)]
pub struct ScriptedProvider {
    channel: Channel,
    capabilities: Capabilities,
    script: Mutex<Script>,
    meanwhile: Mutex<Meanwhile>,
}

/// Work that is run during a call to the provider.
#[derive(Default)]
struct Meanwhile(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meanwhile").field(&self.0.is_some()).finish()
    }
}

/// The kind of a missing answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The call fails with an unknown outcome.
    NoAnswer,
    /// The call never ends.
    Hangs,
}

/// A recorded request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A customer.
    Customer(CustomerRequest),
    /// A checkout.
    Checkout(Box<CheckoutRequest>),
    /// To close a checkout.
    Expire(String),
    /// The provider's own pages.
    Portal(PortalRequest),
    /// A change of a subscription.
    Change(Box<ChangeRequest>),
    /// A change of plan.
    Plan(Box<ChangePlanRequest>),
    /// A refund.
    Refund(RefundRequest),
}

#[derive(Debug, Default)]
pub(super) struct Script {
    customers: VecDeque<Result<String, ProviderError>>,
    checkouts: VecDeque<Result<CheckoutSession, ProviderError>>,
    changes: VecDeque<Result<SubscriptionFact, ProviderError>>,
    renewals: VecDeque<Result<Option<Money>, ProviderError>>,
    plans: VecDeque<Result<ProviderPlanChange, ProviderError>>,
    refunds: VecDeque<Result<Option<PaymentReversalUpdate>, ProviderError>>,
    /// The states of checkouts, by id.
    read: BTreeMap<String, CheckoutFact>,
    /// The checkouts that are open, and whether each is for a subscription.
    opened: BTreeMap<String, bool>,
    asked_reads: usize,
    silence: Option<Silence>,
    asked: Vec<Asked>,
    /// The facts of events, by the event's id.
    pub(super) facts: BTreeMap<String, Result<Fact, String>>,
}

impl ScriptedProvider {
    /// A provider with customers, idempotency keys, and a catalogue of its own unless it is the sandbox.
    pub fn new(channel: Channel) -> Self {
        use Capability::{
            Cancel, CatalogBacked, ChangePlan, Customers, ExpireCheckout, IdempotentWrites,
            PacksCatalogBacked, PartialRefund, Pause, PaymentLines, Portal, PreviewChange, PreviewRenewal,
            Prorate, ReadCheckout, Refund, ResetBillingAnchor,
        };
        let capabilities = Capabilities::of(match channel.as_str() {
            "sandbox" => &[
                ChangePlan,
                Prorate,
                ResetBillingAnchor,
                PreviewChange,
                Customers,
                IdempotentWrites,
                Cancel,
                Pause,
                Refund,
                PartialRefund,
            ],
            "stripe" => &[
                ChangePlan,
                Prorate,
                ResetBillingAnchor,
                PreviewChange,
                PreviewRenewal,
                Customers,
                IdempotentWrites,
                CatalogBacked,
                ReadCheckout,
                ExpireCheckout,
                Cancel,
                Pause,
                Portal,
                Refund,
                PartialRefund,
                PaymentLines,
            ],
            "creem" => &[
                ChangePlan,
                Customers,
                IdempotentWrites,
                CatalogBacked,
                PacksCatalogBacked,
                Cancel,
                Pause,
                Portal,
                Refund,
            ],
            _ => &[],
        });
        Self { channel, capabilities, script: Mutex::default(), meanwhile: Mutex::default() }
    }

    /// The same provider with other capabilities.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Sets the next answer to a request for a customer.
    pub fn answer_customer(&self, answer: Result<String, ProviderError>) {
        self.script().customers.push_back(answer);
    }

    /// Sets the next answer to a request for a checkout.
    pub fn answer_checkout(&self, answer: Result<CheckoutSession, ProviderError>) {
        self.script().checkouts.push_back(answer);
    }

    /// The requests so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.script().asked.clone()
    }

    /// The number of requests for customers so far.
    pub fn asked_customers(&self) -> usize {
        self.script().asked.iter().filter(|asked| matches!(asked, Asked::Customer(_))).count()
    }

    /// The requests for checkouts so far, in order.
    pub fn asked_checkouts(&self) -> Vec<CheckoutRequest> {
        let checkout = |asked: &Asked| match asked {
            Asked::Checkout(request) => Some(CheckoutRequest::clone(request)),
            _ => None,
        };
        self.script().asked.iter().filter_map(checkout).collect()
    }

    /// Scripts the answer to a change of a subscription; answers queue up.
    pub fn on_change(&self, answer: Result<SubscriptionFact, ProviderError>) {
        self.script().changes.push_back(answer);
    }

    /// Scripts the amount of the next renewal; without one there is no renewal.
    pub fn on_renewal(&self, answer: Result<Option<Money>, ProviderError>) {
        self.script().renewals.push_back(answer);
    }

    /// Scripts the answer to a change of plan; answers queue up. Without one the change is applied and paid.
    pub fn on_plan(&self, answer: Result<ProviderPlanChange, ProviderError>) {
        self.script().plans.push_back(answer);
    }

    /// The changes of plan so far, in order.
    pub fn asked_plans(&self) -> Vec<ChangePlanRequest> {
        let plan = |asked: &Asked| match asked {
            Asked::Plan(call) => Some(ChangePlanRequest::clone(call)),
            _ => None,
        };
        self.script().asked.iter().filter_map(plan).collect()
    }

    /// Scripts the answer to a refund; answers queue up. Without one the refund succeeds at once, with an id derived
    /// from the request's key.
    pub fn on_refund(&self, answer: Result<Option<PaymentReversalUpdate>, ProviderError>) {
        self.script().refunds.push_back(answer);
    }

    /// Runs `this` during the next refund.
    pub fn while_refunding(&self, this: impl Future<Output = ()> + Send + 'static) {
        self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner).0 = Some(Box::pin(this));
    }

    /// The refunds so far, in order.
    pub fn asked_refunds(&self) -> Vec<RefundRequest> {
        let refund = |asked: &Asked| match asked {
            Asked::Refund(request) => Some(request.clone()),
            _ => None,
        };
        self.script().asked.iter().filter_map(refund).collect()
    }

    /// Scripts the state of a checkout.
    pub fn on_read(&self, fact: CheckoutFact) {
        self.script().read.insert(fact.session.clone(), fact);
    }

    /// Stops answering requests for customers and checkouts, or resumes.
    pub fn fall_silent(&self, silence: Option<Silence>) {
        self.script().silence = silence;
    }

    /// Whether it answers at present.
    async fn answers(&self) -> Result<(), ProviderError> {
        let silence = self.script().silence;
        match silence {
            None => Ok(()),
            Some(Silence::Hangs) => std::future::pending().await,
            Some(Silence::NoAnswer) => {
                Err(ProviderError::Unknown { message: "no answer".to_owned(), request_id: None })
            }
        }
    }

    /// The number of reads of checkouts so far.
    pub fn asked_reads(&self) -> usize {
        self.script().asked_reads
    }

    /// The changes of subscriptions so far, in order.
    pub fn asked_changes(&self) -> Vec<ChangeRequest> {
        let change = |asked: &Asked| match asked {
            Asked::Change(request) => Some(ChangeRequest::clone(request)),
            _ => None,
        };
        self.script().asked.iter().filter_map(change).collect()
    }

    /// The requests for the portal so far, in order.
    pub fn asked_portals(&self) -> Vec<PortalRequest> {
        let portal = |asked: &Asked| match asked {
            Asked::Portal(request) => Some(request.clone()),
            _ => None,
        };
        self.script().asked.iter().filter_map(portal).collect()
    }

    /// The default customer of an account.
    pub fn customer_of(request: &CustomerRequest) -> String {
        format!("cus_{}", request.account.uuid().simple())
    }

    /// The default checkout of an order.
    pub fn session_of(request: &CheckoutRequest) -> CheckoutSession {
        let id = format!("cs_{}", request.order.uuid().simple());
        let url = format!("https://pay.example.com/{id}");
        CheckoutSession { id, url, expires_at: request.expires_at }
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Checkout for ScriptedProvider {
    async fn create_customer(&self, request: &CustomerRequest) -> Result<String, ProviderError> {
        self.answers().await?;
        let mut script = self.script();
        script.asked.push(Asked::Customer(request.clone()));
        script.customers.pop_front().unwrap_or_else(|| Ok(Self::customer_of(request)))
    }

    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError> {
        self.answers().await?;
        let mut script = self.script();
        script.asked.push(Asked::Checkout(Box::new(request.clone())));
        let answer = script.checkouts.pop_front().unwrap_or_else(|| Ok(Self::session_of(request)));
        if let Ok(session) = &answer {
            let subscribes = matches!(request.purchase, Purchase::Plan { .. });
            script.opened.insert(session.id.clone(), subscribes);
        }
        answer
    }

    async fn read_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        let answer = {
            let mut script = self.script();
            script.asked_reads = script.asked_reads.saturating_add(1);
            script.read.get(session).cloned()
        };
        self.answers().await?;
        Ok(answer)
    }

    async fn expire_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        self.answers().await?;
        let mut script = self.script();
        script.asked.push(Asked::Expire(session.to_owned()));
        let open = script.opened.remove(session);
        let expired = open.map(|subscription_mode| CheckoutFact {
            session: session.to_owned(),
            outcome: CheckoutOutcome::Expired,
            subscription_mode,
            total: None,
            customer: None,
            refs: OrderRefs::default(),
            order_hint: None,
        });
        Ok(script.read.get(session).cloned().or(expired))
    }
}

#[async_trait]
impl Portal for ScriptedProvider {
    async fn open_portal(&self, request: &PortalRequest) -> Result<String, ProviderError> {
        let mut script = self.script();
        script.asked.push(Asked::Portal(request.clone()));
        Ok(format!("https://portal.example.com/{}", request.customer))
    }
}

#[async_trait]
impl Subscriptions for ScriptedProvider {
    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        let mut script = self.script();
        script.asked.push(Asked::Change(Box::new(request.clone())));
        script.changes.pop_front().unwrap_or_else(|| Ok(request.carried_out()))
    }

    async fn change_plan(&self, call: &ChangePlanRequest) -> Result<ProviderPlanChange, ProviderError> {
        let mut script = self.script();
        script.asked.push(Asked::Plan(Box::new(call.clone())));
        script.plans.pop_front().unwrap_or_else(|| Ok(call.carried_out(&format!("ch_{}", call.key()))))
    }
}

#[async_trait]
impl Invoices for ScriptedProvider {
    async fn preview_renewal(&self, _subscription: &Subscription) -> Result<Option<Money>, ProviderError> {
        let next = self.script().renewals.pop_front();
        next.unwrap_or(Ok(None))
    }

    async fn preview_change(&self, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
        Ok(call.due)
    }
}

#[async_trait]
impl Refunds for ScriptedProvider {
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        let meanwhile = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner).0.take();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        let mut script = self.script();
        script.asked.push(Asked::Refund(request.clone()));
        script.refunds.pop_front().unwrap_or_else(|| {
            let id = format!("re_{}", request.key);
            Ok(Some(PaymentReversalUpdate::Refund(Refund::new(id, request.amount, RefundState::Succeeded))))
        })
    }
}

impl PaymentProvider for ScriptedProvider {
    fn channel(&self) -> Channel {
        self.channel
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }
}
