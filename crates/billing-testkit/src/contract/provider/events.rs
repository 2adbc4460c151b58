//! Verification and reading of events.
#![expect(clippy::unused_async, reason = "cases are run alike, whether they wait for something or not")]

use billing_core::payments::{Fact, WebhookHeaders};
use billing_core::webhooks::WebhookRefusal;
use serde_json::{Value, json};

use super::stage::{ProviderStage, read_event};

/// A signed event is accepted unchanged, and states a fact.
pub async fn what_the_provider_signs_is_let_in(stage: &dyn ProviderStage) {
    let delivery = stage.delivers(&stage.event(), stage.now(), false);
    let event = stage.provider().verify(&delivery.headers, &delivery.body, stage.now()).unwrap();
    assert_eq!(event.body, delivery.body, "kept byte for byte");
    assert!(!event.id.is_empty() && !event.kind.is_empty());
    let fact = read_event(stage, &delivery).unwrap().unwrap();
    assert!(!matches!(fact, Fact::Ignored(_)), "{fact:?}");
}

/// A body with one changed bit is refused, and so is one without a signature, or with a foreign one.
pub async fn what_somebody_else_sends_is_not_let_in(stage: &dyn ProviderStage) {
    let signed = stage.delivers(&stage.event(), stage.now(), false);
    let verdict = |headers: &WebhookHeaders, body: &[u8]| {
        stage.provider().verify(headers, body, stage.now()).map(|event| event.id)
    };
    for place in 0..signed.body.len() {
        let mut changed = signed.body.clone();
        changed[place] ^= 1;
        assert_eq!(verdict(&signed.headers, &changed), Err(WebhookRefusal::BadSignature), "byte {place}");
    }
    assert_eq!(verdict(&WebhookHeaders::default(), &signed.body), Err(WebhookRefusal::BadSignature));
    let strange = stage.delivers(&stage.event(), stage.now(), true);
    assert_eq!(verdict(&strange.headers, &strange.body), Err(WebhookRefusal::BadSignature));
}

/// If signatures have a time, old ones and those from the future are refused.
pub async fn old_signatures_are_not_let_in_where_they_are_dated(stage: &dyn ProviderStage) {
    for hours in [-24, -1, 1, 24] {
        let at = stage.now().plus_seconds(hours * 3600);
        let signed = stage.delivers(&stage.event(), at, false);
        let verdict = stage.provider().verify(&signed.headers, &signed.body, stage.now());
        assert_eq!(verdict.is_err(), stage.is_dated(), "{hours} hours away: {verdict:?}");
    }
}

/// An event of an unknown type is ignored.
pub async fn an_unknown_type_of_event_is_ignored(stage: &dyn ProviderStage) {
    let mut event = stage.event();
    event[stage.kind_field()] = json!("weather.changed");
    let fact = read_event(stage, &stage.delivers(&event, stage.now(), false)).unwrap();
    assert!(matches!(fact, Ok(Fact::Ignored(_))), "{fact:?}");
}

/// An event without its object is an error, or refused; never more than that, whatever replaces it.
pub async fn an_event_that_makes_no_sense_is_an_error(stage: &dyn ProviderStage) {
    for nonsense in [json!(null), json!([]), json!({}), json!("x"), json!(-7)] {
        let mut event = stage.event();
        *event.pointer_mut(stage.content()).unwrap() = nonsense.clone();
        let heard = read_event(stage, &stage.delivers(&event, stage.now(), false));
        let understood = matches!(heard, Ok(Ok(ref fact)) if !matches!(fact, Fact::Ignored(_)));
        assert!(!understood, "{nonsense}: {heard:?}");
    }
}

/// Reading an event never panics, whatever value any of its fields has.
pub async fn no_single_value_of_an_event_makes_reading_it_panic(stage: &dyn ProviderStage) {
    let event = stage.event();
    let mut places = Vec::new();
    collect(&event, String::new(), &mut places);
    assert!(places.len() > 5, "{places:?}");
    let huge = json!(i64::MAX);
    for place in places {
        for value in [json!(null), json!(""), json!([]), json!({}), json!(-1), huge.clone(), json!("\u{0}ß")]
        {
            let mut changed = event.clone();
            *changed.pointer_mut(&place).unwrap() = value;
            // What it comes to is the adapter's business; that it comes to something is what counts.
            drop(read_event(stage, &stage.delivers(&changed, stage.now(), false)));
        }
    }
}

/// The JSON pointers of everything in `value`.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, format!("{at}/{}", escaped(name)), places);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{number}"), places);
            }
        }
        _ => {}
    }
    if !at.is_empty() {
        places.push(at);
    }
}
