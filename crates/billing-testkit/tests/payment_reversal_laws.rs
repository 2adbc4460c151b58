//! Whatever providers say of money that went back, in whatever order: credits go with it, and never more of them
//! than came with the payment.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Arc;

use billing_core::account_billing::{AccountBilling, BillingPolicy, Context, FactSource, Outcome, decide};
use billing_core::changes::Changes;
use billing_core::ledger::{ClawbackPolicy, audit};
use billing_core::payments::{
    Capabilities, Capability, Channel, Dispute, DisputeState, Fact, Payment, PaymentRefs, PaymentReversal,
    PaymentReversalUpdate, Refund, RefundState,
};
use billing_core::ports::{
    AccountRef, BalanceReads, BillingReads, BillingStore, LedgerReads, LedgerReports, LedgerStore, PaymentRef,
};
use billing_core::values::{AccountId, BusinessKey, Money};
use billing_testkit::builders::{a_grant, a_payment, a_spend, an_account, noon};
use billing_testkit::{MemoryStore, SequentialIds};
use proptest::prelude::*;

/// What was paid, in cents.
const PAID: i64 = 999;

/// What is disputed also shows as refunded.
const OVERLAP: Capabilities = Capabilities::of(&[Capability::DisputesAreRefunded]);

struct Shop {
    store: Arc<MemoryStore>,
    account: AccountId,
    /// How many credits came with the payment.
    brought: i64,
    policy: ClawbackPolicy,
    ids: SequentialIds,
}

impl Shop {
    /// An account whose payment brought `grants`, and that spent `spent` of them.
    async fn open(grants: &[i64], spent: i64, policy: ClawbackPolicy) -> Self {
        let (store, ids) = (Arc::new(MemoryStore::new()), SequentialIds::starting_at(1 << 40));
        let account = an_account("ada", &ids);
        let id = account.id;
        let mut payment = a_payment(id, "pi_1", &ids);
        for (number, amount) in grants.iter().enumerate() {
            let key = format!("part-{number}");
            payment.grants_for([BusinessKey::from_stored(format!("manual:{id}:{key}"))]);
            store.commit(account_once(&account, number), noon()).await.unwrap();
            store.post(vec![a_grant(id, &key, *amount)], noon()).await.unwrap().remove(0).unwrap();
        }
        store.commit(Changes { payments: vec![payment], ..Changes::default() }, noon()).await.unwrap();
        let brought = grants.iter().sum();
        if spent > 0 {
            store.post(vec![a_spend(id, "work", spent)], noon()).await.unwrap().remove(0).unwrap();
        }
        Self { store, account: id, brought, policy, ids }
    }

    async fn payment(&self) -> Payment {
        let names = PaymentRefs::of_payment("pi_1");
        self.store.payment(PaymentRef::Refs(Channel::named("stripe"), &names)).await.unwrap().unwrap()
    }

    async fn record(&self, news: &PaymentReversalUpdate, overlap: bool) {
        let account = self.store.account(AccountRef::Id(self.account)).await.unwrap().unwrap();
        let payment = self.payment().await;
        let grants = self.store.grants_by_key(&payment.grant_keys).await.unwrap();
        let before = AccountBilling { payments: vec![payment], grants, ..AccountBilling::of(account) };
        let mut billing = before.clone();
        let context = Context {
            source: &FactSource::event(Channel::named("stripe"), "evt"),
            policy: BillingPolicy { clawback: self.policy, ..BillingPolicy::default() },
            capabilities: if overlap { OVERLAP } else { Capabilities::NONE },
            ids: &self.ids,
            now: noon(),
        };
        let fact = PaymentReversal { payment: PaymentRefs::of_payment("pi_1"), update: news.clone() };
        assert_eq!(decide(&mut billing, &Fact::Reversal(fact), &context), Outcome::Applied);
        self.store.commit(billing.changes_since(&before), noon()).await.unwrap();
    }

    /// What is there, less what is owed.
    async fn posted(&self) -> i64 {
        self.store.balance(self.account).await.unwrap().unwrap().posted.get()
    }

    async fn is_sound(&self) {
        let history = self.store.history(self.account).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), []);
    }
}

fn account_once(account: &billing_core::accounts::Account, number: usize) -> Changes {
    let accounts = if number == 0 { vec![account.clone()] } else { Vec::new() };
    Changes { accounts, ..Changes::default() }
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "usd".parse().unwrap())
}

fn news() -> impl Strategy<Value = PaymentReversalUpdate> {
    let amount = prop_oneof![1..=PAID, Just(PAID), Just(PAID / 2)];
    let refund =
        (0..3_u8, amount.clone(), prop::sample::select(RefundState::ALL)).prop_map(|(id, amount, state)| {
            PaymentReversalUpdate::Refund(Refund::new(format!("re_{id}"), usd(amount), state))
        });
    let dispute =
        (0..2_u8, amount.clone(), prop::sample::select(DisputeState::ALL)).prop_map(|(id, amount, state)| {
            PaymentReversalUpdate::Dispute(Dispute { id: format!("dp_{id}"), amount: usd(amount), state })
        });
    prop_oneof![amount.prop_map(|amount| PaymentReversalUpdate::RefundedInAll(usd(amount))), refund, dispute]
}

