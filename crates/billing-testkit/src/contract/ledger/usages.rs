//! Metered usage: records, captures, reversals.

use std::sync::Arc;

use billing_core::ledger::{
    CaptureHold, Charge, Command, ExtendHold, HoldState, PlaceHold, RatedUsage, ReverseSpend, Shortfall,
    SpendCredits, Taken, UsageBy,
};
use billing_core::ports::{UsageFilter, UsageQuery};
use billing_core::values::{AccountId, Credits, HoldId, Metadata, Timestamp, UsageId};

use super::super::world::{World, amounts};
use super::twin::{Story, after, capture, grant, on_both};
use crate::Stores;
use crate::builders::{a_posting, page, page_after, take_usage, usage};

fn used(model: &str, millionths: i64) -> RatedUsage {
    let mut used = usage("tokens", millionths);
    used.tariff.dimensions = [("model".to_owned(), model.to_owned())].into();
    used
}

fn place(usages: Vec<RatedUsage>) -> Command {
    Command::Hold(PlaceHold {
        charge: Charge::Usage(usages),
        expires_at: after(60),
        description: "A chat".to_owned(),
        metadata: Metadata::default(),
    })
}

fn part(hold: HoldId, millionths: i64) -> CaptureHold {
    CaptureHold { charge: Some(Charge::Usage(vec![used("big", millionths)])), ..capture(hold, 1) }
}

fn back(taken: Taken) -> Command {
    Command::Reverse(ReverseSpend {
        taken,
        amount: None,
        refund_expires_at: after(9000),
        description: "Failed".to_owned(),
        metadata: Metadata::default(),
    })
}

async fn spend(story: &Story, seconds: i64, millionths: i64) -> UsageId {
    let spend = take_usage(vec![used("big", millionths)]);
    story.at(seconds, vec![Command::Spend(spend)]).await.unwrap().usages[0].id
}

/// Usage is captured from a hold in parts: whole credits as the total price reaches them, the rest at the end.
pub async fn a_hold_for_usage_is_captured_as_one_call(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 10)).await;
        spend(&story, 1, 900_000).await;
        let held = story.at(2, vec![place(vec![used("big", 2_300_000)])]).await.unwrap().holds[0];
        assert_eq!((held.amount.get(), held.left.get()), (3, 3));
        for (seconds, millionths, taken) in [(3, 800_000, 0), (4, 800_000, 1)] {
            let captured =
                story.at(seconds, vec![Command::Capture(part(held.id, millionths))]).await.unwrap();
            assert_eq!(captured.entries.iter().map(|entry| -entry.amount.get()).sum::<i64>(), taken);
        }
        // 700,000 millionths are left with the hold, 900,000 with the account: the last of it makes two credits.
        let last = CaptureHold { last: true, ..part(held.id, 700_000) };
        let last = story.at(5, vec![Command::Capture(last)]).await.unwrap();
        assert_eq!(amounts(&last), [-2]);
        assert_eq!((last.holds[0].state, last.available.get()), (HoldState::Captured, 7));
        story
    })
    .await;
}

/// A hold that is raised to usage named twice holds both, as at its placement.
pub async fn a_hold_is_raised_to_all_usage_that_is_named(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 9)).await;
        let held = story.at(1, vec![place(vec![used("big", 1_000_000)])]).await.unwrap().holds[0].id;
        let twice = vec![used("big", 2_000_000), used("big", 3_000_000)];
        let raise = ExtendHold { hold: held, expires_at: None, charge: Some(Charge::Usage(twice)) };
        let raised = story.at(2, vec![Command::ExtendHold(raise)]).await.unwrap();
        assert_eq!((raised.holds[0].amount.get(), raised.available.get()), (5, 4));
        story
    })
    .await;
}

/// When a hold lapses, its fraction is booked at that time.
pub async fn a_fraction_of_a_hold_is_booked_when_time_ends_it(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 5)).await;
        spend(&story, 1, 600_000).await;
        let held = story.at(2, vec![place(vec![used("big", 1_900_000)])]).await.unwrap().holds[0].id;
        story.done(3, Command::Capture(part(held, 500_000))).await;
        // A spend by amount does not name the meter, and comes after the hold has lapsed.
        let spent = story.at(61, vec![super::twin::spend(1)]).await.unwrap();
        assert_eq!((spent.entries[0].seq, spent.available.get()), (3, 3));
        let late = CaptureHold { or_spend: true, ..part(held, 1_400_000) };
        let late = story.at(62, vec![Command::Capture(late)]).await.unwrap();
        assert_eq!(late.holds[0].state, HoldState::Settled);
        let again = CaptureHold { or_spend: true, ..part(held, 1) };
        assert_eq!(story.refused(63, Command::Capture(again)).await.code(), "hold_settled");
        story
    })
    .await;
}

