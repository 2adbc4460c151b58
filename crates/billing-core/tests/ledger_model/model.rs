//! The ledger as slow and obvious as it can be told.
//!
//! The model remembers what was accepted and nothing else. Whatever it is asked, it tells an account's whole
//! story again from the first posting on: it walks through moments one by one and takes small amounts credit
//! by credit. Nothing of it comes from the ledger's own code.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Command, Entry, GrantCredits, Posting, Refusal, Source};
use billing_core::values::{AccountId, BusinessKey, Credits, Timestamp};

/// One line of a history, without ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    kind: String,
    amount: i64,
    after: i64,
    effective_at: Timestamp,
    recorded_at: Timestamp,
}

/// What a posting that was carried out answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) lines: Vec<Line>,
    pub(crate) grants: Vec<BusinessKey>,
    pub(crate) available: i64,
    pub(crate) replayed: bool,
}

/// What became of a posting.
pub(crate) type Told = Result<Answer, Refusal>;

/// What was accepted, by account.
pub(crate) struct Model {
    accepted: BTreeMap<AccountId, Vec<Accepted>>,
}

struct Accepted {
    posting: Posting,
    now: Timestamp,
    answer: Answer,
}

impl Model {
    pub(crate) fn with_accounts(accounts: &[AccountId]) -> Self {
        Self { accepted: accounts.iter().map(|account| (*account, Vec::new())).collect() }
    }

    pub(crate) fn post(&mut self, posting: &Posting, now: Timestamp) -> Told {
        let Some(accepted) = self.accepted.get(&posting.account) else {
            return Err(Refusal::UnknownAccount { account: posting.account });
        };
        if let Some(first) = accepted.iter().find(|first| first.posting.key == posting.key) {
            if first.posting.fingerprint != posting.fingerprint {
                return Err(Refusal::KeyReused);
            }
            return Ok(Answer { replayed: true, ..first.answer.clone() });
        }
        if posting.commands.is_empty() {
            return Err(Refusal::Empty);
        }
        let mut facts: BTreeSet<&BusinessKey> = self.accepted.values().flatten().flat_map(facts).collect();
        for command in &posting.commands {
            if let Command::Grant(grant) = command
                && !facts.insert(&grant.business_key)
            {
                return Err(Refusal::AlreadyGranted { business_key: grant.business_key.clone() });
            }
        }
        let mut story = self.story(posting.account);
        let now = accepted.last().map_or(now, |last| last.now.max(now));
        let answer = story.post(&posting.commands, now)?;
        let accepted = Accepted { posting: posting.clone(), now, answer: answer.clone() };
        self.accepted.entry(posting.account).or_default().push(accepted);
        Ok(answer)
    }

    pub(crate) fn lines(&self, account: AccountId) -> Vec<Line> {
        self.story(account).lines
    }

    pub(crate) fn left(&self, account: AccountId) -> BTreeMap<BusinessKey, i64> {
        let pots = self.story(account).pots;
        pots.into_iter().map(|pot| (pot.given.business_key, pot.left)).collect()
    }

    pub(crate) fn drawn(&self, account: AccountId) -> BTreeMap<(i64, BusinessKey), i64> {
        self.story(account).drawn
    }

    pub(crate) fn available_at(&self, account: AccountId, now: Timestamp) -> i64 {
        let mut story = self.story(account);
        story.pass_time(now);
        story.balance()
    }

    fn story(&self, account: AccountId) -> Story {
        let mut story = Story::default();
        for accepted in &self.accepted[&account] {
            let told = story.post(&accepted.posting.commands, accepted.now);
            assert_eq!(told.as_ref(), Ok(&accepted.answer), "what was accepted stays accepted");
        }
        story
    }
}

fn facts(accepted: &Accepted) -> impl Iterator<Item = &BusinessKey> {
    accepted.posting.commands.iter().filter_map(|command| match command {
        Command::Grant(grant) => Some(&grant.business_key),
        _ => None,
    })
}

/// One account's story up to some posting.
#[derive(Default)]
struct Story {
    lines: Vec<Line>,
    /// Every grant, in the order in which they were made.
    pots: Vec<Pot>,
    drawn: BTreeMap<(i64, BusinessKey), i64>,
}

struct Pot {
    given: GrantCredits,
    begin: Timestamp,
    counted: bool,
    left: i64,
}

impl Story {
    fn post(&mut self, commands: &[Command], now: Timestamp) -> Told {
        self.pass_time(now);
        let (first_line, first_pot) = (self.lines.len(), self.pots.len());
        for command in commands {
            match command {
                Command::Grant(grant) => self.give(grant, now)?,
                Command::Spend(spend) => self.take(spend.amount, spend.kind.as_str(), now)?,
                other => unreachable!("{other:?}"),
            }
        }
        Ok(Answer {
            lines: self.lines[first_line..].to_vec(),
            grants: self.pots[first_pot..].iter().map(|pot| pot.given.business_key.clone()).collect(),
            available: self.balance(),
            replayed: false,
        })
    }

