//! Providers' events: how they wait in the inbox, and what they change.

mod checkout_effect;
mod effect;
mod inbox;
mod payment_reversal_effect;
mod period;
mod subscription_credits;
mod subscription_effect;

pub(crate) use checkout_effect::pack_posting;
pub use checkout_effect::{CheckoutContext, checkout_effect, confirms_hint};
pub use effect::Effect;
pub use inbox::{Attempt, InboxEvent, InboxState, Receipt, ReceiptOutcome, RetryPolicy, WebhookRefusal};
pub use payment_reversal_effect::{PaymentReversalContext, payment_reversal_effect};
pub use period::{PeriodContext, period_effect};
pub use subscription_effect::{FactOrigin, SubscriptionContext, subscription_effect};
