//! What a check of a whole history finds out about a month's counters.

use billing_core::ledger::audit::{self, History};
use billing_core::ledger::{Charge, Command, EntryType, Shortfall, SpendCredits, SpendType};
use billing_core::values::Credits;
use rust_decimal::Decimal;

use crate::store::Kept;
use crate::tariffs;
use crate::world::{accounts, begin, posting};

/// An account that has used 700 and 300 pages of one month.
fn history() -> History {
    let [account, _] = accounts();
    let mut ledger = Kept::whole(&accounts());
    for units in [700, 300] {
        let kind = EntryType::Spend(SpendType::default());
        let spend = SpendCredits {
            charge: Charge::Usage(vec![tariffs::used(tariffs::TIERED, units)]),
            shortfall: Shortfall::Owe,
            ..SpendCredits::new(Credits::new(1), kind, String::new())
        };
        let posting = posting(account, &format!("k{units}"), vec![Command::Spend(spend)]);
        ledger.post(&[posting], begin()).pop().unwrap().unwrap();
    }
    ledger.rows.history(account)
}

fn found(history: &History) -> Vec<String> {
    audit::check(history).into_iter().map(|violation| violation.what).collect()
}

#[test]
fn a_month_that_was_counted_wrong_is_found() {
    let sound = history();
    assert_eq!(found(&sound), [""; 0]);
    let mut wrong = sound.clone();
    wrong.kept.months.values_mut().for_each(|units| *units -= Decimal::ONE);
    let [what] = <[_; 1]>::try_from(found(&wrong)).unwrap();
    assert!(what.starts_with("999 units are counted at") && what.ends_with("its usage says 1000"), "{what}");
    let mut missing = sound.clone();
    missing.kept.months.clear();
    assert_eq!(found(&missing), ["usage of 1 months is not counted"]);
    let mut stray = sound;
    let (mut key, units) = stray.kept.months.pop_first().unwrap();
    key.month = "2026-03".parse().unwrap();
    stray.kept.months.insert(key, units);
    assert_eq!(found(&stray).len(), 2);
}

#[test]
fn where_usage_stands_in_its_month_and_its_markup_are_part_of_its_hash() {
    let sound = history();
    let mut moved = sound.clone();
    moved.usages[1].months.get_mut("units").unwrap().before = 0.into();
    let mut marked = sound.clone();
    marked.usages[1].markup = 1;
    for changed in [moved, marked] {
        assert!(found(&changed)[0].starts_with("usage 2 carries the hash"), "{:?}", found(&changed));
    }
}
