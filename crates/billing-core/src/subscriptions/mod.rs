//! Who is subscribed to what, mirrored from the provider that collects the money.

mod mirror;
mod status;
mod subscription;

pub use status::SubscriptionStatus;
pub use subscription::Subscription;
