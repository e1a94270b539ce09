//! What a random case is made of: what goes wrong upstream, by which settings the run goes, and when it is
//! dropped.

use std::time::Duration;

use promptchain::chain::config::{StructuredOutput, ThinkingMode};
use promptchain::chain::{ChainConfig, Complexity, Delivery};
use promptchain::model::Cost;
use promptchain::resilience::{BreakerConfig, RetryPolicy};
use promptchain::simulator::{Fault, Step};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Models whose thinking, cache and prices differ; the last isn't in the catalog.
const MODELS: [&str; 4] = ["claude-haiku-4-5", "claude-haiku-5-5", "claude-sonnet-5-5", "llama3.2"];

/// Requests: a plain one, and one that can be divided into parts.
const REQUESTS: [&str; 2] =
    ["Say hello to the world", "What is ownership? What is borrowing? What are lifetimes? What are traits?"];

/// A random case.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    /// The simulator's rules, as its flag has them.
    pub(super) faults: String,
    pub(super) request: &'static str,
    pub(super) settings: ChainSettings,
    pub(super) breaker: Option<u32>,
    pub(super) delivery: Delivery,
    /// A text at which the answer is to end.
    pub(super) stop: Option<&'static str>,
    /// Whether a refusal of the last step is an answer.
    pub(super) refusal_ends_answer: bool,
    pub(super) leaving: Leaving,
}

/// What the run goes by.
#[derive(Debug, Clone)]
pub(super) struct ChainSettings {
    pub(super) model: &'static str,
    pub(super) attempts: u32,
    pub(super) repairs: u32,
    pub(super) workers: u32,
    pub(super) strict: bool,
    pub(super) validation: bool,
    /// US dollars.
    pub(super) cap: Option<f64>,
    pub(super) thinking: ThinkingMode,
    pub(super) structured: StructuredOutput,
    pub(super) max_tokens: u32,
    pub(super) chunk_buffer: usize,
}

/// When the run is dropped.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leaving {
    Never,
    /// After so many events.
    AfterEvents(usize),
    /// While it waits for something: after it has been asked so often in all.
    AfterPolls(usize),
}

prop_compose! {
    pub(super) fn scenario()(
        faults in faults(),
        request in prop::sample::select(&REQUESTS[..]),
        settings in settings(),
        breaker in option::of(1_u32..4),
        delivery in prop_oneof![Just(Delivery::Live), Just(Delivery::Held)],
        stop in option::weighted(0.15, prop::sample::select(&["the", "\n\n", "nowhere to be found"][..])),
        refusal_ends_answer in any::<bool>(),
        leaving in leaving(),
    ) -> Scenario {
        Scenario { faults, request, settings, breaker, delivery, stop, refusal_ends_answer, leaving }
    }
}

prop_compose! {
    fn settings()(
        model in prop::sample::select(&MODELS[..]),
        (attempts, repairs, workers) in (1_u32..5, 0_u32..4, prop_oneof![Just(1_u32), 2_u32..6]),
        (strict, validation) in (any::<bool>(), prop::bool::weighted(0.8)),
        cap in option::weighted(0.3, 0.0005_f64..0.2),
        thinking in prop_oneof![Just(ThinkingMode::Off), Just(ThinkingMode::Auto)],
        structured in prop_oneof![
            3 => Just(StructuredOutput::Auto),
            1 => Just(StructuredOutput::Native),
            1 => Just(StructuredOutput::Prompt),
        ],
        max_tokens in prop_oneof![4 => Just(2048_u32), 1 => 1_u32..120],
        chunk_buffer in prop_oneof![Just(0_usize), 1_usize..60],
    ) -> ChainSettings {
        ChainSettings {
            model, attempts, repairs, workers, strict, validation, cap, thinking, structured, max_tokens,
            chunk_buffer,
        }
    }
}

fn leaving() -> impl Strategy<Value = Leaving> {
    prop_oneof![
        3 => Just(Leaving::Never),
        1 => (1_usize..30).prop_map(Leaving::AfterEvents),
        2 => (1_usize..400).prop_map(Leaving::AfterPolls),
    ]
}

