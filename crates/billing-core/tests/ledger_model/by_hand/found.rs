//! Histories that went wrong once, as short as they could be made.

use billing_core::ledger::{
    CaptureHold, Charge, Command, ExtendHold, GrantCredits, PlaceHold, Refusal, Rollover,
};
use billing_core::values::{Credits, Metadata};

use super::scene::{Scene, capture, late, reverse, spend, take_back, void};
use crate::tariffs;
use crate::world::begin;

#[test]
fn what_was_set_aside_can_be_captured_though_the_account_owes_more_than_its_overdraft() {
    let mut scene = Scene::begin();
    let spent = scene.give(5);
    scene.spend(5);
    scene.give(10);
    let hold = scene.hold(20, 10);
    scene.post(take_back(spent, 5));
    assert_eq!(scene.available(), -5);
    scene.post(capture(hold, 10));
    assert_eq!((scene.debt(), scene.available()), (5, -5));
}

#[test]
fn an_absurd_amount_does_not_hide_what_its_neighbours_need() {
    let mut scene = Scene::begin();
    scene.give(1);
    scene.give(1);
    let outcomes = scene.batch([spend(i64::MIN), spend(2)]);
    assert!(outcomes[1].is_ok());
}

#[test]
fn a_debt_is_repaid_from_grants_that_were_not_loaded_at_first() {
    let mut scene = Scene::begin();
    let spent = scene.give(5);
    scene.spend(5);
    scene.give(2);
    scene.give(10);
    scene.post(take_back(spent, 5));
    assert_eq!((scene.debt(), scene.available()), (0, 7));
}

#[test]
fn a_grant_that_lives_longer_burns_after_those_that_were_not_loaded_at_first() {
    let mut scene = Scene::begin();
    let first = scene.give_for(5, 10);
    let second = scene.give_for(8, 10);
    let longer = Command::ExtendGrant { grant: first, expires_at: Some(scene.now.plus_seconds(20)) };
    scene.batch([longer, spend(6)]);
    assert_eq!((scene.row(first).remaining.get(), scene.row(second).remaining.get()), (10, 4));
}

#[test]
fn a_spend_beside_a_grant_that_is_called_off_draws_on_those_that_were_not_loaded_at_first() {
    let mut scene = Scene::begin();
    let first = scene.give_for(5, 10);
    scene.give_for(8, 10);
    let outcomes = scene.batch([void(first), spend(6)]);
    assert!(outcomes[1].is_ok());
    assert_eq!(scene.available(), 4);
}

#[test]
fn a_hold_captured_twice_in_one_batch_draws_on_grants_that_were_not_loaded_at_first() {
    let mut scene = Scene::begin();
    scene.give_for(50, 10);
    scene.give(10);
    let hold = scene.hold(20, 10);
    let outcomes = scene.batch([capture(hold, 6), capture(hold, 8)]);
    assert!(outcomes[1].is_ok());
    assert_eq!(scene.available(), 6);
}

#[test]
fn late_usage_counts_on_grants_that_were_not_loaded_at_first() {
    let mut scene = Scene::begin();
    scene.overdraft(10);
    scene.give(20);
    scene.hold(60, 30);
    let ends_soon = Some(scene.now.plus_seconds(2));
    let credits = GrantCredits { priority: 3, expires_at: ends_soon, late_seconds: 20, ..scene.credits(5) };
    scene.grant(credits);
    let credits = GrantCredits { priority: -1, ..scene.credits(20) };
    scene.grant(credits);
    scene.wait(3);
    scene.spend(1);
    scene.overdraft(0);
    scene.post(late(14, begin()));
}

