//! The alphabetical list of id kinds.

use super::id::typed_id;

typed_id!(
    /// A customer's account, the owner of one ledger.
    AccountId,
    "acct_"
);
typed_id!(
    /// An API key of a backend, an operator or a client of the read views.
    ApiKeyId,
    "key_"
);
typed_id!(
    /// One day's check-in of one account.
    CheckInId,
    "chk_"
);
typed_id!(
    /// A coupon.
    CouponId,
    "cou_"
);
typed_id!(
    /// A debt of an account, or its repayment.
    DebtId,
    "debt_"
);
typed_id!(
    /// One immutable line of an account's history; the API calls it a transaction.
    EntryId,
    "txn_"
);
typed_id!(
    /// A gift.
    GiftId,
    "gift_"
);
typed_id!(
    /// Credits given at one moment from one source.
    GrantId,
    "grant_"
);
typed_id!(
    /// A hold.
    HoldId,
    "hold_"
);
typed_id!(
    /// A provider's event in the inbox.
    InboxEventId,
    "inb_"
);
typed_id!(
    /// An order.
    OrderId,
    "ord_"
);
typed_id!(
    /// A pack of credits on sale.
    PackId,
    "pack_"
);
typed_id!(
    /// A payment.
    PaymentId,
    "pay_"
);
typed_id!(
    /// A plan on sale.
    PlanId,
    "plan_"
);
typed_id!(
    /// A rate card.
    RateCardId,
    "rate_"
);
typed_id!(
    /// One account's use of a coupon.
    RedemptionId,
    "red_"
);
typed_id!(
    /// One account's subscription to one plan.
    SubscriptionId,
    "sub_"
);
typed_id!(
    /// A priced usage.
    UsageId,
    "usage_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_with_its_prefix_and_reads_back() {
        let id = AccountId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(id.to_string(), "acct_00000000000000000000000000000007");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_or_spelling_is_refused() {
        for text in ["", "acct_", "plan_00000000000000000000000000000007", "00000000000000000000000000000007"]
        {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
        assert!("acct_00000000-0000-0000-0000-000000000007".parse::<AccountId>().is_err());
        assert!("acct_0000000000000000000000000000000A".parse::<AccountId>().is_err());
    }
}
