//! The rules that prompts and settings are checked by: their names, how bad it is to break one, and what
//! each is about. Where each is checked is for the modules that know the subject.

use crate::diagnostic::Severity;
use crate::nearest::nearest;

/// A rule. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below says what each is about, to users too")]
pub enum Rule {
    PromptFileMissing,
    PromptFileUnreadable,
    PromptFileEncoding,
    PromptFileTooLarge,
    PromptFileUnused,
    PromptsFolder,
    PromptsFolderUnused,
    EmptyPrompt,
    PromptOverContext,
    FrontMatterSyntax,
    FrontMatterUnclosed,
    FrontMatterUnknownKey,
    FrontMatterDuplicateKey,
    FrontMatterType,
    FrontMatterRange,
    FrontMatterName,
    FrontMatterFieldType,
    ReservedName,
    TemplateSyntax,
    TemplateRender,
    TemplateLimit,
    UndefinedVariable,
    UnusedVariable,
    UnknownOverride,
    OverrideType,
    ExampleSyntax,
    ExampleMismatch,
    UndeclaredField,
    FieldNotNamed,
    UnknownField,
    AsksForFence,
    AsksForProse,
    EnvFile,
    SecretsReadable,
    EnvFileTracked,
    UnknownVariable,
    RepeatedVariable,
    InvalidValue,
    ConflictingVariables,
    MissingVariable,
    UnusedCredential,
    FoundUpstream,
    ForeignFile,
    TimeoutOverPhase,
    TemperatureOverLimit,
    WeakSecret,
    UnusedKey,
    UnusedCertificates,
    AnyOrigin,
    CredentialsOfAnyOrigin,
    UnsafeInProduction,
    UnreadableProxy,
    ModelsFile,
    MaxTokensOverLimit,
    TemperatureRefused,
    RetiredModel,
    RetiringModel,
    UnknownModel,
    UnknownPrice,
    UpstreamUnreachable,
    UpstreamCredentials,
    UpstreamModel,
}

/// Rules about one subject.
#[derive(Debug)]
pub struct RuleGroup {
    /// The subject.
    pub title: &'static str,
    /// The rules.
    pub rules: &'static [Rule],
}

/// What there is to know of a rule.
struct Entry {
    name: &'static str,
    severity: Severity,
    summary: &'static str,
}

impl Rule {
    /// All of them, by subject.
    pub const GROUPS: &[RuleGroup] = &[
        RuleGroup {
            title: "Files",
            rules: &[
                Self::PromptFileMissing,
                Self::PromptFileUnreadable,
                Self::PromptFileEncoding,
                Self::PromptFileTooLarge,
                Self::PromptFileUnused,
                Self::PromptsFolder,
                Self::PromptsFolderUnused,
                Self::EmptyPrompt,
                Self::PromptOverContext,
            ],
        },
        RuleGroup {
            title: "Front matter",
            rules: &[
                Self::FrontMatterSyntax,
                Self::FrontMatterUnclosed,
                Self::FrontMatterUnknownKey,
                Self::FrontMatterDuplicateKey,
                Self::FrontMatterType,
                Self::FrontMatterRange,
                Self::FrontMatterName,
                Self::FrontMatterFieldType,
                Self::ReservedName,
            ],
        },
        RuleGroup {
            title: "Templates and variables",
            rules: &[
                Self::TemplateSyntax,
                Self::TemplateRender,
                Self::TemplateLimit,
                Self::UndefinedVariable,
                Self::UnusedVariable,
                Self::UnknownOverride,
                Self::OverrideType,
            ],
        },
        RuleGroup {
            title: "The output contract",
            rules: &[
                Self::ExampleSyntax,
                Self::ExampleMismatch,
                Self::UndeclaredField,
                Self::FieldNotNamed,
                Self::UnknownField,
                Self::AsksForFence,
                Self::AsksForProse,
            ],
        },
        RuleGroup {
            title: "Configuration",
            rules: &[
                Self::EnvFile,
                Self::SecretsReadable,
                Self::EnvFileTracked,
                Self::UnknownVariable,
                Self::RepeatedVariable,
                Self::InvalidValue,
                Self::ConflictingVariables,
                Self::MissingVariable,
                Self::UnusedCredential,
                Self::FoundUpstream,
                Self::ForeignFile,
                Self::TimeoutOverPhase,
                Self::TemperatureOverLimit,
                Self::WeakSecret,
                Self::UnusedKey,
                Self::UnusedCertificates,
                Self::AnyOrigin,
                Self::CredentialsOfAnyOrigin,
                Self::UnsafeInProduction,
                Self::UnreadableProxy,
            ],
        },
        RuleGroup {
            title: "Models",
            rules: &[
                Self::ModelsFile,
                Self::MaxTokensOverLimit,
                Self::TemperatureRefused,
                Self::RetiredModel,
                Self::RetiringModel,
                Self::UnknownModel,
                Self::UnknownPrice,
            ],
        },
        RuleGroup {
            title: "The upstream (--live)",
            rules: &[Self::UpstreamUnreachable, Self::UpstreamCredentials, Self::UpstreamModel],
        },
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::GROUPS.iter().flat_map(|group| group.rules).copied()
    }