    /// Goes from one moment at which anything begins or ends to the next, up to `now`.
    fn pass_time(&mut self, now: Timestamp) {
        let ends = self.pots.iter().filter_map(|pot| pot.given.expires_at);
        let moments: BTreeSet<_> = self.pots.iter().map(|pot| pot.begin).chain(ends).collect();
        for moment in moments.into_iter().filter(|moment| *moment <= now) {
            for place in 0..self.pots.len() {
                let pot = &mut self.pots[place];
                if pot.counted && pot.left > 0 && pot.given.expires_at == Some(moment) {
                    let gone = std::mem::take(&mut pot.left);
                    self.write("expiry", -gone, &[(place, -gone)], moment, now);
                }
            }
            for place in 0..self.pots.len() {
                let pot = &mut self.pots[place];
                if !pot.counted && pot.begin == moment {
                    pot.counted = true;
                    let amount = pot.left;
                    self.write("grant", amount, &[(place, amount)], moment, now);
                }
            }
        }
    }

    fn give(&mut self, asked: &GrantCredits, now: Timestamp) -> Result<(), Refusal> {
        let amount = movable(asked.amount)?;
        let begin = asked.effective_at.unwrap_or(now).max(now);
        if let Some(expires_at) = asked.expires_at
            && expires_at <= begin
        {
            return Err(Refusal::ExpiresTooEarly { expires_at });
        }
        // All that there is and all that is still to come has to fit one day.
        let all: i128 = self.pots.iter().map(|pot| i128::from(pot.left)).sum();
        if all + i128::from(amount) > i128::from(i64::MAX) {
            return Err(Refusal::BalanceOutOfRange);
        }
        let counted = begin == now;
        self.pots.push(Pot { given: asked.clone(), begin, counted, left: amount });
        if counted {
            self.write("grant", amount, &[(self.pots.len() - 1, amount)], now, now);
        }
        Ok(())
    }

    fn take(&mut self, amount: Credits, kind: &str, now: Timestamp) -> Result<(), Refusal> {
        let required = movable(amount)?;
        let available = self.balance();
        if available < required {
            let [required, available] = [required, available].map(Credits::new);
            return Err(Refusal::InsufficientCredits { required, available, held: Credits::ZERO });
        }
        let mut missing = required;
        let mut parts: BTreeMap<usize, i64> = BTreeMap::new();
        while missing > 0 {
            let place = self.burns_next();
            let pot = &mut self.pots[place];
            // Credit by credit, or as much as the pot has where that would take forever.
            let part = if missing <= 64 { 1 } else { missing.min(pot.left) };
            pot.left -= part;
            missing -= part;
            *parts.entry(place).or_default() -= part;
        }
        let parts: Vec<_> = parts.into_iter().collect();
        self.write(kind, -required, &parts, now, now);
        Ok(())
    }

    /// Where the next credit comes from.
    fn burns_next(&self) -> usize {
        let full =
            (0..self.pots.len()).filter(|place| self.pots[*place].counted && self.pots[*place].left > 0);
        full.min_by(|one, other| burns_before(&self.pots[*one], &self.pots[*other]).then(one.cmp(other)))
            .unwrap()
    }

    fn balance(&self) -> i64 {
        self.pots.iter().filter(|pot| pot.counted).map(|pot| pot.left).sum()
    }

    fn write(&mut self, kind: &str, amount: i64, parts: &[(usize, i64)], at: Timestamp, now: Timestamp) {
        let before = self.lines.last().map_or(0, |last| last.after);
        let line = Line {
            kind: kind.to_owned(),
            amount,
            after: before + amount,
            effective_at: at,
            recorded_at: now,
        };
        self.lines.push(line);
        let seq = i64::try_from(self.lines.len()).unwrap();
        for (place, part) in parts {
            self.drawn.insert((seq, self.pots[*place].given.business_key.clone()), *part);
        }
    }
}

impl Line {
    pub(crate) fn of(entry: &Entry) -> Self {
        assert_eq!(entry.balance_after, entry.available_after, "nothing is held yet");
        Self {
            kind: entry.kind.as_str().to_owned(),
            amount: entry.amount.get(),
            after: entry.balance_after.get(),
            effective_at: entry.effective_at,
            recorded_at: entry.recorded_at,
        }
    }
}

fn movable(amount: Credits) -> Result<i64, Refusal> {
    let fits = (1..=9_007_199_254_740_991).contains(&amount.get());
    if fits { Ok(amount.get()) } else { Err(Refusal::InvalidAmount { amount }) }
}

/// The burn order as it is written down: priority; expiring before not, sooner before later; source;
/// effective earlier. What was made first settles the rest.
fn burns_before(one: &Pot, other: &Pot) -> Ordering {
    let priority = one.given.priority.cmp(&other.given.priority);
    let expiry = match (one.given.expires_at, other.given.expires_at) {
        (Some(mine), Some(theirs)) => mine.cmp(&theirs),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    let source = rank(one.given.source).cmp(&rank(other.given.source));
    priority.then(expiry).then(source).then(one.begin.cmp(&other.begin))
}

fn rank(source: Source) -> Option<usize> {
    let order = ["promo", "check_in", "bonus", "gift", "plan", "refund", "manual", "purchase"];
    order.iter().position(|name| *name == source.as_str())
}
