//! Entering what a request was answered, with what the answer has to be.

use billing_core::ledger::{HoldState, Shortfall};
use billing_core::values::Timestamp;

use super::held::{Call, Held};
use super::{Books, Usage, month_of};
use crate::answers::{Accepted, Answer, EntryLine, UsageLine};
use crate::meters::{Amounts, Meter, named, units};
use crate::requests::{Ask, Request};

impl Books {
    pub(crate) fn enter(&mut self, request: &Request, answer: &Answer, now: Timestamp) {
        self.pass_time(now);
        if let Some((first, accepted)) = self.accepted.get(&request.key) {
            let again = Ok(Accepted { replayed: true, ..accepted.clone() });
            let expected = if first == request { &again } else { &Err("idempotency_key_reused") };
            assert_eq!(answer, expected, "a key that was used before: {request:?}");
            return;
        }
        if !self.requests.contains(request) {
            self.requests.push(request.clone());
        }
        match answer {
            Ok(accepted) => {
                assert!(!accepted.replayed);
                self.accept(&request.ask, accepted, now);
                self.accepted.insert(request.key.clone(), (request.clone(), accepted.clone()));
            }
            Err(code) => self.refuse(&request.ask, code, now),
        }
    }

    fn refuse(&self, ask: &Ask, code: &str, now: Timestamp) {
        let may_be: Vec<&str> = match ask {
            Ask::Grant { expires_at: Some(end), .. } | Ask::Place { expires_at: end, .. } if *end <= now => {
                vec!["invalid_expiry"]
            }
            Ask::Spend { shortfall: Shortfall::Owe, .. } | Ask::Use { shortfall: Shortfall::Owe, .. } => {
                vec![]
            }
            Ask::Spend { .. } | Ask::Use { .. } | Ask::Place { .. } => vec!["insufficient_credits"],
            Ask::Raise { hold, amounts, expires_at } => {
                let shrinks = named(amounts).any(|(meter, tenths)| tenths < self.holds[*hold].held(meter));
                match self.ended(*hold) {
                    Some(code) => vec![code],
                    None if expires_at.is_some_and(|end| end <= now) => vec!["invalid_expiry"],
                    None if shrinks => vec!["insufficient_credits", "invalid_amount"],
                    None => vec!["insufficient_credits"],
                }
            }
            Ask::Capture { hold, amounts, shortfall, or_spend, .. } => {
                let short = (*shortfall == Shortfall::Refuse).then_some("insufficient_credits");
                match self.ended(*hold) {
                    Some("hold_expired") => {
                        let as_spend = if *or_spend { short } else { Some("hold_expired") };
                        // All that it was placed for was captured before.
                        as_spend.into_iter().chain(["hold_settled"]).collect()
                    }
                    Some(code) => vec![code],
                    // What it was placed for is there.
                    None if self.covers(*hold, amounts.as_ref()) => vec![],
                    None => short.into_iter().collect(),
                }
            }
            Ask::Release { hold } => self.ended(*hold).into_iter().collect(),
            Ask::ReturnUsage { .. } | Ask::ReturnEntry { .. } => {
                assert!(!self.can_return(ask), "{ask:?} is refused as {code}");
                vec!["already_reversed"]
            }
            Ask::Grant { .. } => vec![],
        };
        assert!(may_be.contains(&code), "{ask:?} is refused as {code}, expected {may_be:?}");
    }