    /// Whether a run can go on though it is broken: what is wrong is how a prompt words what its step
    /// returns, and the model is told that in other ways too.
    #[must_use]
    pub fn is_about_wording(self) -> bool {
        (Self::ExampleSyntax..=Self::AsksForProse).contains(&self)
    }

    /// Whether it is about prompt files, rather than about settings or models.
    #[must_use]
    pub fn is_about_prompts(self) -> bool {
        self < Self::EnvFile
    }

    /// Whether it is about settings, wherever they are set, rather than about what prompts say or about
    /// models.
    #[must_use]
    pub fn is_about_settings(self) -> bool {
        match self {
            Self::EmptyPrompt | Self::PromptOverContext => false,
            Self::UnknownOverride | Self::OverrideType => true,
            _ => self < Self::TemplateSyntax || (Self::EnvFile..=Self::UnreadableProxy).contains(&self),
        }
    }

    /// Its name, in kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// How bad it usually is to break it.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// What breaks it, in a sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        self.entry().summary
    }

    /// The rule of that name.
    ///
    /// # Errors
    /// If there is none: the nearest name, if one is near.
    pub fn parse(name: &str) -> Result<Self, Option<&'static str>> {
        Self::all().find(|rule| rule.name() == name).ok_or_else(|| nearest(name, Self::all().map(Self::name)))
    }

    #[rustfmt::skip]
    fn entry(self) -> Entry {
        let (name, severity, summary) = match self {
            Self::PromptFileMissing => ("prompt-file-missing", Severity::Error, "A prompt file that is named isn't there, and none of that name is built in."),
            Self::PromptFileUnreadable => ("prompt-file-unreadable", Severity::Error, "A prompt file can't be read: no permission, a folder, a device or a pipe."),
            Self::PromptFileEncoding => ("prompt-file-encoding", Severity::Error, "A prompt file isn't UTF-8."),
            Self::PromptFileTooLarge => ("prompt-file-too-large", Severity::Error, "A prompt file is larger than 1 MiB."),
            Self::PromptFileUnused => ("prompt-file-unused", Severity::Warning, "No step uses a file in the prompts folder."),
            Self::PromptsFolder => ("prompts-folder", Severity::Error, "The prompts folder isn't there, or is no folder."),
            Self::PromptsFolderUnused => ("prompts-folder-unused", Severity::Warning, "Nothing in the prompts folder is a prompt file, or nothing names the folder, so that it changes nothing."),
            Self::EmptyPrompt => ("empty-prompt", Severity::Error, "A prompt says nothing."),
            Self::PromptOverContext => ("prompt-over-context", Severity::Error, "A prompt and the longest reply don't fit into the model's context."),
            Self::FrontMatterSyntax => ("front-matter-syntax", Severity::Error, "Front matter isn't TOML."),
            Self::FrontMatterUnclosed => ("front-matter-unclosed", Severity::Error, "Front matter begins and doesn't end."),
            Self::FrontMatterUnknownKey => ("front-matter-unknown-key", Severity::Error, "Front matter has a key that doesn't exist."),
            Self::FrontMatterDuplicateKey => ("front-matter-duplicate-key", Severity::Error, "Front matter sets a key twice."),
            Self::FrontMatterType => ("front-matter-type", Severity::Error, "A value in front matter is of the wrong type."),
            Self::FrontMatterRange => ("front-matter-range", Severity::Error, "A value in front matter is out of range."),
            Self::FrontMatterName => ("front-matter-name", Severity::Error, "The name of a variable or field isn't a name."),
            Self::FrontMatterFieldType => ("front-matter-field-type", Severity::Error, "The type of a field doesn't exist."),
            Self::ReservedName => ("reserved-name", Severity::Error, "A variable or field has the name of one that the program sets or the step returns."),
            Self::TemplateSyntax => ("template-syntax", Severity::Error, "A template can't be parsed."),
            Self::TemplateRender => ("template-render", Severity::Error, "A template fails while it is rendered."),
            Self::TemplateLimit => ("template-limit", Severity::Error, "A template is too large or works for too long."),
            Self::UndefinedVariable => ("undefined-variable", Severity::Error, "A template uses a variable that nothing defines."),
            Self::UnusedVariable => ("unused-variable", Severity::Warning, "Front matter sets a variable that the template doesn't use."),
            Self::UnknownOverride => ("unknown-override", Severity::Error, "--var sets a variable that no prompt knows."),
            Self::OverrideType => ("override-type", Severity::Error, "--var sets a variable to a value of another type than its default."),
            Self::ExampleSyntax => ("example-syntax", Severity::Error, "An example of the reply isn't JSON."),
            Self::ExampleMismatch => ("example-mismatch", Severity::Error, "An example of the reply doesn't decode as what the step returns."),
            Self::UndeclaredField => ("undeclared-field", Severity::Warning, "An example has a field that the step doesn't return and [fields] doesn't declare."),
            Self::FieldNotNamed => ("field-not-named", Severity::Error, "A prompt doesn't name a field that the step returns by itself."),
            Self::UnknownField => ("unknown-field", Severity::Error, "A prompt reads a field that no earlier step returns."),
            Self::AsksForFence => ("asks-for-fence", Severity::Warning, "A prompt asks for a code fence round the JSON."),
            Self::AsksForProse => ("asks-for-prose", Severity::Warning, "A prompt asks for words before or after the JSON."),
            Self::EnvFile => ("env-file", Severity::Error, "A .env file isn't there or can't be read, or a line of it isn't NAME=value."),
            Self::SecretsReadable => ("secrets-readable", Severity::Warning, "A file with secrets in it can be read by other users."),
            Self::EnvFileTracked => ("env-file-tracked", Severity::Warning, "A .env file with secrets in it is tracked by git."),
            Self::UnknownVariable => ("unknown-variable", Severity::Warning, "A variable looks like one of the program's and isn't."),
            Self::RepeatedVariable => ("repeated-variable", Severity::Warning, "A .env file sets a variable twice."),
            Self::InvalidValue => ("invalid-value", Severity::Error, "A variable or flag has a value that isn't allowed."),
            Self::ConflictingVariables => ("conflicting-variables", Severity::Error, "Two variables set the same thing in the same place."),
            Self::MissingVariable => ("missing-variable", Severity::Error, "A variable that is needed isn't set."),
            Self::UnusedCredential => ("unused-credential", Severity::Warning, "A credential, or what is said, isn't sent to a host that a .env file in the current folder names."),
            Self::FoundUpstream => ("found-upstream", Severity::Warning, "A .env file in the current folder that nobody named has prompts sent to a host of its own."),
            Self::ForeignFile => ("foreign-file", Severity::Error, "A .env file in the current folder names an upstream, and a file from outside the folder."),
            Self::TimeoutOverPhase => ("timeout-over-phase", Severity::Warning, "A step's time-out is longer than its phase."),
            Self::TemperatureOverLimit => ("temperature-over-limit", Severity::Warning, "A temperature is above what the Messages API takes, and is lowered."),
            Self::WeakSecret => ("weak-secret", Severity::Warning, "A secret is a placeholder, or has few different characters."),
            Self::UnusedKey => ("unused-key", Severity::Warning, "A public key is set, and JWT_ALGORITHM is one that verifies with a secret."),
            Self::UnusedCertificates => ("unused-certificates", Severity::Warning, "REDIS_CA_FILE is set, and no store is connected to over TLS."),
            Self::AnyOrigin => ("any-origin", Severity::Warning, "The pages of every origin may call the API."),
            Self::CredentialsOfAnyOrigin => ("credentials-of-any-origin", Severity::Warning, "CORS credentials are asked for together with every origin, and are switched off."),
            Self::UnsafeInProduction => ("unsafe-in-production", Severity::Error, "ENVIRONMENT is production, and a setting is unsafe."),
            Self::UnreadableProxy => ("unreadable-proxy", Severity::Warning, "A variable of the environment that names a proxy can't be read, and calls go without it."),
            Self::ModelsFile => ("models-file", Severity::Error, "The file named by CHAIN_MODELS_FILE can't be used."),
            Self::MaxTokensOverLimit => ("max-tokens-over-limit", Severity::Error, "A step's max_tokens is more than its model can write."),
            Self::TemperatureRefused => ("temperature-refused", Severity::Warning, "A temperature is set for a model or API version that refuses it, and is left out."),
            Self::RetiredModel => ("retired-model", Severity::Error, "A model has been retired by its vendor."),
            Self::RetiringModel => ("retiring-model", Severity::Warning, "A model is about to be retired, or deprecated."),
            Self::UnknownModel => ("unknown-model", Severity::Warning, "A model isn't in the catalog: its price and limits are unknown."),
            Self::UnknownPrice => ("unknown-price", Severity::Error, "A cost cap is set, and a model's price isn't known."),
            Self::UpstreamUnreachable => ("upstream-unreachable", Severity::Error, "The upstream doesn't answer as the Messages API does."),
            Self::UpstreamCredentials => ("upstream-credentials", Severity::Error, "The upstream refuses the credentials."),
            Self::UpstreamModel => ("upstream-model", Severity::Error, "The upstream doesn't know a model, or refuses it."),
        };
        Entry { name, severity, summary }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_is_in_one_group_and_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Rule::all().map(Rule::name).collect();
        assert_eq!(names.len(), Rule::all().count());
        assert_eq!(Rule::all().collect::<BTreeSet<_>>().len(), Rule::UpstreamModel as usize + 1);
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn a_rule_is_found_by_its_name_or_the_nearest_is_told() {
        assert_eq!(Rule::parse("weak-secret"), Ok(Rule::WeakSecret));
        assert_eq!(Rule::parse("weak-secrets"), Err(Some("weak-secret")));
        assert_eq!(Rule::parse("nothing-of-the-kind"), Err(None));
    }

    #[test]
    fn summaries_are_sentences() {
        for rule in Rule::all() {
            assert!(rule.summary().ends_with('.') && !rule.summary().contains('\n'), "{}", rule.name());
        }
    }
}
