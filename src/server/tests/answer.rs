//! A whole response, as a client reads it.

use axum::body::to_bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use crate::server::layers::SECURITY_HEADERS;

/// A whole response.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Self { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8(body).unwrap() }
    }

    /// A header's value; `None` if it isn't there.
    #[track_caller]
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert_eq!(values.next(), None, "{name} is there twice");
        value
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text of the answer.
    pub(super) fn content(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// `error.code`.
    pub(super) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    /// `error.message`.
    pub(super) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    /// Checks that it has an id and the security headers.
    #[track_caller]
    pub(super) fn check_headers(&self, about: &str) {
        let id = self.header("x-request-id").unwrap_or_else(|| panic!("{about} has no id"));
        assert!(id.starts_with("req_") && id.len() == 36, "{about}: {id}");
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(self.headers.get(&name), Some(&value), "{about}: {name}");
        }
        assert_eq!(self.header("strict-transport-security"), None, "{about}, which came over HTTP");
    }

    /// Checks that the body has the error in both forms, with every member.
    #[track_caller]
    pub(super) fn check_error(&self, about: &str) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{about}");
        let json = self.json();
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&json), ["detail", "error"], "{about}");
        assert_eq!(names(&json["error"]), ["message", "type", "param", "code"], "{about}");
        for text in
            [&json["detail"], &json["error"]["message"], &json["error"]["type"], &json["error"]["code"]]
        {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{about}: {json}");
        }
    }

    /// Everything that a client sees, in one string.
    pub(super) fn everything(&self) -> String {
        format!("{:?}\n{}", self.headers, self.body)
    }
}
