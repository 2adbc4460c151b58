//! What nobody would send.

use proptest::prelude::*;

use super::*;

/// Any JSON, made of names that mean something.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z_0-9]{0,12}".prop_map(Value::from),
        prop_oneof![Just("paid"), Just("payment"), Just("subscription"), Just("active"), Just("usd")]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(field_name(), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn field_name() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "id",
        "mode",
        "payment_status",
        "status",
        "customer",
        "items",
        "data",
        "lines",
        "period",
        "start",
        "end",
        "parent",
        "subscription_details",
        "subscription_item_details",
        "pricing",
        "price_details",
        "price",
        "plan",
        "proration",
        "metadata",
        "order_id",
        "subscription",
        "currency",
        "subtotal",
        "billing_reason",
        "cancel_at",
        "current_period_start",
        "current_period_end",
        "amount_total",
        "type",
    ])
    .prop_map(str::to_owned)
}

fn known_type() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
        "invoice.paid",
    ])
}

/// Every place in `value`, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| places(field, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_object_is_read_or_refused_but_never_panics(
        kind in known_type(),
        object in proptest::collection::btree_map(field_name(), json_value(), 0..12),
    ) {
        let body = json!({ "id": "evt_1", "type": kind, "created": 1, "data": { "object": object } });
        drop(read(body.to_string().as_bytes()));
    }

    #[test]
    fn a_real_event_with_one_thing_replaced_is_read_or_refused(
        shape in proptest::sample::select(Shape::ALL.to_vec()),
        which in any::<proptest::sample::Index>(),
        place in any::<proptest::sample::Index>(),
        value in json_value(),
    ) {
        let events: Vec<_> = Story::all()
            .flat_map(|story| stripe_story(story, shape, &StoryIds::sample(), now()))
            .collect();
        let mut event: Value = serde_json::from_slice(&which.get(&events).body).unwrap();
        let mut found = Vec::new();
        places(&event["data"]["object"], "/data/object", &mut found);
        let place: &String = place.get(&found);
        *event.pointer_mut(place).unwrap() = value;
        drop(read(event.to_string().as_bytes()));
    }

    #[test]
    fn unknown_fields_change_nothing(
        which in any::<proptest::sample::Index>(),
        extra in proptest::collection::btree_map("zz_[a-z]{1,8}", json_value(), 1..6),
    ) {
        let events: Vec<_> = Story::all()
            .flat_map(|story| stripe_story(story, Shape::PostBasil, &StoryIds::sample(), now()))
            .collect();
        let body = &which.get(&events).body;
        let mut event: Value = serde_json::from_slice(body).unwrap();
        for place in ["", "/data", "/data/object"] {
            let object = event.pointer_mut(place).unwrap().as_object_mut().unwrap();
            object.extend(extra.clone());
        }
        prop_assert_eq!(read(event.to_string().as_bytes()), read(body));
    }
}
