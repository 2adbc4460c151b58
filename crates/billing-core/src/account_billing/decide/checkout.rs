//! Applies the outcome of a checkout to its order.

use crate::account_billing::state::{posting, put};
use crate::account_billing::{AccountBilling, Context, Outcome};
use crate::changes::ProviderCustomer;
use crate::ledger::{Actor, Command, GrantCredits, Origin, Posting, Source, business_keys};
use crate::orders::{Order, OrderItem};
use crate::payments::{Channel, CheckoutFact, CheckoutOutcome, NewPayment, Payment, PaymentRefs};
use crate::values::{Credits, Timestamp};

/// Credits come from the order, which froze what was agreed, never from the fact. A checkout for a subscription grants
/// nothing: its paid period does.
pub(super) fn decide(billing: &mut AccountBilling, fact: &CheckoutFact, context: &Context<'_>) -> Outcome {
    let (channel, now) = (context.source.channel, context.now);
    let Some(mut order) = paid_order(billing, fact, channel).cloned() else {
        return Outcome::Unknown("no order has this checkout");
    };
    if matches!(order.item, OrderItem::Plan { .. }) != fact.subscription_mode {
        let is_paid =
            fact.outcome == CheckoutOutcome::Paid && fact.total.is_some_and(|total| total.minor > 0);
        let why = "the checkout is not of the order's kind";
        return if is_paid { Outcome::NeedsOperator(why) } else { Outcome::Nothing(why) };
    }
    match fact.outcome {
        CheckoutOutcome::Paid if let Some(why) = short(fact, &order) => {
            if billing.payments.iter().all(|known| known.order != Some(order.id)) {
                billing.payments.extend(payment(fact, &order, None, context));
            }
            return Outcome::NeedsOperator(why);
        }
        CheckoutOutcome::Paid => {
            let first = order.completed_at.is_none();
            order.complete(&fact.refs, now);
            if first {
                let posting = pack_posting(&order, context.source.actor.clone(), now);
                billing.payments.extend(payment(fact, &order, posting.as_ref(), context));
                billing.postings.extend(posting);
            }
        }
        CheckoutOutcome::Processing => {
            order.learn(&fact.refs);
        }
        CheckoutOutcome::Failed => {
            order.fail();
        }
        CheckoutOutcome::Expired => {
            order.expire();
        }
    }
    let id = order.id;
    put(&mut billing.orders, order, |known| known.id == id);
    Outcome::Applied
}

/// The order that opened this checkout, else the order in the checkout's metadata, if it is verified. Anyone who
/// creates a payment link can set metadata, so everything that we know has to agree: the order has no other checkout,
/// the customer is the account's own, and the total is the agreed one.
fn paid_order<'a>(billing: &'a AccountBilling, fact: &CheckoutFact, channel: Channel) -> Option<&'a Order> {
    let of_channel = || billing.orders.iter().filter(|order| order.channel == channel);
    let own = |order: &&Order| order.session.as_ref().is_some_and(|session| session.id == fact.session);
    let is_customer = |known: &&ProviderCustomer| {
        known.channel == channel && Some(&known.customer) == fact.customer.as_ref()
    };
    let confirmed = |order: &&Order| {
        order.session.is_none()
            && billing.customers.iter().any(|known| is_customer(&known))
            && fact.total == Some(order.price)
    };
    let hinted = || of_channel().find(|order| Some(order.id) == fact.order_hint).filter(confirmed);
    of_channel().find(own).or_else(hinted)
}

/// Why the amount paid is not the agreed one. A larger amount is accepted, because tax comes on top; so is zero,
/// because nothing was due. A plan's payment is reported with its period.
fn short(fact: &CheckoutFact, order: &Order) -> Option<&'static str> {
    let total = fact.total.filter(|total| total.minor > 0)?;
    if fact.subscription_mode || order.completed_at.is_some() {
        return None;
    }
    if total.currency != order.price.currency {
        return Some("it was paid in another currency than the order's: it granted nothing");
    }
    (total.minor < order.price.minor).then_some("less was paid than the order's price: it granted nothing")
}

/// The payment of a pack or a gift; none if nothing was due.
fn payment(
    fact: &CheckoutFact,
    order: &Order,
    posting: Option<&Posting>,
    context: &Context<'_>,
) -> Option<Payment> {
    if matches!(order.item, OrderItem::Plan { .. }) {
        return None;
    }
    let refs = PaymentRefs { payment: fact.refs.payment.clone(), invoice: fact.refs.invoice.clone() };
    let paid = fact.total.filter(|total| total.minor > 0)?;
    if refs.is_empty() {
        return None;
    }
    let new = NewPayment { account: order.account, channel: context.source.channel, refs, paid };
    let mut payment = Payment::new(new, context.ids, context.now);
    payment.order = Some(order.id);
    // A gift's keys are those of its months; they are added when it is redeemed.
    payment.grants_for(posting.into_iter().flat_map(|one| &one.commands).filter_map(Command::fact).cloned());
    Some(payment)
}

/// The posting that grants a paid pack's credits; none for other orders.
pub(crate) fn pack_posting(order: &Order, actor: Actor, now: Timestamp) -> Option<Posting> {
    let OrderItem::Pack { credits, bonus_credits, expires_after_days, .. } = order.item else {
        return None;
    };
    let grant = |amount: Credits, source, business_key, description: String| {
        Command::Grant(GrantCredits {
            expires_at: expires_after_days.map(|days| now.plus_days(i64::from(days))),
            origin: Origin { order: Some(order.id), subscription: None },
            ..GrantCredits::new(amount, source, business_key, description)
        })
    };
    let fact = business_keys::order_pack(order.id);
    let mut commands =
        vec![grant(credits, Source::Purchase, fact.clone(), format!("Purchase: {}", order.description))];
    if !bonus_credits.is_zero() {
        let description = format!("Bonus: {}", order.description);
        commands.push(grant(bonus_credits, Source::Bonus, business_keys::order_bonus(order.id), description));
    }
    Some(posting(order.account, &fact, actor, commands))
}
