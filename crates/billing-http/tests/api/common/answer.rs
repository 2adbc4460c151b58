//! An answer, as a client sees it.

use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use serde_json::Value;

/// An answer, as a client sees it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body, which has to be JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// What the body says beside `success`.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        let body = self.json();
        body["data"].clone()
    }

    /// What the body says beside `success`, of an answer that repeats no earlier one.
    #[track_caller]
    pub(crate) fn is_first(&self) -> Value {
        assert_eq!(self.header("Idempotency-Replayed"), None);
        self.data()
    }

    /// Checks that this answers again what `first` answered.
    #[track_caller]
    pub(crate) fn repeats(&self, first: &Self) {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.header("Idempotency-Replayed"), Some("true"));
        assert_eq!(self.body, first.body);
    }

    /// The same of a hold, and answers the hold as it is today, which a repetition tells besides.
    #[track_caller]
    pub(crate) fn repeats_hold(&self, first: &Self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.header("Idempotency-Replayed"), Some("true"));
        let mut answer = self.json();
        let current = answer["data"].as_object_mut().unwrap().remove("current");
        assert_eq!(answer, first.json());
        current.unwrap()
    }

    /// The error's code.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        // Document B's errors are bare.
        let code = body["error"].as_str().or(body["error"]["code"].as_str());
        code.unwrap_or_default().to_owned()
    }

    /// What the error tells programs.
    pub(crate) fn details(&self) -> Value {
        self.json()["error"]["details"].clone()
    }

    /// The error's message.
    pub(crate) fn message(&self) -> String {
        let body = self.json();
        let message = body["error"]["message"].as_str().or(body["message"].as_str());
        message.unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Checks status and code, and that the code stands in the table with this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text());
        assert!(billing_http::problem::CODES.contains(&(code, status)), "{code} is not in the table");
        self
    }
}