/// A reversal of usage returns its exact price: afterwards the meter's usage costs what it would have cost without it.
pub async fn usage_comes_back_at_its_exact_price(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 10)).await;
        let carried = spend(&story, 1, 700_000).await;
        let spent = Command::Spend(take_usage(vec![used("big", 1_600_000)]));
        let spent = story.at(2, vec![spent]).await.unwrap();
        assert_eq!(amounts(&spent), [-2]);
        // It took no credit itself, and 600,000 millionths of one that others took are free without it.
        assert_eq!(story.done(3, back(Taken::Usage(carried))).await, 9);
        assert_eq!(story.done(4, back(Taken::Entry(spent.entries[0].id))).await, 10);
        for taken in
            [Taken::Usage(carried), Taken::Entry(spent.entries[0].id), Taken::Usage(spent.usages[0].id)]
        {
            assert_eq!(story.refused(5, back(taken)).await.code(), "already_reversed");
        }
        assert_eq!(story.done(6, Command::Spend(take_usage(vec![used("big", 999_999)]))).await, 10);
        let unknown = back(Taken::Usage(UsageId::from_uuid(uuid::Uuid::from_u128(404))));
        assert_eq!(story.refused(7, unknown).await.code(), "usage_not_found");
        story
    })
    .await;
}

/// Captures of an open hold can be reversed as well, and are then not booked at its end.
pub async fn usage_comes_back_from_an_open_hold(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 10)).await;
        let held = story.at(1, vec![place(vec![used("big", 4_000_000)])]).await.unwrap().holds[0].id;
        let first = story.at(2, vec![Command::Capture(part(held, 1_500_000))]).await.unwrap();
        story.done(3, Command::Capture(part(held, 700_000))).await;
        assert_eq!(story.done(4, back(Taken::Usage(first.usages[0].id))).await, 8);
        assert_eq!(story.done(5, Command::Release { hold: held }).await, 10);
        story
    })
    .await;
}

/// Uncovered usage is dropped or becomes debt, by the overrun policy; usage is recorded in full either way.
pub async fn what_nothing_covers_is_uncovered_or_owed(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 3)).await;
        let spend = |shortfall, millionths| {
            Command::Spend(SpendCredits { shortfall, ..take_usage(vec![used("big", millionths)]) })
        };
        assert_eq!(
            story.refused(1, spend(Shortfall::Refuse, 4_000_000)).await.code(),
            "insufficient_credits"
        );
        let partly = story.at(2, vec![spend(Shortfall::TakeWhatIsThere, 4_500_000)]).await.unwrap();
        assert_eq!((amounts(&partly), partly.usages[0].uncovered.get()), (vec![-3], 1));
        let owed = story.at(3, vec![spend(Shortfall::Owe, 2_000_000)]).await.unwrap();
        assert_eq!((owed.available.get(), owed.usages[0].credits.get()), (-2, 2));
        // Uncovered credits are not returned.
        assert_eq!(story.done(4, back(Taken::Usage(owed.usages[0].id))).await, 0);
        assert_eq!(story.done(5, back(Taken::Usage(partly.usages[0].id))).await, 3);
        story
    })
    .await;
}

struct Log {
    world: World,
    account: AccountId,
}

impl Log {
    async fn begin(store: Arc<dyn Stores>) -> Self {
        let world = World::new(store);
        let account = world.rich_account("ada", 100).await;
        world.rich_account("bob", 10).await;
        Self { world, account }
    }

    async fn note(&self, key: &str, now: Timestamp, happened: Option<Timestamp>, usage: RatedUsage) {
        let spend = SpendCredits { occurred_at: happened, ..take_usage(vec![usage]) };
        let posting = a_posting(self.account, key, vec![Command::Spend(spend)]);
        self.world.post_one_at(posting, now).await.unwrap();
    }
}

/// Usage is listed by its own time, latest first, in pages; each with the entry that took its credits.
pub async fn usage_is_listed_by_when_it_happened(store: Arc<dyn Stores>) {
    let log = Log::begin(store).await;
    for (number, (millionths, happened)) in
        (0_i64..).zip([(400_000, None), (700_000, None), (5, Some(1)), (6, None), (7, Some(1))])
    {
        let at = after(10 + number);
        log.note(&format!("u{number}"), at, happened.map(after), used("big", millionths)).await;
    }
    let list = async |filter: &UsageFilter, wanted| {
        log.world.store.usages(log.account, filter, &wanted).await.unwrap()
    };
    let prices = |found: &billing_core::values::Page<_>| -> Vec<i64> {
        found.items.iter().map(|(usage, _): &(billing_core::ledger::UsageRecord, _)| usage.price).collect()
    };
    let all = UsageFilter::default();
    let whole = list(&all, page(10, 0)).await;
    assert_eq!(prices(&whole), [6, 700_000, 400_000, 7, 5]);
    assert_eq!(
        whole.items.iter().map(|(_, entry)| entry.is_some()).collect::<Vec<_>>(),
        [false, true, false, false, false]
    );
    let (mut seen, mut wanted) = (Vec::new(), page(2, 0));
    loop {
        let found = list(&all, wanted).await;
        seen.extend(prices(&found));
        let Some(next) = found.next else { break };
        wanted = page_after(2, next);
    }
    assert_eq!(seen, prices(&whole));
    let some = UsageFilter { from: Some(after(2)), to: Some(after(13)), meter: Some("tokens".to_owned()) };
    assert_eq!(prices(&list(&some, page(10, 0)).await), [700_000, 400_000]);
    let other = UsageFilter { meter: Some("images".to_owned()), ..UsageFilter::default() };
    assert_eq!(prices(&list(&other, page(10, 0)).await), [0_i64; 0]);
}

