//! Is what clients saw what one ledger, doing one thing after the other, could have shown them?
//!
//! The ledger itself says in which order it did things: every change is an entry with a number. So no order has to
//! be searched for; one pass per account tells whether
//!
//! - every change that was acknowledged is there, once, and said then what it says now;
//! - what was answered before something else was sent stands before it;
//! - a balance that was read, or given as the reason for a refusal, was the balance at some moment between the
//!   question and the answer.

use std::collections::BTreeMap;

/// A client's question and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// On a clock that all clients share: before the question was sent for the first time …
    pub(crate) asked: u64,
    /// … and after the answer had come.
    pub(crate) answered: u64,
    pub(crate) saw: Saw,
}

/// What a client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Saw {
    /// A change that was carried out: its transaction, by how many credits, and the balance after it.
    Changed { transaction: String, amount: i64, balance: i64 },
    /// A spend that was refused, because there was only so much.
    Refused { required: i64, balance: i64 },
    /// The balance.
    Read { balance: i64 },
}

/// What the ledger says it did, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) transaction: String,
    pub(crate) amount: i64,
    pub(crate) balance: i64,
}

/// What is wrong with one account's history; nothing if it is linearizable.
pub(crate) fn check(lines: &[Line], events: &[Event]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut balance = 0;
    for (place, line) in lines.iter().enumerate() {
        balance += line.amount;
        if line.balance != balance || balance < 0 {
            wrong.push(format!("entry {} ends at {}, the sum is {balance}", place + 1, line.balance));
        }
    }
    let numbers: BTreeMap<&str, usize> =
        lines.iter().enumerate().map(|(place, line)| (line.transaction.as_str(), place + 1)).collect();
    let mut seen = BTreeMap::new();
    let mut changes = Vec::new();
    for event in events {
        let Saw::Changed { transaction, amount, balance } = &event.saw else { continue };
        let Some(number) = numbers.get(transaction.as_str()).copied() else {
            wrong.push(format!("{transaction} was acknowledged and is not there"));
            continue;
        };
        let line = &lines[number - 1];
        if (line.amount, line.balance) != (*amount, *balance) {
            wrong.push(format!("{transaction} was answered as {:?} and is {line:?}", event.saw));
        }
        if seen.insert(number, transaction).is_some() {
            wrong.push(format!("two requests were answered with {transaction}"));
        }
        changes.push((event.asked, event.answered, number));
    }
    let order = Order::of(&changes);
    for (asked, _, number) in &changes {
        let before = order.answered_before(*asked);
        if before >= *number {
            wrong.push(format!("entry {number} was asked for after entry {before} had been answered"));
        }
    }
    for event in events {
        let (Saw::Refused { balance, .. } | Saw::Read { balance }) = event.saw else { continue };
        // After everything that had been answered before, and before everything that was asked for later.
        let first = order.answered_before(event.asked);
        let last = order.asked_after(event.answered).map_or(lines.len(), |number| number - 1);
        let shown = |number: usize| if number == 0 { 0 } else { lines[number - 1].balance };
        let shown = (first..=last).any(|number| shown(number) == balance);
        let short = !matches!(event.saw, Saw::Refused { required, .. } if required <= balance);
        if !shown || !short {
            wrong.push(format!("{:?} fits no moment between entries {first} and {last}", event.saw));
        }
    }
    wrong
}

/// When which entries were asked for and answered.
struct Order {
    /// By when they were answered: the highest number so far.
    answered: Vec<(u64, usize)>,
    /// By when they were asked for, backwards: the lowest number from there on.
    asked: Vec<(u64, usize)>,
}

