//! Usage with monthly tiers.

use std::collections::BTreeSet;
use std::sync::Arc;

use billing_core::accounts::Account;
use billing_core::catalog::{MonthKey, TariffRate, TiersMode, TiersScope};
use billing_core::changes::Changes;
use billing_core::ledger::{
    CaptureHold, Charge, Command, PlaceHold, Posted, RatedUsage, ReverseSpend, Shortfall, SpendCredits, Taken,
};
use billing_core::values::{AccountId, Credits, HoldId, Metadata, UsageId};
use rust_decimal::Decimal;

use super::super::world::World;
use super::twin::{Story, after, capture, grant, on_both};
use crate::Stores;
use crate::builders::{a_posting, a_spend, a_tier, take_usage, tiers, usage};

/// 16 days from noon on 15 April, the start of the cases.
const MAY: i64 = 16 * 86_400;

/// The first 1,000 pages of a month at a hundredth of a credit, then a flat amount of 2 credits and a two hundredth.
fn pages(model: &str, key: &str, units: i64) -> RatedUsage {
    let mut used = usage("pages", units);
    let mut second = a_tier(None, "0.005", 1);
    second.flat = 2.into();
    let price = tiers(TiersMode::Graduated, TiersScope::Month, vec![a_tier(Some("1000"), "0.01", 1), second]);
    used.tariff.dimensions = [("model".to_owned(), model.to_owned())].into();
    used.tariff.rates = [("units".to_owned(), TariffRate { price, key: key.to_owned() })].into();
    used
}

fn key(rate: &str, month: &str) -> MonthKey {
    let (meter, quantity) = ("pages".to_owned(), "units".to_owned());
    MonthKey { meter, month: month.parse().unwrap(), quantity, rate: rate.to_owned() }
}

fn take(usages: Vec<RatedUsage>) -> Command {
    Command::Spend(take_usage(usages))
}

fn back(usage: UsageId, amount: Option<i64>) -> Command {
    Command::Reverse(ReverseSpend {
        taken: Taken::Usage(usage),
        amount: amount.map(Credits::new),
        refund_expires_at: after(MAY * 2),
        description: "Failed".to_owned(),
        metadata: Metadata::default(),
    })
}

fn hold(usages: Vec<RatedUsage>) -> Command {
    Command::Hold(PlaceHold {
        charge: Charge::Usage(usages),
        expires_at: after(MAY * 2),
        description: "Scan".to_owned(),
        metadata: Metadata::default(),
    })
}

fn part(hold: HoldId, usage: RatedUsage) -> CaptureHold {
    CaptureHold { charge: Some(Charge::Usage(vec![usage])), ..capture(hold, 1) }
}

/// The price of each usage in millionths, and the units before it.
fn told(posted: &Posted) -> Vec<(i64, i64)> {
    let before =
        |usage: &billing_core::ledger::UsageRecord| i64::try_from(usage.months["units"].before).unwrap();
    // What only books fractions when a hold ends stands nowhere.
    let usages = posted.usages.iter().filter(|usage| !usage.is_end_of_hold());
    usages.map(|usage| (usage.price, before(usage))).collect()
}

async fn units(world: &World, account: AccountId, rate: &str, month: &str) -> Decimal {
    let key = key(rate, month);
    let others = ["", "model=none"].map(|rate| MonthKey { rate: rate.to_owned(), ..key.clone() });
    let keys: BTreeSet<MonthKey> = others.into_iter().chain([key.clone()]).collect();
    let found = world.store.month_units(account, &keys).await.unwrap();
    found.get(&key).copied().unwrap_or_default()
}

