//! The Claude models that the simulator plays, and what each of them refuses.
//!
//! The figures are the API documentation's, and stand here a second time on purpose: were they
//! taken from the client's own catalog, a mistake in it would never show.

use serde_json::{Value, json};

/// What the simulator knows of one model.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the API's own table")]
pub(super) struct SimulatedModel {
    pub(super) id: &'static str,
    pub(super) alias: Option<&'static str>,
    /// Tokens that a prompt may have.
    pub(super) context: u64,
    /// Tokens that a reply may have.
    pub(super) max_output: u64,
    /// Tokens that a prefix needs to be cached.
    pub(super) cache_min: u64,
    /// Whether `temperature`, `top_p` and `top_k` are accepted.
    pub(super) sampling: bool,
    pub(super) thinking: Thinking,
    /// Whether the last turn may be the assistant's.
    pub(super) prefill: bool,
    /// Whether `tool_choice` may force a tool.
    pub(super) forced_tool: bool,
    /// Whether a turn may have the role `system`.
    pub(super) system_turns: bool,
    /// The accepted `output_config.effort` values.
    pub(super) efforts: &'static [&'static str],
}

/// How a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Off unless `enabled` with a budget.
    Budget,
    /// Off unless `adaptive`, or `enabled` with a budget.
    AdaptiveOrBudget,
    /// Off unless `adaptive`.
    Adaptive,
    /// On unless `disabled`; that only with an effort up to `high`.
    OnUnlessDisabled,
    /// On unless confined by `between_tools`; that only with an effort up to `high`.
    OnUnlessBetweenTools,
    /// On.
    Always,
}

impl Thinking {
    /// Whether the model thinks when nothing is said about it.
    pub(super) fn by_default(self) -> bool {
        matches!(self, Self::OnUnlessDisabled | Self::OnUnlessBetweenTools | Self::Always)
    }
}

const EFFORTS: &[&str] = &["low", "medium", "high", "xhigh", "max"];
const NO_XHIGH: &[&str] = &["low", "medium", "high", "max"];

const NEWEST: SimulatedModel = SimulatedModel {
    id: "",
    alias: None,
    context: 1_000_000,
    max_output: 128_000,
    cache_min: 512,
    sampling: false,
    thinking: Thinking::Always,
    prefill: false,
    forced_tool: false,
    system_turns: true,
    efforts: EFFORTS,
};

const OLD: SimulatedModel = SimulatedModel {
    context: 200_000,
    max_output: 64_000,
    cache_min: 4096,
    sampling: true,
    thinking: Thinking::Budget,
    prefill: true,
    forced_tool: true,
    system_turns: false,
    efforts: &[],
    ..NEWEST
};

/// The models, newest first.
pub(super) const MODELS: &[SimulatedModel] = &[
    SimulatedModel { id: "claude-fable-5-2", ..NEWEST },
    SimulatedModel { id: "claude-fable-5-1", ..NEWEST },
    SimulatedModel { id: "claude-fable-5", forced_tool: true, ..NEWEST },
    SimulatedModel { id: "claude-opus-5-5", ..NEWEST },
    SimulatedModel { id: "claude-sonnet-5-5", thinking: Thinking::OnUnlessBetweenTools, ..NEWEST },
    SimulatedModel {
        id: "claude-haiku-5-5",
        thinking: Thinking::OnUnlessDisabled,
        forced_tool: true,
        ..NEWEST
    },
    SimulatedModel { id: "claude-opus-5", thinking: Thinking::OnUnlessDisabled, forced_tool: true, ..NEWEST },
    SimulatedModel {
        id: "claude-sonnet-5",
        cache_min: 1024,
        thinking: Thinking::OnUnlessDisabled,
        forced_tool: true,
        ..NEWEST
    },
    SimulatedModel {
        id: "claude-opus-4-8",
        cache_min: 1024,
        thinking: Thinking::Adaptive,
        forced_tool: true,
        ..NEWEST
    },
    SimulatedModel {
        id: "claude-opus-4-7",
        cache_min: 2048,
        thinking: Thinking::Adaptive,
        forced_tool: true,
        system_turns: false,
        ..NEWEST
    },
    SimulatedModel { id: "claude-opus-4-6", cache_min: 4096, ..FOUR_SIX },
    SimulatedModel { id: "claude-sonnet-4-6", cache_min: 1024, ..FOUR_SIX },
    SimulatedModel {
        id: "claude-opus-4-5-20251101",
        alias: Some("claude-opus-4-5"),
        efforts: &["low", "medium", "high"],
        ..OLD
    },
    SimulatedModel {
        id: "claude-sonnet-4-5-20250929",
        alias: Some("claude-sonnet-4-5"),
        cache_min: 1024,
        ..OLD
    },
    SimulatedModel { id: "claude-haiku-4-5-20251001", alias: Some("claude-haiku-4-5"), ..OLD },
];

const FOUR_SIX: SimulatedModel = SimulatedModel {
    sampling: true,
    thinking: Thinking::AdaptiveOrBudget,
    forced_tool: true,
    system_turns: false,
    efforts: NO_XHIGH,
    ..NEWEST
};

/// The model of that id or alias.
pub(super) fn find(name: &str) -> Option<&'static SimulatedModel> {
    MODELS.iter().find(|model| model.id == name || model.alias == Some(name))
}

/// Whether a request for that model is answered at all. Names that aren't Claude's stand for the
/// local servers that speak the same API.
pub(super) fn exists(name: &str) -> bool {
    find(name).is_some() || !name.starts_with("claude-")
}

impl SimulatedModel {
    /// The model as `GET /v1/models` describes it.
    pub(super) fn to_json(&self) -> Value {
        let supported = |supported: bool| json!({"supported": supported});
        json!({
            "type": "model",
            "id": self.id,
            "display_name": format!("{} (simulated)", self.id),
            "created_at": "2025-01-01T00:00:00Z",
            "max_input_tokens": self.context,
            "max_tokens": self.max_output,
            "lifecycle": "active",
            "deprecated_at": null,
            "retires_at": null,
            "capabilities": {
                "structured_outputs": supported(true),
                "effort": supported(!self.efforts.is_empty()),
                "batch": supported(false),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_id_and_by_alias() {
        assert_eq!(find("claude-haiku-4-5").unwrap().id, "claude-haiku-4-5-20251001");
        assert_eq!(find("claude-haiku-5-5").unwrap().cache_min, 512);
        assert!(find("claude-haiku-5-5-20261007").is_none());
    }

    #[test]
    fn only_claude_names_can_be_unknown() {
        for (name, there) in [
            ("claude-opus-5-5", true),
            ("claude-3-haiku-20240307", false),
            ("claude-opus-4-1", false),
            ("llama3.2", true),
        ] {
            assert_eq!(exists(name), there, "{name}");
        }
    }
}
