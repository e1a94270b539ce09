//! The faults that a reply can be given, with their names and what they do.
//!
//! Where and when a fault strikes is a [`FaultRule`](super::FaultRule)'s matter; how it is made
//! stands with the part of the reply that it spoils.

use std::fmt;
use std::str::FromStr;

use super::{Parameter, Step};

/// One way for a call to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "`description` says of each what it does, to users too")]
pub enum Fault {
    RateLimit,
    Overloaded,
    ServerError,
    Unavailable,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    RequestTimeout,
    StructuredOutputRefused,
    WrongContentType,
    HangBeforeHead,
    ResetBeforeHead,
    HangMidReply,
    ResetMidReply,
    CloseMidReply,
    Truncated,
    ErrorEvent,
    ErrorEventMidReply,
    PingsOnly,
    SlowDrip,
    InvalidSseJson,
    JsonInsteadOfStream,
    HugeEvent,
    HugeReply,
    MissingUsage,
    NotJson,
    FencedJson,
    ProseAroundJson,
    BadEscape,
    MissingField,
    ReorderedFields,
    WrongJsonType,
    ConfidenceOutOfRange,
    LowConfidence,
    BlankIntent,
    BlankContent,
    BlankText,
    MaxTokens,
    Refusal,
    RefusalMidText,
    EmptyReply,
    Expired,
    Canceled,
}