    /// The refusal that a hold which has ended brings.
    fn ended(&self, hold: usize) -> Option<&'static str> {
        match self.holds[hold].state {
            HoldState::Open => None,
            HoldState::Lapsed => Some("hold_expired"),
            HoldState::Settled => Some("hold_settled"),
            HoldState::Captured | HoldState::Released => Some("hold_closed"),
        }
    }

    /// Whether a hold is placed for a capture. What is returned to its grants meanwhile does not count: others may have
    /// spent it since.
    fn covers(&self, hold: usize, amounts: Option<&Amounts>) -> bool {
        !self.holds[hold].returned && self.holds[hold].covers(&self.asked(hold, amounts))
    }

    /// What a capture is of: what it names, or all that is left.
    fn asked(&self, hold: usize, amounts: Option<&Amounts>) -> Vec<(Meter, i64)> {
        let rests = self.holds[hold].calls.iter().filter_map(|(meter, call)| Some((*meter, call.rest()?)));
        amounts.map_or_else(|| rests.collect(), |amounts| named(amounts).collect())
    }

    fn accept(&mut self, ask: &Ask, accepted: &Accepted, now: Timestamp) {
        let moved: i64 = spends(accepted).map(|entry| entry.amount).sum();
        let credits: i64 = accepted.usages.iter().map(|line| line.credits).sum();
        if !matches!(ask, Ask::Spend { .. } | Ask::ReturnEntry { .. }) {
            assert_eq!(-moved, credits, "what entries move is what usage takes: {accepted:#?}");
        }
        match ask {
            Ask::Grant { credits, .. } => assert_eq!(accepted.grants, [*credits]),
            Ask::Spend { credits, shortfall } => {
                let all = -moved == *credits;
                assert!(all || (*shortfall == Shortfall::TakeWhatIsThere && accepted.available == 0));
                covered(*shortfall, accepted, 0);
            }
            Ask::Use { amounts, shortfall, occurred_at } => {
                self.enter_usage(amounts, &accepted.usages, occurred_at.unwrap_or(now));
                covered(*shortfall, accepted, credits);
            }
            Ask::Place { amounts, expires_at } => {
                let (expires_at, calls) = (*expires_at, std::collections::BTreeMap::new());
                self.holds.push(Held { state: HoldState::Open, expires_at, calls, returned: false });
                self.place(self.holds.len() - 1, amounts, accepted, now);
            }
            Ask::Raise { hold, amounts, expires_at } => {
                assert_eq!(self.ended(*hold), None);
                self.holds[*hold].expires_at = expires_at.unwrap_or(self.holds[*hold].expires_at);
                self.place(*hold, amounts, accepted, now);
            }
            Ask::Capture { hold, amounts, shortfall, last, or_spend } => {
                let before = self.ended(*hold);
                assert!(before.is_none() || (before == Some("hold_expired") && *or_spend), "{before:?}");
                self.enter_captures(*hold, amounts.as_ref(), &accepted.usages, now);
                let state = self.holds[*hold].state;
                let ends = [HoldState::Lapsed, HoldState::Settled];
                let told = accepted.holds[0].state;
                match (state, last) {
                    (HoldState::Open, false) => assert_eq!(told, HoldState::Open),
                    (HoldState::Open, true) => assert_eq!(told, HoldState::Captured),
                    (_, false) => assert!(ends.contains(&told)),
                    (_, true) => assert_eq!(told, HoldState::Settled),
                }
                self.holds[*hold].state = told;
                let uncovered = accepted.usages.iter().any(|line| line.uncovered != 0);
                assert!(!uncovered || (*shortfall == Shortfall::TakeWhatIsThere && accepted.available <= 0));
                self.hold_is_sound(*hold, accepted);
            }
            Ask::Release { hold } => {
                assert_eq!(self.ended(*hold), None);
                self.enter_ends(*hold, &accepted.usages);
                self.holds[*hold].state = HoldState::Released;
                self.hold_is_sound(*hold, accepted);
            }
            Ask::ReturnUsage { .. } | Ask::ReturnEntry { .. } => self.enter_returns(ask, accepted),
        }
        let taking = spends(accepted).filter(|entry| entry.kind == "usage");
        self.spends.extend(taking.map(|entry| (entry.seq, (-entry.amount, 0))));
    }

    fn enter_usage(&mut self, amounts: &Amounts, lines: &[UsageLine], at: Timestamp) {
        assert_eq!(lines.len(), named(amounts).count());
        for ((meter, tenths), line) in named(amounts).zip(lines) {
            let month = month_of(at);
            let before = self.counted(meter, month);
            assert_eq!((line.meter, line.price, line.hold), (meter, meter.price(before, tenths), None));
            assert_eq!(line.occurred_at, at);
            self.note(line, tenths, (month, before));
        }
    }

    /// Adds to what a hold is placed for. It begins to count where its month stands by then.
    fn place(&mut self, hold: usize, amounts: &Amounts, accepted: &Accepted, now: Timestamp) {
        for (meter, tenths) in named(amounts) {
            self.call(hold, meter, now).held = Some(tenths);
        }
        let [line] = accepted.holds.as_slice() else { panic!("one hold: {accepted:#?}") };
        assert_eq!((line.hold, line.state, accepted.usages.len()), (hold, HoldState::Open, 0));
        // What was raised and came to less by another meter's price keeps what it set aside.
        assert!(line.amount >= self.holds[hold].amount());
        assert_eq!(line.left, line.amount - line.captured);
    }

    fn call(&mut self, hold: usize, meter: Meter, now: Timestamp) -> &mut Call {
        let month = month_of(now);
        let before = self.counted(meter, month);
        self.holds[hold].calls.entry(meter).or_insert_with(|| Call::begin(month, before))
    }

    fn enter_captures(
        &mut self,
        hold: usize,
        amounts: Option<&Amounts>,
        lines: &[UsageLine],
        now: Timestamp,
    ) {
        let asked = self.asked(hold, amounts);
        let (captures, ends) = lines.split_at(asked.len());
        for line in captures {
            let own = asked.iter().find(|(meter, _)| *meter == line.meter);
            let (meter, tenths) = *own.unwrap_or_else(|| panic!("nobody asked for {line:?}"));
            let call = self.call(hold, meter, now);
            let price = call.price(meter);
            let position = (call.month, call.before + call.captured);
            call.captured += tenths;
            call.captures += 1;
            // Parts cost what the price of the whole grows by.
            assert_eq!((line.meter, line.price), (meter, call.price(meter) - price), "{line:?}");
            assert_eq!(line.hold, Some(hold));
            self.note(line, tenths, position);
        }
        self.enter_ends(hold, ends);
    }

    /// What a hold had captured below one credit is booked when it ends, at no further price.
    fn enter_ends(&mut self, hold: usize, lines: &[UsageLine]) {
        for line in lines {
            assert_eq!((line.hold, line.units, line.price, line.returns), (Some(hold), None, 0, None));
            self.end(line);
        }
    }

    pub(super) fn end(&mut self, line: &UsageLine) {
        let usage = Usage {
            line: line.clone(),
            tenths: 0,
            month: month_of(line.occurred_at),
            returned: 0,
            returns: 0,
        };
        assert!(self.usages.insert(line.number, usage).is_none());
    }

    fn note(&mut self, line: &UsageLine, tenths: i64, (month, before): (billing_core::values::Month, i64)) {
        assert_eq!(line.units, Some(units(tenths)));
        assert_eq!(line.before, line.meter.is_monthly().then(|| units(before)));
        assert_eq!(line.returns, None);
        self.count(line.meter, month, tenths);
        let usage = Usage { line: line.clone(), tenths, month, returned: 0, returns: 0 };
        assert!(self.usages.insert(line.number, usage).is_none(), "usage {} is recorded twice", line.number);
    }
}

pub(super) fn spends(accepted: &Accepted) -> impl Iterator<Item = &EntryLine> {
    accepted.entries.iter().filter(|entry| entry.is_spend_or_reversal())
}

/// Only a part leaves anything uncovered, and only when nothing is left; nothing but debt goes below zero.
fn covered(shortfall: Shortfall, accepted: &Accepted, credits: i64) {
    let uncovered = accepted.usages.iter().any(|line| line.uncovered != 0);
    assert!(!uncovered || (shortfall == Shortfall::TakeWhatIsThere && accepted.available <= 0));
    assert!(shortfall == Shortfall::Owe || credits == 0 || accepted.available >= 0, "{accepted:#?}");
}
