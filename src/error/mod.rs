//! The error of the whole program: what happened, why, what to do about it, and the exit code.
//!
//! Every failure that a user sees passes through the one table here. Nothing is printed here.

mod code;

use std::fmt;
use std::time::Duration;

use crate::chain::{
    AttemptFailure, ChainError, ConversationError, Finding, PurseRefusal, Spend, StepName, whole_seconds,
};
use crate::model::{CallError, CallErrorKind, NOT_HTTP, StopReason};

pub use code::ErrorCode;

/// The exit code of what may succeed later.
const TRY_LATER: u8 = 8;

/// A failure as the user is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// Its kind.
    pub code: ErrorCode,
    /// What happened.
    pub message: String,
    /// Why, from the nearest cause to the farthest.
    pub causes: Vec<String>,
    /// Whether these aren't one chain of causes, but problems beside one another.
    pub is_list: bool,
    /// What to do about it.
    pub hint: Option<String>,
    /// The step in which it happened.
    pub step: Option<StepName>,
    /// Our id of the run in which it happened: the one in the logs, and sent upstream.
    pub request_id: Option<String>,
    /// The upstream's id of the last request, for its support.
    pub upstream_request_id: Option<String>,
    /// Whether the same command may succeed a little later.
    pub retryable: bool,
    /// What the run had used and cost until then, where one had begun.
    pub spend: Option<Box<Spend>>,
}

impl Error {
    /// A failure of that kind.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            causes: Vec::new(),
            is_list: false,
            hint: code.hint().map(str::to_owned),
            step: None,
            request_id: None,
            upstream_request_id: None,
            spend: None,
            retryable: matches!(
                code,
                ErrorCode::Timeout | ErrorCode::RateLimited | ErrorCode::Overloaded | ErrorCode::CircuitOpen
            ),
        }
    }

    /// The same, with a cause.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// The same, with another hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error {
    /// What couldn't be done because a call that no run made has failed.
    #[must_use]
    pub fn of_call(what: &str, error: &CallError) -> Self {
        let failure = AttemptFailure::Call(error.clone());
        let mut report = Self::new(code_of_failure(&failure), what).because(error);
        report.upstream_request_id.clone_from(&error.request_id);
        report.retryable = error.is_retryable();
        report
    }
}

impl std::error::Error for Error {}

impl From<ConversationError> for Error {
    fn from(error: ConversationError) -> Self {
        let code = match error {
            ConversationError::Empty | ConversationError::BlankRequest => ErrorCode::EmptyPrompt,
            ConversationError::TooLong(_) | ConversationError::NotUser => ErrorCode::Usage,
        };
        Self::new(code, error.to_string())
    }
}

impl From<&ChainError> for Error {
    fn from(error: &ChainError) -> Self {
        let mut report = Self::new(code_of(error), error.to_string());
        report.step = Some(error.step());
        report.upstream_request_id = error.upstream_request_id().map(str::to_owned);
        match error.cause() {
            ChainError::Upstream { failure, .. } => {
                report.causes.push(failure.to_string());
                report.causes.extend(differences(failure).iter().cloned());
                report.retryable |= failure.is_retryable();
                if let Some(hint) = hint_for(failure).or_else(|| hint_for_refused(report.code, failure)) {
                    report.hint = Some(hint.to_owned());
                }
            }
            ChainError::CircuitOpen { failure: Some(failure), .. } => report.causes.push(failure.to_string()),
            ChainError::Rejected { findings, .. } => {
                if let Some(hint) = hint_for_findings(error.step(), findings) {
                    report.hint = Some(hint);
                }
            }
            _ => {}
        }
        // A circuit ends with the process that tells of it, and its wait with it.
        let is_circuit = report.code == ErrorCode::CircuitOpen;
        let is_later = report.code.exit_code() == TRY_LATER && !is_circuit;
        if let Some(wait) = error.retry_after().filter(|_| is_later) {
            report.hint = Some(try_again_in(wait));
        }
        report
    }
}

fn try_again_in(wait: Duration) -> String {
    format!("try again in {}", whole_seconds(wait))
}