/// Usage is priced from the month's position, one after another, also within a batch; the next month starts at 0, and
/// late usage counts in its own month.
pub async fn usage_of_a_month_goes_on_where_it_stands(store: Arc<dyn Stores>) {
    on_both(store, async |story: Story| {
        story.done(0, grant("a", 1000)).await;
        let first = story.at(1, vec![take(vec![pages("a", "", 900), pages("b", "", 50)])]).await.unwrap();
        assert_eq!(told(&first), [(9_000_000, 0), (500_000, 900)]);
        let batch: Vec<_> = (0..3)
            .map(|number| {
                a_posting(story.account, &format!("b{number}"), vec![take(vec![pages("a", "", 40)])])
            })
            .collect();
        let outcomes = story.world.post_at(batch, after(2)).await;
        let outcomes: Vec<_> = outcomes.into_iter().flat_map(|outcome| told(&outcome.unwrap())).collect();
        assert_eq!(outcomes, [(400_000, 950), (2_250_000, 990), (200_000, 1_030)]);
        // Another rate has a count of its own, and a refused posting counts nothing.
        let other = story.at(3, vec![take(vec![pages("c", "model=c", 10)])]).await.unwrap();
        assert_eq!(told(&other), [(100_000, 0)]);
        story.refused(4, take(vec![pages("a", "", 10_000_000)])).await;
        let may = story.at(MAY, vec![take(vec![pages("a", "", 1)])]).await.unwrap();
        assert_eq!(told(&may), [(10_000, 0)]);
        let late = SpendCredits { occurred_at: Some(after(9)), ..take_usage(vec![pages("a", "", 30)]) };
        let late = story.at(MAY + 1, vec![Command::Spend(late)]).await.unwrap();
        assert_eq!(told(&late), [(150_000, 1_070)]);
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, Decimal::from(1_100));
        assert_eq!(units(&story.world, story.account, "model=c", "2026-04").await, Decimal::from(10));
        assert_eq!(units(&story.world, story.account, "", "2026-05").await, Decimal::from(1));
        assert_eq!(units(&story.world, story.account, "", "2026-06").await, Decimal::ZERO);
        story
    })
    .await;
}

/// A fully reversed usage leaves its month's count: later usage is counted without it, and earlier prices do not
/// change.
pub async fn what_is_given_back_leaves_its_month(store: Arc<dyn Stores>) {
    on_both(store, async |story: Story| {
        story.done(0, grant("a", 1000)).await;
        let first = story.at(1, vec![take(vec![pages("a", "", 800)])]).await.unwrap();
        let second = story.at(2, vec![take(vec![pages("a", "", 400)])]).await.unwrap();
        assert_eq!(told(&second), [(5_000_000, 800)]);
        let some = story.at(3, vec![back(first.usages[0].id, Some(3))]).await.unwrap();
        assert_eq!(some.usages[0].price, -3_000_000);
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, Decimal::from(1_200));
        // All of the rest, in the next month.
        let rest = story.at(MAY, vec![back(first.usages[0].id, None)]).await.unwrap();
        assert_eq!((rest.usages[0].price, rest.available.get()), (-5_000_000, 995));
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, Decimal::from(400));
        assert_eq!(units(&story.world, story.account, "", "2026-05").await, Decimal::ZERO);
        let late = SpendCredits { occurred_at: Some(after(9)), ..take_usage(vec![pages("a", "", 700)]) };
        let late = story.at(MAY + 1, vec![Command::Spend(late)]).await.unwrap();
        assert_eq!(told(&late), [(8_500_000, 400)]);
        story
    })
    .await;
}

/// A hold is settled at the month's position of its placement, independent of concurrent usage and of the current
/// month; its usages with the same counter are positioned one after another.
pub async fn a_hold_keeps_its_place_in_the_month(store: Arc<dyn Stores>) {
    on_both(store, async |story: Story| {
        story.done(0, grant("a", 1000)).await;
        story.done(1, take(vec![pages("a", "", 900)])).await;
        let held =
            story.at(2, vec![hold(vec![pages("a", "", 60), pages("b", "", 100)])]).await.unwrap().holds[0];
        // 60 at a hundredth; 40 at that, 2 once, and 60 at a two hundredth.
        assert_eq!(held.amount.get(), 4);
        story.done(3, take(vec![pages("a", "", 500)])).await;
        let first = story.at(4, vec![Command::Capture(part(held.id, pages("b", "", 70)))]).await.unwrap();
        assert_eq!(told(&first), [(2_550_000, 960)]);
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, Decimal::from(1_470));
        let second = Command::Capture(part(held.id, pages("a", "", 60)));
        let second = story.at(MAY, vec![second]).await.unwrap();
        assert_eq!(told(&second), [(600_000, 900)]);
        // What it was not placed for begins where the month stands by now.
        let other = Command::Capture(part(held.id, pages("c", "", 10)));
        let other = story.at(MAY + 1, vec![other]).await.unwrap();
        assert_eq!(told(&other), [(100_000, 0)]);
        let last = CaptureHold { last: true, charge: None, ..capture(held.id, 1) };
        let last = story.at(MAY + 2, vec![Command::Capture(last)]).await.unwrap();
        assert_eq!(told(&last), [(150_000, 1_030)]);
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, Decimal::from(1_560));
        assert_eq!(units(&story.world, story.account, "", "2026-05").await, Decimal::from(10));
        // What comes back of it leaves the month in which it was counted.
        story.done(MAY + 3, back(second.usages[0].id, None)).await;
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, Decimal::from(1_500));
        story
    })
    .await;
}

