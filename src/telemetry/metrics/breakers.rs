//! Circuits: where each stands, and how they change.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::model_label::ModelLabel;
use super::register::registered;
use super::{Metrics, names};
use crate::resilience::{BreakerObserver, BreakerState, Transition, TransitionReason};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    model: ModelLabel,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransitionLabels {
    model: ModelLabel,
    to: StateLabel,
    reason: ReasonLabel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
enum StateLabel {
    closed,
    half_open,
    open,
}

impl From<BreakerState> for StateLabel {
    fn from(state: BreakerState) -> Self {
        match state {
            BreakerState::Closed => Self::closed,
            BreakerState::HalfOpen => Self::half_open,
            BreakerState::Open { .. } => Self::open,
        }
    }
}

impl StateLabel {
    /// The worse, the more.
    fn number(self) -> i64 {
        match self {
            Self::closed => 0,
            Self::half_open => 1,
            Self::open => 2,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
enum ReasonLabel {
    consecutive,
    time_out_passed,
    probe_failed,
    probes_succeeded,
}

impl From<TransitionReason> for ReasonLabel {
    fn from(reason: TransitionReason) -> Self {
        match reason {
            TransitionReason::Consecutive => Self::consecutive,
            TransitionReason::TimeOutPassed => Self::time_out_passed,
            TransitionReason::ProbeFailed => Self::probe_failed,
            TransitionReason::ProbesSucceeded => Self::probes_succeeded,
        }
    }
}

/// Circuits.
#[derive(Debug)]
pub(super) struct BreakerMetrics {
    states: Family<StateLabels, Gauge>,
    transitions: Family<TransitionLabels, Counter>,
}

impl BreakerMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        Self {
            states: registered(registry, names::BREAKER_STATE, Family::default()),
            transitions: registered(registry, names::BREAKER_TRANSITIONS, Family::default()),
        }
    }

    /// Has the series of a model begin with a closed circuit that has never changed.
    pub(super) fn expect(&self, model: &ModelLabel) {
        drop(self.states.get_or_create(&StateLabels { model: model.clone() }));
        for (to, reason) in [
            (StateLabel::open, ReasonLabel::consecutive),
            (StateLabel::half_open, ReasonLabel::time_out_passed),
            (StateLabel::open, ReasonLabel::probe_failed),
            (StateLabel::closed, ReasonLabel::probes_succeeded),
        ] {
            drop(self.transitions.get_or_create(&TransitionLabels { model: model.clone(), to, reason }));
        }
    }

    pub(super) fn stands(&self, model: ModelLabel, state: BreakerState) {
        self.states.get_or_create(&StateLabels { model }).set(StateLabel::from(state).number());
    }
}

impl BreakerObserver for Metrics {
    fn changed(&self, model: &str, transition: Transition) {
        let Transition { to, reason, .. } = transition;
        let labels = TransitionLabels { model: self.label(model), to: to.into(), reason: reason.into() };
        self.breakers.transitions.get_or_create(&labels).inc();
    }
}
