//! The ledger as slow and obvious as it can be told.
//!
//! The model remembers what was accepted. An account's story follows from that: it walks through time second
//! by second, and moves small amounts credit by credit from one place to another, where the ledger keeps
//! sums. What is refused is tried on a copy that is thrown away, where the ledger undoes. Nothing of it comes
//! from the ledger's own code.

mod giving;
mod holding;
mod metering;
mod picture;
mod pricing;
mod returning;
mod story;
mod taking;
mod taking_back;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Command, Posting, Refusal};
use billing_core::values::{AccountId, BusinessKey, Timestamp};

use crate::names::Names;
use crate::told::{Answer, GrantSeen, HoldTold, Picture, Sums, Told};
use story::{Story, Telling};

/// Every account's story, and what it follows from.
pub(crate) struct Model {
    books: BTreeMap<AccountId, Book>,
}

#[derive(Default)]
struct Book {
    accepted: Vec<Accepted>,
    story: Story,
    limit: i64,
    frozen: bool,
}

struct Accepted {
    posting: Posting,
    now: Timestamp,
    limit: i64,
    answer: Answer,
}

impl Model {
    pub(crate) fn with_accounts(accounts: &[AccountId]) -> Self {
        Self { books: accounts.iter().map(|account| (*account, Book::default())).collect() }
    }

    pub(crate) fn post(&mut self, posting: &Posting, now: Timestamp, names: &Names) -> Told {
        let facts: BTreeSet<&BusinessKey> = self.books.values().flat_map(Book::facts).collect();
        let Some(book) = self.books.get(&posting.account) else {
            return Err(Refusal::UnknownAccount { account: posting.account });
        };
        if let Some(first) = book.accepted.iter().find(|first| first.posting.key == posting.key) {
            let same = first.posting.fingerprint == posting.fingerprint;
            let again = Answer { replayed: true, ..first.answer.clone() };
            return if same { Ok(again) } else { Err(Refusal::KeyReused) };
        }
        if book.frozen {
            return Err(Refusal::AccountFrozen);
        }
        if posting.commands.is_empty() {
            return Err(Refusal::Empty);
        }
        let mut mine = BTreeSet::new();
        for business_key in granted(posting) {
            if facts.contains(business_key) || !mine.insert(business_key) {
                return Err(Refusal::AlreadyGranted { business_key: business_key.clone() });
            }
        }
        let now = book.accepted.last().map_or(now, |last| last.now.max(now));
        let limit = book.limit;
        let mut story = book.story.clone();
        let answer = story.post(&Telling { posting, now, limit, names })?;
        let book = self.books.get_mut(&posting.account).unwrap();
        book.accepted.push(Accepted { posting: posting.clone(), now, limit, answer: answer.clone() });
        book.story = story;
        Ok(answer)
    }

    /// What the account's balance row says of its settings.
    pub(crate) fn set_policy(&mut self, account: AccountId, limit: i64, frozen: bool) {
        let book = self.books.get_mut(&account).unwrap();
        (book.limit, book.frozen) = (limit, frozen);
    }

    pub(crate) fn picture(&self, account: AccountId) -> Picture {
        self.books[&account].story.picture()
    }

    /// What a reader would see at `now`: sums, open holds, and live grants in burn order.
    pub(crate) fn read(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> (Sums, BTreeMap<String, HoldTold>, Vec<GrantSeen>) {
        let mut story = self.books[&account].story.clone();
        story.pass_time(now).unwrap();
        let mut open = story.picture().holds;
        open.retain(|_, hold| hold.ended_at.is_none());
        (story.sums(), open, story.live())
    }

    /// Tells every story again from what was accepted alone: it ends as it did, and so did every answer.
    pub(crate) fn tell_again(&self, names: &Names) {
        for book in self.books.values() {
            let mut story = Story::default();
            for Accepted { posting, now, limit, answer } in &book.accepted {
                let told = story.post(&Telling { posting, now: *now, limit: *limit, names });
                assert_eq!(told.as_ref(), Ok(answer), "what was accepted stays accepted");
            }
            assert_eq!(story, book.story, "an account's story follows from what was accepted");
        }
    }
}

impl Book {
    fn facts(&self) -> impl Iterator<Item = &BusinessKey> {
        self.accepted.iter().flat_map(|accepted| granted(&accepted.posting))
    }
}

fn granted(posting: &Posting) -> impl Iterator<Item = &BusinessKey> {
    posting.commands.iter().filter_map(|command| match command {
        Command::Grant(grant) => Some(&grant.business_key),
        _ => None,
    })
}
