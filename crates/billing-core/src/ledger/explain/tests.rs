use uuid::Uuid;

use super::explain;
use crate::ledger::{
    Actor, ChainHash, Entry, EntryRecord, EntryType, Grant, Hold, HoldState, Origin, Source, SpendType,
    Stage, UsageRecord,
};
use crate::values::{
    AccountId, ApiKeyId, BusinessKey, Credits, EntryId, GrantId, HoldId, Metadata, OrderId, PostingKey,
    Timestamp, UsageId,
};

fn noon() -> Timestamp {
    "2026-04-15T12:00:00Z".parse().unwrap()
}

fn grant(source: Source, description: &str) -> Grant {
    Grant {
        id: GrantId::from_uuid(Uuid::from_u128(7)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        amount: Credits::new(100),
        remaining: Credits::ZERO,
        pinned: Credits::ZERO,
        forfeited: Credits::ZERO,
        clawed: Credits::ZERO,
        source,
        priority: 0,
        effective_at: noon(),
        expires_at: None,
        late_until: None,
        rollover: None,
        stage: Stage::Active,
        business_key: BusinessKey::from_stored("f".to_owned()),
        posting_key: None,
        origin: Origin::default(),
        kind: EntryType::GRANT,
        actor: Actor::Time,
        description: description.to_owned(),
        metadata: Metadata::default(),
        created_at: noon(),
    }
}

fn entry(kind: EntryType, amount: i64, description: &str) -> Entry {
    Entry {
        id: EntryId::from_uuid(Uuid::from_u128(9)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        seq: 3,
        kind,
        amount: Credits::new(amount),
        balance_after: Credits::ZERO,
        available_after: Credits::ZERO,
        description: description.to_owned(),
        actor: Actor::Time,
        posting_key: None,
        grant: None,
        hold: None,
        reverses: None,
        usages: None,
        occurred_at: None,
        metadata: Metadata::default(),
        erased: None,
        effective_at: noon(),
        recorded_at: noon(),
        hash: ChainHash::GENESIS,
    }
}

fn record(entry: Entry, parts: Vec<(Grant, i64)>) -> EntryRecord {
    EntryRecord {
        entry,
        usages: Vec::new(),
        parts: parts.into_iter().map(|(grant, amount)| (grant, Credits::new(amount))).collect(),
        owed: Credits::ZERO,
        repaid: Credits::ZERO,
        hold: None,
        reverses: None,
        reversed_by: Vec::new(),
        reversed: Credits::ZERO,
    }
}

fn spend(amount: i64, description: &str) -> Entry {
    let actor = Actor::Key(ApiKeyId::from_uuid(Uuid::from_u128(5)));
    Entry { actor, ..entry(EntryType::Spend(SpendType::default()), amount, description) }
}

const KEY: &str = "API key key_00000000000000000000000000000005";

#[test]
fn a_spend_names_the_grants_it_came_from_and_what_is_owed() {
    let parts = vec![(grant(Source::Bonus, "Welcome"), -30), (grant(Source::Purchase, "Small pack."), -20)];
    let plain = record(spend(-50, "AI chat"), parts);
    assert_eq!(
        explain(&plain),
        format!(
            "50 credits were spent on “AI chat” by {KEY}: 30 from the bonus “Welcome” and 20 from the purchase \
             “Small pack”."
        )
    );
    let owing = EntryRecord { owed: Credits::new(1), ..record(spend(-1, "AI chat"), vec![]) };
    assert_eq!(explain(&owing), format!("1 credit was spent on “AI chat” by {KEY}: 1 of debt."));
}

#[test]
fn many_grants_are_told_in_sum() {
    let parts = (1..=7).map(|number| (grant(Source::CheckIn, &format!("Day {number}")), -number)).collect();
    assert_eq!(
        explain(&record(spend(-28, "A film"), parts)),
        format!(
            "28 credits were spent on “A film” by {KEY}: 1 from the check-in “Day 1”, 2 from the check-in “Day 2”, \
             3 from the check-in “Day 3”, 4 from the check-in “Day 4” and 18 from 3 more grants."
        )
    );
}

#[test]
fn usage_tells_quantities_price_and_rate_card() {
    let entry = Entry { occurred_at: Some(noon()), ..spend(-4, "Chat") };
    let mut record = record(entry, vec![(grant(Source::Plan, "Pro"), -4)]);
    record.usages = vec![usage("chat", &[("input_tokens", 1200), ("output_tokens", 50)], 4_350_000)];
    assert_eq!(
        explain(&record),
        format!(
            "4 credits were spent on “Chat” by {KEY} for 1200 input_tokens and 50 output_tokens of chat at 4.35 \
             credits by rate card default@1, for usage at 2026-04-15T12:00:00Z that was reported late: 4 from the \
             plan “Pro”."
        )
    );
    record.usages.push(usage("search", &[("pages", 3)], 900_000));
    record.entry.occurred_at = None;
    assert_eq!(
        explain(&record),
        format!(
            "4 credits were spent on “Chat” by {KEY} for 1200 input_tokens and 50 output_tokens of chat at 4.35 \
             credits by rate card default@1 and 3 pages of search at 0.9 credits by rate card default@1: 4 from the \
             plan “Pro”."
        )
    );
}

fn usage(meter: &str, quantities: &[(&str, i64)], price: i64) -> UsageRecord {
    UsageRecord {
        id: UsageId::from_uuid(Uuid::from_u128(4)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        number: 1,
        entry: Some(3),
        quote: "default@1".parse().unwrap(),
        meter: meter.to_owned(),
        dimensions: [].into(),
        quantities: quantities.iter().map(|(name, units)| ((*name).to_owned(), (*units).into())).collect(),
        price,
        markup: 0,
        months: [].into(),
        credits: Credits::new(4),
        uncovered: Credits::ZERO,
        carried: 0,
        kind: EntryType::Spend(SpendType::default()),
        description: String::new(),
        metadata: Metadata::default(),
        erased: None,
        actor: Actor::User,
        posting_key: None,
        hold: None,
        returns: None,
        occurred_at: noon(),
        recorded_at: noon(),
        hash: ChainHash::GENESIS,
    }
}

#[test]
fn a_capture_names_its_hold_and_what_came_back() {
    let hold = Hold {
        id: HoldId::from_uuid(Uuid::from_u128(8)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        amount: Credits::new(60),
        captured: Credits::new(10),
        overrun: Credits::ZERO,
        usages: Vec::new(),
        state: HoldState::Open,
        slices: Vec::new(),
        uncovered: Credits::ZERO,
        uncovered_left: Credits::ZERO,
        description: String::new(),
        metadata: Metadata::default(),
        actor: Actor::User,
        posting_key: PostingKey::of_time(),
        placed_at: noon(),
        expires_at: noon(),
        ended_at: None,
    };
    let entry = Entry { actor: Actor::User, ..spend(-10, "A film") };
    let mut captured = record(entry, vec![(grant(Source::Gift, "From Bob"), -10)]);
    captured.hold = Some(hold);
    captured.reversed = Credits::new(4);
    let sentence = "10 credits were spent on “A film” by the account's user, out of the 60 credits that \
                hold_00000000000000000000000000000008 had set aside: 10 from the gift “From Bob”";
    assert_eq!(explain(&captured), format!("{sentence}; 4 credits of it were given back later."));
    captured.reversed = Credits::new(10);
    assert_eq!(explain(&captured), format!("{sentence}; all of it was given back later."));
}

#[test]
fn what_comes_in_tells_why_and_until_when() {
    let mut bought = grant(Source::Purchase, "Small pack");
    bought.origin.order = Some(OrderId::from_uuid(Uuid::from_u128(6)));
    bought.expires_at = Some(noon().plus_days(30));
    let actor = Actor::Provider("stripe:evt_1".to_owned());
    let mut came = record(Entry { actor, ..entry(EntryType::GRANT, 100, "Small pack") }, vec![(bought, 100)]);
    came.repaid = Credits::new(7);
    assert_eq!(
        explain(&came),
        "100 credits came in as a purchase “Small pack”, paid by order ord_00000000000000000000000000000006, good \
         until 2026-05-15 because of the payment provider's stripe:evt_1; 7 credits of what was there repaid what \
         the account owed."
    );
    let given = record(entry(EntryType::ADJUSTMENT, 1, "An apology"), vec![(grant(Source::Manual, "x"), 1)]);
    assert_eq!(explain(&given), "1 credit was given by hand for “An apology”.");
    let began = record(entry(EntryType::GRANT, 5, "Pro"), vec![(grant(Source::Plan, "Pro"), 5)]);
    assert_eq!(explain(&began), "5 credits came in as part of the plan “Pro”.");
}

#[test]
fn what_time_and_operators_do_is_told_in_their_words() {
    let of = |kind, amount: i64, words: &str| {
        record(entry(kind, amount, words), vec![(grant(Source::Promo, "Spring"), amount)])
    };
    let by = |record: EntryRecord| {
        let actor = Actor::Operator("root".to_owned());
        EntryRecord { entry: Entry { actor, ..record.entry }, ..record }
    };
    for (record, sentence) in [
        (
            of(EntryType::EXPIRY, -9, "Expired: Spring"),
            "9 credits of the promotion “Spring” expired without having been used.",
        ),
        (
            by(of(EntryType::VOID, -9, "By mistake")),
            "9 credits of the promotion “Spring” were called off by operator root: “By mistake”.",
        ),
        (
            EntryRecord { owed: Credits::new(2), ..by(of(EntryType::CLAWBACK, -9, "Refunded")) },
            "9 credits were taken back by operator root: “Refunded”: 9 from the promotion “Spring” and 2 of debt.",
        ),
        (
            of(EntryType::ROLLOVER, -9, "Rolled over"),
            "9 credits of the promotion “Spring” were left at its end and rolled over.",
        ),
        (of(EntryType::ROLLOVER, 9, "Rolled over"), "9 credits were rolled over from a grant that ended."),
        (
            by(of(EntryType::ADJUSTMENT, -9, "A correction")),
            "9 credits were taken by hand for “A correction” by operator root: 9 from the promotion “Spring”.",
        ),
    ] {
        assert_eq!(explain(&record), sentence);
    }
}

#[test]
fn a_reversal_names_the_spend_and_where_it_went_back_to() {
    let mut back = record(entry(EntryType::REVERSAL, 12, "It failed"), vec![(grant(Source::Plan, "Pro"), 5)]);
    back.owed = Credits::new(-7);
    back.reverses = Some(spend(-22, "AI chat"));
    assert_eq!(
        explain(&back),
        "12 credits were given back of what was spent on “AI chat” (txn_00000000000000000000000000000009): “It \
         failed”: 5 to the plan “Pro” and 7 that had been owed and are not any more."
    );
}