impl Fault {
    /// Every fault, in the order in which help lists them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        use Fault as F;
        &[
            F::RateLimit,
            F::Overloaded,
            F::ServerError,
            F::Unavailable,
            F::BadRequest,
            F::Unauthorized,
            F::Forbidden,
            F::NotFound,
            F::RequestTimeout,
            F::StructuredOutputRefused,
            F::WrongContentType,
            F::HangBeforeHead,
            F::ResetBeforeHead,
            F::HangMidReply,
            F::ResetMidReply,
            F::CloseMidReply,
            F::Truncated,
            F::ErrorEvent,
            F::ErrorEventMidReply,
            F::PingsOnly,
            F::SlowDrip,
            F::InvalidSseJson,
            F::JsonInsteadOfStream,
            F::HugeEvent,
            F::HugeReply,
            F::MissingUsage,
            F::NotJson,
            F::FencedJson,
            F::ProseAroundJson,
            F::BadEscape,
            F::MissingField,
            F::ReorderedFields,
            F::WrongJsonType,
            F::ConfidenceOutOfRange,
            F::LowConfidence,
            F::BlankIntent,
            F::BlankContent,
            F::BlankText,
            F::MaxTokens,
            F::Refusal,
            F::RefusalMidText,
            F::EmptyReply,
            F::Expired,
            F::Canceled,
        ]
    }

    /// The name by which rules, headers and logs call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// What it does, in one line.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::RateLimit => ("rate-limit", "429 rate_limit_error; SECONDS is its retry-after"),
            Self::Overloaded => ("overloaded", "529 overloaded_error; SECONDS is its retry-after"),
            Self::ServerError => ("server-error", "500 api_error; SECONDS is its retry-after"),
            Self::Unavailable => ("unavailable", "503; SECONDS is its retry-after"),
            Self::BadRequest => ("bad-request", "400 invalid_request_error, whatever was asked"),
            Self::Unauthorized => ("unauthorized", "401 authentication_error"),
            Self::Forbidden => ("forbidden", "403 permission_error"),
            Self::NotFound => ("not-found", "404 not_found_error for the model"),
            Self::RequestTimeout => ("request-timeout", "408"),
            Self::StructuredOutputRefused => (
                "structured-output-refused",
                "400 that says output_config.format isn't supported, if the request has one",
            ),
            Self::WrongContentType => ("wrong-content-type", "200 with a page of HTML, as proxies send"),
            Self::HangBeforeHead => ("hang-before-head", "takes the request and never answers"),
            Self::ResetBeforeHead => ("reset-before-head", "resets the connection (RST) before the head"),
            Self::HangMidReply => ("hang-mid-reply", "falls silent after DELTAS, the connection open"),
            Self::ResetMidReply => ("reset-mid-reply", "resets the connection (RST) after DELTAS"),
            Self::CloseMidReply => ("close-mid-reply", "closes the connection (FIN) after DELTAS"),
            Self::Truncated => ("truncated", "ends the body properly after DELTAS, without message_stop"),
            Self::ErrorEvent => ("error-event", "an overloaded_error event before any text"),
            Self::ErrorEventMidReply => ("error-event-mid-reply", "an overloaded_error event after DELTAS"),
            Self::PingsOnly => ("pings-only", "a ping every MILLISECONDS (500), and never any content"),
            Self::SlowDrip => ("slow-drip", "one byte of the body every MILLISECONDS (2)"),
            Self::InvalidSseJson => ("invalid-sse-json", "a data line amid the reply that isn't JSON"),
            Self::JsonInsteadOfStream => {
                ("json-instead-of-stream", "answers a streaming request with one whole JSON message")
            }
            Self::HugeEvent => ("huge-event", "2 MiB of text in a single event"),
            Self::HugeReply => ("huge-reply", "5 MB of text, valid, past any max_tokens"),
            Self::MissingUsage => ("missing-usage", "no token counts anywhere in the reply"),
            Self::NotJson => ("not-json", "prose instead of JSON"),
            Self::FencedJson => ("fenced-json", "JSON within a Markdown code fence"),
            Self::ProseAroundJson => ("prose-around-json", "a sentence before the JSON and one after it"),
            Self::BadEscape => ("bad-escape", "an illegal escape in a JSON string"),
            Self::MissingField => ("missing-field", "JSON without the step's main field"),
            Self::ReorderedFields => ("reordered-fields", "JSON with the fields in reverse order"),
            Self::WrongJsonType => ("wrong-json-type", "process: confidence as a string"),
            Self::ConfidenceOutOfRange => {
                ("confidence-out-of-range", "process: a confidence of CONFIDENCE (1.7)")
            }
            Self::LowConfidence => ("low-confidence", "process: a confidence of CONFIDENCE (0.2)"),
            Self::BlankIntent => ("blank-intent", "analyze: an intent of white space"),
            Self::BlankContent => ("blank-content", "process: content of white space"),
            Self::BlankText => ("blank-text", "synthesize: a final_text of white space"),
            Self::MaxTokens => ("max-tokens", "cuts the JSON in its middle, stop_reason max_tokens"),
            Self::Refusal => ("refusal", "stop_reason refusal and no content"),
            Self::RefusalMidText => ("refusal-mid-text", "stop_reason refusal in the middle of the text"),
            Self::EmptyReply => ("empty-reply", "stop_reason end_turn and no content"),
            Self::Expired => ("expired", "in a batch: the request comes back expired"),
            Self::Canceled => ("canceled", "in a batch: the request comes back canceled"),
        }
    }

    /// What a number after `=` means for it; `None` if it takes none.
    #[must_use]
    pub fn parameter(self) -> Option<Parameter> {
        match self {
            Self::RateLimit | Self::Overloaded | Self::ServerError | Self::Unavailable => {
                Some(Parameter::RetryAfter)
            }
            Self::HangMidReply
            | Self::ResetMidReply
            | Self::CloseMidReply
            | Self::Truncated
            | Self::ErrorEventMidReply => Some(Parameter::Deltas),
            Self::PingsOnly | Self::SlowDrip => Some(Parameter::Milliseconds),
            Self::ConfidenceOutOfRange | Self::LowConfidence => Some(Parameter::Confidence),
            _ => None,
        }
    }

    /// The least number that it takes. Pings without end and without a pause would flood the client.
    pub(super) fn least_parameter(self) -> u32 {
        u32::from(self == Self::PingsOnly)
    }

    /// The only step whose reply has what it spoils; `None` if it can strike any call.
    #[must_use]
    pub fn step(self) -> Option<Step> {
        match self {
            Self::BlankIntent => Some(Step::Analyze),
            Self::BlankContent | Self::WrongJsonType | Self::ConfidenceOutOfRange | Self::LowConfidence => {
                Some(Step::Process)
            }
            Self::BlankText => Some(Step::Synthesize),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all().iter().copied().find(|fault| fault.name() == name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_listed_once_and_found_by_its_name() {
        for (at, fault) in Fault::all().iter().enumerate() {
            assert_eq!(*fault as usize, at, "{fault} stands in its place");
            assert_eq!(fault.name().parse(), Ok(*fault));
            assert!(!fault.description().is_empty());
        }
        assert_eq!(Fault::all().len(), Fault::Canceled as usize + 1, "the last variant is listed");
    }

    #[test]
    fn a_description_names_the_parameter_exactly_where_there_is_one() {
        for fault in Fault::all() {
            let words = || fault.description().split(|character: char| !character.is_alphabetic());
            let named = |parameter: Parameter| words().any(|word| word == parameter.to_string());
            for parameter in
                [Parameter::RetryAfter, Parameter::Deltas, Parameter::Milliseconds, Parameter::Confidence]
            {
                assert_eq!(named(parameter), fault.parameter() == Some(parameter), "{fault}: {parameter}");
            }
        }
    }
}
