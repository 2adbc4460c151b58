//! Request bodies.

use url::form_urlencoded::Serializer;

/// A form: names with brackets for nested values (`metadata[order_id]`, `line_items[0][price]`), in insertion order.
/// There is no null: missing values are not sent, because an empty value would unset the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Adds `value` as `name`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers pass numbers, ids and texts as they have them"
    )]
    pub(crate) fn with(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// Adds `value` as `name`, unless it is missing or empty.
    pub(crate) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// As `application/x-www-form-urlencoded`. Braces and brackets are percent-encoded, which Stripe accepts.
    pub(crate) fn encode(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_and_templates_survive_the_encoding() {
        let form = Form::default()
            .with("line_items[0][quantity]", 1)
            .with("success_url", "https://a.test/?s={CHECKOUT_SESSION_ID}&x=ä +")
            .with_some("email", None)
            .with_some("name", Some(""));
        let encoded = form.encode();
        assert_eq!(
            encoded,
            "line_items%5B0%5D%5Bquantity%5D=1&\
             success_url=https%3A%2F%2Fa.test%2F%3Fs%3D%7BCHECKOUT_SESSION_ID%7D%26x%3D%C3%A4+%2B"
        );
        let back: Vec<_> = url::form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
        assert_eq!(back, form.0);
    }
}
