//! What a step was told, in one short word: whether its prompt has changed since can be seen by it.

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
    hash.finalize().iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}
