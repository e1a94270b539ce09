//! `promptchain validate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::offered::rule;
use super::parsers::assignment;
use crate::rule::Rule;

const EXAMPLES: &str = "\
Examples:
  promptchain validate
  promptchain validate prompts --strict
  promptchain validate prompts/chain_process.md .env.production
  promptchain validate --format github
  promptchain validate --allow prompt-file-unused --deny asks-for-fence
  promptchain validate --live";

/// Check prompt files and settings, without a key and without calling anybody.
///
/// All that is wrong is told, with its place, the name of the rule and what to do. Without paths: the prompts
/// and settings that run and serve would use here. The exit code is 1 if there are errors.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ValidateArgs {
    /// Folders of prompt files, prompt files, .env files, and .toml files of models
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How to tell what was found
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ValidateFormat::Text, help_heading = "Output")]
    pub format: ValidateFormat,
    /// List the rules, and check nothing
    #[arg(long, exclusive = true, help_heading = "Output")]
    pub list_rules: bool,

    /// Pass over what breaks this rule (repeatable)
    #[arg(long, value_name = "RULE", value_parser = rule(), hide_possible_values = true, value_delimiter = ',', help_heading = "Rules")]
    pub allow: Vec<Rule>,
    /// Make what breaks this rule an error (repeatable)
    #[arg(long, value_name = "RULE", value_parser = rule(), hide_possible_values = true, value_delimiter = ',', help_heading = "Rules")]
    pub deny: Vec<Rule>,
    /// Make every warning an error
    #[arg(long, help_heading = "Rules")]
    pub strict: bool,

    /// A variable of the prompt files, as run is given it (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment, help_heading = "Subject")]
    pub vars: Vec<(String, String)>,
    /// Ask the upstream too whether it takes the key and knows the models; this costs no tokens
    #[arg(long, help_heading = "Subject")]
    pub live: bool,
}

/// How `validate` tells what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ValidateFormat {
    /// For people, with the lines in question.
    Text,
    /// One object.
    Json,
    /// Commands that make GitHub Actions annotate a pull request.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for CI servers.
    Junit,
}
