//! The gate: decodes a reply as its step's type, and finds what is wrong with it.

use super::Finding;
use super::attempt::Reply;
use super::config::{GateRules, StepConfig};
use super::json_text::partial_field;
use super::lenient_json::find_object;
use super::steps::{self, Step};
use crate::model::StopReason;

/// What the gate makes of a reply.
#[derive(Debug, Clone)]
pub(super) struct Judged<T> {
    /// The output; `None` if the reply couldn't be decoded.
    pub(super) output: Option<T>,
    /// What was found.
    pub(super) findings: Vec<Finding>,
    /// Whether something round the JSON had to be put up with.
    pub(super) tolerated: bool,
}

impl<T> Judged<T> {
    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

/// Judges a reply. `cut_by_caller` says that if the reply was cut at its limit, then by a cap that the
/// caller set: what there is of it then is the result.
pub(super) fn judge<S: Step>(
    reply: &Reply,
    step: &StepConfig,
    rules: &GateRules,
    cut_by_caller: bool,
) -> Judged<S::Output> {
    let cut = reply.stop.is_cut();
    if cut_by_caller && reply.stop == StopReason::MaxTokens {
        let output = S::degrade(&cut_text::<S>(&reply.text).unwrap_or_default(), "");
        let note = Finding::warning("cut-by-caller", "the text was cut at the caller's own cap");
        return Judged { output, findings: vec![note], tolerated: false };
    }
    let mut findings = Vec::new();
    if cut && rules.validation {
        let message = format!("the reply was cut short ({})", reply.stop.as_str());
        findings.push(Finding::error("cut", message));
    }
    if reply.text.trim().is_empty() {
        findings.push(Finding::error("empty-reply", "the reply is empty"));
        return Judged { output: None, findings, tolerated: false };
    }
    match find_object(&reply.text) {
        Err(not_found) => {
            findings.push(Finding::error("not-json", not_found.to_string()));
            Judged { output: None, findings, tolerated: false }
        }
        Ok(found) => {
            let decoded = steps::decode::<S>(found.object, &step.fields);
            findings.extend(decoded.findings);
            if let (Some(output), true) = (&decoded.output, rules.validation) {
                findings.extend(S::gate(output, rules));
            }
            Judged { output: decoded.output, findings, tolerated: !found.tolerated.is_empty() }
        }
    }
}

/// The output made of a reply that couldn't be decoded, for a chain that goes on in spite of it;
/// `None` if there is nothing to make it of.
pub(super) fn degrade<S: Step>(reply: &Reply, request: &str) -> Option<S::Output> {
    let text = if reply.stop.is_cut() { cut_text::<S>(&reply.text) } else { Some(reply.text.clone()) };
    text.filter(|text| !text.trim().is_empty()).and_then(|text| S::degrade(&text, request))
}

/// The text in a reply that was cut: what had been written of its core field, never the JSON round it.
fn cut_text<S: Step>(reply: &str) -> Option<String> {
    partial_field(reply, S::CORE_FIELD).or_else(|| {
        let prose = !reply.trim_start().starts_with(['{', '`']);
        prose.then(|| reply.to_owned())
    })
}
