//! What a run failed with, in the words that its client and the log are told.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};

/// What a run failed with: the `error.code` of its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, missing_docs, reason = "the variants are the label's words, and the API's")]
pub enum RunError {
    context_length_exceeded,
    max_cost_exceeded,
    budget_reserved,
    budget_spent,
    budget_unavailable,
    unknown_price,
    gate_rejected,
    refusal,
    timeout,
    rate_limited,
    overloaded,
    circuit_open,
    upstream_error,
    upstream_credentials,
    model_not_found,
    recording,
    shutting_down,
    internal_error,
}

impl RunError {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::context_length_exceeded,
        Self::max_cost_exceeded,
        Self::budget_reserved,
        Self::budget_spent,
        Self::budget_unavailable,
        Self::unknown_price,
        Self::gate_rejected,
        Self::refusal,
        Self::timeout,
        Self::rate_limited,
        Self::overloaded,
        Self::circuit_open,
        Self::upstream_error,
        Self::upstream_credentials,
        Self::model_not_found,
        Self::recording,
        Self::shutting_down,
        Self::internal_error,
    ];
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ErrorLabels {
    pub(super) code: RunError,
}
