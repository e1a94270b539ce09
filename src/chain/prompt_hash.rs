//! What a step was told, or what a run goes by, in one short word: whether it has changed since can be seen by it.

use sha2::{Digest, Sha256};

use super::config::{ChainConfig, StepConfig};
use super::{PerStep, StepName};

impl ChainConfig {
    /// The SHA-256 of each step's prompt, rendered, with the fields that it declares, in hexadecimal digits.
    /// Process's covers the prompt of its parts where it may be divided.
    #[must_use]
    pub fn prompt_hashes(&self) -> PerStep<String> {
        self.steps.as_ref().map(|step, config| {
            let part = (step == StepName::Process && self.workers.max > 1).then_some(&self.workers.step);
            hash([config].into_iter().chain(part))
        })
    }

    /// The SHA-256 of what decides on what a run answers: prompts, fields, models and settings, in hexadecimal digits.
    /// How long things may take and cost, and how often they are tried, isn't in it: with more of that, a run goes on
    /// where another had failed.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self {
            steps,
            workers,
            gates,
            structured_output,
            thinking,
            api_version,
            limits: _,
            retry: _,
            max_cost: _,
            chunk_buffer: _,
            catalog: _,
        } = self;
        let step = |config: &StepConfig| {
            let StepConfig { model, max_tokens, temperature, timeout: _, prompt: _, fields: _ } = config;
            format!("{model:?} {max_tokens} {temperature}")
        };
        let mut text = format!("{gates:?} {structured_output:?} {thinking:?} {api_version:?}\n");
        for (name, prompt) in self.prompt_hashes().iter() {
            text.push_str(&format!("{prompt} {}\n", step(steps.get(name))));
        }
        text.push_str(&format!("{} {:?} {}", workers.max, workers.from, step(&workers.step)));
        digits(&Sha256::digest(text))
    }
}

fn hash<'a>(prompts: impl Iterator<Item = &'a StepConfig>) -> String {
    let mut hash = Sha256::new();
    for StepConfig { prompt, fields, .. } in prompts {
        hash.update(prompt.len().to_le_bytes());
        hash.update(prompt);
        for field in fields {
            hash.update(format!("{}:{:?}\0", field.name, field.kind));
        }
    }
    digits(&hash.finalize())
}

fn digits(hash: &[u8]) -> String {
    hash.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}
