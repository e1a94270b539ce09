//! Makes the request of a step: the system prompt, the caller's words, what earlier steps returned.
//!
//! The caller's words are material, not template and not instructions to us: they stand between tags
//! that no text can hold.

use std::sync::Arc;

use super::as_is;
use super::config::{ChainConfig, Field, FieldKind, StepConfig, StructuredOutput, ThinkingMode};
use super::run_input::RunInput;
use super::steps::{Step, schema};
use super::tagged::{Tagged, id_of};
use super::wish::Wish;
use super::{ChainError, Finding, StepName};
use crate::model::{
    ModelRequest, ReplySchema, Role, SharedText, SystemBlock, Thinking, Turn, estimate_tokens,
};

/// How a request asks for JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// The upstream enforces the schema.
    Native,
    /// The schema stands in the prompt.
    Prompt,
}

/// What a step's requests are made of.
pub(super) struct Composer<'a> {
    pub(super) config: &'a ChainConfig,
    pub(super) step: &'a StepConfig,
    pub(super) max_tokens: u32,
    pub(super) temperature: f64,
    pub(super) request_id: &'a str,
    pub(super) schema: Arc<ReplySchema>,
    material: String,
    id: String,
    /// What the caller asks for: system blocks below our prompt.
    wishes: Vec<SharedText>,
    /// The conversation, if it goes upstream as it is and what stands above doesn't.
    as_is: Option<AsIs>,
}

/// A conversation on its way upstream as it is.
struct AsIs {
    system: Vec<SharedText>,
    turns: Vec<Turn>,
}

impl<'a> Composer<'a> {
    pub(super) fn new<S: Step>(config: &'a ChainConfig, run: &'a RunInput, input: &S::Input<'_>) -> Self {
        let conversation = &run.conversation;
        let step = S::settings(config);
        let answer = run.answer_of(S::NAME);
        let mut material: Vec<Tagged> = conversation
            .earlier_turns()
            .map(|turn| Tagged::new("turn", turn.content.as_str()).with("role", turn.role.as_str()))
            .collect();
        material.push(Tagged::new("request", conversation.request()));
        let documents = S::documents(input);
        material.extend(documents.iter().map(|(tag, document)| Tagged::new(tag, document.to_string())));
        // The form of the answer comes last, because it is what the answer is checked by.
        let format = answer.and_then(|answer| Wish::of_format(&answer.format));
        let wishes: Vec<Wish> = Wish::of_conversation(conversation).into_iter().chain(format).collect();
        let words = material.iter().chain(wishes.iter().filter_map(|wish| wish.words.as_ref()));
        let id = id_of(words.map(Tagged::body));
        let cap = answer.and_then(|answer| answer.cap);
        Self {
            config,
            step,
            max_tokens: cap.map_or(step.max_tokens, |cap| cap.min(step.max_tokens)),
            temperature: answer.and_then(|answer| answer.temperature).unwrap_or(step.temperature),
            request_id: &run.request_id,
            schema: schema::<S>(config, &step.fields),
            material: material.iter().map(|piece| piece.render(&id)).collect(),
            wishes: wishes.iter().map(|wish| wish.render(&id).into()).collect(),
            id,
            as_is: S::IS_TEXT.then(|| AsIs {
                system: as_is::system(conversation, &run.answer.format)
                    .into_iter()
                    .map(SharedText::from)
                    .collect(),
                turns: as_is::turns(conversation),
            }),
        }
    }

    /// How the request asks for JSON. `is_refused` says whether the upstream has refused the schema before.
    pub(super) fn format(&self, is_refused: impl FnOnce() -> bool) -> Format {
        let is_unsupported =
            || self.config.catalog.find(&self.step.model).is_some_and(|entry| !entry.structured_output);
        match self.config.structured_output {
            _ if self.as_is.is_some() => Format::Prompt,
            StructuredOutput::Prompt => Format::Prompt,
            StructuredOutput::Auto if is_unsupported() || is_refused() => Format::Prompt,
            StructuredOutput::Native | StructuredOutput::Auto => Format::Native,
        }
    }

    /// The step's first request.
    pub(super) fn request(&self, format: Format) -> ModelRequest {
        let (config, model) = (self.config, self.step.model.as_str());
        let accepts_temperature = config.catalog.accepts_temperature(model, &config.api_version);
        ModelRequest {
            model: model.to_owned(),
            max_tokens: self.max_tokens,
            temperature: accepts_temperature.then_some(self.temperature),
            system: self.system(format),
            turns: self.turns(),
            schema: (format == Format::Native).then(|| Arc::clone(&self.schema)),
            thinking: match config.thinking {
                ThinkingMode::Off => config.catalog.thinking_off(model),
                ThinkingMode::Auto => Thinking::Unspecified,
            },
            request_id: self.request_id.to_owned(),
        }
    }