/// Months start at midnight in the account's time zone, also in a batch with other accounts.
pub async fn a_month_begins_where_the_account_is(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut accounts = Vec::new();
    for (name, zone) in [("ada", Some("Asia/Tokyo")), ("bob", None), ("eve", Some("America/New_York"))] {
        let account = world.stored_account(name).await;
        let id = account.id;
        let changed = Account { timezone: zone.map(str::to_owned), ..account };
        world.write(Changes { accounts: vec![changed], ..Changes::default() }).await;
        accounts.push(id);
    }
    let evening = "2026-04-30T20:00:00Z".parse().unwrap();
    let owing = || SpendCredits { shortfall: Shortfall::Owe, ..take_usage(vec![pages("a", "", 100)]) };
    let spend = |account: &AccountId| a_posting(*account, "s", vec![Command::Spend(owing())]);
    let outcomes = world.post_at(accounts.iter().map(spend).collect(), evening).await;
    let months: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap().usages[0].months["units"].month.to_string())
        .collect();
    assert_eq!(months, ["2026-05", "2026-04", "2026-04"]);
    let [ada, bob, _] = accounts[..] else { panic!("three accounts") };
    assert_eq!(units(&world, ada, "", "2026-05").await, Decimal::from(100));
    assert_eq!(units(&world, ada, "", "2026-04").await, Decimal::ZERO);
    assert_eq!(units(&world, bob, "", "2026-04").await, Decimal::from(100));
    world.is_sound().await;
}

/// The longest key of a rate is stored, and units to the last decimal.
pub async fn a_month_counts_under_any_key_and_to_the_last_decimal(store: Arc<dyn Stores>) {
    on_both(store, async |story: Story| {
        story.done(0, grant("a", 1_000_000)).await;
        let values =
            ["🦉", "ß", "%3D", "a", "*"].map(|letter| letter.repeat(100).chars().take(100).collect());
        let names = ["a", "b", "c", "d", "e"].map(|name| name.repeat(40));
        let when: Vec<String> =
            names.iter().zip(&values).map(|(name, value): (_, &String)| format!("{name}={value}")).collect();
        let rate = when.join("&");
        for (number, expected) in [(1, "0.000001"), (2, "0.000002")] {
            let mut used = pages("a", &rate, 0);
            used.quantities = [("units".to_owned(), "0.000001".parse().unwrap())].into();
            story.done(number, take(vec![used])).await;
            assert_eq!(units(&story.world, story.account, &rate, "2026-04").await.to_string(), expected);
        }
        let mut cheap = pages("a", "", 1_000_000_000_000_000);
        let price = tiers(
            TiersMode::Volume,
            TiersScope::Month,
            vec![a_tier(Some("1"), "1", 1), a_tier(None, "0.000000001", 1)],
        );
        cheap.tariff.rates = [("units".to_owned(), TariffRate { price, key: String::new() })].into();
        story.done(3, take(vec![cheap.clone()])).await;
        let again = SpendCredits { shortfall: Shortfall::Owe, ..take_usage(vec![cheap]) };
        story.done(4, Command::Spend(again)).await;
        let all: Decimal = "2000000000000000".parse().unwrap();
        assert_eq!(units(&story.world, story.account, "", "2026-04").await, all);
        story
    })
    .await;
}

/// Concurrent usages of the same month are positioned one after another: together they cost what their sum costs.
pub async fn users_of_one_month_at_once_stand_one_after_another(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 1_000).await;
    let batches = (0..32).map(|number| {
        let used = a_posting(account, &format!("u{number}"), vec![take(vec![pages("a", "", 50)])]);
        vec![used, a_spend(account, &format!("s{number}"), 1)]
    });
    let outcomes = world.post_at_once(batches.collect()).await;
    let posted: Vec<_> = outcomes.into_iter().flatten().map(Result::unwrap).collect();
    let usages = posted.iter().flat_map(|posted| &posted.usages);
    let mut stood: Vec<_> = usages.clone().map(|usage| usage.months["units"].before).collect();
    stood.sort();
    assert_eq!(stood, (0..32).map(|number| Decimal::from(number * 50)).collect::<Vec<_>>());
    assert_eq!(usages.map(|usage| usage.price).sum::<i64>(), 10_000_000 + 2_000_000 + 3_000_000);
    assert_eq!(units(&world, account, "", "2026-04").await, Decimal::from(1_600));
    world.is_sound().await;
}
