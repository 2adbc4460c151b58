//! Reports at past times.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::ledger::{
    CaptureHold, Command, EntryType, PastBalance, Posting, ReverseSpend, SpendCredits, SpendType, Taken,
    UsageBy, UsageSum,
};
use billing_core::ports::{EntryFilter, UsageQuery};
use billing_core::values::{AccountId, Credits, EntryId, HoldId, Metadata, Timestamp, Zone};

use super::super::world::World;
use super::twin::{after, capture, ending, grant, hold, spend};
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, noon, page, take, take_usage, usage};

fn a_use(account: AccountId, key: &str, word: &str, meter: Option<&str>, amount: i64) -> Posting {
    let kind = EntryType::Spend(SpendType::parse(word).unwrap());
    let spend = match meter {
        Some(meter) => take_usage(vec![usage(meter, amount * 1_000_000)]),
        None => take(amount),
    };
    a_posting(account, key, vec![Command::Spend(SpendCredits { kind, ..spend })])
}

fn back(account: AccountId, key: &str, entry: EntryId, amount: i64) -> Posting {
    let reverse = ReverseSpend {
        taken: Taken::Entry(entry),
        amount: Some(Credits::new(amount)),
        refund_expires_at: noon().plus_days(90),
        description: "Failed".to_owned(),
        metadata: Metadata::default(),
    };
    a_posting(account, key, vec![Command::Reverse(reverse)])
}

/// A sum in short: key, spent, reversed, count.
fn told(sums: Vec<UsageSum>) -> Vec<(Option<String>, i64, i64, u64)> {
    sums.into_iter().map(|sum| (sum.key, sum.spent.get(), sum.reversed.get(), sum.count)).collect()
}

fn line(key: &str, spent: i64, reversed: i64, count: u64) -> (Option<String>, i64, i64, u64) {
    (Some(key.to_owned()), spent, reversed, count)
}

/// Spends are summed up by day, type and meter; a reversal counts in the group of its spend, on its own day. Grants,
/// expiries and corrections are no usage.
pub async fn usage_is_summed_up_by_day_type_and_meter(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 1000).await;
    world.post_one(a_spend(world.rich_account("bob", 10).await, "s", 5)).await.unwrap();
    let days = |days| noon().plus_days(days);
    let chat = world.post_one_at(a_use(account, "1", "chat", Some("tokens"), 10), days(0)).await.unwrap();
    world.post_one_at(a_use(account, "2", "image", Some("images"), 20), days(0)).await.unwrap();
    world.post_one_at(a_use(account, "3", "chat", None, 40), days(2)).await.unwrap();
    world.post_one_at(back(account, "4", chat.entries[0].id, 3), days(2)).await.unwrap();
    world.post_one_at(a_use(account, "5", "chat", Some("tokens"), 80), days(3)).await.unwrap();
    world.post_one_at(back(account, "6", chat.entries[0].id, 4), days(4)).await.unwrap();
    let correction = SpendCredits { kind: EntryType::ADJUSTMENT, ..take(500) };
    world.post_one_at(a_posting(account, "7", vec![Command::Spend(correction)]), days(4)).await.unwrap();

    let sums = async |by, from, to| {
        let query = UsageQuery { by, from, to, zone: Zone::UTC, meter: None };
        let sums = world.store.usage(account, &query).await.unwrap();
        let net: i64 = sums.iter().map(|sum| sum.net().get()).sum();
        assert_eq!(world.store.net_usage(account, from, to).await.unwrap().get(), net, "{from} {to}");
        told(sums)
    };
    let (begin, end) = (days(-1), days(10));
    assert_eq!(
        sums(UsageBy::Day, begin, end).await,
        [
            line("2026-04-15", 30, 0, 2),
            line("2026-04-17", 40, 3, 1),
            line("2026-04-18", 80, 0, 1),
            line("2026-04-19", 0, 4, 0),
        ]
    );
    assert_eq!(sums(UsageBy::Type, begin, end).await, [line("chat", 130, 7, 3), line("image", 20, 0, 1)]);
    assert_eq!(
        sums(UsageBy::Meter, begin, end).await,
        [(None, 40, 0, 1), line("images", 20, 0, 1), line("tokens", 90, 7, 2)]
    );
    // From counts in, to counts out.
    assert_eq!(sums(UsageBy::Type, days(2), days(3)).await, [line("chat", 40, 3, 1)]);
    assert_eq!(sums(UsageBy::Type, days(4), end).await, [line("chat", 0, 4, 0)]);
    let second = |moment: Timestamp| moment.plus_seconds(1);
    assert_eq!(sums(UsageBy::Type, second(days(2)), second(days(3))).await, [line("chat", 80, 0, 1)]);
    for (from, to) in [(days(5), end), (begin, days(-1)), (end, begin), (days(1), days(2))] {
        assert_eq!(sums(UsageBy::Day, from, to).await, [], "{from} {to}");
    }
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    let by_day = UsageQuery { by: UsageBy::Day, from: begin, to: end, zone: Zone::UTC, meter: None };
    assert_eq!(world.store.usage(unknown, &by_day).await.unwrap(), []);
    assert_eq!(world.store.net_usage(unknown, begin, end).await.unwrap(), Credits::ZERO);
}

