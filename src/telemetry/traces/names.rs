//! What spans and their attributes are called: the only file that has their names.
//!
//! Those of OpenTelemetry's conventions for generative AI are in development, and have changed. By default they
//! are those that dashboards know; the newest take their place where they are asked for. Our own begin with
//! `promptchain.`. What a run, a step and an attempt cost are three names, so that a sum over spans counts
//! nothing twice.

/// Which names of the conventions for generative AI are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GenAiNames {
    /// Those of the semantic conventions up to v1.41.
    #[default]
    Older,
    /// Those of the repository of their own that they have since.
    Latest,
}

impl GenAiNames {
    /// Who provides the model; several names where dashboards know several.
    pub(super) fn provider(self) -> &'static [&'static str] {
        match self {
            Self::Older => &["gen_ai.system", "gen_ai.provider.name"],
            Self::Latest => &["gen_ai.provider.name"],
        }
    }

    /// The chain's own name.
    pub(super) fn chain(self) -> &'static str {
        match self {
            Self::Older => "gen_ai.workflow.name",
            Self::Latest => "gen_ai.agent.name",
        }
    }

    /// Input tokens that were written to a cache.
    pub(super) fn cache_write_tokens(self) -> &'static str {
        match self {
            Self::Older => "gen_ai.usage.cache_creation.input_tokens",
            Self::Latest => "gen_ai.usage.cache_write.input_tokens",
        }
    }
}

pub(super) const PROVIDER: &str = "anthropic";
pub(super) const CHAT: &str = "chat";
pub(super) const INVOKE_WORKFLOW: &str = "invoke_workflow";

pub(super) const OPERATION: &str = "gen_ai.operation.name";
pub(super) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(super) const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub(super) const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub(super) const REQUEST_STREAM: &str = "gen_ai.request.stream";
pub(super) const RESPONSE_ID: &str = "gen_ai.response.id";
pub(super) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(super) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// Seconds.
pub(super) const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
/// Those from and to a cache included, unlike in the upstream's own figures.
pub(super) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub(super) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(super) const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
pub(super) const PROMPT_NAME: &str = "gen_ai.prompt.name";
/// The beginning of the prompt's SHA-256.
pub(super) const PROMPT_VERSION: &str = "gen_ai.prompt.version";
pub(super) const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
pub(super) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub(super) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";

pub(super) const SERVER_ADDRESS: &str = "server.address";
pub(super) const SERVER_PORT: &str = "server.port";
pub(super) const ERROR_TYPE: &str = "error.type";
pub(super) const METHOD: &str = "http.request.method";
pub(super) const METHOD_ORIGINAL: &str = "http.request.method_original";
pub(super) const RESEND_COUNT: &str = "http.request.resend_count";
pub(super) const STATUS_CODE: &str = "http.response.status_code";
pub(super) const ROUTE: &str = "http.route";
pub(super) const PATH: &str = "url.path";
pub(super) const SCHEME: &str = "url.scheme";

pub(super) const REQUEST_ID: &str = "promptchain.request_id";
pub(super) const UPSTREAM_REQUEST_ID: &str = "promptchain.upstream_request_id";
pub(super) const STEP: &str = "promptchain.step";
pub(super) const WORKER: &str = "promptchain.worker";
pub(super) const ATTEMPT: &str = "promptchain.attempt";
pub(super) const ATTEMPTS: &str = "promptchain.attempts";
pub(super) const REPAIR: &str = "promptchain.repair";
pub(super) const REPAIRS: &str = "promptchain.repairs";
pub(super) const CONFIDENCE: &str = "promptchain.confidence";
/// Whether one call answers what a chat UI asked for by itself.
pub(super) const BACKGROUND_TASK: &str = "promptchain.background_task";
pub(super) const OUTCOME: &str = "promptchain.outcome";
/// Whether every attempt's final figures are in the sums.
pub(super) const USAGE_COMPLETE: &str = "promptchain.usage_complete";
/// Seconds until the next attempt.
pub(super) const RETRY_IN: &str = "promptchain.retry_in";
pub(super) const FINISH_REASON: &str = "promptchain.finish_reason";

/// In US dollars; left out where it isn't known.
pub(super) const RUN_COST: &str = "promptchain.run.cost_usd";
pub(super) const RUN_INPUT_TOKENS: &str = "promptchain.run.input_tokens";
pub(super) const RUN_OUTPUT_TOKENS: &str = "promptchain.run.output_tokens";
pub(super) const STEP_COST: &str = "promptchain.step.cost_usd";
pub(super) const WORKER_COST: &str = "promptchain.worker.cost_usd";
pub(super) const ATTEMPT_COST: &str = "promptchain.attempt.cost_usd";
pub(super) const ATTEMPT_INPUT_TOKENS: &str = "promptchain.attempt.input_tokens";
pub(super) const ATTEMPT_OUTPUT_TOKENS: &str = "promptchain.attempt.output_tokens";

/// A gate's verdict, as an event of its step's span.
pub(super) const GATE_EVENT: &str = "promptchain.gate";
pub(super) const DECISION: &str = "promptchain.decision";
pub(super) const RULES: &str = "promptchain.rules";
/// A step that an earlier run had finished, as an event of the run's span.
pub(super) const REUSED_EVENT: &str = "promptchain.step_reused";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sets_of_names_are_those_of_their_conventions() {
        let names = |of: GenAiNames| (of.provider(), of.chain(), of.cache_write_tokens());
        assert_eq!(
            names(GenAiNames::Older),
            (
                &["gen_ai.system", "gen_ai.provider.name"][..],
                "gen_ai.workflow.name",
                "gen_ai.usage.cache_creation.input_tokens"
            )
        );
        assert_eq!(
            names(GenAiNames::Latest),
            (&["gen_ai.provider.name"][..], "gen_ai.agent.name", "gen_ai.usage.cache_write.input_tokens")
        );
    }
}
