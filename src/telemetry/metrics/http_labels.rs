//! What a request is about, out of closed sets: whatever clients send, there are no further series.

use prometheus_client::encoding::EncodeLabelValue;

/// A route of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Route {
    ChatCompletions,
    Models,
    Model,
    Usage,
    Health,
    HealthReady,
    Metrics,
    OpenApi,
    Docs,
    Playground,
    Asset,
    /// There is nothing at the path.
    Unmatched,
}

impl Route {
    #[cfg(test)]
    pub(super) const ALL: [Self; 12] = [
        Self::ChatCompletions,
        Self::Models,
        Self::Model,
        Self::Usage,
        Self::Health,
        Self::HealthReady,
        Self::Metrics,
        Self::OpenApi,
        Self::Docs,
        Self::Playground,
        Self::Asset,
        Self::Unmatched,
    ];

    /// By the pattern that the router has matched.
    pub(super) fn of(matched_path: Option<&str>) -> Self {
        match matched_path {
            Some("/v1/chat/completions") => Self::ChatCompletions,
            Some("/v1/models") => Self::Models,
            Some("/v1/models/{*model}") => Self::Model,
            Some("/v1/usage") => Self::Usage,
            Some("/health" | "/health/") => Self::Health,
            Some("/health/ready") => Self::HealthReady,
            Some("/metrics") => Self::Metrics,
            Some("/openapi.json") => Self::OpenApi,
            Some("/docs") => Self::Docs,
            Some("/") => Self::Playground,
            Some(path) if path.starts_with("/assets/") => Self::Asset,
            _ => Self::Unmatched,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Models => "/v1/models",
            Self::Model => "/v1/models/{model}",
            Self::Usage => "/v1/usage",
            Self::Health => "/health",
            Self::HealthReady => "/health/ready",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/openapi.json",
            Self::Docs => "/docs",
            Self::Playground => "/",
            Self::Asset => "/assets/{file}",
            Self::Unmatched => "unmatched",
        }
    }
}

/// A request's method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the variants are the label's words")]
pub(super) enum Method {
    GET,
    HEAD,
    POST,
    PUT,
    PATCH,
    DELETE,
    OPTIONS,
    other,
}

impl Method {
    pub(super) fn of(method: &str) -> Self {
        match method {
            "GET" => Self::GET,
            "HEAD" => Self::HEAD,
            "POST" => Self::POST,
            "PUT" => Self::PUT,
            "PATCH" => Self::PATCH,
            "DELETE" => Self::DELETE,
            "OPTIONS" => Self::OPTIONS,
            _ => Self::other,
        }
    }
}

/// A response's status: a code that this server gives, `other`, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Status {
    word: &'static str,
}

impl Status {
    /// There was no response.
    pub(super) const NONE: Self = Self { word: "none" };

    pub(super) fn of(code: u16) -> Self {
        let word = match code {
            200 => "200",
            304 => "304",
            400 => "400",
            401 => "401",
            403 => "403",
            404 => "404",
            405 => "405",
            408 => "408",
            413 => "413",
            415 => "415",
            422 => "422",
            429 => "429",
            500 => "500",
            502 => "502",
            503 => "503",
            504 => "504",
            _ => "other",
        };
        Self { word }
    }

    pub(super) fn as_str(self) -> &'static str {
        self.word
    }
}
