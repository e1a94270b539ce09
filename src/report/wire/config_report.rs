//! The settings in effect, and where each came from. Made by whoever has resolved them.

use schemars::JsonSchema;
use serde::Serialize;

use super::WIRE_VERSION;

/// The settings in effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "Settings in effect")]
pub struct ConfigReport {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// The settings that were asked for, each once, in the order of the documentation.
    pub settings: Vec<SettingReport>,
    /// What is suspicious in them.
    pub warnings: Vec<String>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingReport {
    /// The variable that sets it.
    pub name: String,
    /// The heading that it stands under.
    pub section: String,
    /// The value in effect; `null` if there is none, or if it is masked.
    pub value: Option<String>,
    /// Whether there is a value that isn't shown, because it may hold a secret.
    pub masked: bool,
    /// The value that holds if nobody sets one; `null` if there is none.
    pub default: Option<String>,
    /// Whether a server that runs takes another value when its configuration is reloaded.
    pub reloadable: bool,
    /// Where the value came from.
    pub origin: OriginReport,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OriginReport {
    /// The kind of place.
    pub kind: OriginKind,
    /// The flag, as it was written; `null` for other kinds.
    pub flag: Option<String>,
    /// The file; `null` for kinds that are none.
    pub file: Option<String>,
    /// The line in that file, from 1; `null` for kinds that are none.
    pub line: Option<usize>,
}

/// The kinds of places that values come from, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// A flag.
    Flag,
    /// The environment.
    Environment,
    /// A `.env` file.
    EnvFile,
    /// The front matter of a prompt file.
    FrontMatter,
    /// Nobody said anything.
    Default,
}

impl ConfigReport {
    /// These settings, with these warnings.
    #[must_use]
    pub fn new(settings: Vec<SettingReport>, warnings: Vec<String>) -> Self {
        Self { version: WIRE_VERSION, settings, warnings }
    }
}
