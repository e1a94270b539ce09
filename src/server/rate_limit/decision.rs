//! Whether a request passes, and what its client is told of that.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::server::api_error::{ApiError, whole_seconds};
use crate::settings::RateLimit;

const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Whether a request passes, and how the one limit stands that says most about the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The limit with the least remaining; of those that refuse, the one to wait for longest.
    pub limit: RateLimit,
    /// How many further requests it lets pass in its window.
    pub remaining: u32,
    /// How long its window still lasts.
    pub reset_in: Duration,
    /// Whether the request passes.
    pub outcome: Outcome,
}

/// Whether a request passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It passes, and was counted.
    Allowed,
    /// It doesn't, and wasn't.
    Refused,
}

/// How a limit stands before a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) limit: RateLimit,
    /// The requests that passed in the window.
    pub(super) used: u32,
    /// How long the window lasts: the whole of it, if it begins with this request.
    pub(super) reset_in: Duration,
}

impl Standing {
    pub(super) fn remaining(&self) -> u32 {
        self.limit.count.saturating_sub(self.used)
    }
}

impl Decision {
    /// A request passes if it does by every limit; `None` if there is no limit.
    pub(super) fn of(standings: &[Standing]) -> Option<Self> {
        let exhausted = standings.iter().filter(|standing| standing.remaining() == 0);
        if let Some(&Standing { limit, reset_in, .. }) = exhausted.max_by_key(|standing| standing.reset_in) {
            return Some(Self { limit, remaining: 0, reset_in, outcome: Outcome::Refused });
        }
        let tightest = |standing: &&Standing| (standing.remaining(), Reverse(standing.reset_in));
        let standing = standings.iter().min_by_key(tightest)?;
        let (limit, reset_in) = (standing.limit, standing.reset_in);
        let remaining = standing.remaining().saturating_sub(1);
        Some(Self { limit, remaining, reset_in, outcome: Outcome::Allowed })
    }

    /// When the limit's window ends, in whole seconds of unix time, rounded up.
    #[must_use]
    pub fn reset_at(&self, now: SystemTime) -> u64 {
        whole_seconds(now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + self.reset_in)
    }

    /// The headers of the response, whether the request passes or not. Times are rounded up, so that
    /// whoever keeps to them isn't refused.
    #[must_use]
    pub fn headers(&self, now: SystemTime) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([
            (X_RATELIMIT_LIMIT, HeaderValue::from(self.limit.count)),
            (X_RATELIMIT_REMAINING, HeaderValue::from(self.remaining)),
            (X_RATELIMIT_RESET, HeaderValue::from(self.reset_at(now))),
        ]);
        if self.outcome == Outcome::Refused {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(self.reset_in)));
        }
        headers
    }

    /// The error of a request that was refused.
    #[must_use]
    pub fn to_api_error(self) -> ApiError {
        let (limit, wait) = (self.limit, whole_seconds(self.reset_in));
        let message = format!("Rate limit reached: {limit}. Try again in {wait} s.");
        ApiError {
            detail: Some(limit.to_string()),
            retry_after: Some(self.reset_in),
            ..ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded", message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::RateUnit;

    fn per_minutes(count: u32, periods: u32) -> RateLimit {
        RateLimit { count, periods, unit: RateUnit::Minute }
    }

    /// Standings are the limit's count, how many were used, and the seconds to the reset.
    fn decide(standings: &[(u32, u32, u64)]) -> Option<(u32, u32, u64, Outcome)> {
        let standing = |&(count, used, seconds): &(u32, u32, u64)| Standing {
            limit: per_minutes(count, 1),
            used,
            reset_in: Duration::from_secs(seconds),
        };
        let standings: Vec<_> = standings.iter().map(standing).collect();
        let decision = Decision::of(&standings)?;
        Some((decision.limit.count, decision.remaining, decision.reset_in.as_secs(), decision.outcome))
    }

    #[test]
    fn the_limit_with_the_least_remaining_is_shown() {
        use Outcome::Allowed;
        assert_eq!(decide(&[]), None);
        assert_eq!(decide(&[(10, 0, 60)]), Some((10, 9, 60, Allowed)));
        assert_eq!(decide(&[(10, 9, 60)]), Some((10, 0, 60, Allowed)));
        assert_eq!(decide(&[(10, 8, 60), (100, 5, 3600)]), Some((10, 1, 60, Allowed)));
        assert_eq!(decide(&[(10, 8, 60), (100, 99, 3600)]), Some((100, 0, 3600, Allowed)));
        assert_eq!(decide(&[(10, 8, 60), (100, 98, 3600)]), Some((100, 1, 3600, Allowed)), "the later");
        assert_eq!(decide(&[(10, 8, 90), (100, 98, 60)]), Some((10, 1, 90, Allowed)), "the later");
    }

    #[test]
    fn of_those_that_refuse_the_one_to_wait_for_longest_is_shown() {
        use Outcome::Refused;
        assert_eq!(decide(&[(10, 10, 60)]), Some((10, 0, 60, Refused)));
        assert_eq!(decide(&[(10, 10, 60), (100, 99, 3600)]), Some((10, 0, 60, Refused)));
        assert_eq!(decide(&[(10, 10, 60), (100, 100, 3600)]), Some((100, 0, 3600, Refused)));
        assert_eq!(decide(&[(10, 10, 60), (100, 100, 30)]), Some((10, 0, 60, Refused)));
    }

    /// The headers at half a second past a whole one, in the order limit, remaining, reset, retry.
    fn headers(reset_in: Duration, outcome: Outcome) -> Vec<Option<String>> {
        let decision = Decision { limit: per_minutes(10, 1), remaining: 3, reset_in, outcome };
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_500);
        let headers = decision.headers(now);
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"]
            .map(|name| headers.get(name).map(|value| value.to_str().unwrap().to_owned()))
            .to_vec()
    }

    #[test]
    fn times_in_headers_are_whole_seconds_rounded_up() {
        for (millis, reset, retry) in [
            (1, "1800000001", "1"),
            (500, "1800000001", "1"),
            (501, "1800000002", "1"),
            (1_000, "1800000002", "1"),
            (59_600, "1800000061", "60"),
        ] {
            let text = |text: &str| Some(text.to_owned());
            let reset_in = Duration::from_millis(millis);
            let mut expected = vec![text("10"), text("3"), text(reset), text(retry)];
            assert_eq!(headers(reset_in, Outcome::Refused), expected, "{millis} ms");
            expected[3] = None;
            assert_eq!(headers(reset_in, Outcome::Allowed), expected, "{millis} ms");
        }
    }

    #[test]
    fn the_error_names_the_limit_and_the_wait() {
        let decision = Decision {
            limit: per_minutes(10, 1),
            remaining: 0,
            reset_in: Duration::from_millis(12_300),
            outcome: Outcome::Refused,
        };
        let error = decision.to_api_error();
        assert_eq!(error.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(error.retry_after, Some(decision.reset_in));
        let body = error.body();
        assert_eq!(body.detail, "10 per 1 minute");
        assert_eq!(body.error.message, "Rate limit reached: 10 per 1 minute. Try again in 13 s.");
        assert_eq!((body.error.kind, body.error.code), ("rate_limit_error", "rate_limit_exceeded"));
        let five = Decision { limit: per_minutes(5, 15), ..decision };
        assert_eq!(five.to_api_error().body().detail, "5 per 15 minutes");
    }
}