impl Order {
    fn of(changes: &[(u64, u64, usize)]) -> Self {
        let mut answered: Vec<_> = changes.iter().map(|(_, answered, number)| (*answered, *number)).collect();
        answered.sort_unstable();
        let mut highest = 0;
        for (_, number) in &mut answered {
            highest = highest.max(*number);
            *number = highest;
        }
        let mut asked: Vec<_> = changes.iter().map(|(asked, _, number)| (*asked, *number)).collect();
        asked.sort_unstable();
        let mut lowest = usize::MAX;
        for (_, number) in asked.iter_mut().rev() {
            lowest = lowest.min(*number);
            *number = lowest;
        }
        Self { answered, asked }
    }

    /// The highest number that had been answered before `moment`; 0 for none.
    fn answered_before(&self, moment: u64) -> usize {
        let place = self.answered.partition_point(|(answered, _)| *answered < moment);
        place.checked_sub(1).map_or(0, |place| self.answered[place].1)
    }

    /// The lowest number that was asked for after `moment`.
    fn asked_after(&self, moment: u64) -> Option<usize> {
        let place = self.asked.partition_point(|(asked, _)| *asked <= moment);
        self.asked.get(place).map(|(_, number)| *number)
    }
}

mod tests {
    use super::*;

    fn line(transaction: &str, amount: i64, balance: i64) -> Line {
        Line { transaction: transaction.to_owned(), amount, balance }
    }

    fn changed(asked: u64, answered: u64, transaction: &str, amount: i64, balance: i64) -> Event {
        let transaction = transaction.to_owned();
        Event { asked, answered, saw: Saw::Changed { transaction, amount, balance } }
    }

    fn saw(asked: u64, answered: u64, saw: Saw) -> Event {
        Event { asked, answered, saw }
    }

    fn story() -> (Vec<Line>, Vec<Event>) {
        let lines = vec![line("a", 10, 10), line("b", -4, 6), line("c", -5, 1), line("d", 3, 4)];
        let events = vec![
            changed(1, 2, "a", 10, 10),
            changed(3, 7, "c", -5, 1),
            changed(4, 6, "b", -4, 6),
            saw(5, 9, Saw::Refused { required: 5, balance: 1 }),
            saw(8, 11, Saw::Read { balance: 4 }),
            changed(10, 12, "d", 3, 4),
        ];
        (lines, events)
    }

    #[test]
    fn a_history_that_one_ledger_could_have_shown_passes() {
        let (lines, events) = story();
        assert_eq!(check(&lines, &events), [""; 0]);
    }

    #[test]
    fn an_acknowledged_change_that_is_gone_is_found() {
        let (mut lines, events) = story();
        lines.pop();
        assert!(!check(&lines, &events).is_empty());
    }

    #[test]
    fn an_order_against_the_clock_is_found() {
        let (lines, mut events) = story();
        // Entry 3 was answered before entry 2 was asked for.
        (events[1].asked, events[1].answered) = (3, 3);
        assert!(!check(&lines, &events).is_empty());
    }

    #[test]
    fn a_balance_from_the_past_is_found() {
        let (lines, mut events) = story();
        events[4].saw = Saw::Read { balance: 10 };
        assert!(!check(&lines, &events).is_empty());
    }

    #[test]
    fn a_refusal_for_no_reason_is_found() {
        let (lines, mut events) = story();
        events[3].saw = Saw::Refused { required: 1, balance: 1 };
        assert!(!check(&lines, &events).is_empty());
        events[3].saw = Saw::Refused { required: 5, balance: 3 };
        assert!(!check(&lines, &events).is_empty());
    }

    #[test]
    fn a_lost_update_and_an_overspend_are_found() {
        let lost = vec![line("a", 10, 10), line("b", -4, 6), line("c", -5, 5)];
        assert!(!check(&lost, &[]).is_empty());
        let overspent = vec![line("a", 10, 10), line("b", -14, -4)];
        assert!(!check(&overspent, &[]).is_empty());
    }

    #[test]
    fn one_change_acknowledged_for_two_requests_is_found() {
        let (lines, mut events) = story();
        events.push(changed(13, 14, "d", 3, 4));
        assert!(!check(&lines, &events).is_empty());
    }
}
