//! One history for each rule that is easily got wrong: the numbers stand here, and the model has to agree.

use billing_core::ledger::{Command, GrantCredits, Refusal, Rollover, Shortfall, SpendCredits, Stage};
use billing_core::values::Credits;

use super::scene::{Scene, capture, late, reverse, spend, take_back, usage, used, void};
use crate::world::begin;

#[test]
fn what_a_hold_has_pinned_outlives_its_grant_and_ends_when_it_is_let_go() {
    let mut scene = Scene::begin();
    let grant = scene.give_for(5, 10);
    let hold = scene.hold(20, 4);
    scene.wait(6);
    scene.give(1);
    assert_eq!((scene.row(grant).stage, scene.row(grant).remaining.get()), (Stage::Expired, 4));
    scene.post(capture(hold, 3));
    let released = scene.post(Command::Release { hold });
    let [expiry] = released.entries.as_slice() else { panic!("one entry: {:?}", released.entries) };
    assert_eq!((expiry.kind.as_str(), expiry.amount.get()), ("expiry", -1));
    assert_eq!(scene.available(), 1);
}

#[test]
fn a_hold_that_is_let_go_repays_what_is_owed_first() {
    let mut scene = Scene::begin();
    let spent = scene.give(10);
    scene.spend(10);
    scene.give(6);
    let hold = scene.hold(20, 6);
    scene.post(take_back(spent, 10));
    assert_eq!(scene.debt(), 10);
    scene.post(Command::Release { hold });
    assert_eq!((scene.debt(), scene.available()), (4, -4));
}

#[test]
fn a_capture_beyond_the_hold_stops_at_the_overdraft() {
    let mut scene = Scene::begin();
    scene.overdraft(5);
    scene.give(10);
    let placed = scene.hold(20, 10);
    let refused = scene.ask(capture(placed, 16)).unwrap_err();
    let [required, available, held] = [6, 0, 10].map(Credits::new);
    assert_eq!(refused, Refusal::InsufficientCredits { required, available, held });
    scene.post(capture(placed, 15));
    assert_eq!((scene.debt(), scene.available()), (5, -5));
}

#[test]
fn a_spend_comes_back_from_its_end_and_as_a_refund_where_the_grant_has_ended() {
    let mut scene = Scene::begin();
    let first = scene.give_for(5, 10);
    let second = scene.give(10);
    let entry = scene.spend(15);
    scene.wait(6);
    let back = scene.post(reverse(entry, scene.now));
    assert_eq!((scene.row(first).remaining.get(), scene.row(second).remaining.get()), (0, 10));
    assert_eq!(back.grants[0].amount.get(), 10);
    assert_eq!(scene.available(), 20);
}

#[test]
fn what_is_left_rolls_over_up_to_its_cap_and_the_rest_waits_for_late_usage() {
    let mut scene = Scene::begin();
    let credits = GrantCredits {
        expires_at: Some(scene.now.plus_seconds(5)),
        late_seconds: 10,
        rollover: Some(Rollover { cap: Credits::new(4), until: scene.now.plus_seconds(50) }),
        ..scene.credits(10)
    };
    scene.grant(credits);
    scene.wait(6);
    scene.spend(1);
    assert_eq!(scene.available(), 3);
    let before_the_end = begin().plus_seconds(4);
    scene.post(late(8, before_the_end));
    assert_eq!(scene.available(), 1);
    scene.wait(10);
    assert!(scene.ask(late(2, before_the_end)).is_err());
}

#[test]
fn a_thousand_tiny_calls_cost_what_they_should() {
    let mut scene = Scene::begin();
    scene.give(10);
    for _ in 0..10 {
        scene.batch((0..100).map(|_| used(2_500)));
    }
    assert_eq!(scene.available(), 8);
    let all = SpendCredits {
        shortfall: Shortfall::TakeWhatIsThere,
        ..SpendCredits::new(Credits::new(30), usage(), String::new())
    };
    assert_eq!(scene.post(Command::Spend(all)).entries[0].amount.get(), -8);
    assert!(scene.ask(spend(1)).is_err());
}

#[test]
fn a_grant_that_was_called_off_is_not_taken_back_again() {
    let mut scene = Scene::begin();
    let grant = scene.give(10);
    scene.spend(4);
    scene.post(void(grant));
    scene.post(take_back(grant, 10));
    assert_eq!((scene.debt(), scene.available()), (4, -4));
    scene.post(take_back(grant, 10));
    assert_eq!(scene.debt(), 4);
}
