//! An HTTP response, and what clients look for in it.

use serde_json::Value;

/// An HTTP response. Its body has no framing any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Reads a head without its blank line.
    pub(crate) fn of_head(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let status_line = lines.next().unwrap();
        let status = status_line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no header: {line}"));
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Self {
            status: status.unwrap_or_else(|| panic!("no status: {status_line}")),
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    /// The header of that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts that it is an error of that status and code, with all that every error has.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_eq!(body["error"]["code"], code, "{body}");
        for text in [&body["detail"], &body["error"]["message"], &body["error"]["type"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{body}");
        }
        assert!(body["error"].as_object().unwrap().contains_key("param"), "{body}");
        self.has_common_headers()
    }

    /// Asserts that it has the headers of every response.
    #[track_caller]
    pub(crate) fn has_common_headers(&self) -> &Self {
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self:?}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{self:?}");
        assert_eq!(self.header("x-frame-options"), Some("DENY"), "{self:?}");
        assert_eq!(self.header("x-xss-protection"), Some("1; mode=block"), "{self:?}");
        self
    }

    /// What its server-sent events carry; they must be of the simplest form, which every client reads.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<String> {
        assert_eq!(self.header("content-type"), Some("text/event-stream; charset=utf-8"), "{self:?}");
        let text = self.text();
        assert!(text.is_empty() || text.ends_with("\n\n"), "broken off: {text}");
        let events = text.split_terminator("\n\n");
        let payload = |event: &str| event.strip_prefix("data: ").map(str::to_owned);
        events.map(|event| payload(event).unwrap_or_else(|| panic!("not a data line: {event}"))).collect()
    }

    /// The answer's text, streamed or whole. Asserts that the answer is complete.
    #[track_caller]
    pub(crate) fn answer(&self) -> String {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        if self.header("content-type") == Some("application/json") {
            let choice = &self.json()["choices"][0];
            assert_eq!(choice["finish_reason"], "stop");
            return choice["message"]["content"].as_str().unwrap().to_owned();
        }
        let mut events = self.events();
        assert_eq!(events.pop().as_deref(), Some("[DONE]"));
        let chunks: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop", "{chunks:?}");
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
    }

    /// The error in the event before the last. Asserts that the last is `[DONE]`.
    #[track_caller]
    pub(crate) fn stream_error(&self) -> Value {
        let mut events = self.events();
        assert_eq!(events.pop().as_deref(), Some("[DONE]"), "{self:?}");
        let error: Value = serde_json::from_str(&events.pop().unwrap()).unwrap();
        assert!(error["error"].is_object(), "{error}");
        error["error"].clone()
    }
}
