//! Whom the server lets in: tokens and rates.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::names;
use super::register::registered;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    reason: AuthReason,
}

/// Why nobody was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(
    non_camel_case_types,
    missing_docs,
    reason = "the variants are the label's words, and those of the server's reasons"
)]
pub enum AuthReason {
    missing,
    not_bearer,
    expired,
    too_large,
    malformed,
    algorithm,
    critical_header,
    signature,
    not_yet_valid,
    issuer,
    audience,
    subject,
}

impl AuthReason {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::missing,
        Self::not_bearer,
        Self::expired,
        Self::too_large,
        Self::malformed,
        Self::algorithm,
        Self::critical_header,
        Self::signature,
        Self::not_yet_valid,
        Self::issuer,
        Self::audience,
        Self::subject,
    ];
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    decision: RateDecision,
    backend: LimitBackend,
    degraded: bool,
}

/// What the rate limiter decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, missing_docs, reason = "the variants are the label's words")]
pub enum RateDecision {
    allowed,
    refused,
    unavailable,
}

/// Where the rate limiter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, missing_docs, reason = "the variants are the label's words")]
pub enum LimitBackend {
    memory,
    redis,
}

/// Tokens and rates.
#[derive(Debug)]
pub(super) struct AdmissionMetrics {
    failures: Family<FailureLabels, Counter>,
    decisions: Family<DecisionLabels, Counter>,
    pub(super) limiter_keys: Gauge,
}

impl AdmissionMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let failures: Family<FailureLabels, Counter> =
            registered(registry, names::AUTH_FAILURES, Family::default());
        for reason in AuthReason::ALL {
            drop(failures.get_or_create(&FailureLabels { reason }));
        }
        let decisions: Family<DecisionLabels, Counter> =
            registered(registry, names::RATE_LIMIT_DECISIONS, Family::default());
        let limiter_keys = registered(registry, names::RATE_LIMITER_KEYS, Gauge::default());
        Self { failures, decisions, limiter_keys }
    }

    pub(super) fn token_rejected(&self, reason: AuthReason) {
        self.failures.get_or_create(&FailureLabels { reason }).inc();
    }

    pub(super) fn rate_decided(&self, decision: RateDecision, backend: LimitBackend, degraded: bool) {
        self.decisions.get_or_create(&DecisionLabels { decision, backend, degraded }).inc();
    }

    /// Has the series that there can be where it counts there begin at 0.
    pub(super) fn expect_rates(&self, backend: LimitBackend) {
        use LimitBackend::{memory, redis};
        use RateDecision::{allowed, refused, unavailable};
        let expect = |decision, backend, degraded| {
            drop(self.decisions.get_or_create(&DecisionLabels { decision, backend, degraded }));
        };
        for decision in [allowed, refused] {
            expect(decision, backend, false);
            if backend == redis {
                expect(decision, memory, true);
            }
        }
        if backend == redis {
            expect(unavailable, redis, true);
        }
    }
}
