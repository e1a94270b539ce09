//! Which credential is used, and whether it may be sent where the settings point.
//!
//! A `.env` that was merely found in the current folder may be a stranger's: whoever clones a
//! repository and runs the program in it must not send their key to the host that its `.env` names.

use secrecy::SecretString;
use url::Url;

use super::alternatives::Alternatives;
use super::resolve::Resolver;
use super::sources::{Given, Layer};
use super::{EnvFile, Origin, Problem, Variable};
use crate::rule::Rule;

const BASE_URL: &str = "ANTHROPIC_BASE_URL";
const API_KEY: &str = "ANTHROPIC_API_KEY";
const API_KEY_FILE: &str = "ANTHROPIC_API_KEY_FILE";
const AUTH_TOKEN: &str = "ANTHROPIC_AUTH_TOKEN";

/// All that can hold one.
pub(super) const CREDENTIALS: Alternatives =
    Alternatives { names: &[API_KEY, API_KEY_FILE, AUTH_TOKEN], what: "credential" };

const DEFAULT_BASE_URL: &str = "https://api.anthropic.com";

/// What we identify ourselves with.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Sent as `x-api-key`.
    ApiKey(SecretString),
    /// Sent as `authorization: Bearer …`.
    AuthToken(SecretString),
}

#[expect(clippy::expect_used, reason = "a constant; a test parses it")]
pub(super) fn default_base_url() -> Url {
    Url::parse(DEFAULT_BASE_URL).expect("the default base URL is a URL")
}

pub(super) fn is_default_origin(url: &Url) -> bool {
    url.origin() == default_base_url().origin()
}

/// The problem of having no credential where one is needed.
pub(super) fn missing() -> Problem {
    let message = format!("is not set, and {DEFAULT_BASE_URL} answers nobody without a key");
    Problem::new(Rule::MissingVariable, API_KEY, Origin::Default, message).hint(format!(
        "create a key at https://platform.claude.com/settings/keys and set {API_KEY}, or try --offline"
    ))
}

/// Takes the credential of the strongest source that has one, of those that may be used.
pub(super) fn resolve(resolver: &mut Resolver<'_>) {
    let confined_to = stranger(resolver);
    let (usable, barred): (Vec<Layer>, Vec<Layer>) =
        Layer::ALL.into_iter().partition(|layer| confined_to.is_none() || *layer == Layer::EnvFile);
    if let Some(base_url) = &confined_to {
        warn_of_unused(resolver, &barred, base_url);
    }
    let (variable, given) = match CREDENTIALS.pick(resolver.sources, usable) {
        Ok(Some(picked)) => picked,
        Ok(None) => return,
        Err(problem) => return resolver.problems.push(problem),
    };
    if let Some(base_url) = &confined_to
        && variable.name == API_KEY_FILE
    {
        resolver.problems.push(refused_file(variable, given, base_url));
        return;
    }
    resolver.resolve_late(variable, given);
}

/// Where the base URL stands, if it leads elsewhere than by default and comes out of a file that
/// nobody named.
fn stranger(resolver: &Resolver<'_>) -> Option<Origin> {
    let origin = &resolver.settings.value(BASE_URL)?.origin;
    let is_implicit = resolver.sources.env_file.as_ref().is_some_and(EnvFile::is_implicit);
    (matches!(origin, Origin::EnvFile { .. }) && is_implicit && !resolver.settings.upstream.is_default())
        .then(|| origin.clone())
}

fn warn_of_unused(resolver: &mut Resolver<'_>, barred: &[Layer], base_url: &Origin) {
    let unused = barred.iter().flat_map(|layer| CREDENTIALS.found_in(resolver.sources, *layer));
    let message = format!(
        "is not used, because {BASE_URL} comes from {base_url}, a file that was merely found in the current folder"
    );
    resolver.problems.extend(unused.map(|(variable, given)| {
        Problem::new(Rule::UnusedCredential, variable.name, given.origin, &message).hint(on_purpose())
    }));
}

fn refused_file(variable: &Variable, given: Given<'_>, base_url: &Origin) -> Problem {
    let message = format!(
        "is refused, because {BASE_URL} comes from {base_url}, a file that was merely found in the current \
         folder and could point at a key that isn't its own"
    );
    Problem::new(Rule::ForeignFile, variable.name, given.origin, message)
        .with_value(variable.shown(given.value))
        .hint(on_purpose())
}

fn on_purpose() -> String {
    format!(
        "to send it there on purpose, set {BASE_URL} in the environment, or name the file with --env-file"
    )
}