fn code_of(error: &ChainError) -> ErrorCode {
    match error.cause() {
        ChainError::Part { error, .. } => code_of(error),
        // The upstream asks for more patience than there is. Where it doesn't, our own wait says nothing of it.
        ChainError::Upstream {
            failure: AttemptFailure::Call(error),
            wait_did_not_fit: true,
            retry_after: Some(_),
            ..
        } => match error.status() {
            Some(429) => ErrorCode::RateLimited,
            _ => ErrorCode::Overloaded,
        },
        ChainError::Upstream { failure, .. } => code_of_failure(failure),
        ChainError::CircuitOpen { .. } => ErrorCode::CircuitOpen,
        ChainError::TimedOut { .. } => ErrorCode::Timeout,
        ChainError::Rejected { .. } => ErrorCode::GateRejected,
        ChainError::Refused { .. } => ErrorCode::Refusal,
        ChainError::ContextExceeded { .. } => ErrorCode::ContextLengthExceeded,
        ChainError::OverBudget { .. } => ErrorCode::MaxCostExceeded,
        ChainError::NotPaid {
            refusal: PurseRefusal::Spent { .. } | PurseRefusal::TooDear { .. }, ..
        } => ErrorCode::BudgetSpent,
        ChainError::NotPaid { refusal: PurseRefusal::SetAside { .. }, .. } => ErrorCode::BudgetReserved,
        ChainError::NotPaid { refusal: PurseRefusal::Unavailable, .. } => ErrorCode::BudgetUnavailable,
        ChainError::UnknownPrice { .. } => ErrorCode::UnknownPrice,
    }
}

fn code_of_failure(failure: &AttemptFailure) -> ErrorCode {
    match failure {
        AttemptFailure::Silence { .. }
        | AttemptFailure::TimedOut(_)
        | AttemptFailure::Call(CallError { kind: CallErrorKind::TimedOut { .. }, .. }) => ErrorCode::Timeout,
        // Only the whole program is dropped, and never fails for it.
        AttemptFailure::Cancelled => ErrorCode::Interrupted,
        AttemptFailure::Call(error) if error.is_unrecorded() => ErrorCode::Recording,
        AttemptFailure::Call(error) if says_too_long(error) => ErrorCode::ContextLengthExceeded,
        AttemptFailure::Call(error) => match error.status() {
            Some(401 | 403) => ErrorCode::UpstreamCredentials,
            Some(404) => ErrorCode::ModelNotFound,
            Some(429) => ErrorCode::RateLimited,
            Some(503 | 529) => ErrorCode::Overloaded,
            _ => ErrorCode::UpstreamError,
        },
    }
}

/// In what a request differs from the nearest recording, if that is what failed.
fn differences(failure: &AttemptFailure) -> &[String] {
    match failure {
        AttemptFailure::Call(CallError { kind: CallErrorKind::Unrecorded(unrecorded), .. }) => {
            &unrecorded.differences
        }
        _ => &[],
    }
}

/// Whether the upstream found the input too long. The API has no error type of its own for this: its
/// words have to do.
fn says_too_long(error: &CallError) -> bool {
    match (&error.kind, error.status()) {
        (_, Some(413)) => true,
        (CallErrorKind::Status { message, .. }, Some(400)) => message.contains("prompt is too long"),
        _ => false,
    }
}

/// What to do about what a gate found, where gates that aren't strict would have found it too.
fn hint_for_findings(step: StepName, findings: &[Finding]) -> Option<String> {
    findings.iter().find_map(|finding| match finding.rule {
        "cut" if finding.message.contains(StopReason::MaxTokens.as_str()) => Some(format!(
            "give the step more room, by --set {step}.max_tokens=… or CHAIN_{}_MAX_TOKENS, or ask for less",
            step.as_str().to_uppercase()
        )),
        "empty-reply" => Some("try again, or with another model".to_owned()),
        "inconsistent-reply" => Some(
            "try again; with --strict or -o FILE the text waits for its gate, and can be put right before"
                .to_owned(),
        ),
        _ => None,
    })
}