/// For each step, what becomes of its first calls: of each a fault, or a normal reply.
fn faults() -> impl Strategy<Value = String> {
    let of_step = |step: Step| {
        vec(option::weighted(0.45, fault(step)), 0..6).prop_map(move |calls| {
            let of_call = |(number, fault): (usize, Option<String>)| {
                fault.map(|fault| format!("{step}:{fault}@{}", number + 1))
            };
            calls.into_iter().enumerate().filter_map(of_call).collect::<Vec<_>>()
        })
    };
    let steps = Step::ALL.map(of_step);
    steps.prop_map(|rules| rules.concat().join(","))
}

/// A fault that a call of that step can have. Megabytes are left out, for the time that they take.
fn fault(step: Step) -> impl Strategy<Value = String> {
    use Fault as F;
    let fits = |fault: &&F| {
        !matches!(fault, F::Expired | F::Canceled | F::HugeReply | F::HugeEvent)
            && fault.step().is_none_or(|only| only == step)
    };
    let faults: Vec<F> = Fault::all().iter().filter(fits).copied().collect();
    (prop::sample::select(faults), 0_u32..60, 0_u32..4).prop_map(|(fault, deltas, tenths)| match fault {
        F::RateLimit | F::Overloaded | F::ServerError if tenths == 0 => format!("{fault}=0.01"),
        F::RateLimit | F::Unavailable if tenths == 1 => format!("{fault}=60"),
        F::HangMidReply | F::ResetMidReply | F::CloseMidReply | F::Truncated | F::ErrorEventMidReply => {
            format!("{fault}={deltas}")
        }
        F::SlowDrip => format!("{fault}=0"),
        F::PingsOnly => format!("{fault}=5"),
        _ => fault.to_string(),
    })
}

impl ChainSettings {
    /// Sets all that in a chain of the program's own defaults. Waits are so short that a case takes no time worth
    /// speaking of, and time-outs are for silence.
    pub(super) fn apply(&self, chain: &mut ChainConfig) {
        let step = Duration::from_secs(4);
        for config in [
            &mut chain.steps.analyze,
            &mut chain.steps.process,
            &mut chain.steps.synthesize,
            &mut chain.workers.step,
        ] {
            self.model.clone_into(&mut config.model);
            (config.max_tokens, config.timeout) = (self.max_tokens, step);
        }
        (chain.workers.max, chain.workers.from) = (self.workers, Complexity::Simple);
        (chain.gates.strict, chain.gates.validation) = (self.strict, self.validation);
        chain.gates.repair_attempts = self.repairs;
        (chain.limits.worker_coordination, chain.limits.synthesis) = (2 * step, step);
        chain.limits.silence = Duration::from_millis(50);
        chain.retry =
            RetryPolicy { max_attempts: self.attempts, multiplier: 0.001, max_delay: Duration::from_secs(1) };
        chain.max_cost = self.cap.map(Cost::from_usd);
        (chain.structured_output, chain.thinking) = (self.structured, self.thinking);
        chain.chunk_buffer = self.chunk_buffer;
    }
}

impl Scenario {
    pub(super) fn breaker(&self) -> BreakerConfig {
        BreakerConfig {
            enabled: self.breaker.is_some(),
            failure_threshold: self.breaker.unwrap_or(1),
            open_for: Duration::from_secs(30),
            half_open_attempts: 1,
        }
    }

    /// The most calls that the policy allows for a step: attempts, once more where the upstream refuses the
    /// schema, for the step and each of its repairs; and for each of the parts.
    pub(super) fn most_calls(&self, step: Step, parts: usize) -> usize {
        let settings = &self.settings;
        let schema = u32::from(settings.structured == StructuredOutput::Auto);
        let calls = (settings.attempts + schema) * (1 + settings.repairs);
        usize::try_from(calls).unwrap() * if step == Step::Process { parts } else { 1 }
    }
}
