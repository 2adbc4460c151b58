//! Macros that turn cases into tests.

/// Makes a test of every case of every suite.
///
/// `$runner` is a function that takes a [`Case`](crate::contract::Case), gives it a fresh and empty store, and
/// cleans up afterwards. The tests run on several threads; `tokio` has to be among the dev-dependencies.
#[macro_export]
macro_rules! store_contract {
    ($runner:path) => {
        $crate::ledger_contract!($runner);
        $crate::billing_store_contract!($runner);
        $crate::reads_contract!($runner);
        $crate::inbox_contract!($runner);
        $crate::jobs_contract!($runner);
    };
}

/// Makes a test of every case of posting to the ledger and of reading it. See [`store_contract!`](crate::store_contract).
#[macro_export]
macro_rules! ledger_contract {
    ($runner:path) => {
        $crate::contract_cases! {
            contract_ledger, ledger, $runner,
            an_empty_batch_has_no_outcomes,
            outcomes_come_in_the_order_of_the_batch,
            a_posting_sees_what_came_before_it_in_the_batch,
            a_refusal_does_not_touch_its_neighbours,
            a_batch_equals_its_postings_one_at_a_time,
            a_batch_can_be_large,
            priority_burns_first,
            what_expires_sooner_burns_first,
            what_was_given_burns_before_what_was_paid,
            what_took_effect_earlier_burns_first,
            the_last_tie_is_settled_by_what_was_made_first,
            a_grant_that_was_begun_burns_to_its_end,
            amounts_have_two_ends,
            large_balances_are_exact,
            a_balance_does_not_overflow,
            credits_of_later_cannot_overflow_a_balance,
            expired_credits_cannot_be_spent,
            a_reader_sees_expiry_before_it_is_written,
            an_expiry_entry_has_its_own_moment,
            only_what_is_left_expires,
            expiries_are_written_in_order,
            a_grant_of_later_counts_from_its_moment_on,
            a_repeated_grant_of_later_still_has_no_entries,
            months_paid_ahead_come_and_go_by_time,
            a_grant_that_ends_before_it_begins_is_refused,
            time_never_runs_backwards_for_an_account,
            a_fact_grants_once_per_account,
            a_fact_grants_once_over_all_accounts,
            a_fact_grants_once_within_a_batch,
            a_fact_grants_once_also_at_the_same_moment,
            several_facts_of_one_posting_stand_or_fall_together,
            a_repetition_answers_the_first_outcome,
            a_repeated_grant_gives_nothing_more,
            a_repetition_answers_every_entry_of_the_posting,
            a_repetition_within_a_batch_is_one_posting,
            several_repetitions_within_a_batch_answer_the_first_outcome,
            another_request_under_a_used_key_is_refused,
            a_key_of_a_hold_is_taken_for_spends_and_the_other_way_round,
            what_is_left_of_grants_is_right_whoever_writes_them,
            a_spend_writes_down_what_time_did_to_the_grant_drawn_on_before,
            the_fingerprint_alone_says_whether_a_request_is_the_same,
            a_refusal_leaves_the_key_free,
            a_key_belongs_to_one_account,
            entries_come_newest_first_in_pages,
            a_cursor_is_stable_while_entries_come_in,
            a_list_shows_one_account_only,
            a_foreign_cursor_is_an_error,
            all_entries_come_newest_first_with_their_accounts,
            entries_can_be_filtered,
            a_filtered_list_has_full_pages,
            a_new_account_has_an_empty_ledger,
            an_entry_reads_back_as_it_was_answered,
            a_grant_reads_back_as_it_was_made,
            used_up_grants_are_no_longer_live,
            buckets_are_kept_by_source,
            spenders_at_once_never_overspend,
            one_key_at_once_is_one_posting,
            overlapping_batches_do_not_block_each_other,
            entries_are_numbered_without_gaps_under_load,
            what_was_given_can_be_spent,
            the_last_credit_can_be_spent,
            a_spend_beyond_the_balance_takes_nothing,
            a_spend_draws_on_as_many_grants_as_it_needs,
            a_posting_can_spend_what_it_gives,
            a_posting_is_carried_out_whole_or_not_at_all,
            a_posting_without_commands_is_refused,
            an_unknown_account_does_not_fail_the_batch,
            accounts_do_not_share_credits,
            a_hold_is_captured_in_parts_and_the_rest_is_let_go,
            a_second_resolution_of_a_hold_is_refused,
            a_hold_lapses_by_time_alone,
            what_is_held_outlives_its_grant,
            a_capture_beyond_the_hold_spends_the_rest,
            a_hold_goes_back_to_the_grants_it_came_from,
            a_hold_without_cover_or_end_is_refused,
            a_spend_goes_back_to_its_grants,
            a_spend_of_an_ended_grant_comes_back_on_its_own,
            only_spends_can_be_reversed,
            what_is_owed_is_repaid_first,
            a_hold_on_the_overdraft_is_owed_when_captured,
            a_partial_spend_takes_what_is_there,
            a_grant_taken_back_takes_what_is_left_and_owes_the_rest,
            a_grant_taken_back_may_stop_at_what_is_left,
            a_grant_called_off_is_gone,
            what_rolls_over_lives_on_up_to_its_cap,
            late_usage_still_draws_on_an_ended_grant,
            a_grant_can_be_extended_until_it_is_over,
            fractions_are_carried_until_they_make_a_credit,
            a_frozen_account_moves_nothing,
            a_check_goes_on_where_the_last_one_ended,
            a_history_that_does_not_go_on_from_its_mark_is_found,
            the_chain_reads_back_to_its_head,
            a_checkpoint_covers_what_changed_since_the_last,
            a_check_compares_the_history_with_every_checkpoint,
            accounts_are_checked_together_as_by_themselves,
            free_text_is_erased_and_the_history_still_verifies,
            what_time_has_done_can_be_written_by_itself,
            time_passes_between_the_postings_of_a_batch,
            accounts_with_something_due_are_found,
            a_frozen_account_is_not_due,
            holds_come_newest_first_in_pages,
            grants_come_newest_first_in_pages,
            an_entry_is_told_with_everything_around_it,
            another_accounts_entry_is_not_told,
            grants_are_found_by_their_facts,
            usage_is_summed_up_by_day_type_and_meter,
            a_moment_is_found_in_a_history_of_any_length,
            a_past_balance_is_what_there_was_then,
            a_hold_for_usage_is_captured_as_one_call,
            a_hold_is_raised_to_all_usage_that_is_named,
            a_fraction_of_a_hold_is_booked_when_time_ends_it,
            usage_comes_back_at_its_exact_price,
            usage_comes_back_from_an_open_hold,
            what_nothing_covers_is_uncovered_or_owed,
            usage_is_listed_by_when_it_happened,
            usage_is_summed_up_by_dimension_and_local_day,
            captures_are_listed_newest_first,
            usage_of_a_month_goes_on_where_it_stands,
            what_is_given_back_leaves_its_month,
            a_hold_keeps_its_place_in_the_month,
            a_month_begins_where_the_account_is,
            a_month_counts_under_any_key_and_to_the_last_decimal,
            users_of_one_month_at_once_stand_one_after_another,
        }
    };
}

