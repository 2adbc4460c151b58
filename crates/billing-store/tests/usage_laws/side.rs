//! One of the stores that are told the same story, and its own ids of what the story names by numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::ledger::audit::History;
use billing_core::ledger::{
    CaptureHold, Charge, Command, EntryType, ExtendHold, GrantCredits, Outcome, PlaceHold, Posting,
    ReverseSpend, Shortfall, SpendCredits, SpendType, Taken,
};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, EntryId, HoldId, IdSource, Metadata, Timestamp, UsageId};
use billing_testkit::Stores;
use billing_testkit::builders::{a_posting, an_account, give, noon, take, take_usage};

use crate::answers::{Answer, answer};
use crate::meters::{Amounts, usages};
use crate::requests::{Ask, Request};

/// How often it asks again. A store that is busy as often as this does not get anywhere.
const TRIES: usize = 100;

pub(crate) struct Side {
    pub(crate) store: Arc<dyn Stores>,
    accounts: Vec<Account>,
}

pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) holds: Vec<HoldId>,
    usages: BTreeMap<i64, UsageId>,
    entries: BTreeMap<i64, EntryId>,
}

impl Side {
    /// Two new accounts, whose names begin with `name`.
    pub(crate) async fn begin(store: Arc<dyn Stores>, name: &str, ids: &dyn IdSource) -> Self {
        let accounts = [0, 1].map(|number| an_account(&format!("{name}-{number}"), ids)).to_vec();
        let own = accounts.iter().map(|account| Account {
            id: account.id,
            holds: Vec::new(),
            usages: BTreeMap::new(),
            entries: BTreeMap::new(),
        });
        let own = own.collect();
        store.commit(Changes { accounts, ..Changes::default() }, noon()).await.unwrap();
        Self { store, accounts: own }
    }

    pub(crate) fn account(&self, number: usize) -> &Account {
        &self.accounts[number]
    }

    /// Posts `requests` in one batch.
    pub(crate) async fn post(&mut self, requests: &[Request], now: Timestamp) -> Vec<Answer> {
        let batch: Vec<_> = requests.iter().map(|request| self.posting(request)).collect();
        let outcomes = self.outcomes(batch, now).await;
        let answered = requests.iter().zip(&outcomes).map(|(request, outcome)| {
            let account = &mut self.accounts[request.account];
            if let Ok(posted) = outcome {
                account.usages.extend(posted.usages.iter().map(|usage| (usage.number, usage.id)));
                account.entries.extend(posted.entries.iter().map(|entry| (entry.seq, entry.id)));
            }
            answer(outcome, &mut account.holds)
        });
        answered.collect()
    }

    /// Writes down what time has done to an account.
    pub(crate) async fn advance(&mut self, number: usize, now: Timestamp) -> Answer {
        let posting = Posting::of_time(self.accounts[number].id);
        let outcome = self.outcomes(vec![posting], now).await.remove(0);
        answer(&outcome, &mut self.accounts[number].holds)
    }

    async fn outcomes(&self, batch: Vec<Posting>, now: Timestamp) -> Vec<Outcome> {
        for _ in 0..TRIES {
            match self.store.post(batch.clone(), now).await {
                Ok(outcomes) => return outcomes,
                Err(StoreError::Busy) => tokio::task::yield_now().await,
                Err(error) => panic!("posting failed: {error:?}"),
            }
        }
        panic!("the store stays busy")
    }

    pub(crate) async fn history(&self, number: usize) -> History {
        self.store.history(self.accounts[number].id).await.unwrap().unwrap()
    }

    /// A check of the whole finds nothing, and neither does one that goes on from the last one.
    pub(crate) async fn audit(&self, number: usize) {
        let account = self.accounts[number].id;
        for whole in [true, false] {
            let audited = self.store.audit(&[account], whole).await.unwrap().pop().unwrap();
            assert_eq!(audited.violations, [], "whole: {whole}");
            if !whole {
                self.store.keep_progress(vec![audited.mark]).await.unwrap();
            }
        }
    }

    fn posting(&self, request: &Request) -> Posting {
        let account = &self.accounts[request.account];
        let command = match &request.ask {
            Ask::Grant { credits, expires_at } => {
                Command::Grant(GrantCredits { expires_at: *expires_at, ..give(&request.key, *credits) })
            }
            Ask::Spend { credits, shortfall } => {
                Command::Spend(SpendCredits { shortfall: *shortfall, ..take(*credits) })
            }
            Ask::Use { amounts, shortfall, occurred_at } => Command::Spend(SpendCredits {
                shortfall: *shortfall,
                occurred_at: *occurred_at,
                ..take_usage(usages(amounts))
            }),
            Ask::Place { amounts, expires_at } => Command::Hold(PlaceHold {
                charge: Charge::Usage(usages(amounts)),
                expires_at: *expires_at,
                description: "A call".to_owned(),
                metadata: Metadata::default(),
            }),
            Ask::Raise { hold, amounts, expires_at } => Command::ExtendHold(ExtendHold {
                hold: account.holds[*hold],
                expires_at: *expires_at,
                charge: Some(Charge::Usage(usages(amounts))),
            }),
            Ask::Capture { hold, amounts, shortfall, last, or_spend } => {
                let hold = account.holds[*hold];
                Command::Capture(capture(hold, amounts.as_ref(), *shortfall, (*last, *or_spend)))
            }
            Ask::Release { hold } => Command::Release { hold: account.holds[*hold] },
            Ask::ReturnUsage { usage, credits } => back(Taken::Usage(account.usages[usage]), *credits),
            Ask::ReturnEntry { entry, credits } => back(Taken::Entry(account.entries[entry]), *credits),
        };
        a_posting(account.id, &request.key, vec![command])
    }
}

fn capture(
    hold: HoldId,
    amounts: Option<&Amounts>,
    shortfall: Shortfall,
    (last, or_spend): (bool, bool),
) -> CaptureHold {
    CaptureHold {
        hold,
        charge: amounts.map(|amounts| Charge::Usage(usages(amounts))),
        shortfall,
        last,
        or_spend,
        kind: EntryType::Spend(SpendType::default()),
        description: "A part of a call".to_owned(),
        metadata: Metadata::default(),
    }
}

fn back(taken: Taken, credits: Option<i64>) -> Command {
    Command::Reverse(ReverseSpend {
        taken,
        amount: credits.map(Credits::new),
        refund_expires_at: noon().plus_days(400),
        description: "Failed".to_owned(),
        metadata: Metadata::default(),
    })
}