/// A time is found in a history of any length, also if many entries share one.
pub async fn a_moment_is_found_in_a_history_of_any_length(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    for length in 1..=9_i64 {
        // Three at each moment.
        let now = noon().plus_seconds((length - 1) / 3);
        world.post_one_at(a_grant(account, &format!("g{length}"), 1), now).await.unwrap();
        for second in -1..4 {
            let at = noon().plus_seconds(second);
            let past = world.store.past_balance(account, at).await.unwrap();
            let expected = ((second + 1) * 3).clamp(0, length);
            assert_eq!((past.posted.get(), past.held.get()), (expected, 0), "{second} of {length}");
            let since = EntryFilter { from: Some(at), ..EntryFilter::default() };
            let listed = world.store.entries(account, &since, &page(100, 0)).await.unwrap().items.len();
            let before = (second * 3).clamp(0, length);
            assert_eq!(i64::try_from(listed).unwrap(), length - before, "{second} of {length}");
        }
    }
}

/// An account whose balance row is recorded after each step.
struct Diary {
    world: World,
    account: AccountId,
    /// The balance at the end of each moment with a change.
    kept: BTreeMap<Timestamp, PastBalance>,
    holds: Vec<HoldId>,
    steps: u32,
}

impl Diary {
    async fn step(&mut self, seconds: i64, command: Command) {
        self.steps += 1;
        let place = matches!(command, Command::Hold(_));
        let posting = match command {
            Command::Advance => Posting::of_time(self.account),
            other => a_posting(self.account, &format!("p{}", self.steps), vec![other]),
        };
        let posted = self.world.post_one_at(posting, after(seconds)).await.unwrap();
        if place {
            self.holds.extend(posted.holds.iter().map(|hold| hold.id));
        }
        let kept = self.world.balance(self.account).await;
        self.kept.insert(after(seconds), PastBalance { posted: kept.posted, held: kept.held });
    }

    async fn capture(&mut self, seconds: i64, hold: usize, amount: i64, last: bool) {
        let command = CaptureHold { last, ..capture(self.holds[hold], amount) };
        self.step(seconds, Command::Capture(command)).await;
    }
}

/// The balance at a past time includes everything posted and held by the end of that moment: earlier captures,
/// releases and lapses count, later ones do not.
pub async fn a_past_balance_is_what_there_was_then(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let mut diary = Diary { world, account, kept: BTreeMap::new(), holds: Vec::new(), steps: 0 };
    diary.step(0, Command::Grant(ending("a", 50, 500))).await;
    diary.step(0, grant("b", 100)).await;
    diary.step(1, hold(40, 900)).await;
    diary.step(1, hold(10, 30)).await;
    diary.step(2, spend(5)).await;
    diary.step(3, hold(20, 60)).await;
    diary.capture(4, 0, 15, false).await;
    diary.step(4, spend(1)).await;
    let third = diary.holds[2];
    diary.step(5, Command::Release { hold: third }).await;
    // The second hold lapses.
    diary.step(30, Command::Advance).await;
    diary.step(40, hold(7, 800)).await;
    diary.capture(40, 3, 2, true).await;
    diary.capture(41, 0, 5, true).await;
    diary.step(42, hold(60, 700)).await;
    diary.capture(43, 4, 10, false).await;
    // The first grant ends; what is pinned of it does not.
    diary.step(500, Command::Advance).await;
    diary.capture(600, 4, 1, false).await;
    diary.capture(601, 4, 52, false).await;
    diary.step(9999, spend(1)).await;

    let store = &diary.world.store;
    let mut before = PastBalance::default();
    for (moment, kept) in &diary.kept {
        for (at, expected) in [(moment.plus_seconds(-1), before), (*moment, *kept)] {
            let past = store.past_balance(account, at).await.unwrap();
            let known = diary.kept.get(&at).copied().unwrap_or(expected);
            assert_eq!(past, known, "at {at}");
        }
        before = *kept;
    }
    let unknown = AccountId::from_uuid(uuid::Uuid::from_u128(404));
    assert_eq!(store.past_balance(unknown, noon()).await.unwrap(), PastBalance::default());
    diary.world.is_sound().await;
}
