//! Where values come from, and which source wins. Nothing is validated here.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

use super::problem::Spot;
use super::{EnvFile, FrontMatterValue, Kept, Log, Origin, PromptLocation, proxies, resolve, table, unknown};

/// Everything that was said about the settings, front matter excepted.
#[derive(Debug, Default)]
pub struct Sources {
    /// What was typed as flags. Of two for the same variable the later one wins.
    pub overrides: Vec<Override>,
    /// The environment.
    pub environment: Environment,
    /// The `.env` file, if there is one.
    pub env_file: Option<EnvFile>,
    /// Whether nobody will be called, so that no credential is even looked at.
    pub without_credentials: bool,
    /// Whether the chain is served. Otherwise nothing that was said about the server is even looked at.
    pub for_server: bool,
    /// What stays as it is, whatever the other sources say; nothing does but in a server that runs.
    pub kept: Kept,
}

impl Sources {
    /// Where the prompts are, which must be known before their front matter can be read. Where it is said
    /// wrongly, which resolving the settings tells, it is the default.
    #[must_use]
    pub fn prompt_location(&self) -> PromptLocation {
        resolve::prompt_location(self)
    }

    /// How the log is written, which must be known before anything can be told in it. Where it is said
    /// wrongly, which resolving the settings tells, it is the default.
    #[must_use]
    pub fn log(&self) -> Log {
        resolve::log(self)
    }

    /// Whether the variable of that name, ours or perhaps a misspelt one, is of interest.
    pub(super) fn are_about(&self, name: &str) -> bool {
        self.for_server || !(table::is_for_server(name) || unknown::is_like_the_servers(name))
    }

    /// The value of the strongest source that has one. Front matter has a say only where `front_matter`
    /// has some.
    pub(super) fn find<'a>(&'a self, name: &str, front_matter: &'a [FrontMatterValue]) -> Option<Given<'a>> {
        Layer::ALL.into_iter().find_map(|layer| self.find_in(layer, name)).or_else(|| {
            let value = front_matter.iter().rfind(|value| value.variable_name() == name)?;
            Given::new(OsStr::new(&value.value), value.origin())
        })
    }

    /// Where in its file a value, of which `shown` is fit to be shown, or else a variable stands.
    pub(super) fn spot(&self, origin: &Origin, name: &str, shown: Option<&str>) -> Option<Spot> {
        match origin {
            Origin::EnvFile { line, .. } => self.env_file.as_ref()?.spot(*line, name, shown),
            _ => None,
        }
    }

    /// The value that one source has.
    pub(super) fn find_in(&self, layer: Layer, name: &str) -> Option<Given<'_>> {
        if !self.are_about(name) {
            return None;
        }
        if self.kept.holds(name) {
            return self.kept.find_in(layer, name);
        }
        match layer {
            Layer::Flags => {
                let over = self.overrides.iter().rfind(|over| over.variable == name)?;
                // Whoever quotes a space in a shell means it, as in the name of a folder.
                let (value, origin) = (over.value.as_os_str(), Origin::Flag(over.flag.clone()));
                (!value.is_empty()).then_some(Given { value, origin })
            }
            Layer::Environment => Given::new(self.environment.values.get(name)?, Origin::Environment),
            Layer::EnvFile => {
                let (value, origin) = self.env_file.as_ref()?.find_value(name)?;
                Given::new(OsStr::new(value), origin)
            }
        }
    }
}

/// The sources that can hold any variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Flags,
    Environment,
    EnvFile,
}

impl Layer {
    /// The strongest first.
    pub(super) const ALL: [Self; 3] = [Self::Flags, Self::Environment, Self::EnvFile];
}

/// A value and where it came from.
pub(super) struct Given<'a> {
    pub(super) value: &'a OsStr,
    pub(super) origin: Origin,
}

impl<'a> Given<'a> {
    /// `None` if the value is blank, which everywhere means unset.
    fn new(value: &'a OsStr, origin: Origin) -> Option<Self> {
        let value = value.to_str().map_or(value, |text| OsStr::new(text.trim()));
        (!value.is_empty()).then_some(Self { value, origin })
    }
}

/// A variable set by a flag.
#[derive(Clone, PartialEq, Eq)]
pub struct Override {
    /// The variable.
    pub variable: String,
    /// The value as typed.
    pub value: OsString,
    /// The flag as it can be shown: `--model`, `--set process.max_tokens`.
    pub flag: String,
}

impl fmt::Debug for Override {
    /// Without the value, which may be a secret.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Override")
            .field("variable", &self.variable)
            .field("flag", &self.flag)
            .finish_non_exhaustive()
    }
}

/// The part of the environment that is about us: variables that we know, those that may be
/// misspelt, and proxies. The rest is not kept.
#[derive(Default)]
pub struct Environment {
    values: BTreeMap<String, OsString>,
}

impl Environment {
    /// The value of a variable, if it isn't empty.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        self.values.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The names of its variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        let ours = variables.into_iter().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let is_ours = table::find(&name).is_some() || unknown::has_our_prefix(&name);
            (is_ours || proxies::is_about_one(&name)).then_some((name, value))
        });
        Self { values: ours.collect() }
    }
}

impl fmt::Debug for Environment {
    /// The names alone: among the values are secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.values.keys()).finish()
    }
}
