//! The chain that benches run in their own process.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use promptchain::chain::config::{
    GateRules, StepConfig, StructuredOutput, ThinkingMode, TimeLimits, WorkerConfig,
};
use promptchain::chain::{ChainConfig, Complexity, PerStep};
use promptchain::model::Catalog;
use promptchain::prompts::{PromptFiles, PromptSet};
use promptchain::resilience::{BreakerConfig, RetryPolicy};

/// What all three steps are asked of.
const MODEL: &str = "claude-haiku-4-5-20251001";
/// The API's version, for requests that are made here.
pub(crate) const API_VERSION: &str = "2023-06-01";
/// Long enough for any reply here, and an end to a run that hangs.
const STEP_LIMIT: Duration = Duration::from_mins(1);

/// The chain with the built-in prompts, and limits that no reply here reaches.
pub(crate) fn chain(workers: u32) -> Result<ChainConfig, Box<dyn Error>> {
    let none: &[&str] = &[];
    let reserved = PerStep { analyze: none, process: none, synthesize: none };
    let rendered = PromptSet::load(&PromptFiles::default(), reserved).render(&BTreeMap::new(), workers);
    let (Some(prompts), Some(of_worker)) = (rendered.texts.whole(), rendered.worker) else {
        return Err(format!("the prompts can't be rendered: {:?}", rendered.diagnostics).into());
    };
    let step = |prompt: String| StepConfig {
        model: MODEL.to_owned(),
        max_tokens: 8192,
        temperature: 0.5,
        timeout: STEP_LIMIT,
        prompt: prompt.into(),
        fields: Vec::new(),
    };
    Ok(ChainConfig {
        steps: prompts.map(|_, prompt| step(prompt)),
        workers: WorkerConfig { max: workers, from: Complexity::Complex, step: step(of_worker) },
        gates: GateRules { validation: true, strict: true, min_confidence: 0.5, repair_attempts: 0 },
        limits: TimeLimits {
            worker_coordination: STEP_LIMIT * 2,
            synthesis: STEP_LIMIT,
            run: None,
            silence: STEP_LIMIT,
        },
        retry: RetryPolicy { max_attempts: 1, multiplier: 1.0, max_delay: STEP_LIMIT },
        max_cost: None,
        structured_output: StructuredOutput::Auto,
        thinking: ThinkingMode::Off,
        chunk_buffer: 0,
        api_version: API_VERSION.to_owned(),
        catalog: Arc::new(Catalog::built_in()),
    })
}

/// When the upstream would be left alone.
pub(crate) fn breaker() -> BreakerConfig {
    BreakerConfig { enabled: true, failure_threshold: 3, open_for: STEP_LIMIT, half_open_attempts: 1 }
}
