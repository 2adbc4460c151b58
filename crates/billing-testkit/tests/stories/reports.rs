//! Reports about an account's credits.

use billing_core::ledger::UsageBy;
use billing_core::requests::{AdjustCredits, HoldCredits, ReadUsage, SettleHold, Spend};
use billing_core::values::{Credits, Metadata, Timestamp};
use billing_testkit::builders::{
    a_ledger_request, a_spend_request, an_adjustment, an_external_id, noon, page,
};

use super::shop::Shop;

async fn spend(shop: &Shop, day: i64, amount: i64) -> Spend {
    shop.clock.set(noon().plus_days(day));
    let spend = a_spend_request("ada", amount, &format!("day {day}").replace(' ', "-"));
    shop.billing.spend(spend.clone()).await.unwrap();
    spend
}

fn by(by: UsageBy) -> ReadUsage {
    ReadUsage { by, zone: None, meter: None, from: None, to: None }
}

#[tokio::test]
async fn a_chart_of_days_has_no_gaps_and_ends_now() {
    let shop = Shop::open().await;
    let ada = an_external_id("ada");
    shop.billing.adjust(an_adjustment("ada", 1000, "a")).await.unwrap();
    spend(&shop, 0, 7).await;
    spend(&shop, 2, 9).await;
    shop.clock.advance(1);
    let series = shop.billing.usage(&ada, by(UsageBy::Day)).await.unwrap();
    assert_eq!(series.sums.len(), 30);
    assert_eq!(series.from.to_string(), "2026-03-19T00:00:00Z");
    let last: Vec<_> =
        series.sums[26..].iter().map(|sum| (sum.key.clone().unwrap(), sum.net().get())).collect();
    let days = [("2026-04-14", 0), ("2026-04-15", 7), ("2026-04-16", 0), ("2026-04-17", 9)];
    assert_eq!(last, days.map(|(day, net)| (day.to_owned(), net)));
    assert_eq!((series.total.net().get(), series.total.count), (16, 2));

    let stranger = shop.billing.usage(&an_external_id("bob"), by(UsageBy::Type)).await.unwrap();
    assert_eq!((stranger.sums.len(), stranger.total.count), (0, 0));
}

#[tokio::test]
async fn a_span_is_one_year_at_most_and_not_upside_down() {
    let shop = Shop::open().await;
    let ask = async |from: Timestamp, to: Timestamp| {
        let wanted = ReadUsage { from: Some(from), to: Some(to), ..by(UsageBy::Day) };
        shop.billing.usage(&an_external_id("ada"), wanted).await.map(|series| series.sums.len())
    };
    assert_eq!(
        ask(noon(), noon().plus_days(366)).await.unwrap(),
        367,
        "from noon to noon touches a day more"
    );
    for to in [noon().plus_days(366).plus_seconds(1), noon(), noon().plus_seconds(-1)] {
        assert_eq!(ask(noon(), to).await.unwrap_err().code(), "invalid_request");
    }
}

#[tokio::test]
async fn a_forecast_goes_by_the_pace_of_late() {
    let shop = Shop::open().await;
    let ada = an_external_id("ada");
    shop.billing.adjust(an_adjustment("ada", 1000, "a")).await.unwrap();
    let forecast = async |days| shop.billing.forecast(&ada, days).await.unwrap();
    let still = forecast(7).await;
    assert_eq!((still.forecast.runs_out_at, still.per_day.to_string().as_str()), (None, "0"));
    for day in 1..=20 {
        spend(&shop, day, if day <= 10 { 10 } else { 40 }).await;
    }
    // 280 of 500 were spent in these six days; a spend at their very start counts as well.
    let week = forecast(6).await;
    assert_eq!((week.available.get(), week.spent.get(), week.days.to_string().as_str()), (500, 280, "6"));
    assert_eq!(week.per_day.to_string(), "46.66");
    // The account is twenty days old, so the pace is taken over twenty days rather than ninety.
    let all = forecast(90).await;
    assert_eq!(
        (all.spent.get(), all.days.to_string().as_str(), all.per_day.to_string().as_str()),
        (500, "20", "25")
    );
    assert_eq!(all.forecast.runs_out_at, Some(noon().plus_days(40)));

    let short = AdjustCredits { expires_at: Some(noon().plus_days(25)), ..an_adjustment("ada", 250, "b") };
    shop.billing.adjust(short).await.unwrap();
    let all = forecast(90).await.forecast;
    assert_eq!((all.runs_out_at, all.expires_unused.get()), (Some(noon().plus_days(45)), 125));
    for days in [0, 91] {
        assert_eq!(shop.billing.forecast(&ada, days).await.unwrap_err().code(), "invalid_request");
    }
    let nobody = shop.billing.forecast(&an_external_id("bob"), 7).await.unwrap();
    assert_eq!((nobody.available.get(), nobody.forecast.runs_out_at), (0, Some(noon().plus_days(20))));
}