#[test]
fn a_grant_rolls_over_once_though_it_is_made_to_live_longer_in_its_grace() {
    let mut scene = Scene::begin();
    let credits = GrantCredits {
        expires_at: Some(scene.now.plus_seconds(5)),
        late_seconds: 10,
        rollover: Some(Rollover { cap: Credits::new(4), until: scene.now.plus_seconds(50) }),
        ..scene.credits(10)
    };
    let grant = scene.grant(credits);
    scene.wait(6);
    let expires_at = Some(scene.now.plus_seconds(5));
    scene.post(Command::ExtendGrant { grant, expires_at });
    assert_eq!(scene.available(), 10);
    scene.wait(6);
    scene.give(1);
    assert_eq!(scene.available(), 5);
}

#[test]
fn a_rollover_cannot_be_capped_below_nothing() {
    let mut scene = Scene::begin();
    let cap = Credits::new(-5);
    let credits = GrantCredits {
        expires_at: Some(scene.now.plus_seconds(2)),
        rollover: Some(Rollover { cap, until: scene.now.plus_seconds(9) }),
        ..scene.credits(10)
    };
    assert_eq!(scene.ask(Command::Grant(credits)), Err(Refusal::InvalidAmount { amount: cap }));
}

#[test]
fn what_is_given_back_of_a_spend_can_expire_though_its_grant_was_taken_back_in_full() {
    let mut scene = Scene::begin();
    let grant = scene.give_for(5, 10);
    let entry = scene.spend(10);
    scene.post(take_back(grant, 10));
    // Other credits repay what is owed for it.
    scene.give(10);
    scene.post(reverse(entry, scene.now));
    assert_eq!((scene.debt(), scene.available()), (0, 10));
    scene.wait(6);
    scene.give(1);
    assert_eq!(scene.available(), 1);
}

#[test]
fn late_usage_is_paid_also_where_an_overdraft_has_no_end() {
    let mut scene = Scene::begin();
    scene.overdraft(i64::MAX);
    let ends_soon = Some(scene.now.plus_seconds(2));
    let credits = GrantCredits { expires_at: ends_soon, late_seconds: 20, ..scene.credits(5) };
    let grant = scene.grant(credits);
    scene.wait(3);
    scene.post(late(4, begin()));
    assert_eq!(scene.row(grant).remaining.get(), 1);
}

#[test]
fn a_raised_hold_captures_from_a_grant_that_began_after_it_was_placed() {
    let mut scene = Scene::begin();
    scene.give(1);
    let hold = scene.hold(20, 1);
    scene.wait(1);
    scene.give_for(3, 1);
    let charge = Some(Charge::Credits(Credits::new(2)));
    scene.post(Command::ExtendHold(ExtendHold { hold, expires_at: None, charge }));
    scene.wait(5);
    scene.post(capture(hold, 2));
    assert_eq!(scene.available(), 0);
}

#[test]
fn the_rest_of_a_hold_s_usage_is_taken_from_a_grant_that_ends_as_the_hold_lapses() {
    let mut scene = Scene::begin();
    let until = scene.now.plus_seconds(30);
    let rollover = Some(Rollover { cap: Credits::new(10), until });
    let expires_at = Some(scene.now.plus_seconds(20));
    scene.grant(GrantCredits { expires_at, rollover, ..scene.credits(12) });
    let hold = scene.post(Command::Hold(PlaceHold {
        charge: Charge::Usage(vec![tariffs::used(2, 0)]),
        expires_at: until,
        description: String::new(),
        metadata: Metadata::default(),
    }));
    let Command::Capture(settled) = capture(hold.holds[0].id, 1) else { unreachable!() };
    // Half a credit of each kind: their sum is booked when the hold ends.
    let charge = Some(Charge::Usage(vec![tariffs::used(0, 5_500_000), tariffs::used(1, 250_000)]));
    scene.post(Command::Capture(CaptureHold { charge, ..settled }));
    scene.wait(30);
    let posted = scene.post(Command::Grant(scene.credits(1)));
    let ended = scene.ledgers.batched.rows.grants.values().filter(|grant| grant.id != posted.grants[0].id);
    // Twelve were given and six used; the last use was of what had rolled over.
    assert_eq!(ended.map(|grant| grant.forfeited.get()).collect::<Vec<_>>(), [7, 6]);
}
