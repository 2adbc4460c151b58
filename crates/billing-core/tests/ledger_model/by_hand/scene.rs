//! One account's history, told by hand: from second to second, in every ledger and in the model at once.

use billing_core::ledger::{
    CaptureHold, Charge, ClawBack, ClawbackPolicy, Command, EntryType, Grant, GrantCredits, Outcome,
    PlaceHold, Posted, Posting, ReverseSpend, Shortfall, Source, SpendCredits, SpendType, Taken,
};
use billing_core::values::{BusinessKey, Credits, EntryId, GrantId, HoldId, Metadata, Timestamp};

use crate::side_by_side::SideBySide;
use crate::tariffs;
use crate::world::{Policy, accounts, begin, posting};

pub(super) struct Scene {
    pub(super) ledgers: SideBySide,
    pub(super) now: Timestamp,
    requests: usize,
}

impl Scene {
    /// Nothing has happened. The ledger that loads an account in part begins with one grant.
    pub(super) fn begin() -> Self {
        Self { ledgers: SideBySide::begin(1), now: begin(), requests: 0 }
    }

    pub(super) fn wait(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }

    pub(super) fn overdraft(&mut self, limit: i64) {
        self.ledgers.set_policy(Policy { account: 0, overdraft_limit: limit, frozen: false });
    }

    /// Posts each command under a key of its own, all in one batch.
    pub(super) fn batch(&mut self, commands: impl IntoIterator<Item = Command>) -> Vec<Outcome> {
        let mut batch: Vec<Posting> = Vec::new();
        for command in commands {
            self.requests += 1;
            batch.push(posting(accounts()[0], &format!("k{}", self.requests), vec![command]));
        }
        let outcomes = self.ledgers.post(&batch, self.now).unwrap();
        self.ledgers.read(self.now.plus_seconds(10)).unwrap();
        self.ledgers.tell_again();
        outcomes
    }

    pub(super) fn ask(&mut self, command: Command) -> Outcome {
        self.batch([command]).remove(0)
    }

    pub(super) fn post(&mut self, command: Command) -> Posted {
        self.ask(command).unwrap()
    }

    /// Credits for good.
    pub(super) fn give(&mut self, amount: i64) -> GrantId {
        let credits = self.credits(amount);
        self.grant(credits)
    }

    /// Credits that end in so many seconds.
    pub(super) fn give_for(&mut self, seconds: i64, amount: i64) -> GrantId {
        let expires_at = Some(self.now.plus_seconds(seconds));
        let credits = GrantCredits { expires_at, ..self.credits(amount) };
        self.grant(credits)
    }

    /// Credits as they are.
    pub(super) fn grant(&mut self, credits: GrantCredits) -> GrantId {
        self.post(Command::Grant(credits)).grants[0].id
    }

    /// Credits to give, for a fact of their own.
    pub(super) fn credits(&self, amount: i64) -> GrantCredits {
        let fact = BusinessKey::from_stored(format!("fact {}", self.requests));
        GrantCredits::new(Credits::new(amount), Source::Plan, fact, String::new())
    }

    /// Sets credits aside for so many seconds.
    pub(super) fn hold(&mut self, seconds: i64, amount: i64) -> HoldId {
        let hold = PlaceHold {
            charge: Charge::Credits(Credits::new(amount)),
            expires_at: self.now.plus_seconds(seconds),
            description: String::new(),
            metadata: Metadata::default(),
        };
        self.post(Command::Hold(hold)).holds[0].id
    }

    pub(super) fn spend(&mut self, amount: i64) -> EntryId {
        self.post(spend(amount)).entries[0].id
    }

    /// The grant as it was written.
    pub(super) fn row(&self, id: GrantId) -> &Grant {
        &self.ledgers.batched.rows.grants[&id]
    }

    pub(super) fn available(&self) -> i64 {
        self.ledgers.batched.rows.balances[&accounts()[0]].available().get()
    }

    pub(super) fn debt(&self) -> i64 {
        self.ledgers.batched.rows.balances[&accounts()[0]].debt.get()
    }
}

pub(super) fn usage() -> EntryType {
    EntryType::Spend(SpendType::default())
}

pub(super) fn spend(amount: i64) -> Command {
    Command::Spend(SpendCredits::new(Credits::new(amount), usage(), String::new()))
}

pub(super) fn capture(hold: HoldId, amount: i64) -> Command {
    Command::Capture(CaptureHold {
        hold,
        charge: Some(Charge::Credits(Credits::new(amount))),
        shortfall: Shortfall::Refuse,
        last: false,
        or_spend: false,
        kind: usage(),
        description: String::new(),
        metadata: Metadata::default(),
    })
}

pub(super) fn take_back(grant: GrantId, total: i64) -> Command {
    Command::Clawback(ClawBack {
        grant,
        total: Credits::new(total),
        policy: ClawbackPolicy::Debt,
        description: String::new(),
    })
}

pub(super) fn void(grant: GrantId) -> Command {
    Command::Void { grant, description: String::new() }
}

/// Gives all of a spend back.
pub(super) fn reverse(entry: EntryId, now: Timestamp) -> Command {
    Command::Reverse(ReverseSpend {
        taken: Taken::Entry(entry),
        amount: None,
        refund_expires_at: now.plus_seconds(60),
        description: String::new(),
        metadata: Metadata::default(),
    })
}

/// Usage that costs so many millionths of a credit.
pub(super) fn used(millionths: u32) -> Command {
    let charge = Charge::Usage(vec![tariffs::used(0, millionths)]);
    Command::Spend(SpendCredits { charge, ..SpendCredits::new(Credits::new(1), usage(), String::new()) })
}

/// Usage from an earlier moment.
pub(super) fn late(amount: i64, occurred_at: Timestamp) -> Command {
    let spend = SpendCredits::new(Credits::new(amount), usage(), String::new());
    Command::Spend(SpendCredits { occurred_at: Some(occurred_at), ..spend })
}
