//! Runs the same commands on the store under test and in memory: both must have the same rows afterwards.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use billing_core::ledger::{
    CaptureHold, Charge, Command, EntryType, ExtendHold, GrantCredits, Outcome, PlaceHold, Refusal,
    Shortfall, SpendCredits, SpendType,
};
use billing_core::values::{AccountId, Credits, HoldId, Metadata, Timestamp};

use super::super::world::World;
use crate::builders::{a_posting, give, noon, take};
use crate::{MemoryStore, SequentialIds, Stores};

/// One account's commands, each a posting under its own key.
pub(super) struct Story {
    pub(super) world: World,
    pub(super) account: AccountId,
    posted: AtomicU32,
}

/// Runs `tell` on `store` and in memory, and compares all rows.
pub(super) async fn on_both<F: Future<Output = Story>>(store: Arc<dyn Stores>, tell: impl Fn(Story) -> F) {
    let memory: Arc<dyn Stores> =
        Arc::new(MemoryStore::with_ids(Arc::new(SequentialIds::starting_at(1 << 50))));
    let tested = tell(Story::begin(store).await).await.rows().await;
    let in_memory = tell(Story::begin(memory).await).await.rows().await;
    assert_eq!(tested, in_memory);
}

impl Story {
    pub(super) async fn begin(store: Arc<dyn Stores>) -> Self {
        let world = World::new(store);
        let account = world.account("ada").await;
        Self { world, account, posted: AtomicU32::new(0) }
    }

    /// Posts `commands` at `seconds` after noon.
    pub(super) async fn at(&self, seconds: i64, commands: Vec<Command>) -> Outcome {
        let number = self.posted.fetch_add(1, Ordering::Relaxed);
        let posting = a_posting(self.account, &format!("p{number}"), commands);
        let outcome = self.world.post_one_at(posting.clone(), after(seconds)).await;
        if let Ok(first) = &outcome {
            // Whatever a command does, its repetition answers the same again.
            let again = self.world.post_one_at(posting, after(seconds + 9999)).await.unwrap();
            assert!(again.replayed);
            assert_eq!((&again.entries, &again.holds), (&first.entries, &first.holds));
            assert_eq!(again.usages, first.usages);
            assert_eq!(again.available, first.available);
        }
        self.world.is_sound().await;
        self.is_sound_since_its_mark().await;
        outcome
    }

    /// An incremental audit finds nothing either, and the next one continues from it.
    async fn is_sound_since_its_mark(&self) {
        let audited = self.world.store.audit(&[self.account], false).await.unwrap().pop().unwrap();
        assert_eq!(audited.violations, []);
        self.world.store.keep_progress(vec![audited.mark]).await.unwrap();
    }

    /// Posts one command that must be accepted, and returns the available balance after it.
    pub(super) async fn done(&self, seconds: i64, command: Command) -> i64 {
        self.at(seconds, vec![command]).await.unwrap().available.get()
    }

    /// Posts one command that must be refused.
    pub(super) async fn refused(&self, seconds: i64, command: Command) -> Refusal {
        self.at(seconds, vec![command]).await.unwrap_err()
    }

    /// Places a hold until `until` seconds after noon.
    pub(super) async fn hold(&self, seconds: i64, amount: i64, until: i64) -> HoldId {
        self.at(seconds, vec![hold(amount, until)]).await.unwrap().holds[0].id
    }

    /// Everything that is stored of the account, with ids numbered by their first appearance.
    async fn rows(self) -> String {
        self.world.is_sound().await;
        let mut history = self.world.history(self.account).await;
        // A lower bound, which may lie earlier where less was loaded.
        history.kept.balance.next_change_at = None;
        let text = format!("{history:#?}");
        let mut names: Vec<String> = Vec::new();
        let words: Vec<String> = text.split_whitespace().map(|word| numbered(word, &mut names)).collect();
        words.join(" ")
    }
}

/// `word` with ids and hashes replaced by their numbers.
fn numbered(word: &str, names: &mut Vec<String>) -> String {
    let hexadecimal = |part: &str| {
        let digits = part.rsplit('_').next().unwrap_or(part);
        digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts = word.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut word = word.to_owned();
    for part in parts.filter(|part| hexadecimal(part)).map(str::to_owned).collect::<Vec<_>>() {
        let known = names.iter().position(|name| *name == part);
        let number = known.unwrap_or_else(|| {
            names.push(part.clone());
            names.len() - 1
        });
        word = word.replace(&part, &format!("#{number}"));
    }
    word
}

pub(super) fn after(seconds: i64) -> Timestamp {
    noon().plus_seconds(seconds)
}

pub(super) fn grant(fact: &str, amount: i64) -> Command {
    Command::Grant(give(fact, amount))
}

/// Credits that end `end` seconds after noon.
pub(super) fn ending(fact: &str, amount: i64, end: i64) -> GrantCredits {
    GrantCredits { expires_at: Some(after(end)), ..give(fact, amount) }
}

pub(super) fn spend(amount: i64) -> Command {
    Command::Spend(SpendCredits { metadata: notes(), ..take(amount) })
}

pub(super) fn hold(amount: i64, until: i64) -> Command {
    Command::Hold(PlaceHold {
        charge: Charge::Credits(Credits::new(amount)),
        expires_at: after(until),
        description: "Render a film".to_owned(),
        metadata: notes(),
    })
}

/// Extends a hold until `until` seconds after noon.
pub(super) fn extend(hold: HoldId, until: i64) -> Command {
    Command::ExtendHold(ExtendHold { hold, expires_at: Some(after(until)), charge: None })
}

pub(super) fn capture(hold: HoldId, amount: i64) -> CaptureHold {
    CaptureHold {
        hold,
        charge: Some(Charge::Credits(Credits::new(amount))),
        shortfall: Shortfall::Refuse,
        last: false,
        or_spend: false,
        kind: EntryType::Spend(SpendType::parse("render").unwrap()),
        description: "Rendered".to_owned(),
        metadata: Metadata::default(),
    }
}

fn notes() -> Metadata {
    Metadata::try_new([("job".to_owned(), "7".to_owned())].into()).unwrap()
}
