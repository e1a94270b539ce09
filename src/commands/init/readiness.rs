//! What the commands that come next would still miss, with the `.env` that is there and the environment.
//! Doesn't follow a link.

use std::path::PathBuf;

use super::plan::{Content, Plan, PlannedFile};
use crate::commands::Surroundings;
use crate::rule::Rule;
use crate::settings::{Demands, EnvFile, Environment, Settings, Sources};

/// What is there and what isn't.
pub(super) struct Readiness {
    /// The variable without which nobody can be called; `None` if nothing is missing.
    pub(super) credential: Option<String>,
    /// The variable without which no token is verified; `None` if nothing is missing.
    pub(super) key: Option<String>,
    /// Whether the same key makes tokens and verifies them.
    pub(super) makes_tokens: bool,
    /// The folder of prompts that is used.
    pub(super) prompts: Option<PathBuf>,
}

impl Readiness {
    /// Looks at what is there now.
    pub(super) fn look(plan: &Plan, around: &Surroundings) -> Self {
        let is_link = |file: &PlannedFile| file.existing.is_some_and(|kind| !kind.is_file());
        let is_elsewhere = plan.kept().any(|file| file.content == Content::Env && is_link(file));
        let env_file = (!is_elsewhere).then(|| EnvFile::find(None, &plan.folder)).flatten();
        let environment: Environment = around.environment.iter().cloned().collect();
        let sources = Sources { environment, env_file, for_server: true, ..Sources::default() };
        let (settings, problems) = Settings::resolve_with_defaults(&sources, &[], Demands::Serving);
        let missing = |prefix: &str| {
            let missing = problems.iter().filter(|problem| problem.rule == Rule::MissingVariable);
            missing.filter_map(|problem| problem.variable.clone()).find(|name| name.starts_with(prefix))
        };
        Self {
            credential: missing("ANTHROPIC_"),
            key: missing("JWT_"),
            makes_tokens: settings.server.jwt.algorithm.is_symmetric(),
            prompts: settings.prompts.dir,
        }
    }
}
