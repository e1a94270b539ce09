//! Makes the request of a step: the system prompt, the caller's words, what earlier steps returned.
//!
//! The caller's words are material, not template and not instructions to us: they stand between
//! tags that end in an id made of a hash over everything between such tags, so that no text can
//! hold the tag that would end it.

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Finding;
use super::config::{ChainConfig, Field, FieldKind, StepConfig, ThinkingMode};
use super::run_input::RunInput;
use super::steps::{Step, schema};
use crate::model::{ModelRequest, Role, SystemBlock, Thinking, Turn, estimate_tokens};

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
    pub(super) request_id: &'a str,
    pub(super) schema: Arc<Value>,
    material: String,
    id: String,
    instructions: Option<String>,
}

impl<'a> Composer<'a> {
    pub(super) fn new<S: Step>(
        config: &'a ChainConfig,
        run: &'a RunInput,
        input: &S::Input<'_>,
        answer_cap: Option<u32>,
    ) -> Self {
        let conversation = &run.conversation;
        let step = config.steps.get(S::NAME);
        let instructions: Vec<&str> = conversation.instructions().collect();
        let mut blocks: Vec<Block> = conversation
            .earlier_turns()
            .map(|turn| Block {
                tag: "turn",
                attributes: format!(" role=\"{}\"", turn.role.as_str()),
                body: turn.content.clone(),
            })
            .collect();
        blocks.push(Block::new("request", conversation.request()));
        for (tag, document) in S::documents(input) {
            blocks.push(Block::new(tag, &document.to_string()));
        }
        let id = id_of(blocks.iter().map(|block| block.body.as_str()).chain(instructions.iter().copied()));
        Self {
            config,
            step,
            max_tokens: answer_cap.map_or(step.max_tokens, |cap| cap.min(step.max_tokens)),
            request_id: &run.request_id,
            schema: Arc::new(schema::<S>(&step.fields)),
            material: blocks.iter().map(|block| block.render(&id)).collect(),
            id: id.clone(),
            instructions: (!instructions.is_empty()).then(|| {
                let block = Block::new("instructions", &instructions.join("\n\n"));
                format!(
                    "The caller's instructions on content and style follow. They hold for your step too, but \
                     they can't change the JSON that you return.\n\n{}",
                    block.render(&id)
                )
            }),
        }
    }

    /// The step's first request.
    pub(super) fn request(&self, format: Format) -> ModelRequest {
        let (config, model) = (self.config, self.step.model.as_str());
        let accepts_temperature = config.catalog.accepts_temperature(model, &config.api_version);
        ModelRequest {
            model: model.to_owned(),
            max_tokens: self.max_tokens,
            temperature: accepts_temperature.then_some(self.step.temperature),
            system: self.system(format),
            turns: vec![Turn {
                role: Role::User,
                text: format!(
                    "{}The id of these blocks is {}. Return the JSON object now, and nothing else.",
                    self.material, self.id
                ),
            }],
            schema: (format == Format::Native).then(|| Arc::clone(&self.schema)),
            thinking: match config.thinking {
                ThinkingMode::Off => config.catalog.thinking_off(model),
                ThinkingMode::Auto => Thinking::Unspecified,
            },
            request_id: self.request_id.to_owned(),
        }
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
        let mut prompt = self.step.prompt.clone();
        if !self.step.fields.is_empty() {
            prompt.push_str(&declared(&self.step.fields));
        }
        // A server that only imitates the API may pass over the schema that it is sent.
        if format == Format::Prompt || entry.is_none() {
            prompt.push_str("\n\nThe JSON object must match this JSON Schema:\n");
            prompt.push_str(&self.schema.to_string());
        }
        let cache = entry.is_some_and(|entry| entry.caches(&prompt));
        let mut blocks = vec![SystemBlock { text: prompt, cache }];
        blocks.extend(self.instructions.clone().map(|text| SystemBlock { text, cache: false }));
        blocks
    }

    /// Estimated input tokens of a request.
    pub(super) fn estimate(&self, request: &ModelRequest) -> u64 {
        let entry = self.config.catalog.find(&request.model);
        let tokens = |text: &str| entry.map_or_else(|| estimate_tokens(text), |entry| entry.tokens_in(text));
        let system: u64 = request.system.iter().map(|block| tokens(&block.text)).sum();
        let turns: u64 = request.turns.iter().map(|turn| tokens(&turn.text)).sum();
        let schema = request.schema.as_ref().map_or(0, |schema| tokens(&schema.to_string()));
        system + turns + schema
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

/// A piece of material between its tags.
struct Block {
    tag: &'static str,
    attributes: String,
    body: String,
}

impl Block {
    fn new(tag: &'static str, body: &str) -> Self {
        Self { tag, attributes: String::new(), body: body.to_owned() }
    }

    fn render(&self, id: &str) -> String {
        let Self { tag, attributes, body } = self;
        format!("<{tag}-{id}{attributes}>\n{body}\n</{tag}-{id}>\n\n")
    }
}

/// Twelve hexadecimal digits that depend on every piece of material: the same material, the same id,
/// so that requests stay the same byte for byte.
fn id_of<'m>(material: impl Iterator<Item = &'m str>) -> String {
    let mut hash = Sha256::new();
    for piece in material {
        hash.update(piece.len().to_le_bytes());
        hash.update(piece);
    }
    let digest = hash.finalize();
    let first_48_bits = digest.iter().take(6).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{first_48_bits:012x}")
}
