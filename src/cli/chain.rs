//! The flags that change the chain's settings, shared by the commands that run it or show them.

#![expect(
    clippy::doc_markdown,
    rustdoc::invalid_html_tags,
    reason = "doc comments are the help, which is shown as it stands"
)]

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::offered::{model, step_setting};
use super::parsers::{assignment, said};
use crate::profile::Profile;
use crate::settings::Override;
use crate::step::StepName;

/// The flags that change the chain's settings.
#[derive(Debug, Clone, Default, Args)]
pub struct ChainArgs {
    /// The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = model(), hide_possible_values = true, help_heading = "Models")]
    pub model: Option<String>,
    /// The model of analyze [env: CHAIN_ANALYZE_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = model(), hide_possible_values = true, help_heading = "Models")]
    pub analyze_model: Option<String>,
    /// The model of process [env: CHAIN_PROCESS_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = model(), hide_possible_values = true, help_heading = "Models")]
    pub process_model: Option<String>,
    /// The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = model(), hide_possible_values = true, help_heading = "Models")]
    pub synthesize_model: Option<String>,
    /// A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]
    #[arg(long, value_enum, help_heading = "Models")]
    pub profile: Option<Profile>,
    /// Write the independent parts of a complex answer at the same time, so many calls at a time
    /// [env: CHAIN_PROCESS_WORKERS]
    #[arg(long, value_name = "N", value_parser = said, allow_negative_numbers = true, help_heading = "Models")]
    pub workers: Option<String>,

    /// Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]
    #[arg(long, value_name = "DIR", help_heading = "Prompts")]
    pub prompts: Option<PathBuf>,
    /// Set a variable of the prompt files (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment, help_heading = "Prompts")]
    pub vars: Vec<(String, String)>,
    /// Change a step's setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]
    #[arg(
        long = "set",
        value_name = "STEP.KEY=VALUE",
        value_parser = step_setting(),
        hide_possible_values = true,
        help_heading = "Prompts"
    )]
    pub set: Vec<Override>,

    /// Fail if a gate isn't satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]
    #[arg(long, help_heading = "Gates and limits")]
    pub strict: bool,
    /// Switch the gates' business rules off [env: CHAIN_ENABLE_VALIDATION]
    #[arg(long, help_heading = "Gates and limits")]
    pub no_validation: bool,
    /// The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]
    #[arg(long, value_name = "NUMBER", value_parser = said, allow_negative_numbers = true, help_heading = "Gates and limits")]
    pub min_confidence: Option<String>,
    /// The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]
    #[arg(long, value_name = "USD", value_parser = said, allow_negative_numbers = true, help_heading = "Gates and limits")]
    pub max_cost: Option<String>,
}

impl ValueEnum for Profile {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.description()))
    }
}

impl ChainArgs {
    /// The variables that the flags set. Of two for one variable the later counts: a profile is
    /// overruled by `--model`, that by a step's own flag, and that by `--set`.
    #[must_use]
    pub fn overrides(&self) -> Vec<Override> {
        let mut overrides = Vec::new();
        let mut set = |variable: &str, value: &str, flag: String| {
            overrides.push(Override { variable: variable.to_owned(), value: value.into(), flag });
        };
        let steps = [
            (StepName::Analyze, "CHAIN_ANALYZE_MODEL", &self.analyze_model),
            (StepName::Process, "CHAIN_PROCESS_MODEL", &self.process_model),
            (StepName::Synthesize, "CHAIN_SYNTHESIZE_MODEL", &self.synthesize_model),
        ];
        for (step, variable, own) in steps {
            if let Some(profile) = self.profile {
                set(variable, profile.model(step), format!("--profile {}", profile.as_str()));
            }
            if let Some(model) = &self.model {
                set(variable, model, "--model".to_owned());
            }
            if let Some(model) = own {
                set(variable, model, format!("--{step}-model"));
            }
        }
        if let Some(workers) = &self.workers {
            set("CHAIN_PROCESS_WORKERS", workers, "--workers".to_owned());
        }
        if self.strict {
            set("CHAIN_STRICT_VALIDATION", "true", "--strict".to_owned());
        }
        if self.no_validation {
            set("CHAIN_ENABLE_VALIDATION", "false", "--no-validation".to_owned());
        }
        if let Some(confidence) = &self.min_confidence {
            set("CHAIN_MIN_CONFIDENCE_THRESHOLD", confidence, "--min-confidence".to_owned());
        }
        if let Some(cost) = &self.max_cost {
            set("CHAIN_MAX_COST_USD", cost, "--max-cost".to_owned());
        }
        if let Some(folder) = &self.prompts {
            let (variable, flag) = ("CHAIN_PROMPTS_DIR".to_owned(), "--prompts".to_owned());
            overrides.push(Override { variable, value: folder.clone().into(), flag });
        }
        overrides.extend(self.set.iter().cloned());
        overrides
    }
}
