//! `promptchain run`.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, which is shown as it stands")]

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::parsers::{assignment, positive_duration, said, step_setting};
use crate::profile::Profile;
use crate::settings::Override;
use crate::step::StepName;

const EXAMPLES: &str = "\
Examples:
  promptchain run --offline \"What makes a good commit message?\"
  cat notes.md | promptchain run \"Summarize\" --json | jq -r .text
  promptchain run -f question.md --profile balanced -o answer.md
  promptchain run --prompts prompts --var tone=formal --max-cost 0.05 \"Draft a reply\"";

/// Run the chain on a prompt and print the answer.
///
/// The prompt is the argument, then the files, then stdin where it is piped, with a blank line between.
/// The answer goes to stdout, everything else to stderr.
#[derive(Debug, Default, Args)]
#[command(before_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct RunArgs {
    /// What to ask; `-` reads it from stdin
    pub prompt: Option<String>,

    /// Add this file to the prompt; `-` is stdin (repeatable)
    #[arg(long = "file", short = 'f', value_name = "FILE", help_heading = "Input")]
    pub files: Vec<PathBuf>,
    /// Start from a conversation: a JSON array of messages as OpenAI's clients write them, or an object with
    /// `messages`
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub messages: Option<PathBuf>,

    /// What to print: the text as it comes, one JSON object, or an event a line
    #[arg(long, value_name = "FORMAT", value_enum, help_heading = "Output")]
    pub output: Option<OutputFormat>,
    /// The same as --output json
    #[arg(long, conflicts_with_all = ["output", "jsonl"], help_heading = "Output")]
    pub json: bool,
    /// The same as --output jsonl
    #[arg(long, conflicts_with = "output", help_heading = "Output")]
    pub jsonl: bool,
    /// Write to this file instead of stdout: whole, or not at all
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,

    /// The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = said, help_heading = "Models")]
    pub model: Option<String>,
    /// The model of analyze [env: CHAIN_ANALYZE_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = said, help_heading = "Models")]
    pub analyze_model: Option<String>,
    /// The model of process [env: CHAIN_PROCESS_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = said, help_heading = "Models")]
    pub process_model: Option<String>,
    /// The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]
    #[arg(long, value_name = "MODEL", value_parser = said, help_heading = "Models")]
    pub synthesize_model: Option<String>,
    /// A set of models
    #[arg(long, value_enum, help_heading = "Models")]
    pub profile: Option<Profile>,
    /// Use the built-in simulator instead of Claude: no key, no network, the same answer each time
    #[arg(long, help_heading = "Models")]
    pub offline: bool,

    /// Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]
    #[arg(long, value_name = "DIR", help_heading = "Prompts")]
    pub prompts: Option<PathBuf>,
    /// Set a variable of the prompt files (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment, help_heading = "Prompts")]
    pub vars: Vec<(String, String)>,
    /// Change a step's setting, such as process.max_tokens=1000 (repeatable)
    #[arg(long = "set", value_name = "STEP.KEY=VALUE", value_parser = step_setting, help_heading = "Prompts")]
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
    /// The most time the run may take, such as 90s; never more than both phases
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, allow_hyphen_values = true, help_heading = "Gates and limits")]
    pub timeout: Option<Duration>,
}

/// What `run` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// The final text, as it comes.
    Text,
    /// One object when the run has ended.
    Json,
    /// One event a line, as they happen.
    Jsonl,
}

impl ValueEnum for Profile {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.description()))
    }
}

impl RunArgs {
    /// What is to be printed.
    #[must_use]
    pub fn format(&self) -> OutputFormat {
        match self.output {
            Some(format) => format,
            None if self.json => OutputFormat::Json,
            None if self.jsonl => OutputFormat::Jsonl,
            None => OutputFormat::Text,
        }
    }

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
