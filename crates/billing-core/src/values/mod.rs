//! The basic value types: ids, credits, money, time, pages.
//!
//! Values are validated on construction and immutable; none dereferences to its inner type, and arithmetic is always
//! checked.

mod as_text;
mod credits;
mod currency;
mod decimal_text;
mod fingerprint;
mod id;
mod ids;
mod key;
mod metadata;
mod money;
mod month;
mod page;
mod period;
mod text_enum;
mod timestamp;
mod zone;

pub(crate) use as_text::as_text;
pub use credits::{Credits, CreditsOutOfRange};
pub use currency::{Currency, UnknownCurrency};
pub use decimal_text::{InvalidDecimal, parse_decimal};
pub use fingerprint::Fingerprint;
pub use id::{IdSource, ParseIdError};
pub use ids::{
    AccountId, ApiKeyId, CheckInId, CouponId, DebtId, EntryId, GiftId, GrantId, HoldId, InboxEventId,
    OrderId, PackId, PaymentId, PlanId, RateCardId, RedemptionId, SubscriptionId, UsageId,
};
pub use key::{BusinessKey, InvalidKey, PostingKey, RequestKey};
pub use metadata::{Metadata, MetadataError};
pub use money::Money;
pub use month::Month;
pub use page::{Cursor, InvalidPage, Page, PageRequest, Position};
pub use period::Period;
pub use text_enum::UnknownVariant;
pub(crate) use text_enum::text_enum;
pub use timestamp::{ParseTimestampError, Timestamp};
pub use zone::{Day, UnknownZone, Zone};
