//! Telling one story to several stores at once.

use std::sync::Arc;

use billing_core::values::{IdSource, Timestamp};
use billing_testkit::Stores;

use crate::answers::{UsageLine, sums};
use crate::books::Books;
use crate::requests::{Act, Ask, Request, Step};
use crate::side::Side;

/// After how many batches everything is checked.
const INTERVAL: usize = 8;

/// Later than anything that a story begins has ended.
const LATER: i64 = 1_000;

pub(crate) struct Story {
    /// The first one's answers are kept in the books.
    sides: Vec<Side>,
    books: Vec<Books>,
    name: String,
    now: Timestamp,
    requests: usize,
}

impl Story {
    pub(crate) async fn begin(stores: &[Arc<dyn Stores>], ids: &dyn IdSource) -> Self {
        let name = ids.next_uuid().simple().to_string();
        let mut sides = Vec::new();
        for store in stores {
            sides.push(Side::begin(store.clone(), &name, ids).await);
        }
        // A few minutes before a month ends.
        let now = "2026-04-30T23:56:00Z".parse().unwrap();
        Self { sides, books: vec![Books::default(), Books::default()], name, now, requests: 0 }
    }

    pub(crate) async fn tell(mut self, steps: &[Step]) {
        let opening = Act::Grant { credits: 40, lives: None };
        let openings = [0, 1].map(|account| self.request(account, &opening).unwrap());
        self.post(&openings).await;
        let mut batch: Vec<Request> = Vec::new();
        let mut batches = 0;
        for step in steps {
            if batch.is_empty() {
                self.now = self.now.plus_seconds(step.seconds);
            }
            batch.extend(self.request(step.account, &step.act));
            if step.with_next {
                continue;
            }
            self.post(&std::mem::take(&mut batch)).await;
            batches += 1;
            if batches % INTERVAL == 0 {
                self.check().await;
            }
        }
        self.post(&batch).await;
        self.check().await;
        self.now = self.now.plus_seconds(LATER);
        self.check().await;
        self.books.iter().for_each(Books::nothing_is_open);
    }

    /// What `act` asks for by now; nothing where there is nothing that it could be about.
    fn request(&mut self, account: usize, act: &Act) -> Option<Request> {
        if let Act::Repeat { request, altered } = act {
            let earlier = self.books[account].request(*request)?.clone();
            let other = Ask::Grant { credits: 1_000, expires_at: None };
            return Some(if *altered { Request { ask: other, ..earlier } } else { earlier });
        }
        let ask = self.books[account].ask(act, self.now)?;
        self.requests += 1;
        Some(Request { account, key: format!("{}-{}", self.name, self.requests), ask })
    }

    async fn post(&mut self, batch: &[Request]) {
        if batch.is_empty() {
            return;
        }
        let mut answers = Vec::new();
        for side in &mut self.sides {
            answers.push(side.post(batch, self.now).await);
        }
        let (first, others) = answers.split_first().unwrap();
        for other in others {
            assert_eq!(first, other, "stores answer {batch:#?} differently");
        }
        for (request, answer) in batch.iter().zip(first) {
            self.books[request.account].enter(request, answer, self.now);
        }
        self.balances_are_the_same().await;
    }

    async fn balances_are_the_same(&self) {
        for account in [0, 1] {
            let mut kept = Vec::new();
            for side in &self.sides {
                let balance = side.store.balance(side.account(account).id).await.unwrap().unwrap();
                kept.push(sums(&balance));
            }
            assert!(kept.iter().all(|sums| *sums == kept[0]), "stores keep different balances: {kept:?}");
        }
    }

    /// Writes down what time has done, and checks everything.
    async fn check(&mut self) {
        for account in [0, 1] {
            let mut histories = Vec::new();
            let mut answers = Vec::new();
            for side in &mut self.sides {
                answers.push(side.advance(account, self.now).await);
                let history = side.history(account).await;
                let holds = &side.account(account).holds;
                let usages: Vec<_> = history.usages.iter().map(|usage| UsageLine::of(usage, holds)).collect();
                histories.push((usages, history));
                side.audit(account).await;
            }
            let [(usages, history), others @ ..] = histories.as_slice() else { panic!("there is a store") };
            assert!(others.iter().all(|(other, _)| other == usages), "stores keep different usage");
            assert!(
                answers.iter().all(|other| *other == answers[0]),
                "time does different things: {answers:#?}"
            );
            self.books[account].check(usages, history, &self.sides[0].account(account).holds, self.now);
        }
        self.balances_are_the_same().await;
    }
}
