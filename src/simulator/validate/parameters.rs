//! Rules on everything but the turns and the schema: field names, limits, sampling, thinking,
//! metadata, tools.

use serde_json::Value;

use super::super::models::Thinking;
use super::{Checked, FIRST_VERSION_WITHOUT_SAMPLING, Purpose, Verdict};
use crate::simulator::api_error::ApiError;

const SAMPLING: [&str; 3] = ["temperature", "top_p", "top_k"];

/// What both endpoints take.
const SHARED_FIELDS: &[&str] = &[
    "model",
    "messages",
    "system",
    "thinking",
    "tools",
    "tool_choice",
    "output_config",
    "cache_control",
    "temperature",
    "top_p",
    "top_k",
];

/// What only a request for a reply takes.
const REPLY_FIELDS: &[&str] = &[
    "max_tokens",
    "metadata",
    "stream",
    "stop_sequences",
    "service_tier",
    "speed",
    "inference_geo",
    "container",
    "diagnostics",
];

pub(super) fn check(request: &Checked<'_>) -> Verdict {
    fields(request)?;
    max_tokens(request)?;
    stream(request)?;
    sampling(request)?;
    thinking(request)?;
    effort(request)?;
    metadata(request)?;
    tool_choice(request)
}

fn fields(request: &Checked<'_>) -> Verdict {
    for name in request.body.keys().map(String::as_str) {
        if name == "output_format" {
            return Err(ApiError::invalid("output_format: deprecated, use output_config.format instead"));
        }
        let for_reply = request.purpose == Purpose::Reply && REPLY_FIELDS.contains(&name);
        if !for_reply && !SHARED_FIELDS.contains(&name) {
            return Err(ApiError::invalid(format!("{name}: there is no such field")));
        }
    }
    Ok(())
}

fn max_tokens(request: &Checked<'_>) -> Verdict {
    if request.purpose == Purpose::Count {
        return Ok(());
    }
    let value = request.get("max_tokens").ok_or_else(|| ApiError::invalid("max_tokens: field required"))?;
    // The API itself takes 0 outside of streams, to warm the cache; there is nothing here to be warmed for.
    let tokens = value
        .as_u64()
        .filter(|tokens| *tokens > 0)
        .ok_or_else(|| ApiError::invalid("max_tokens: must be an integer, at least 1"))?;
    match request.known.filter(|model| tokens > model.max_output) {
        Some(model) => Err(ApiError::invalid(format!(
            "max_tokens: {tokens} is more than the {} that {} can write",
            model.max_output, model.id
        ))),
        None => Ok(()),
    }
}

fn stream(request: &Checked<'_>) -> Verdict {
    match request.get("stream") {
        Some(value) if !value.is_boolean() => Err(ApiError::invalid("stream: must be true or false")),
        _ => Ok(()),
    }
}

fn sampling(request: &Checked<'_>) -> Verdict {
    let Some(name) = SAMPLING.into_iter().find(|name| request.get(name).is_some()) else {
        return Ok(());
    };
    if request.version >= FIRST_VERSION_WITHOUT_SAMPLING {
        return Err(ApiError::invalid(format!(
            "{name}: removed in version {FIRST_VERSION_WITHOUT_SAMPLING}"
        )));
    }
    if request.known.is_some_and(|model| !model.sampling) {
        return Err(ApiError::invalid(format!("{name}: not supported by {}", request.model)));
    }
    for name in ["temperature", "top_p"] {
        let Some(value) = request.get(name) else { continue };
        if !value.as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)) {
            return Err(ApiError::invalid(format!("{name}: must be a number from 0 to 1")));
        }
    }
    if request.known.is_some() && request.get("temperature").is_some() && request.get("top_p").is_some() {
        return Err(ApiError::invalid("temperature and top_p can't both be set for this model"));
    }
    Ok(())
}

fn thinking(request: &Checked<'_>) -> Verdict {
    let Some(thinking) = request.get("thinking") else { return Ok(()) };
    let Some(kind) = thinking.get("type").and_then(Value::as_str) else {
        return Err(ApiError::invalid("thinking.type: field required"));
    };
    let Some(model) = request.known else { return Ok(()) };
    let high_effort =
        matches!(request.at("output_config", "effort").and_then(Value::as_str), Some("xhigh" | "max"));
    let accepted = match (kind, model.thinking) {
        ("disabled", Thinking::OnUnlessDisabled) | ("between_tools", Thinking::OnUnlessBetweenTools) => {
            !high_effort
        }
        ("disabled", Thinking::Budget | Thinking::AdaptiveOrBudget | Thinking::Adaptive) => true,
        ("adaptive", way) => way != Thinking::Budget,
        ("enabled", Thinking::Budget | Thinking::AdaptiveOrBudget) => return budget(request, thinking),
        _ => false,
    };
    if accepted {
        return Ok(());
    }
    Err(ApiError::invalid(format!("thinking.type: {kind} is not supported by {} in this request", model.id)))
}

fn budget(request: &Checked<'_>, thinking: &Value) -> Verdict {
    let budget = thinking.get("budget_tokens").and_then(Value::as_u64).unwrap_or(0);
    let limit = request.get("max_tokens").and_then(Value::as_u64).unwrap_or(u64::MAX);
    if budget < 1024 || budget >= limit {
        return Err(ApiError::invalid("thinking.budget_tokens: must be at least 1024 and below max_tokens"));
    }
    match request.get("temperature").and_then(Value::as_f64) {
        Some(temperature) if temperature < 1.0 => {
            Err(ApiError::invalid("temperature: must be 1 or left out while thinking"))
        }
        _ => Ok(()),
    }
}

fn effort(request: &Checked<'_>) -> Verdict {
    let (Some(effort), Some(model)) = (request.at("output_config", "effort"), request.known) else {
        return Ok(());
    };
    if effort.as_str().is_some_and(|effort| model.efforts.contains(&effort)) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("output_config.effort: {effort} is not supported by {}", model.id)))
}

fn metadata(request: &Checked<'_>) -> Verdict {
    let Some(metadata) = request.get("metadata") else { return Ok(()) };
    let Some(entries) = metadata.as_object() else {
        return Err(ApiError::invalid("metadata: must be an object"));
    };
    if let Some(other) = entries.keys().find(|name| *name != "user_id") {
        return Err(ApiError::invalid(format!("metadata.{other}: there is no such field")));
    }
    match entries.get("user_id") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(id)) if id.chars().count() <= 256 && !id.contains('@') => Ok(()),
        Some(_) => {
            Err(ApiError::invalid("metadata.user_id: must be an opaque string of at most 256 characters"))
        }
    }
}

fn tool_choice(request: &Checked<'_>) -> Verdict {
    let kind = request.at("tool_choice", "type").and_then(Value::as_str);
    let (Some(forced @ ("any" | "tool")), Some(model)) = (kind, request.known) else { return Ok(()) };
    if model.forced_tool {
        return Ok(());
    }
    Err(ApiError::invalid(format!("tool_choice.type: {forced} is not supported by {}", model.id)))
}
