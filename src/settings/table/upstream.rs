//! Variables: whom we call, as whom, and what may be spent.

use jiff::civil::Date;

use crate::settings::kind::Choice;
use crate::settings::{
    Credential, Fallback, Kind, OnReload, SecretForm, Section, StructuredOutput, ThinkingMode, Variable,
};

pub(super) const SECTION: Section = Section {
    title: "The upstream",
    for_server: false,
    variables: &[
        Variable {
            name: "ANTHROPIC_API_KEY",
            kind: Kind::Secret {
                form: SecretForm::Header,
                set: |s, key| s.upstream.credential = Some(Credential::ApiKey(key)),
            },
            fallback: Fallback::Required("for the default upstream"),
            on_reload: OnReload::Taken,
            doc: "Key for the Messages API.",
        },
        Variable {
            name: "ANTHROPIC_API_KEY_FILE",
            kind: Kind::SecretFile {
                form: SecretForm::Header,
                set: |s, key| s.upstream.credential = Some(Credential::ApiKey(key)),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "A file to read the key from instead.",
        },
        Variable {
            name: "ANTHROPIC_AUTH_TOKEN",
            kind: Kind::Secret {
                form: SecretForm::Header,
                set: |s, token| s.upstream.credential = Some(Credential::AuthToken(token)),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "Token for the Messages API instead of a key, sent as a bearer token.",
        },
        Variable {
            name: "ANTHROPIC_BASE_URL",
            kind: Kind::Url { set: |s, url| s.upstream.base_url = url },
            fallback: Fallback::Value("https://api.anthropic.com"),
            on_reload: OnReload::Kept,
            doc: "Any server that speaks the Messages API. If this stands in a ./.env that wasn't named by \
                  --env-file, only credentials out of that file are sent there.",
        },
        Variable {
            name: "ANTHROPIC_VERSION",
            kind: Kind::Text {
                allowed: "a date such as 2023-06-01",
                check: is_date,
                set: |s, version| s.upstream.version = version,
            },
            fallback: Fallback::Value("2023-06-01"),
            on_reload: OnReload::Taken,
            doc: "The anthropic-version header.",
        },
        Variable {
            name: "CHAIN_STRUCTURED_OUTPUT",
            kind: Kind::Choice(&[
                Choice { word: "auto", set: |s| s.structured_output = StructuredOutput::Auto },
                Choice { word: "native", set: |s| s.structured_output = StructuredOutput::Native },
                Choice { word: "prompt", set: |s| s.structured_output = StructuredOutput::Prompt },
            ]),
            fallback: Fallback::Value("auto"),
            on_reload: OnReload::Taken,
            doc: "How JSON is asked for: native by the API's output_config.format, prompt by the prompt alone, \
                  auto by the first until the upstream refuses it.",
        },
        Variable {
            name: "CHAIN_THINKING",
            kind: Kind::Choice(&[
                Choice { word: "off", set: |s| s.thinking = ThinkingMode::Off },
                Choice { word: "auto", set: |s| s.thinking = ThinkingMode::Auto },
            ]),
            fallback: Fallback::Value("off"),
            on_reload: OnReload::Taken,
            doc: "Whether models think before they answer: off switches it off where the model allows that.",
        },
        Variable {
            name: "CHAIN_MODELS_FILE",
            kind: Kind::Path { set: |s, path| s.models_file = Some(path) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "A TOML file of models and prices that adds to the built-in one.",
        },
        Variable {
            name: "CHAIN_MAX_COST_USD",
            kind: Kind::UsDollars { set: |s, usd| s.max_cost_usd = Some(usd) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "What a run may cost at most. Checked before each call, by its worst case.",
        },
    ],
};

/// The catalog compares versions as text, which is right for dates of this one form only.
fn is_date(text: &str) -> bool {
    text.parse::<Date>().is_ok_and(|date| date.year() >= 0 && date.to_string() == text)
}