/// Usage is summed up by any dimension and by local days, with exact prices and quantities.
pub async fn usage_is_summed_up_by_dimension_and_local_day(store: Arc<dyn Stores>) {
    let log = Log::begin(store).await;
    let evening: Timestamp = "2026-04-15T22:30:00Z".parse().unwrap();
    let mut odd = used("big", 1);
    odd.quantities = [("units".to_owned(), "1.000001".parse().unwrap())].into();
    log.note("a", evening, None, odd).await;
    log.note("b", evening.plus_days(1), Some(evening), used("small", 2_500_000)).await;
    log.note("c", evening.plus_days(1), None, used("big", 400_000)).await;
    let sums = async |by: UsageBy, zone: &str| {
        let (from, to) = (evening.plus_days(-3), evening.plus_days(3));
        let query = UsageQuery { by, from, to, zone: zone.parse().unwrap(), meter: None };
        let sums = log.world.store.usage(log.account, &query).await.unwrap();
        let told = sums.into_iter().map(|sum| {
            let units = sum.quantities.get("units").map(ToString::to_string).unwrap_or_default();
            (sum.key.unwrap_or_default(), sum.price, units, sum.spent.get(), sum.count)
        });
        told.collect::<Vec<_>>()
    };
    let line =
        |key: &str, price, units: &str, spent, count| (key.to_owned(), price, units.to_owned(), spent, count);
    let model = UsageBy::Dimension("model".to_owned());
    assert_eq!(
        sums(model, "UTC").await,
        [line("big", 400_001, "400001.000001", 0, 2), line("small", 2_500_000, "2500000", 2, 1)]
    );
    assert_eq!(
        sums(UsageBy::Day, "UTC").await,
        [line("2026-04-15", 2_500_001, "2500001.000001", 2, 2), line("2026-04-16", 400_000, "400000", 0, 1)]
    );
    assert_eq!(
        sums(UsageBy::Day, "Europe/Berlin").await,
        [line("2026-04-16", 2_500_001, "2500001.000001", 2, 2), line("2026-04-17", 400_000, "400000", 0, 1)]
    );
}

/// The captures of a hold are one list, with and without entries.
pub async fn captures_are_listed_newest_first(store: Arc<dyn Stores>) {
    let log = Log::begin(store).await;
    let post = async |key: &str, seconds, command| {
        log.world.post_one_at(a_posting(log.account, key, vec![command]), after(seconds)).await.unwrap()
    };
    let hold = post("h", 0, place(vec![used("big", 5_000_000)])).await.holds[0].id;
    for (seconds, millionths) in [(1, 400_000), (2, 700_000), (3, 1), (4, 2)] {
        post(&format!("c{seconds}"), seconds, Command::Capture(part(hold, millionths))).await;
    }
    post("amount", 5, Command::Capture(capture(hold, 2))).await;
    let told = |found: &billing_core::values::Page<billing_core::ledger::Capture>| -> Vec<(i64, i64)> {
        let price =
            |capture: &billing_core::ledger::Capture| capture.usages.iter().map(|usage| usage.price).sum();
        let taken = |capture: &billing_core::ledger::Capture| {
            capture.entry.as_ref().map_or(Credits::ZERO, |entry| entry.amount).get()
        };
        found.items.iter().map(|capture| (taken(capture), price(capture))).collect()
    };
    let all = log.world.store.captures(log.account, hold, &page(10, 0)).await.unwrap();
    let expected = [(-2, 0), (0, 2), (0, 1), (-1, 700_000), (0, 400_000)];
    assert_eq!((told(&all), all.next), (expected.to_vec(), None));
    for limit in 1..5 {
        let (mut seen, mut wanted) = (Vec::new(), page(limit, 0));
        loop {
            let found = log.world.store.captures(log.account, hold, &wanted).await.unwrap();
            seen.extend(told(&found));
            let Some(next) = found.next else { break };
            wanted = page_after(limit, next);
        }
        assert_eq!(seen, expected, "{limit} at a time");
        let rest = log.world.store.captures(log.account, hold, &page(10, limit)).await.unwrap();
        assert_eq!(told(&rest), expected[usize::try_from(limit).unwrap()..]);
    }
}
