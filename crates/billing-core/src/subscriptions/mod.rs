//! Who is subscribed to what, mirrored from the provider that collects the money.

mod credits_end;
mod gifted;
mod mirror;
mod standing;
mod status;
mod subscription;

pub use credits_end::{CreditsEnd, Graces};
pub use mirror::Subscribed;
pub use standing::{Seat, Standing, SubscriptionName};
pub use status::SubscriptionStatus;
pub use subscription::Subscription;
