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
        hash.update(prompt.as_bytes());
        for field in fields {
            hash.update(format!("{}:{:?}\0", field.name, field.kind));
        }
    }
    digits(&hash.finalize())
}

fn digits(hash: &[u8]) -> String {
    hash.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Complexity;
    use crate::chain::config::{Field, FieldKind, StructuredOutput};
    use crate::chain::tests::config;

    fn changed(change: impl FnOnce(&mut ChainConfig)) -> ChainConfig {
        let mut config = config();
        change(&mut config);
        config
    }

    /// Which steps' hashes differ from those of `before`.
    fn differing(before: &ChainConfig, after: &ChainConfig) -> Vec<StepName> {
        let (before, after) = (before.prompt_hashes(), after.prompt_hashes());
        StepName::ALL.into_iter().filter(|step| before.get(*step) != after.get(*step)).collect()
    }

    #[test]
    fn a_steps_hash_changes_with_its_prompt_and_its_fields_alone() {
        let urgency = Field { name: "urgency".into(), kind: FieldKind::Number };
        let of_analyze = changed(|config| config.steps.analyze.prompt = "Otherwise.".into());
        assert_eq!(differing(&config(), &of_analyze), [StepName::Analyze]);
        let of_synthesize = changed(|config| config.steps.synthesize.fields.push(urgency));
        assert_eq!(differing(&config(), &of_synthesize), [StepName::Synthesize]);
        assert!(
            differing(&config(), &changed(|config| config.steps.process.model = "other".into())).is_empty()
        );
    }

    #[test]
    fn the_prompt_of_parts_counts_where_there_may_be_parts() {
        let divided = |max, prompt: &str| {
            changed(|config| {
                config.workers.max = max;
                config.workers.step.prompt = prompt.into();
            })
        };
        assert!(differing(&divided(1, "One."), &divided(1, "Two.")).is_empty());
        assert_eq!(differing(&divided(2, "One."), &divided(2, "Two.")), [StepName::Process]);
    }

    #[test]
    fn a_fingerprint_changes_with_whatever_decides_on_the_answer() {
        let mut all = vec![config().fingerprint()];
        for change in [
            |config: &mut ChainConfig| config.steps.process.prompt = "Otherwise.".into(),
            |config: &mut ChainConfig| config.steps.process.model = "other".into(),
            |config: &mut ChainConfig| config.steps.analyze.max_tokens += 1,
            |config: &mut ChainConfig| config.steps.synthesize.temperature += 0.1,
            |config: &mut ChainConfig| config.gates.strict = true,
            |config: &mut ChainConfig| config.structured_output = StructuredOutput::Prompt,
            |config: &mut ChainConfig| config.workers.max = 2,
            |config: &mut ChainConfig| config.workers.from = Complexity::Simple,
        ] {
            all.push(changed(change).fingerprint());
        }
        let expected = all.len();
        assert!(all.iter().all(|it| it.len() == 64 && it.bytes().all(|byte| byte.is_ascii_hexdigit())));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), expected);
    }

    #[test]
    fn a_fingerprint_stays_where_there_is_only_more_time_or_money() {
        let patient = changed(|config| {
            config.retry.max_attempts = 9;
            config.max_cost = Some(crate::model::Cost::from_usd(5.0));
            config.steps.analyze.timeout *= 2;
            config.limits.synthesis *= 2;
        });
        assert_eq!(patient.fingerprint(), config().fingerprint());
    }
}
