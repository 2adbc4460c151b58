//! Every read of every port, with every filter that it takes.

use billing_core::accounts::ExternalId;
use billing_core::catalog::MonthKey;
use billing_core::coupons::CouponCode;
use billing_core::credentials::KeyHash;
use billing_core::gifts::{GiftCode, GiftStatus};
use billing_core::jobs::Job;
use billing_core::ledger::{Charge, Command, PlaceHold, Refusal, UsageBy};
use billing_core::orders::{OrderSlot, OrderStatus};
use billing_core::payments::{Channel, PaymentRefs};
use billing_core::ports::{
    AccountRef, AdminReads, AuditScope, BalanceReads, BillingReads, CatalogReads, CheckInQuery, Checkpoints,
    CouponRef, Credentials, DueQuery, EntryFilter, GiftFilter, GiftRef, HoldFilter, Inbox, JobStore,
    LedgerAudit, LedgerReads, LedgerReports, LedgerStore, OrderFilter, OrderRef, PaymentMethodRef,
    PaymentQuery, PaymentRef, RedemptionRef, SubscriptionFilter, SubscriptionSelector, UsageFilter,
    UsageQuery,
};
use billing_core::subscriptions::{SubscriptionRole, SubscriptionStatus};
use billing_core::values::{
    AccountId, BusinessKey, CouponId, Credits, Cursor, EntryId, Fingerprint, GiftId, GrantId, HoldId,
    InboxEventId, Metadata, OrderId, PackId, PageRequest, PaymentId, PlanId, Position, RedemptionId,
    RequestKey, SubscriptionId, Timestamp, UsageId, Zone,
};
use billing_core::webhooks::InboxState;
use billing_store::SqlStore;
use billing_testkit::builders::a_posting;
use uuid::Uuid;

use crate::budget::Budget;
use crate::seed::{ROWS, WHALE};

const LIMIT: u32 = 20;

/// Reads, one after the other, and looks at what each costs.
macro_rules! read {
    ($store:ident, $budget:ident: $($read:ident($($argument:expr),* $(,)?);)*) => {
        $(
            $store.$read($($argument),*).await.unwrap();
            $budget.look(concat!(stringify!($read), stringify!(($($argument),*)))).await;
        )*
    };
}