    fn turns(&self) -> Vec<Turn> {
        if let Some(as_is) = &self.as_is {
            return as_is.turns.clone();
        }
        let text = format!(
            "{}The id of these blocks is {}. Return the JSON object now, and nothing else.",
            self.material, self.id
        );
        vec![Turn { role: Role::User, text }]
    }

    /// A request to put `reply` right.
    pub(super) fn repair(&self, format: Format, reply: &str, findings: &[Finding]) -> ModelRequest {
        let mut request = self.request(format);
        // The API refuses blank text, and two user turns in a row read as one.
        if !reply.trim().is_empty() {
            request.turns.push(Turn { role: Role::Assistant, text: reply.trim_end().to_owned() });
        }
        let faults: Vec<String> = findings
            .iter()
            .filter(|finding| finding.is_error())
            .map(|finding| format!("- {finding}"))
            .collect();
        let text = format!(
            "Your reply was not accepted:\n{}\nReturn the whole JSON object again, put right, and nothing else.",
            faults.join("\n")
        );
        request.turns.push(Turn { role: Role::User, text });
        request
    }

    fn system(&self, format: Format) -> Vec<SystemBlock> {
        let entry = self.config.catalog.find(&self.step.model);
        if let Some(AsIs { system, .. }) = &self.as_is {
            let block = |text: &SharedText| {
                let cache = entry.is_some_and(|entry| entry.caches(text));
                SystemBlock { text: text.clone(), cache }
            };
            return system.iter().map(block).collect();
        }
        let prompt = self.prompt(format, entry.is_some());
        let cache = entry.is_some_and(|entry| entry.caches(&prompt));
        let mut blocks = vec![SystemBlock { text: prompt, cache }];
        blocks.extend(self.wishes.iter().cloned().map(|text| SystemBlock { text, cache: false }));
        blocks
    }

    /// The step's prompt, with what it can't be known to say by itself.
    fn prompt(&self, format: Format, is_known_model: bool) -> SharedText {
        let StepConfig { prompt, fields, .. } = self.step;
        // A server that only imitates the API may pass over the schema that it is sent.
        let tells_schema = format == Format::Prompt || !is_known_model;
        if fields.is_empty() && !tells_schema {
            return prompt.clone();
        }
        let mut prompt = prompt.as_str().to_owned();
        if !fields.is_empty() {
            prompt.push_str(&declared(fields));
        }
        if tells_schema {
            prompt.push_str("\n\nThe JSON object must match this JSON Schema:\n");
            prompt.push_str(self.schema.json());
        }
        prompt.into()
    }

    /// Estimated input tokens of a request.
    pub(super) fn estimate(&self, request: &ModelRequest) -> u64 {
        let entry = self.config.catalog.find(&request.model);
        let tokens = |estimate: u64| entry.map_or(estimate, |entry| entry.tokens(estimate));
        let system: u64 = request.system.iter().map(|block| tokens(block.text.estimated_tokens())).sum();
        let turns: u64 = request.turns.iter().map(|turn| tokens(estimate_tokens(&turn.text))).sum();
        let schema = request.schema.as_ref().map_or(0, |schema| tokens(schema.estimated_tokens()));
        system + turns + schema
    }
}

/// Checks that a request of so many input tokens fits into its model's context, as far as that is known.
pub(super) fn check_context(
    config: &ChainConfig,
    step: StepName,
    request: &ModelRequest,
    estimate: u64,
) -> Result<(), ChainError> {
    let context = config.catalog.find(&request.model).map(|entry| entry.context);
    match context.filter(|context| estimate + u64::from(request.max_tokens) > *context) {
        None => Ok(()),
        Some(context) => {
            let (model, max_tokens) = (request.model.clone(), request.max_tokens);
            Err(ChainError::ContextExceeded { step, model, estimate, max_tokens, context })
        }
    }
}

/// Names the fields that the step's prompt file declares, which the prompt itself need not do.
fn declared(fields: &[Field]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| {
            let kind = match field.kind {
                FieldKind::String => "a string",
                FieldKind::Number => "a number",
                FieldKind::Boolean => "true or false",
                FieldKind::Strings => "an array of strings",
            };
            format!("`{}` ({kind})", field.name)
        })
        .collect();
    format!("\n\nAfter these fields the JSON object has the following too: {}.", fields.join(", "))
}