#[tokio::test]
async fn a_balance_can_be_asked_for_any_moment_past_and_to_come() {
    let shop = Shop::open().await;
    let ada = an_external_id("ada");
    let short = AdjustCredits { expires_at: Some(noon().plus_days(5)), ..an_adjustment("ada", 30, "a") };
    shop.billing.adjust(short).await.unwrap();
    shop.billing.adjust(an_adjustment("ada", 100, "b")).await.unwrap();
    shop.clock.set(noon().plus_days(1));
    let hold = HoldCredits {
        request: a_ledger_request("ada", "h", "hold"),
        amount: Credits::new(40).into(),
        seconds: 2 * 86_400,
        description: "A film".to_owned(),
        metadata: Metadata::default(),
    };
    let hold = shop.billing.hold(hold).await.unwrap().hold.id;
    shop.clock.set(noon().plus_days(2));
    let capture = SettleHold {
        request: a_ledger_request("ada", "c", "capture"),
        hold,
        amount: Some(Credits::new(15).into()),
        overrun: billing_core::ledger::Shortfall::Refuse,
        last: false,
        or_spend: false,
        kind: billing_core::ledger::SpendType::default(),
        description: "Half of it".to_owned(),
        metadata: Metadata::default(),
    };
    shop.billing.capture(capture).await.unwrap();
    let then = async |seconds: i64| {
        let then = shop.billing.balance_then(&ada, noon().plus_seconds(seconds)).await.unwrap();
        (then.available.get(), then.posted.get(), then.held.get())
    };
    let day = 86_400;
    for look in 0..2 {
        for (seconds, expected) in [
            (-1, (0, 0, 0)),
            (0, (130, 130, 0)),
            (day - 1, (130, 130, 0)),
            (day, (90, 130, 40)),
            (2 * day - 1, (90, 130, 40)),
            (2 * day, (90, 115, 25)),
            (3 * day - 1, (90, 115, 25)),
            // The hold lapses; of the ending credits, fifteen are left.
            (3 * day, (115, 115, 0)),
            (5 * day - 1, (115, 115, 0)),
            (5 * day, (100, 100, 0)),
            (1000 * day, (100, 100, 0)),
        ] {
            assert_eq!(then(seconds).await, expected, "{seconds} seconds, look {look}");
        }
        // The forecast times have passed, and the balances are the same.
        shop.clock.set(noon().plus_days(10));
        shop.billing.adjust(an_adjustment("ada", -1, "late")).await.unwrap();
        shop.billing.adjust(an_adjustment("ada", 1, "later")).await.unwrap();
    }
    assert_eq!(shop.billing.balance_then(&an_external_id("bob"), noon()).await.unwrap().posted.get(), 0);
}

#[tokio::test]
async fn an_entry_is_explained_to_its_own_account() {
    let shop = Shop::open().await;
    let ada = an_external_id("ada");
    shop.billing.adjust(an_adjustment("ada", 100, "a")).await.unwrap();
    spend(&shop, 0, 7).await;
    shop.billing.adjust(an_adjustment("bob", 100, "a")).await.unwrap();
    let wanted = billing_core::requests::ListEntries {
        account: Some(ada.clone()),
        filter: billing_core::ports::EntryFilter::default(),
        page: page(10, 0),
    };
    let spent = shop.billing.entries(wanted).await.unwrap().items[0].1.id;
    let told = shop.billing.explain(&ada, spent).await.unwrap();
    assert_eq!(
        told.explanation,
        "7 credits were spent on “Used” by operator test: 7 from what was given by hand, “By hand”."
    );
    for other in ["bob", "nobody"] {
        let refused = shop.billing.explain(&an_external_id(other), spent).await.unwrap_err();
        assert_eq!(refused.code(), "transaction_not_found");
    }
}