/// Makes a test of every case of committing changes. See [`store_contract!`](crate::store_contract).
#[macro_export]
macro_rules! billing_store_contract {
    ($runner:path) => {
        $crate::contract_cases! {
            contract_billing_store, billing, $runner,
            all_changes_are_written_together,
            no_changes_are_committed_as_well,
            a_refused_posting_writes_nothing_at_all,
            a_posting_to_an_unknown_account_is_refused,
            a_conflict_writes_nothing_at_all,
            both_writing_ports_share_one_ledger,
            both_writing_ports_can_be_used_at_once,
            a_commit_posts_at_the_moment_that_it_is_given,
            a_store_that_was_set_up_is_healthy,
            a_receipt_marks_its_event,
            a_second_receipt_writes_nothing,
            a_second_receipt_is_told_apart_from_a_conflict,
            an_effect_that_fails_leaves_its_event_open,
            a_dead_event_can_still_be_dealt_with,
            a_receipt_of_an_unknown_event_writes_nothing,
            one_event_at_once_is_one_effect,
            two_events_of_one_fact_at_once_grant_once,
            an_external_id_names_one_account,
            an_account_has_one_customer_per_provider,
            a_customer_takes_the_place_of_one_that_is_gone,
            a_slug_names_one_plan,
            a_price_stands_for_one_item_for_good,
            a_slug_names_one_pack,
            a_slug_and_a_number_name_one_version,
            a_request_and_a_checkout_name_one_order,
            a_provider_id_names_one_subscription,
            an_account_checks_in_once_a_day,
            a_hash_is_one_keys,
            a_setting_is_made_once,
            a_change_is_written_over_the_version_that_was_read,
            of_many_changes_over_one_version_one_is_written,
            changing_an_account_leaves_its_credits_alone,
            a_code_names_one_coupon,
            an_order_and_a_place_have_one_use,
            the_last_use_at_once_goes_to_one,
            a_use_that_came_back_can_be_used_again,
            what_was_paid_for_counts_beyond_the_limit,
            a_coupon_that_was_changed_is_looked_at_again,
            writing_a_coupon_leaves_its_uses_alone,
            an_unused_coupon_is_written_only_while_it_is,
            a_code_and_an_order_have_one_gift,
            a_request_gives_one_gift,
            a_gift_at_once_goes_to_one,
        }
    };
}

