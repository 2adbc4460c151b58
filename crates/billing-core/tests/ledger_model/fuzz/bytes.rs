//! Histories out of bytes: every string of bytes is one, however odd.

use billing_core::ledger::{
    Actor, CaptureHold, Charge, ClawBack, ClawbackPolicy, Command, EntryType, ExtendHold, GrantCredits,
    PlaceHold, Posting, ReverseSpend, Rollover, Shortfall, Source, SpendCredits, SpendType, Taken,
};
use billing_core::values::{BusinessKey, Credits, Fingerprint, Metadata, PostingKey, RequestKey, Timestamp};

use crate::steps::Known;
use crate::tariffs;
use crate::world::{Policy, accounts, nobody};

/// Bytes that are read one after the other; zeros follow the last.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Bytes<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// 0 up to, but without, `below`.
    fn below(&mut self, below: u8) -> u8 {
        self.byte() % below
    }

    fn often(&mut self) -> bool {
        self.byte() < 192
    }

    fn rarely(&mut self) -> bool {
        self.byte() >= 224
    }

    fn maybe<T>(&mut self, there: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.byte() < 128 { None } else { Some(there(self)) }
    }

    fn any(&mut self) -> i64 {
        i64::from_be_bytes([0; 8].map(|_: u8| self.byte()))
    }

    /// Mostly a few, sometimes as many as there may be, now and then anything.
    fn count(&mut self) -> i64 {
        match self.below(128) {
            0 => self.any(),
            1 => [0, -1, i64::MAX, i64::MIN][usize::from(self.below(4))],
            2 => Credits::MAX_AMOUNT.get() - i64::from(self.below(3)) + 1,
            3 => self.any() >> self.below(63),
            _ => 1 + i64::from(self.below(40)),
        }
    }

    fn credits(&mut self) -> Credits {
        Credits::new(self.count())
    }

    /// Mostly a few seconds from `now`, sometimes microseconds or years, now and then anywhere.
    pub(super) fn moment(&mut self, now: Timestamp) -> Timestamp {
        match self.below(64) {
            0 => Timestamp::from_micros(self.any()),
            1 => Timestamp::from_micros([i64::MAX, i64::MIN][usize::from(self.below(2))]),
            2 => Timestamp::from_micros(now.micros().saturating_add(self.any() >> self.below(63))),
            3 => Timestamp::from_micros(now.micros() + i64::from(self.byte()) - 128),
            4 | 5 => now.plus_seconds(-i64::from(self.below(30))),
            6 => now,
            _ => now.plus_seconds(1 + i64::from(self.below(40))),
        }
    }

    /// The next step's moment: mostly a little later.
    pub(super) fn later(&mut self, now: Timestamp) -> Timestamp {
        match self.below(16) {
            0 if self.rarely() => self.moment(now),
            1 => now.plus_seconds(-i64::from(self.below(9))),
            2..9 => now,
            _ => now.plus_seconds(i64::from(self.below(9))),
        }
    }

    pub(super) fn policy(&mut self) -> Option<Policy> {
        self.rarely().then(|| Policy {
            account: usize::from(self.below(2)),
            overdraft_limit: self.count().checked_abs().unwrap_or(i64::MAX),
            frozen: self.rarely() && self.rarely(),
        })
    }

    /// A batch sent at `now` by callers who know what `known` says of each account.
    pub(super) fn batch(&mut self, now: Timestamp, known: &[Known], sent: &mut Vec<Posting>) -> Vec<Posting> {
        let count = if self.often() { 1 + self.below(3) } else { self.below(9) };
        let mut batch = Vec::new();
        for _ in 0..count {
            let again = usize::from(self.byte());
            let posting = match sent.get(again) {
                Some(posting) if self.rarely() => posting.clone(),
                _ => self.posting(now, known),
            };
            sent.push(posting.clone());
            batch.push(posting);
        }
        batch
    }

    fn posting(&mut self, now: Timestamp, known: &[Known]) -> Posting {
        let account = if self.often() { 0 } else { usize::from(self.below(8).clamp(1, 7) / 7 + 1) };
        let known = known.get(account).unwrap_or(&known[0]);
        let count = if self.often() { 1 + self.below(2) } else { self.below(6) };
        let commands: Vec<_> = (0..count).map(|_| self.command(now, known)).collect();
        Posting {
            account: accounts().get(account).copied().unwrap_or_else(nobody),
            key: PostingKey::of_request(&RequestKey::parse(&format!("k{}", self.byte())).unwrap()),
            fingerprint: Fingerprint::of([format!("{commands:?}").as_bytes()]),
            actor: Actor::Provider("fuzz".to_owned()),
            commands,
        }
    }

    fn command(&mut self, now: Timestamp, known: &Known) -> Command {
        let which = match self.below(24) {
            // Without grants there is not much to do, and without holds nothing to settle.
            _ if !known.has_grant() && self.often() => 0,
            12..=15 if !known.has_open_hold() && self.often() => 9,
            which => which,
        };
        match which {
            20.. | 0..6 => Command::Grant(self.grant(now)),
            6..9 => Command::Spend(SpendCredits {
                charge: self.charge(),
                shortfall: self.shortfall(),
                occurred_at: self.maybe(|bytes| bytes.moment(now.plus_seconds(-40))),
                ..SpendCredits::new(Credits::new(1), self.kind(), String::new())
            }),
            9..12 => Command::Hold(PlaceHold {
                charge: self.charge(),
                expires_at: self.moment(now),
                description: String::new(),
                metadata: self.metadata(),
            }),
            12..14 => Command::Capture(CaptureHold {
                hold: known.hold(self.below(24)),
                charge: if self.often() { Some(self.charge()) } else { None },
                shortfall: self.shortfall(),
                last: self.often(),
                or_spend: self.often(),
                kind: self.kind(),
                description: String::new(),
                metadata: self.metadata(),
            }),
            14 => Command::Release { hold: known.hold(self.below(24)) },
            15 => Command::ExtendHold(ExtendHold {
                hold: known.hold(self.below(24)),
                expires_at: self.maybe(|bytes| bytes.moment(now)),
                charge: self.maybe(Self::charge),
            }),
            16 => Command::Reverse(ReverseSpend {
                taken: if self.often() {
                    Taken::Entry(known.entry(self.below(24)))
                } else {
                    Taken::Usage(known.usage(self.below(24)))
                },
                amount: self.maybe(Self::credits),
                refund_expires_at: self.moment(now),
                description: String::new(),
                metadata: self.metadata(),
            }),
            17 => Command::Clawback(ClawBack {
                grant: known.grant(self.below(24)),
                total: self.credits(),
                policy: if self.often() { ClawbackPolicy::Debt } else { ClawbackPolicy::WriteOff },
                description: String::new(),
            }),
            18 => Command::Void { grant: known.grant(self.below(24)), description: "Stopped".to_owned() },
            _ if self.rarely() => {
                Command::EndGrant { grant: known.grant(self.below(24)), at: self.moment(now) }
            }
            _ => Command::ExtendGrant {
                grant: known.grant(self.below(24)),
                expires_at: self.maybe(|bytes| bytes.moment(now)),
            },
        }
    }

    fn grant(&mut self, now: Timestamp) -> GrantCredits {
        let fact = BusinessKey::from_stored(format!("fact {} {}", self.byte(), self.below(4)));
        let source = Source::ALL[usize::from(self.below(8))];
        GrantCredits {
            priority: if self.rarely() { i16::from_be_bytes([self.byte(), self.byte()]) } else { 0 },
            effective_at: if self.rarely() { Some(self.moment(now)) } else { None },
            expires_at: if self.often() { Some(self.moment(now)) } else { None },
            late_seconds: if self.rarely() {
                u32::from_be_bytes([0; 4].map(|_: u8| self.byte()))
            } else {
                u32::from(self.below(20))
            },
            rollover: if self.rarely() {
                Some(Rollover { cap: self.credits(), until: self.moment(now.plus_seconds(40)) })
            } else {
                None
            },
            kind: if self.often() { EntryType::GRANT } else { EntryType::ADJUSTMENT },
            metadata: self.metadata(),
            ..GrantCredits::new(self.credits(), source, fact, "Given".to_owned())
        }
    }

    fn kind(&mut self) -> EntryType {
        if self.rarely() { EntryType::ADJUSTMENT } else { EntryType::Spend(SpendType::default()) }
    }

    fn charge(&mut self) -> Charge {
        if self.often() {
            return Charge::Credits(self.credits());
        }
        let count = if self.often() { 1 } else { self.below(4) };
        let mut used = || {
            let units = match self.below(8) {
                0 => u32::from_be_bytes([0; 4].map(|_: u8| self.byte())),
                1 => 999_999,
                _ => u32::from(self.byte()) * 39_210,
            };
            tariffs::used(self.below(tariffs::COUNT), units)
        };
        Charge::Usage((0..count).map(|_| used()).collect())
    }

    fn shortfall(&mut self) -> Shortfall {
        match self.below(16) {
            0..4 => Shortfall::TakeWhatIsThere,
            4 => Shortfall::Owe,
            _ => Shortfall::Refuse,
        }
    }

    fn metadata(&mut self) -> Metadata {
        let notes = self.rarely().then(|| ("note".to_owned(), self.byte().to_string()));
        Metadata::try_new(notes.into_iter().collect()).unwrap()
    }
}
