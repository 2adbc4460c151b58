//! Holds.

use std::sync::Arc;

use billing_core::ledger::{CaptureHold, Command, HoldState, Refusal};
use billing_core::values::Credits;

use super::super::world::amounts;
use super::twin::{after, capture, ending, extend, grant, hold, on_both, spend};

use crate::Stores;

/// Held credits cannot be spent; captures spend them part by part; the final capture releases the rest.
pub async fn a_hold_is_captured_in_parts_and_the_rest_is_let_go(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 100)).await;
        let held = story.hold(1, 60, 900).await;
        let kept = story.world.balance(story.account).await;
        assert_eq!((kept.posted.get(), kept.held.get(), kept.available().get()), (100, 60, 40));
        let refused = story.refused(2, spend(41)).await;
        let [required, available, aside] = [41, 40, 60].map(Credits::new);
        assert_eq!(refused, Refusal::InsufficientCredits { required, available, held: aside });

        let part = story.at(3, vec![Command::Capture(capture(held, 10))]).await.unwrap();
        assert_eq!(amounts(&part), [-10]);
        assert_eq!((part.holds[0].left.get(), part.holds[0].captured.get()), (50, 10));
        let last = CaptureHold { last: true, ..capture(held, 20) };
        assert_eq!(story.done(4, Command::Capture(last)).await, 70);
        let kept = story.world.balance(story.account).await;
        assert_eq!((kept.posted.get(), kept.held.get()), (70, 0));
        story
    })
    .await;
}

/// A hold ends once: later changes of a settled, released or lapsed hold are refused by its state.
pub async fn a_second_resolution_of_a_hold_is_refused(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 100)).await;
        let [all, free, late] = [story.hold(1, 10, 900), story.hold(1, 10, 900), story.hold(1, 10, 60)];
        let (all, free, late) = (all.await, free.await, late.await);
        let last = CaptureHold { last: true, ..capture(all, 10) };
        story.done(2, Command::Capture(last)).await;
        story.done(2, Command::Release { hold: free }).await;
        let closed = |hold, state| Refusal::HoldClosed { hold, state };
        let again = Command::Capture(capture(all, 1));
        assert_eq!(story.refused(3, again).await, closed(all, HoldState::Captured));
        assert_eq!(
            story.refused(3, Command::Release { hold: free }).await,
            closed(free, HoldState::Released)
        );
        let lapsed = Refusal::HoldExpired { hold: late, expired_at: after(60) };
        assert_eq!(story.refused(60, Command::Capture(capture(late, 5))).await, lapsed);
        assert_eq!(story.refused(61, extend(late, 90)).await, lapsed);
        let spent = CaptureHold { or_spend: true, ..capture(late, 5) };
        assert_eq!(story.done(62, Command::Capture(spent)).await, 85);
        story
    })
    .await;
}

/// A hold lapses at its time; an extended one later.
pub async fn a_hold_lapses_by_time_alone(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 30)).await;
        let (short, long) = (story.hold(1, 10, 60).await, story.hold(1, 20, 60).await);
        story.done(2, extend(long, 600)).await;
        assert!(matches!(story.refused(59, spend(1)).await, Refusal::InsufficientCredits { .. }));
        assert_eq!(story.done(60, spend(10)).await, 0);
        let state = story.world.store.state(story.account).await.unwrap().unwrap();
        assert_eq!(state.open_holds().map(|hold| hold.id).collect::<Vec<_>>(), [long]);
        assert_ne!(short, long);
        story
    })
    .await;
}

/// Pinned credits outlive their grant: captured they are spent, released they expire at once.
pub async fn what_is_held_outlives_its_grant(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, Command::Grant(ending("a", 10, 60))).await;
        story.done(0, grant("b", 5)).await;
        let held = story.hold(1, 8, 900).await;
        assert_eq!(story.done(61, spend(1)).await, 4);
        assert_eq!(story.done(62, Command::Capture(capture(held, 3))).await, 4);
        let released = story.at(63, vec![Command::Release { hold: held }]).await.unwrap();
        assert_eq!(amounts(&released), [-5]);
        assert_eq!(released.available.get(), 4);
        story
    })
    .await;
}

/// A capture beyond the hold spends the rest from the balance, in the same posting, or is refused.
pub async fn a_capture_beyond_the_hold_spends_the_rest(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 20)).await;
        let held = story.hold(1, 10, 900).await;
        let refused = story.refused(2, Command::Capture(capture(held, 21))).await;
        assert!(matches!(refused, Refusal::InsufficientCredits { .. }), "{refused:?}");
        let all = story.at(3, vec![Command::Capture(capture(held, 18))]).await.unwrap();
        assert_eq!(amounts(&all), [-18]);
        assert_eq!(all.available.get(), 2);
        let after = all.holds[0];
        assert_eq!((after.captured.get(), after.overrun.get(), after.left.get()), (10, 8, 0));
        assert_eq!(after.state, HoldState::Open);
        story
    })
    .await;
}

/// Credits of several holds on several grants return to their own grants.
pub async fn a_hold_goes_back_to_the_grants_it_came_from(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        for (fact, end) in
            [("a", 100), ("b", 200), ("c", 300), ("d", 400), ("e", 500), ("f", 600), ("g", 700)]
        {
            story.done(0, Command::Grant(ending(fact, 10, end))).await;
        }
        let first = story.hold(1, 25, 900).await;
        let second = story.hold(1, 25, 900).await;
        story.done(2, Command::Release { hold: first }).await;
        assert_eq!(story.done(3, spend(22)).await, 23);
        story.done(4, Command::Capture(capture(second, 6))).await;
        let left: Vec<_> = story.world.history(story.account).await.kept.grants;
        let left: Vec<_> = left.iter().map(|grant| (grant.remaining.get(), grant.pinned.get())).collect();
        assert_eq!(left, [(0, 0), (0, 0), (3, 0), (9, 9), (10, 10), (10, 0), (10, 0)]);
        story
    })
    .await;
}

/// A hold needs cover like a spend, and an expiry.
pub async fn a_hold_without_cover_or_end_is_refused(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 5)).await;
        let refused = story.refused(1, hold(6, 60)).await;
        assert!(matches!(refused, Refusal::InsufficientCredits { .. }), "{refused:?}");
        assert_eq!(story.refused(60, hold(1, 60)).await.code(), "invalid_expiry");
        assert_eq!(story.refused(1, hold(0, 60)).await.code(), "invalid_amount");
        story
    })
    .await;
}
