//! Which credential is used, and whether it may be sent where the settings point.
//!
//! A `.env` that was merely found in the current folder may be a stranger's: whoever clones a
//! repository and runs the program in it must not send their key to the host that its `.env` names.

use secrecy::SecretString;
use url::{Host, Url};

use super::alternatives::Alternatives;
use super::cross_checks::about;
use super::kind::switch;
use super::resolve::Resolver;
use super::sources::{Given, Layer};
use super::{EnvFile, Kind, Origin, Problem, Settings, Variable};
use crate::rule::Rule;

/// The variable that has prompts and replies stand in traces.
const CAPTURE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

const API_KEY: &str = "ANTHROPIC_API_KEY";

/// A host that gets a credential.
pub(super) struct Destination {
    /// The variables that say which host.
    urls: &'static [&'static str],
    /// All that can hold the credential.
    pub(super) credentials: Alternatives,
    /// What has prompts and replies sent there too, if anything does.
    content: Option<Content>,
    /// Whether it is known to be no stranger's.
    is_safe: fn(&Settings) -> bool,
    /// What is to be said of one that may be, whatever goes there.
    warning: fn(&Settings, &'static str) -> Option<Problem>,
}

/// What has prompts and replies sent to a host.
struct Content {
    /// The variable that asks for it.
    variable: &'static str,
    /// Takes that back.
    withhold: fn(&mut Settings),
}

/// Where messages are sent.
pub(super) const UPSTREAM: Destination = Destination {
    urls: &["ANTHROPIC_BASE_URL"],
    credentials: Alternatives {
        names: &[API_KEY, "ANTHROPIC_API_KEY_FILE", "ANTHROPIC_AUTH_TOKEN"],
        what: "credential",
    },
    content: None,
    is_safe: |settings| settings.upstream.is_default(),
    warning: prompts_leave,
};

/// Where the log is sent.
pub(super) const LOKI: Destination = Destination {
    urls: &["LOKI_URL"],
    credentials: Alternatives { names: &["LOKI_PASSWORD", "LOKI_PASSWORD_FILE"], what: "password" },
    content: Some(Content { variable: "LOG_CONTENT", withhold: |settings| settings.log.content = false }),
    is_safe: |_| false,
    warning: |_, _| None,
};

/// Where traces are sent.
pub(super) const TRACES: Destination = Destination {
    urls: &["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
    credentials: Alternatives { names: &["OTEL_EXPORTER_OTLP_HEADERS"], what: "list of headers" },
    content: Some(Content {
        variable: CAPTURE_CONTENT,
        withhold: |settings| settings.traces.content = false,
    }),
    is_safe: |_| false,
    warning: |_, _| None,
};

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

impl Destination {
    /// Takes the credential of the strongest source that has one, of those that may be used.
    pub(super) fn resolve(&self, resolver: &mut Resolver<'_>) {
        let confined_to = self.stranger(resolver);
        let (usable, barred): (Vec<Layer>, Vec<Layer>) =
            Layer::ALL.into_iter().partition(|layer| confined_to.is_none() || *layer == Layer::EnvFile);
        if let Some((name, url)) = &confined_to {
            self.warn_of_unused(resolver, &barred, name, url);
            self.withhold_content(resolver, name, url);
            resolver.problems.extend((self.warning)(&resolver.settings, name));
        }
        let (variable, given) = match self.credentials.pick(resolver.sources, usable) {
            Ok(Some(picked)) => picked,
            Ok(None) => return,
            Err(problem) => return resolver.problems.push(problem),
        };
        if let Some((name, url)) = &confined_to
            && matches!(variable.kind, Kind::SecretFile { .. })
        {
            resolver.problems.push(refused_file(variable, given, name, url));
            return;
        }
        resolver.resolve_late(variable, given);
    }

    /// The variable with the URL, and where it stands, if it leads elsewhere than to where it is safe and comes
    /// out of a file that nobody named.
    fn stranger(&self, resolver: &Resolver<'_>) -> Option<(&'static str, Origin)> {
        let is_implicit = resolver.sources.env_file.as_ref().is_some_and(EnvFile::is_implicit);
        if !is_implicit || (self.is_safe)(&resolver.settings) {
            return None;
        }
        self.urls.iter().find_map(|name| {
            let origin = &resolver.settings.value(name)?.origin;
            matches!(origin, Origin::EnvFile { .. }).then(|| (*name, origin.clone()))
        })
    }

    /// Prompts don't go to a stranger beside those whom they are meant for.
    fn withhold_content(&self, resolver: &mut Resolver<'_>, name: &str, url: &Origin) {
        let Some(Content { variable, withhold }) = &self.content else { return };
        let asked = resolver.settings.value(variable).filter(|value| value.origin != Origin::Default);
        let is_on = asked.is_some_and(|value| value.value.as_deref().and_then(switch) == Some(true));
        let Some(origin) = asked.filter(|_| is_on).map(|value| value.origin.clone()) else { return };
        withhold(&mut resolver.settings);
        let message = why_unused(name, url);
        let problem = Problem::new(Rule::UnusedCredential, variable, origin, message).hint(on_purpose(name));
        resolver.problems.push(problem);
    }

    fn warn_of_unused(&self, resolver: &mut Resolver<'_>, barred: &[Layer], name: &str, url: &Origin) {
        let unused = barred.iter().flat_map(|layer| self.credentials.found_in(resolver.sources, *layer));
        let message = why_unused(name, url);
        resolver.problems.extend(unused.map(|(variable, given)| {
            Problem::new(Rule::UnusedCredential, variable.name, given.origin, &message).hint(on_purpose(name))
        }));
    }
}

/// Prompts, files and what is piped in go wherever the base URL says. A server on this machine is what a `.env` is
/// written for, and a warning at each run would be one that nobody reads.
fn prompts_leave(settings: &Settings, name: &'static str) -> Option<Problem> {
    if is_loopback(&settings.upstream.base_url) {
        return None;
    }
    let message = "prompts, files and what is piped in are sent there, because a file that was merely found in the \
                   current folder says so";
    let problem = about(settings, Rule::FoundUpstream, name, message.to_owned());
    Some(
        problem
            .hint(format!("if you mean it, set {name} in the environment, or name the file with --env-file")),
    )
}

/// Whether it is this machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|it| it.is_loopback())
        }
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn why_unused(name: &str, url: &Origin) -> String {
    format!(
        "is not used, because {name} comes from {url}, a file that was merely found in the current folder"
    )
}

fn refused_file(variable: &Variable, given: Given<'_>, name: &str, url: &Origin) -> Problem {
    let message = format!(
        "is refused, because {name} comes from {url}, a file that was merely found in the current \
         folder and could point at a key that isn't its own"
    );
    Problem::new(Rule::ForeignFile, variable.name, given.origin, message)
        .with_value(variable.shown(given.value))
        .hint(on_purpose(name))
}

fn on_purpose(name: &str) -> String {
    format!("to send it there on purpose, set {name} in the environment, or name the file with --env-file")
}
