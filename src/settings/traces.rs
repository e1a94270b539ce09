//! Where traces are exported, and what stands in them: plain values, each already within its range.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::pairs::parse_pairs;

/// Where an endpoint for all signals has that for traces.
const TRACES_PATH: &str = "v1/traces";

/// The attribute that names what is traced, and the name if nobody gives it one.
const SERVICE_NAME: &str = "service.name";
const DEFAULT_NAME: &str = "promptchain";

/// Where traces are exported, and what stands in them.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// Whether nothing of it is in use, whatever else is set.
    pub disabled: bool,
    /// The collector's endpoint for all signals.
    pub endpoint: Option<Url>,
    /// That for traces alone, which is used as it is.
    pub traces_endpoint: Option<Url>,
    /// What is spoken with it.
    pub protocol: TraceProtocol,
    /// Headers that go with each export: pairs in one text.
    pub headers: Option<SecretString>,
    /// The time for one export.
    pub timeout: Duration,
    /// The name of what is traced, if somebody gave it one.
    pub service_name: Option<String>,
    /// What else is to be said of it: pairs in one text.
    pub resource_attributes: Option<String>,
    /// Which traces are kept.
    pub sampler: TraceSampler,
    /// Of those that a ratio decides on, the part that is kept; 0 to 1.
    pub sampler_ratio: f64,
    /// Whether the newest names are used of what is about models.
    pub latest_names: bool,
    /// Whether prompts and replies stand in spans.
    pub content: bool,
    /// Where the caller stands in a trace, as it said it.
    pub parent: Option<String>,
}

/// What is spoken with a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceProtocol {
    /// Protobuf over HTTP.
    Http,
    /// gRPC.
    Grpc,
}

/// Which traces are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceSampler {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// A part.
    Ratio,
    /// What the caller has decided; all of those without a caller.
    ParentOrOn,
    /// The same; none of those without a caller.
    ParentOrOff,
    /// The same; a part of those without a caller.
    ParentOrRatio,
}

impl TraceSettings {
    /// Where traces are exported; `None` for nowhere.
    #[must_use]
    pub fn destination(&self) -> Option<Url> {
        if self.disabled {
            return None;
        }
        self.traces_endpoint.clone().or_else(|| {
            let mut url = self.endpoint.clone()?;
            if self.protocol == TraceProtocol::Http
                && !url.path().trim_end_matches('/').ends_with(TRACES_PATH)
            {
                url.set_path(&format!("{}/{TRACES_PATH}", url.path().trim_end_matches('/')));
            }
            Some(url)
        })
    }

    /// The headers, by name.
    #[must_use]
    pub fn header_pairs(&self) -> Vec<(String, SecretString)> {
        let text = self.headers.as_ref().map(ExposeSecret::expose_secret);
        let pairs = text.and_then(parse_pairs).unwrap_or_default();
        pairs.into_iter().map(|(name, value)| (name, value.into())).collect()
    }

    /// The name of what is traced: its own variable's, or else that among the attributes.
    #[must_use]
    pub fn name(&self) -> String {
        let among_attributes = || {
            self.resource_pairs()
                .into_iter()
                .find_map(|(name, value)| (name == SERVICE_NAME).then_some(value))
        };
        self.service_name.clone().or_else(among_attributes).unwrap_or_else(|| DEFAULT_NAME.to_owned())
    }

    /// What else is to be said of what is traced, by name.
    #[must_use]
    pub fn resource_pairs(&self) -> Vec<(String, String)> {
        self.resource_attributes.as_deref().and_then(parse_pairs).unwrap_or_default()
    }
}
