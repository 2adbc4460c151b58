//! The ledger: grants of credits, and their use.
//!
//! Everything here is pure and synchronous. A store locks an account, loads its [`AccountState`], runs [`fold`] to
//! decide a batch in memory, and writes the resulting [`Writes`] in one database transaction. The rules exist only
//! here; no store restates them.
//!
//! # Words
//!
//! A **grant** is credits given at one time from one source. An **entry** is one immutable line of an account's
//! history. An **allocation** says how much an entry drew on which grant. A **posting** is one or more commands under
//! one key, applied atomically. A **hold** reserves credits of certain grants, to be captured (spent), released, or to
//! lapse; it writes no entry itself. **Debt** is what an account owes: a spend within its overdraft, or a clawback of
//! spent credits.
//!
//! # What always holds
//!
//! - entries are numbered without gaps, from 1;
//! - posted = Σ entries = Σ remaining of activated grants − debt, after every entry;
//! - per grant: what came in less what went out = remaining ≥ pinned ≥ 0;
//! - held = Σ credits reserved by open holds; no credits are free while there is debt;
//! - no spend takes more than is available, and all spends follow the burn order;
//! - one posting per key and account, one grant per business key over all accounts.
//!
//! [`audit::check`] checks them.

mod account_state;
mod advance;
pub mod audit;
mod balance;
mod burn_order;
pub mod business_keys;
mod chain;
mod change;
mod checkpoint;
mod command;
mod debt;
mod decide;
mod draft;
mod entry;
mod explain;
mod fold;
mod forecast;
mod full_load;
mod grant;
mod hash_fields;
mod hold;
mod merkle;
mod months;
mod posting;
mod record;
mod refusal;
mod reversible;
mod source;
mod text_key;
mod usage;
mod working_set;

pub use account_state::{AccountState, Loaded};
pub use balance::{Balance, Buckets};
pub use burn_order::BurnOrder;
pub use chain::ChainHash;
pub use checkpoint::{
    Checkpoint, CheckpointAuditor, CheckpointCopy, CheckpointHead, CheckpointIndex, CheckpointKeys,
    CheckpointRecord, CheckpointSigner, CheckpointViolation, IndexedHead, InvalidKnownKey, KnownKey, Proof,
    ProofError, SignatureCheck,
};
pub use command::{
    CaptureHold, Charge, ClawBack, ClawbackPolicy, Command, ExtendHold, GrantCredits, PlaceHold,
    ReverseSpend, Shortfall, SpendCredits, Taken,
};
pub use debt::DebtChange;
pub use entry::{Actor, Allocation, Entry, EntryType, InvalidSpendType, OwnType, SpendType};
pub use explain::explain;
pub use fold::{fold, read_as_of};
pub use forecast::{Forecast, Pace, forecast};
pub use full_load::Named;
pub use grant::{Grant, Origin, Rollover, Stage};
pub use hold::{HeldUsage, Hold, HoldSeen, HoldState, Slice};
pub use merkle::Step;
pub use posting::{Outcome, Posted, Posting, RecordedPosting};
pub use record::{EntryRecord, PastBalance};
pub use refusal::Refusal;
pub use reversible::Reversible;
pub use source::{Bucket, Source};
pub use text_key::TextKey;
pub use usage::{Capture, Carry, RatedUsage, UsageBy, UsageLeft, UsageRecord, UsageSum};
pub use working_set::{NewLine, WorkingSet, Writes};
