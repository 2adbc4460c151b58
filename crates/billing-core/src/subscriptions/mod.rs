//! Subscriptions, mirrored from the provider that charges them.

mod command;
mod credits_end;
mod gifted;
mod mirror;
mod plan_change;
mod role;
mod status;
mod subscription;

pub use command::{CommandState, SubscriptionCommand};
pub use credits_end::{CreditsEnd, GracePeriods};
pub use mirror::Subscribed;
pub use plan_change::{ChangeOffer, ChangeRefusal, PaidPlan, WantedPlan, paid_plan, plan_change};
pub use role::{SubscriptionRef, SubscriptionRole, SubscriptionSlot};
pub use status::SubscriptionStatus;
pub use subscription::Subscription;
