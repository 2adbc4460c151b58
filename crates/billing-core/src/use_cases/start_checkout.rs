//! Opens checkouts.

use super::CheckoutRefusal;
use super::change_order::change_order;
use super::checkout_coupon::apply;
use super::checkout_offer::{PurchaseItem, offer};
use super::close_checkout::close_checkout;
use super::ensure_account::ensure_account;
use super::gift_details::GiftDetails;
use super::place_order::{known_order, place_order};
use super::provider_customer::customer_of;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::coupons::CouponCode;
use crate::orders::{Order, OrderStatus, RequestMark};
use crate::payments::{Channel, CheckoutRequest, CheckoutSession};
use crate::ports::ProviderError;

/// The duration of a checkout in seconds. Stripe allows up to 24 hours; one hour less tolerates a clock that is ahead.
pub(super) const OPEN_FOR_SECONDS: i64 = 23 * 3600;

/// A checkout request.
#[derive(Debug, Clone)]
pub struct StartCheckout {
    /// The account; created if it is unknown.
    pub account: ExternalId,
    /// The provider.
    pub channel: Channel,
    /// The item.
    pub wanted: PurchaseItem,
    /// The coupon.
    pub coupon: Option<CouponCode>,
    /// For gifts: the recipient and the page for redeeming it.
    pub gift: GiftDetails,
    /// The return URL after a payment.
    pub success_url: String,
    /// The return URL after a cancellation.
    pub cancel_url: String,
    /// The request's identity, so that a retry finds its order.
    pub request: RequestMark,
}

/// A checkout to pay, or a free one, which redirects at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCheckout {
    /// The order.
    pub order: Order,
    /// The checkout.
    pub session: CheckoutSession,
    /// Whether this is a replay.
    pub replayed: bool,
}

/// Opens a checkout: writes a pending order, calls the provider, and stores its response. No database transaction is
/// open during the call; after a crash the same request resumes the order, under the same idempotency key at the
/// provider.
pub(crate) async fn start_checkout(
    ports: &Ports,
    ask: &StartCheckout,
) -> Result<StartedCheckout, BillingError> {
    let provider = ports.provider(ask.channel).ok_or(CheckoutRefusal::ChannelNotConfigured(ask.channel))?;
    ports.origins.check("success_url", &ask.success_url)?;
    ports.origins.check("cancel_url", &ask.cancel_url)?;
    // A repeated request finds its checkout, whatever happened to the catalogue since.
    if let Some(repeated) = repeated(ports, ask).await? {
        return Ok(repeated);
    }
    ask.gift.check(ports)?;
    // All refusals are checked before the account is created.
    let offer = offer(ports, provider, ask.wanted).await?;
    if let Some(code) = &ask.coupon {
        let known = ports.find_account(&ask.account).await?;
        if known.is_none() {
            apply(ports, code, None, &offer.template, ports.clock.now()).await?;
        }
    }
    let account = ensure_account(ports, &ask.account, ports.clock.now()).await?;
    let (order, found) = place_order(ports, ask, &account, &offer).await?;
    if let Some(session) = order.open_session(ports.clock.now()).cloned() {
        return Ok(StartedCheckout { order, session, replayed: true });
    }
    if let Some(session) = order.free_session() {
        return Ok(StartedCheckout { order, session, replayed: found });
    }
    if order.session.is_some() || order.status != OrderStatus::Pending {
        return Err(CheckoutRefusal::OrderClosed(order.status).into());
    }
    let customer = customer_of(ports, provider, &account, None).await?;
    let mut request = CheckoutRequest {
        order: order.id,
        account: account.id,
        customer,
        email: account.email.clone(),
        // With the terms on the order, so that a retry sends exactly the same.
        purchase: offer.purchase.clone().as_agreed(&order),
        price: order.price,
        discount: order.checkout_discount(),
        success_url: order.success_url.clone(),
        cancel_url: order.cancel_url.clone(),
        // From the order, so that a retry after a crash sends exactly the same.
        expires_at: order.created_at.plus_seconds(OPEN_FOR_SECONDS).whole_seconds(),
    };
    let mut opened = provider.create_checkout(&request).await;
    if let Err(ProviderError::UnknownCustomer { .. }) = &opened
        && let Some(gone) = request.customer.take()
    {
        // It was deleted there. If the new one is unknown as well, the error is returned.
        request.customer = customer_of(ports, provider, &account, Some(&gone)).await?;
        opened = provider.create_checkout(&request).await;
    }
    match opened {
        Ok(session) => {
            let order = retry(ports, || keep_session(ports, &order, &session)).await?;
            if order.status == OrderStatus::Expired {
                // Another request took its place meanwhile.
                close_checkout(ports, &order).await?;
                return Err(CheckoutRefusal::OrderClosed(order.status).into());
            }
            Ok(StartedCheckout { order, session, replayed: found })
        }
        Err(error) => {
            if error.is_refusal() || matches!(error, ProviderError::Unsupported(_)) {
                retry(ports, || give_up(ports, &order)).await?;
            }
            Err(error.into())
        }
    }
}

/// The checkout that this request opened before, if it is still open.
async fn repeated(ports: &Ports, ask: &StartCheckout) -> Result<Option<StartedCheckout>, BillingError> {
    let Some(account) = ports.find_account(&ask.account).await? else { return Ok(None) };
    let order = known_order(ports, ask, account.id).await?;
    let session =
        |order: &Order| order.open_session(ports.clock.now()).cloned().or_else(|| order.free_session());
    let open = order.and_then(|order| Some((session(&order)?, order)));
    Ok(open.map(|(session, order)| StartedCheckout { order, session, replayed: true }))
}

/// Stores the provider's checkout on the order, which a webhook may have changed meanwhile.
async fn keep_session(ports: &Ports, order: &Order, session: &CheckoutSession) -> Result<Order, Again> {
    let kept = change_order(ports, order.id, |order| order.session = Some(session.clone())).await?;
    kept.ok_or_else(|| BillingError::not_found("order", order.id).into())
}

/// Marks an order failed that the provider refuses permanently.
async fn give_up(ports: &Ports, order: &Order) -> Result<(), Again> {
    let failed = change_order(ports, order.id, |order| {
        order.fail();
    });
    failed.await.map(drop)
}