/// What to do about a request that was refused for what it is, and not for who asks, or for its length or model.
fn hint_for_refused(code: ErrorCode, failure: &AttemptFailure) -> Option<&'static str> {
    let is_refused = matches!(failure.status(), Some(400..=499));
    (is_refused && code == ErrorCode::UpstreamError).then_some(
        "the upstream refuses what it is sent: --dry-run shows the request, and its own words what is wrong",
    )
}

/// What to do about one attempt's failure, where more can be said than for its kind.
fn hint_for(failure: &AttemptFailure) -> Option<&'static str> {
    let AttemptFailure::Call(error) = failure else {
        return Some(
            "the upstream may be slow today: try again, or raise STREAMING_TIMEOUT and the step's timeout",
        );
    };
    match (&error.kind, error.status()) {
        (CallErrorKind::Connect { .. }, _) => {
            Some("check the network and ANTHROPIC_BASE_URL; --offline runs without either")
        }
        (CallErrorKind::Interrupted(reason), _) if reason.starts_with(NOT_HTTP) => Some(
            "check that ANTHROPIC_BASE_URL is a server that speaks the Anthropic Messages API, and proxies before it",
        ),
        (CallErrorKind::TooLarge { .. }, _) => Some(
            "no reply of the Messages API is that large: check ANTHROPIC_BASE_URL, and proxies before it",
        ),
        (CallErrorKind::Interrupted(_) | CallErrorKind::Truncated, _) => {
            Some("try again; a proxy that cuts long replies shows like this too")
        }
        (CallErrorKind::TimedOut { .. }, _) => Some("the upstream may be slow today: try again"),
        (CallErrorKind::Malformed(_), _) => {
            Some("check that ANTHROPIC_BASE_URL is a server that speaks the Anthropic Messages API")
        }
        (_, Some(300..=399)) => {
            Some("redirects aren't followed: set ANTHROPIC_BASE_URL to where this one leads")
        }
        (_, Some(402)) => Some("check the billing of the account that the key belongs to"),
        (_, Some(408)) => {
            Some("the request didn't reach the upstream in time: check the network, and proxies before it")
        }
        (_, Some(429 | 503 | 529)) => Some("try again in a while"),
        (_, Some(500..)) => Some("the upstream is unwell: try again in a while"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(status: u16, retry_after: Option<u64>, wait_did_not_fit: bool) -> Error {
        let message = "busy".to_owned();
        let kind = CallErrorKind::Status { status, error_type: Some("some_error".into()), message };
        let failure = CallError { request_id: Some("req_1".into()), ..CallError::new(kind) };
        let retry_after = retry_after.map(Duration::from_secs);
        let step = StepName::Process;
        let failure = failure.into();
        (&ChainError::Upstream { step, attempts: 3, failure, retry_after, wait_did_not_fit }).into()
    }

    #[test]
    fn every_code_has_a_word_of_its_own() {
        let mut words: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn an_upstreams_status_decides_the_exit_code() {
        let cases = [
            (400, 4),
            (401, 7),
            (402, 4),
            (403, 7),
            (404, 3),
            (408, 4),
            (413, 2),
            (429, 8),
            (500, 4),
            (502, 4),
            (503, 8),
            (504, 4),
            (529, 8),
            (301, 4),
        ];
        for (status, exit) in cases {
            assert_eq!(upstream(status, None, false).code.exit_code(), exit, "{status}");
        }
    }

    #[test]
    fn an_answer_that_did_not_come_in_time_is_a_time_limit_reached() {
        let late = CallError::new(CallErrorKind::TimedOut { limit: Duration::from_secs(15) });
        let error = Error::of_call("the tokens can't be counted", &late);
        assert_eq!((error.code.exit_code(), error.retryable), (6, true));
    }

    #[test]
    fn a_wait_of_our_own_that_does_not_fit_leaves_a_failure_what_it_is() {
        let cases = [
            (429, ErrorCode::RateLimited),
            (503, ErrorCode::Overloaded),
            (529, ErrorCode::Overloaded),
            (500, ErrorCode::UpstreamError),
            (408, ErrorCode::UpstreamError),
        ];
        for (status, code) in cases {
            let error = upstream(status, None, true);
            assert_eq!(error.code, code, "{status}");
            assert_eq!(
                error.message,
                "process failed after 3 attempts, and there is no time for another attempt"
            );
            let hint = error.hint.unwrap_or_default();
            assert!(!hint.contains("try again in 1s") && !hint.contains("try again in 2s"), "{hint}");
        }
        let kind = CallErrorKind::Connect { upstream: "http://localhost:1".into(), reason: "refused".into() };
        let failure = CallError::new(kind).into();
        let step = StepName::Analyze;
        let error: Error =
            (&ChainError::Upstream { step, attempts: 1, failure, retry_after: None, wait_did_not_fit: true })
                .into();
        assert_eq!(error.code, ErrorCode::UpstreamError);
        assert_eq!(error.message, "analyze failed, and there is no time for another attempt");
        assert!(error.hint.unwrap().starts_with("check the network"));
    }

    #[test]
    fn a_wait_of_the_upstreams_that_does_not_fit_is_try_later_whatever_failed() {
        assert_eq!(upstream(429, Some(60), true).code, ErrorCode::RateLimited);
        assert_eq!(upstream(500, Some(60), true).code, ErrorCode::Overloaded);
        assert_eq!(upstream(429, Some(60), true).hint.as_deref(), Some("try again in 60s"));
    }

    #[test]
    fn a_reply_that_no_gate_would_let_pass_is_not_put_down_to_strict_gates() {
        let hint = |rule| {
            let findings = vec![Finding::error(rule, "found")];
            Error::from(&ChainError::Rejected { step: StepName::Synthesize, findings }).hint.unwrap()
        };
        assert!(hint("blank-final-text").contains("without --strict"));
        let findings = vec![Finding::error("cut", "the reply was cut short at 9 tokens (max_tokens)")];
        let cut = Error::from(&ChainError::Rejected { step: StepName::Process, findings }).hint.unwrap();
        assert!(
            cut.contains("--set process.max_tokens=") && cut.contains("CHAIN_PROCESS_MAX_TOKENS"),
            "{cut}"
        );
        for rule in ["empty-reply", "inconsistent-reply"] {
            assert!(!hint(rule).contains("without --strict"), "{rule}");
        }
    }

    #[test]
    fn a_circuit_that_ends_with_the_process_is_no_reason_to_wait_for_it() {
        let (step, model, retry_after) = (StepName::Analyze, "m".to_owned(), Duration::from_secs(30));
        let open = ChainError::CircuitOpen { step, model, retry_after, failure: None };
        let hint = Error::from(&open).hint.unwrap();
        assert!(hint.contains("begins with a closed circuit") && !hint.contains("30s"), "{hint}");
    }

    #[test]
    fn what_fails_has_a_hint_whatever_it_is() {
        for status in [400, 402, 408, 409, 422, 429, 500, 503, 529] {
            assert!(upstream(status, None, false).hint.is_some(), "{status}");
        }
        let too_large = CallErrorKind::TooLarge { what: "an event", limit: 9 };
        assert!(hint_for(&CallError::new(too_large).into()).is_some());
        let hint = |reason: &str| hint_for(&CallError::new(CallErrorKind::Interrupted(reason.into())).into());
        assert!(hint("its answer isn't HTTP (x)").unwrap().contains("ANTHROPIC_BASE_URL"));
        assert!(hint("connection reset").unwrap().contains("cuts long replies"));
    }

    #[test]
    fn an_upstream_failure_says_where_why_and_under_which_id() {
        let error = upstream(529, None, false);
        assert_eq!(error.message, "process failed after 3 attempts");
        assert_eq!(error.causes, ["upstream answered 529 some_error: busy"]);
        assert_eq!(
            (error.step, error.upstream_request_id.as_deref()),
            (Some(StepName::Process), Some("req_1"))
        );
        assert!(error.retryable);
        assert!(!upstream(401, None, false).retryable);
    }
}
