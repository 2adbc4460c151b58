//! Changes of subscriptions, and the customer portal.

use billing_core::payments::{
    ChangeRequest, Fact, PortalFlow, PortalRequest, SubscriptionChange, SubscriptionFact,
};
use billing_core::ports::ProviderError;
use billing_core::values::Timestamp;

use crate::client::Client;
use crate::form::Form;
use crate::schedule;
use crate::webhook_read;
use crate::wire;

/// Of an invoice as many pages of lines are read, of a hundred each.
const LINE_PAGES: usize = 10;

/// Opens the customer portal. It has to be configured in the account's dashboard once.
pub(crate) async fn open_portal(client: &Client, request: &PortalRequest) -> Result<String, ProviderError> {
    let form = Form::default().with("customer", &request.customer).with("return_url", &request.return_url);
    let form = match request.flow {
        None => form,
        Some(PortalFlow::PaymentMethod) => form.with("flow_data[type]", "payment_method_update"),
        Some(PortalFlow::Cancel) => form
            .with("flow_data[type]", "subscription_cancel")
            .with("flow_data[subscription_cancel][subscription]", &request.subscription),
        Some(PortalFlow::Change) => form
            .with("flow_data[type]", "subscription_update")
            .with("flow_data[subscription_update][subscription]", &request.subscription),
    };
    let opened: wire::Portal = client.post("/v1/billing_portal/sessions", &request.key, &form).await?;
    Ok(opened.url)
}

/// Cancels the subscription immediately or at the period's end, pauses it, or resumes it.
pub(crate) async fn change(
    client: &Client,
    request: &ChangeRequest,
) -> Result<SubscriptionFact, ProviderError> {
    let path = format!("/v1/subscriptions/{}", request.subscription.provider_id);
    let changed: wire::Subscription = match request.change {
        SubscriptionChange::CancelNow => match client.delete(&path).await {
            // An ended subscription cannot be canceled: after a lost response, or a concurrent cancellation, this is
            // the requested state.
            Err(refused) if refused.is_refusal() => {
                let now: wire::Subscription = client.get(&path).await?;
                if now.status == "canceled" { now } else { return Err(refused) }
            }
            answered => answered?,
        },
        SubscriptionChange::CancelAtPeriodEnd => {
            let form = Form::default().with("cancel_at_period_end", true);
            schedule::update(client, &path, &request.key(), &form).await?
        }
        SubscriptionChange::Pause => {
            // Invoices during the pause are void, so they are not owed afterwards.
            let form = Form::default().with("pause_collection[behavior]", "void");
            schedule::update(client, &path, &request.key(), &form).await?
        }
        SubscriptionChange::Resume => {
            // In flexible billing mode a cancellation may be scheduled by its time alone, and Stripe refuses both
            // fields together.
            let now: wire::Subscription = client.get(&path).await?;
            if now.status == "paused" {
                // A trial that ended without a card; see <https://docs.stripe.com/api/subscriptions/resume>.
                let path = format!("{path}/resume");
                let resumed = client.post(&path, &request.key(), &Form::default()).await?;
                return described(&resumed, request);
            }
            let form = if now.collects_nothing() {
                Form::default().with("pause_collection", "")
            } else if now.cancel_at_period_end == Some(true) {
                Form::default().with("cancel_at_period_end", false)
            } else {
                Form::default().with("cancel_at", "")
            };
            schedule::update(client, &path, &request.key(), &form).await?
        }
    };
    described(&changed, request)
}

/// Reads a subscription, and its latest invoice with all its lines. See
/// <https://docs.stripe.com/api/subscriptions/retrieve> and <https://docs.stripe.com/api/invoices/retrieve>.
///
/// Neither says when it was changed last. By Stripe's clock the state is at least as new as that payment, or as the
/// subscription itself; what an event tells of later takes its place. Our own clock may be ahead, and would hide such events.
pub(crate) async fn read(client: &Client, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
    let subscription: wire::Subscription = client.get(&format!("/v1/subscriptions/{id}")).await?;
    let invoice = match &subscription.latest_invoice {
        Some(latest) => Some(read_invoice(client, latest.id()).await?),
        None => None,
    };
    let paid_at = invoice.as_ref().and_then(wire::Invoice::paid_at);
    let updated_at = paid_at.max(subscription.created).max(subscription.start_date);
    let updated_at = updated_at.map_or(now, Timestamp::from_unix_seconds);
    let mut facts = vec![webhook_read::subscription(&subscription, updated_at, false)];
    if let Some(invoice) = invoice {
        facts.push(paid(&invoice, now)?);
    }
    Ok(facts)
}

/// Reads an invoice, with all its lines, which was paid at `now` unless it says when.
pub(crate) async fn read_paid(client: &Client, id: &str, now: Timestamp) -> Result<Fact, ProviderError> {
    paid(&read_invoice(client, id).await?, now)
}

fn paid(invoice: &wire::Invoice, now: Timestamp) -> Result<Fact, ProviderError> {
    let unreadable = |message| ProviderError::Unknown { message, request_id: None };
    match webhook_read::invoice(invoice, now).map_err(unreadable)? {
        Fact::Partial(_) => Err(unreadable(format!("the invoice {} is too long", invoice.id))),
        fact => Ok(fact),
    }
}

async fn read_invoice(client: &Client, id: &str) -> Result<wire::Invoice, ProviderError> {
    let mut invoice: wire::Invoice = client.get(&format!("/v1/invoices/{id}")).await?;
    if invoice.lines.has_more == Some(true) {
        invoice.lines = all_lines(client, id).await?;
    }
    Ok(invoice)
}

/// All lines of an invoice, a hundred at a time. See <https://docs.stripe.com/api/invoice-line-item/retrieve>.
async fn all_lines(client: &Client, invoice: &str) -> Result<wire::List<wire::InvoiceLine>, ProviderError> {
    let path = format!("/v1/invoices/{invoice}/lines");
    let mut lines: Vec<wire::InvoiceLine> = Vec::new();
    for _ in 0..LINE_PAGES {
        let last = lines.last().and_then(|line| line.id.clone());
        let mut query = vec![("limit", "100")];
        query.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page: wire::List<wire::InvoiceLine> = client.find(&path, &query).await?;
        lines.extend(page.data);
        if page.has_more != Some(true) {
            return Ok(wire::List { data: lines, has_more: Some(false) });
        }
    }
    Ok(wire::List { data: lines, has_more: Some(true) })
}

fn described(
    changed: &wire::Subscription,
    request: &ChangeRequest,
) -> Result<SubscriptionFact, ProviderError> {
    let ended = request.change == SubscriptionChange::CancelNow;
    match webhook_read::subscription(changed, request.now, ended) {
        Fact::Subscription(fact) => Ok(fact),
        _ => Err(ProviderError::Unknown {
            message: format!("the subscription's status is unknown: {}", changed.status),
            request_id: None,
        }),
    }
}
