//! The gate: decodes a reply as its step's type, and finds what is wrong with it.

use super::Finding;
use super::attempt::Reply;
use super::config::{GateRules, StepConfig};
use super::json_text::field_text;
use super::lenient_json::{begins_object, find_object};
use super::steps::{self, Step};
use crate::model::StopReason;

/// What the gate makes of a reply.
#[derive(Debug, Clone)]
pub(super) struct Judged<T> {
    /// The output, decoded or made of what there is; `None` if there is nothing to go on with.
    pub(super) output: Option<T>,
    /// Whether it was made of a reply that couldn't be decoded.
    pub(super) degraded: bool,
    /// What was found.
    pub(super) findings: Vec<Finding>,
    /// Whether something round the JSON had to be put up with.
    pub(super) tolerated: bool,
    /// Whether the reply ends before it is complete, whatever it says of itself.
    pub(super) is_cut: bool,
}

impl<T> Judged<T> {
    /// Of a reply that was read as far as it was wanted.
    pub(super) fn complete(output: Option<T>) -> Self {
        Self { output, degraded: false, findings: Vec::new(), tolerated: false, is_cut: false }
    }

    fn degraded(output: Option<T>, findings: Vec<Finding>, is_cut: bool) -> Self {
        Self { output, degraded: true, findings, tolerated: false, is_cut }
    }

    /// Whether there is more of it than is looked at, so that asking again may cost as much for as little.
    pub(super) fn is_too_large(&self) -> bool {
        self.findings.iter().any(|finding| finding.rule == "too-many-values")
    }

    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

/// What a gate judges by.
pub(super) struct Gate<'a> {
    pub(super) step: &'a StepConfig,
    pub(super) rules: &'a GateRules,
    /// The user's last message.
    pub(super) request: &'a str,
    /// The most tokens that the reply could have.
    pub(super) max_tokens: u32,
    /// Whether the reply's length was capped by the caller: what there is of a reply that was cut there
    /// is the result.
    pub(super) capped_by_caller: bool,
}

impl Gate<'_> {
    pub(super) fn judge<S: Step>(&self, reply: &Reply) -> Judged<S::Output> {
        if let StopReason::Refusal { .. } = reply.stop {
            let refused = Finding::error("refusal", "the model declined to answer");
            let text = unfinished_text::<S>(&reply.text).unwrap_or_default();
            return Judged::degraded(S::degrade(Some(&text), self.request), vec![refused], true);
        }
        if self.capped_by_caller && reply.stop == StopReason::MaxTokens {
            let note = Finding::warning("cut-by-caller", "the text was cut at the caller's own cap");
            let text = unfinished_text::<S>(&reply.text).unwrap_or_default();
            return Judged::degraded(S::degrade(Some(&text), self.request), vec![note], true);
        }
        self.judge_finished::<S>(reply)
    }

    fn judge_finished<S: Step>(&self, reply: &Reply) -> Judged<S::Output> {
        let mut findings = Vec::new();
        if reply.stop.is_cut() && self.rules.validation {
            let message = match reply.stop {
                StopReason::MaxTokens => {
                    format!("the reply was cut short at {} tokens (max_tokens)", self.max_tokens)
                }
                _ => format!("the reply was cut short ({})", reply.stop.as_str()),
            };
            findings.push(Finding::error("cut", message));
        }
        if reply.text.trim().is_empty() {
            findings.push(Finding::error("empty-reply", "the reply is empty"));
            return Judged::degraded(None, findings, reply.stop.is_cut());
        }
        if S::IS_TEXT {
            return self.judge_text::<S>(reply, findings);
        }
        let found = match find_object(&reply.text) {
            Ok(found) => found,
            Err(not_found) => {
                findings.push(Finding::error("not-json", not_found.to_string()));
                let is_cut = reply.stop.is_cut() || not_found.is_cut;
                return Judged::degraded(self.degrade::<S>(&reply.text, is_cut), findings, is_cut);
            }
        };
        let decoded = steps::decode::<S>(found.object, &self.step.fields);
        findings.extend(decoded.findings);
        if let (Some(output), true) = (&decoded.output, self.rules.validation) {
            findings.extend(S::gate(output, self.rules));
        }
        let degraded = decoded.output.is_none();
        let is_cut = reply.stop.is_cut();
        let output = decoded.output.or_else(|| self.degrade::<S>(&reply.text, is_cut));
        Judged { output, degraded, findings, tolerated: !found.tolerated.is_empty(), is_cut }
    }

    /// Of a step whose reply is its text.
    fn judge_text<S: Step>(&self, reply: &Reply, mut findings: Vec<Finding>) -> Judged<S::Output> {
        let output = S::degrade(Some(&reply.text), self.request);
        if let (Some(output), true) = (&output, self.rules.validation) {
            findings.extend(S::gate(output, self.rules));
        }
        Judged { output, degraded: false, findings, tolerated: false, is_cut: reply.stop.is_cut() }
    }

    /// The output made of a reply that couldn't be decoded.
    fn degrade<S: Step>(&self, reply: &str, is_cut: bool) -> Option<S::Output> {
        let text = if is_cut {
            unfinished_text::<S>(reply)
        } else {
            // Where only what follows the text is broken, the text is whole.
            let field = field_text(reply, S::CORE_FIELD).filter(|field| field.is_complete);
            Some(field.map_or_else(|| reply.to_owned(), |field| field.text))
        };
        S::degrade(text.as_deref().filter(|text| !text.trim().is_empty()), self.request)
    }
}

/// The text in a reply that wasn't finished: what had been written of its core field, or the whole of a
/// reply in which no object has begun; never the JSON round it.
fn unfinished_text<S: Step>(reply: &str) -> Option<String> {
    if S::IS_TEXT {
        return Some(reply.to_owned());
    }
    match field_text(reply, S::CORE_FIELD) {
        Some(field) => Some(field.text),
        None => (!begins_object(reply)).then(|| reply.to_owned()),
    }
}