/// Makes a test of every case of reading what was committed. See [`store_contract!`](crate::store_contract).
#[macro_export]
macro_rules! reads_contract {
    ($runner:path) => {
        $crate::contract_cases! {
            contract_reads, reads, $runner,
            an_account_reads_back,
            an_account_can_be_changed,
            an_unknown_account_is_none,
            accounts_are_found_by_many_names,
            a_customer_and_its_account_find_each_other,
            a_plan_reads_back,
            a_plan_can_be_changed,
            plans_are_listed_in_the_order_in_which_they_were_made,
            a_price_finds_what_it_stands_for,
            a_pack_reads_back,
            a_rate_card_reads_back,
            rates_read_back_exactly,
            rate_cards_are_listed_in_the_order_in_which_they_were_made,
            the_check_in_configuration_reads_back,
            check_ins_read_back_by_day,
            a_check_in_is_found_by_its_request,
            a_subscription_command_reads_back,
            a_coupon_reads_back,
            coupons_are_listed_in_the_order_in_which_they_were_made,
            uses_read_back_by_coupon_and_account,
            a_use_is_found_by_its_request,
            who_bought_before_is_known,
            a_gift_reads_back,
            gifts_come_newest_first_in_pages,
            a_key_reads_back,
            keys_are_listed_in_the_order_in_which_they_were_made,
            a_setting_reads_back,
            an_order_reads_back,
            an_order_can_be_changed,
            an_order_is_found_by_its_checkout,
            an_order_is_found_by_its_request,
            a_pending_order_holds_its_slot,
            orders_come_newest_first_in_pages,
            a_payment_reads_back,
            payments_of_an_order_come_in_order,
            a_name_names_one_payment,
            a_payment_method_reads_back,
            a_subscription_reads_back,
            subscriptions_come_latest_begun_first,
            all_orders_can_be_looked_through,
            all_payments_can_be_looked_through,
            all_subscriptions_can_be_looked_through,
        }
    };
}

/// Makes a test of every case of the inbox. See [`store_contract!`](crate::store_contract).
#[macro_export]
macro_rules! inbox_contract {
    ($runner:path) => {
        $crate::contract_cases! {
            contract_inbox, inbox, $runner,
            an_event_is_kept_byte_for_byte,
            a_second_delivery_changes_nothing,
            of_many_deliveries_at_once_one_is_new,
            a_claim_keeps_others_away_until_its_lease_ends,
            what_waits_longest_comes_first,
            only_what_is_open_is_claimed,
            what_is_put_off_comes_again,
            what_was_dealt_with_is_not_put_off,
            claimers_at_once_never_share_an_event,
            events_are_listed_newest_first_by_state,
        }
    };
}

/// Makes a test of every case of background jobs. See [`store_contract!`](crate::store_contract).
#[macro_export]
macro_rules! jobs_contract {
    ($runner:path) => {
        $crate::contract_cases! {
            contract_jobs, jobs, $runner,
            unpaid_orders_are_due_once_they_are_closed,
            duplicate_subscriptions_are_due,
            given_subscriptions_are_due_once_they_are_over,
            accounts_without_a_free_month_are_due,
            a_page_of_failed_items_holds_up_none_behind_them,
            an_item_is_rescheduled_for_one_job_until_it_is_cleared,
            attempts_of_long_ago_are_forgotten,
            a_lease_has_one_holder,
            of_many_who_want_a_lease_one_gets_it,
        }
    };
}

/// Makes a test of every case of payment providers.
///
/// `$stage` is a function without arguments that makes a fresh
/// [`ProviderStage`](crate::contract::provider::ProviderStage); `tokio` has to be among the dev-dependencies.
#[macro_export]
macro_rules! provider_contract {
    ($stage:path) => {
        $crate::provider_cases! {
            $stage,
            a_checkout_says_where_it_is_paid_and_until_when,
            the_same_request_is_one_checkout_where_the_table_says_so,
            an_account_is_one_customer,
            what_the_catalogue_has_to_name_is_not_sold_without_a_name,
            what_became_of_a_checkout_can_be_asked_where_the_table_says_so,
            a_checkout_can_be_closed_where_the_table_says_so,
            an_end_is_set_taken_back_and_carried_out,
            a_subscription_is_set_aside_and_taken_up_again,
            pages_of_its_own_are_opened_where_the_table_says_so,
            a_payment_is_given_back_once,
            parts_of_a_payment_are_given_back_where_the_table_says_so,
            what_the_provider_signs_is_let_in,
            what_somebody_else_sends_is_not_let_in,
            old_signatures_are_not_let_in_where_they_are_dated,
            an_unknown_type_of_event_is_ignored,
            an_event_that_makes_no_sense_is_an_error,
            no_single_value_of_an_event_makes_reading_it_panic,
            a_refusal_is_told_in_the_providers_words,
            trouble_leaves_the_outcome_open_and_the_same_call_works_afterwards,
        }
    };
}

/// Makes a test of each named case of payment providers.
#[doc(hidden)]
#[macro_export]
macro_rules! provider_cases {
    ($stage:path, $($case:ident),+ $(,)?) => {
        mod contract_provider {
            use super::*;

            $(
                #[tokio::test]
                async fn $case() {
                    $crate::contract::provider::$case(&$stage()).await;
                }
            )+
        }
    };
}

/// Makes a test of each named case.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($tests:ident, $suite:ident, $runner:path, $($case:ident),+ $(,)?) => {
        mod $tests {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    $runner(Box::new(|store| Box::pin($crate::contract::$suite::$case(store)))).await;
                }
            )+
        }
    };
}