fn number(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn whale() -> AccountId {
    AccountId::from_uuid(number(WHALE))
}

fn name(number: u32) -> ExternalId {
    ExternalId::parse(&format!("user_{number}")).unwrap()
}

fn key(number: u32) -> RequestKey {
    RequestKey::parse(&format!("key_{number}")).unwrap()
}

fn bytes(number: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[28..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// Seconds after 1970, of which each has an entry.
fn second(number: u32) -> Timestamp {
    Timestamp::from_micros(i64::from(number) * 1_000_000)
}

fn first() -> PageRequest {
    PageRequest { limit: LIMIT, position: Position::Offset(0) }
}

fn after(cursor: Cursor) -> PageRequest {
    PageRequest { limit: LIMIT, position: Position::After(cursor) }
}

/// All values of a filter, and none.
fn each<T: Copy>(all: &[T]) -> Vec<Option<T>> {
    all.iter().copied().map(Some).chain([None]).collect()
}

pub(crate) async fn run(store: &SqlStore, budget: &mut Budget) {
    posting(store, budget).await;
    jobs(store, budget).await;
    lists(store, budget).await;
    entries(store, budget).await;
    ledger(store, budget).await;
    single(store, budget).await;
}

/// What a posting reads before it is decided: it is refused, so that nothing is written.
async fn posting(store: &SqlStore, budget: &mut Budget) {
    let now = Timestamp::from_micros(1_000_000_000_000);
    let account = AccountId::from_uuid(Uuid::from_u128(12_345));
    let hold = PlaceHold {
        charge: Charge::Credits(Credits::new(1_000_000)),
        expires_at: now.plus_days(1),
        description: String::new(),
        metadata: Metadata::default(),
    };
    let refused = store.post(vec![a_posting(account, "h", vec![Command::Hold(hold)])], now).await.unwrap();
    assert!(matches!(*refused, [Err(Refusal::InsufficientCredits { .. })]), "{refused:?}");
    budget.look("what a posting reads").await;
}

/// What is asked again and again, mostly for nothing.
async fn jobs(store: &SqlStore, budget: &mut Budget) {
    let now = Timestamp::from_micros(1_000_000);
    for job in Job::ALL {
        for by in [now, now.plus_days(30)] {
            let query = DueQuery { job: *job, now, by, limit: LIMIT };
            store.due(&query).await.unwrap();
            budget.look(&format!("due({job})")).await;
        }
    }
    read! { store, budget:
        claim(now, now, LIMIT);
        accounts_to_audit(AuditScope::Changed, None, LIMIT);
        accounts_to_audit(AuditScope::Changed, Some(whale()), LIMIT);
        accounts_to_audit(AuditScope::All, None, LIMIT);
        accounts_to_audit(AuditScope::All, Some(whale()), LIMIT);
        uncovered_heads(LIMIT);
        last_checkpoint();
        latest_checkpoint_of(whale());
        audit(&[whale()], false);
        audit_walk();
        frozen(&[whale()]);
        without_ledger(&[whale()]);
        checkpoints(i64::from(ROWS) / 2, 2);
        checkpoint_heads(i64::from(ROWS) / 2);
    }
}

/// What operators and users page through.
async fn lists(store: &SqlStore, budget: &mut Budget) {
    let deep = |id: u32| after(Cursor::of_id(OrderId::from_uuid(number(id.into()))));
    for page in [first(), deep(ROWS / 2)] {
        for account in [None, Some(whale())] {
            for status in each(OrderStatus::ALL) {
                let filter = OrderFilter { account, status };
                read! { store, budget: all_orders(&filter, &page); }
            }
        }
    }
    let deep = after(Cursor::of_id(PaymentId::from_uuid(number(ROWS.into()))));
    for account in [None, Some(whale())] {
        read! { store, budget:
            all_payments(account, &first());
            all_payments(account, &deep);
        }
    }
    let deep = after(Cursor::of_id(SubscriptionId::from_uuid(number(ROWS.into()))));
    for page in [first(), deep] {
        for account in [None, Some(whale())] {
            for status in each(SubscriptionStatus::ALL) {
                for role in each(SubscriptionRole::ALL) {
                    let filter = SubscriptionFilter { account, status, role };
                    read! { store, budget: all_subscriptions(&filter, &page); }
                }
            }
        }
    }
    let deep = after(Cursor::of_id(GiftId::from_uuid(number(ROWS.into()))));
    for page in [first(), deep] {
        for buyer in [None, Some(whale())] {
            for status in each(GiftStatus::ALL) {
                let filter = GiftFilter { buyer, status };
                read! { store, budget: all_gifts(&filter, &page); }
            }
        }
    }
    let deep = after(Cursor::of_id(InboxEventId::from_uuid(number(ROWS.into()))));
    for page in [first(), deep] {
        for state in each(InboxState::ALL) {
            read! { store, budget: events(state, &page); }
        }
    }
    let (grant, hold) = (GrantId::from_uuid(number(500)), HoldId::from_uuid(number(500)));
    let now = second(ROWS);
    read! { store, budget:
        payments(PaymentQuery::Latest { account: whale(), limit: LIMIT });
        subscriptions(whale());
        grants(whale(), &first());
        grants(whale(), &after(Cursor::of_id(grant)));
        holds(whale(), HoldFilter::All, &first());
        holds(whale(), HoldFilter::All, &after(Cursor::of_id(hold)));
        holds(whale(), HoldFilter::Open(now), &first());
        holds(whale(), HoldFilter::Open(now), &after(Cursor::of_id(hold)));
        redemptions(CouponId::from_uuid(number(8)), whale());
        check_ins(whale(), CheckInQuery::Since("1954-09-25".parse().unwrap()));
    }
}

async fn entries(store: &SqlStore, budget: &mut Budget) {
    let spans = [
        (None, None),
        (Some(second(90_000)), None),
        (None, Some(second(100))),
        (Some(second(50)), Some(second(5000))),
    ];
    for kind in [None, Some("usage"), Some("grant"), Some("rare_word"), Some("no_such_word"), Some("void")] {
        for (from, to) in spans {
            let filter = EntryFilter { kind: kind.map(str::to_owned), from, to };
            let (seq, id) = (Cursor::of_seq(20_000), Cursor::of_id(EntryId::from_uuid(number(40_000))));
            let case = format!("{kind:?} from {from:?} to {to:?}");
            for page in [first(), after(seq)] {
                store.entries(whale(), &filter, &page).await.unwrap();
                budget.look(&format!("entries({case}, {page:?})")).await;
            }
            for page in [first(), after(id)] {
                store.all_entries(&filter, &page).await.unwrap();
                budget.look(&format!("all_entries({case}, {page:?})")).await;
            }
        }
    }
}

/// Pages that hold little lead on to everything that passes.
pub(crate) async fn short_pages_lead_to_all(store: &SqlStore) {
    let filter = EntryFilter { kind: None, from: Some(second(10)), to: Some(second(100)) };
    let (mut page, mut seen, mut pages) = (first(), Vec::new(), 0);
    loop {
        let found = store.all_entries(&filter, &page).await.unwrap();
        seen.extend(found.items.iter().map(|(_, entry)| entry.id.uuid()));
        pages += 1;
        let Some(next) = found.next else { break };
        page = after(next);
    }
    assert_eq!(seen, (10..100).rev().map(number).collect::<Vec<_>>());
    assert!(pages < 60, "{pages} pages");
}

async fn ledger(store: &SqlStore, budget: &mut Budget) {
    let facts = [BusinessKey::from_stored("manual:4".to_owned())];
    let entry = EntryId::from_uuid(number(30_000));
    // A span of a hundred entries.
    let (from, to) = (second(40_000), second(40_200));
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    let model = UsageBy::Dimension("model".to_owned());
    for by in [UsageBy::Day, UsageBy::Type, UsageBy::Meter, model] {
        for meter in [None, Some("chat".to_owned())] {
            let query = UsageQuery { by: by.clone(), from, to, zone: zone.clone(), meter };
            read! { store, budget: usage(whale(), &query); }
        }
    }
    let span = UsageFilter { from: Some(from), to: Some(to), meter: None };
    let page = first();
    let deep = after(Cursor::of_moment(second(40_000), 40_000));
    for filter in [UsageFilter::default(), span] {
        read! { store, budget:
            usages(whale(), &filter, &page);
            usages(whale(), &filter, &deep);
        }
    }
    let counted = ["model=90", "model=180"].map(|rate| MonthKey {
        meter: "chat".to_owned(),
        month: "2010-01".parse().unwrap(),
        quantity: "tokens".to_owned(),
        rate: rate.to_owned(),
    });
    let held = HoldId::from_uuid(number(30_000));
    read! { store, budget: captures(whale(), held, &page); }
    read! { store, budget:
        balances(&[whale(), AccountId::from_uuid(number(7))]);
        balance(whale());
        states(&[whale(), AccountId::from_uuid(number(7))]);
        state(whale());
        grants_by_key(&facts);
        entry_record(whale(), entry);
        net_usage(whale(), second(10), second(99_000));
        past_balance(whale(), second(99_900));
        entry(entry);
        grant(GrantId::from_uuid(number(30_000)));
        hold(HoldId::from_uuid(number(30_000)));
        usage_record(UsageId::from_uuid(number(30_000)));
        month_units(whale(), &counted.clone().into());
        chain(whale(), 20_000, LIMIT);
    }
}

/// What has a name.
async fn single(store: &SqlStore, budget: &mut Budget) {
    let [names, invoice] = [("pay_4", None), ("nobody", Some("in_4"))].map(|(payment, invoice)| {
        PaymentRefs { payment: Some(payment.to_owned()), invoice: invoice.map(str::to_owned) }
    });
    let order = OrderId::from_uuid(number(30_000));
    let accounts = [whale(), AccountId::from_uuid(number(7))];
    let gift_code = GiftCode::new([7; 16]);
    let slot = OrderSlot::Request(Fingerprint::from_bytes(bytes(4)));
    let (channel, id, since) = (Channel::named("stripe"), "sub_4", Some(second(1)));
    let recent = PaymentQuery::Subscription { channel, id, since };
    read! { store, budget:
        account(AccountRef::Id(whale()));
        account(AccountRef::External(&name(2)));
        account_ids(&[name(1), name(2)]);
        external_ids(&accounts);
        provider_customer(Channel::named("stripe"), whale());
        account_of_customer(Channel::named("stripe"), "cus_2");
        plans();
        plan(PlanId::from_uuid(number(1)));
        priced_item(Channel::named("stripe"), "price_1");
        packs();
        pack(PackId::from_uuid(number(1)));
        rate_cards();
        rate_card("chat");
        rate_card_version("chat", 1);
        order(OrderRef::Id(order));
        order(OrderRef::Session(Channel::named("stripe"), "cs_4"));
        order(OrderRef::Subscription(Channel::named("stripe"), "sub_4"));
        order(OrderRef::Request(whale(), &key(4)));
        order(OrderRef::Slot(whale(), &slot));
        order(OrderRef::Slot(whale(), &OrderSlot::Subscription));
        payment(PaymentRef::Id(PaymentId::from_uuid(number(4))));
        payment(PaymentRef::Refs(Channel::named("stripe"), &names));
        payment(PaymentRef::Refs(Channel::named("stripe"), &invoice));
        payments(recent);
        payments(PaymentQuery::Order(order));
        payment_method(PaymentMethodRef::Id(Channel::named("stripe"), "pm_4"));
        payment_method(PaymentMethodRef::Account(whale()));
        subscription(SubscriptionSelector::Provider(Channel::named("stripe"), "sub_4"));
        subscription(SubscriptionSelector::Id(SubscriptionId::from_uuid(number(4))));
        subscription_command(whale(), &key(4));
        check_in_config();
        check_ins(whale(), CheckInQuery::Latest);
        check_ins(whale(), CheckInQuery::Request(&key(4)));
        coupon(CouponRef::Id(CouponId::from_uuid(number(4))));
        coupon(CouponRef::Code(&CouponCode::parse("CODE4").unwrap()));
        redemption(RedemptionRef::Id(RedemptionId::from_uuid(number(4))));
        redemption(RedemptionRef::Request(whale(), &key(4)));
        order(OrderRef::Paid(whale()));
        gift(GiftRef::Id(GiftId::from_uuid(number(4))));
        gift(GiftRef::Code(&gift_code));
        gift(GiftRef::Order(order));
        gift(GiftRef::Request(whale(), &key(4)));
        api_key(&KeyHash::from_bytes(bytes(4)));
        setting("first_key");
        event(Channel::named("stripe"), "evt_4");
    }
}