/// The news, each thing with one amount whoever tells of it.
fn stories() -> impl Strategy<Value = Vec<PaymentReversalUpdate>> {
    prop::collection::vec(news(), 0..8).prop_map(|mut told| {
        let known = told.clone();
        for one in &mut told {
            match one {
                PaymentReversalUpdate::Refund(refund) => {
                    let first = known.iter().find_map(|other| match other {
                        PaymentReversalUpdate::Refund(other) if other.id == refund.id => Some(other.amount),
                        _ => None,
                    });
                    refund.amount = first.unwrap();
                }
                PaymentReversalUpdate::Dispute(dispute) => {
                    let first = known.iter().find_map(|other| match other {
                        PaymentReversalUpdate::Dispute(other) if other.id == dispute.id => Some(other.amount),
                        _ => None,
                    });
                    dispute.amount = first.unwrap();
                }
                PaymentReversalUpdate::RefundedInAll(_) => {}
            }
        }
        told
    })
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// After each piece of news exactly that part of the credits is gone that is gone of the money, as long as
    /// nothing was spent.
    #[test]
    fn credits_go_and_come_with_the_money(
        grants in prop::collection::vec(1_i64..5000, 1..5),
        told in stories(),
        overlap in any::<bool>(),
    ) {
        run(async {
            let shop = Shop::open(&grants, 0, ClawbackPolicy::Debt).await;
            for one in &told {
                shop.record(one, overlap).await;
                let gone = shop.payment().await.reversed(overlap).for_now;
                let left = shop.brought - shop.brought * gone / PAID;
                assert_eq!(shop.posted().await, left, "{one:?}");
            }
            shop.is_sound().await;
        });
    }

    /// The order in which the same things are told makes no difference, and neither does telling them again.
    #[test]
    fn any_order_ends_the_same(
        grants in prop::collection::vec(1_i64..5000, 1..4),
        told in stories(),
        shuffle in any::<prop::sample::Index>(),
    ) {
        run(async {
            let (one, other) =
                (Shop::open(&grants, 0, ClawbackPolicy::Debt).await, Shop::open(&grants, 0, ClawbackPolicy::Debt).await);
            for news in &told {
                one.record(news, false).await;
            }
            let mut turned = told.clone();
            if !turned.is_empty() {
                let by = shuffle.index(turned.len());
                turned.rotate_left(by);
                turned.reverse();
            }
            for news in turned.iter().chain(&told) {
                other.record(news, false).await;
            }
            assert_eq!(one.posted().await, other.posted().await);
            other.is_sound().await;
        });
    }

    /// What was spent is owed once the money is gone for good, and only then; where the policy is to forgo it,
    /// nobody ever owes anything.
    #[test]
    fn what_was_spent_is_owed_or_forgone(
        grants in prop::collection::vec(1_i64..5000, 1..4),
        part in 0_i64..=100,
        told in stories(),
        owe in any::<bool>(),
    ) {
        run(async {
            let policy = if owe { ClawbackPolicy::Debt } else { ClawbackPolicy::WriteOff };
            let spent = grants.iter().sum::<i64>() * part / 100;
            let shop = Shop::open(&grants, spent, policy).await;
            for one in &told {
                shop.record(one, false).await;
                let gone = shop.payment().await.reversed(false);
                let taken = |gone| shop.brought * gone / PAID;
                let (posted, unspent) = (shop.posted().await, shop.brought - spent);
                if owe {
                    assert!(posted <= unspent - taken(gone.firm), "{one:?}");
                } else {
                    assert!(posted >= 0, "{one:?}");
                }
                assert!(posted >= unspent - taken(gone.for_now).max(taken(gone.firm)), "{one:?}");
                assert!(posted <= unspent, "{one:?}");
            }
            shop.is_sound().await;
        });
    }

    /// A payment that is gone takes all of its credits along, also those that a later event of it brought after some
    /// were taken and given back.
    #[test]
    fn a_payment_that_is_gone_leaves_nothing(
        grants in prop::collection::vec(1_i64..5000, 1..4),
        told in stories(),
        late in 1_i64..5000,
    ) {
        run(async {
            let shop = Shop::open(&grants, 0, ClawbackPolicy::Debt).await;
            for one in &told {
                shop.record(one, false).await;
            }
            shop.store.post(vec![a_grant(shop.account, "late", late)], noon()).await.unwrap().remove(0).unwrap();
            let mut payment = shop.payment().await;
            payment.grants_for([BusinessKey::from_stored(format!("manual:{}:late", shop.account))]);
            shop.store.commit(Changes { payments: vec![payment], ..Changes::default() }, noon()).await.unwrap();
            // A refund of all of it that nobody told of before, beside whatever failed.
            let refund = Refund::new("re_all".to_owned(), usd(PAID), RefundState::Succeeded);
            shop.record(&PaymentReversalUpdate::Refund(refund), false).await;
            assert_eq!(shop.posted().await, 0);
            shop.is_sound().await;
        });
    }
}
