//! What is needed, or better avoided, only where the chain is served: nothing of it hinders a command
//! that serves nothing.

use secrecy::{ExposeSecret, SecretString};

use super::cross_checks::{about, described};
use super::list::ANY;
use super::secret_strength::weakness;
use super::{Cors, DeploymentEnvironment, Origin, Problem, SecretForm, ServerSettings, Settings};
use crate::rule::Rule;

impl Settings {
    /// Checks that nobody can guess the secret that tokens are signed with. A server only warns of it,
    /// because its tokens may be made elsewhere.
    ///
    /// # Errors
    /// If somebody can.
    pub fn check_signing_secret(&self) -> Result<(), Problem> {
        match weak_signing_secret(self) {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }
}

impl ServerSettings {
    /// Checks that there is what tokens are verified with: a secret or a public key, as the algorithm
    /// needs it.
    ///
    /// # Errors
    /// If there is none.
    pub fn check_key(&self) -> Result<(), Problem> {
        let jwt = &self.jwt;
        let (is_there, name, hint) = if jwt.algorithm.is_symmetric() {
            let hint =
                "make one with: openssl rand -hex 32; or name a file that holds one by JWT_SECRET_KEY_FILE";
            (jwt.secret.is_some(), "JWT_SECRET_KEY", hint)
        } else {
            let hint = "name a PEM file that holds the public key of whoever makes the tokens";
            (jwt.public_key.is_some(), "JWT_PUBLIC_KEY_FILE", hint)
        };
        if is_there {
            return Ok(());
        }
        let message = format!(
            "is not set, and no token can be made or verified without it (JWT_ALGORITHM is {})",
            jwt.algorithm.as_str()
        );
        Err(Problem::new(Rule::MissingVariable, name, Origin::Default, message).hint(hint))
    }
}

impl Cors {
    /// Whether the pages of all origins may call the API.
    #[must_use]
    pub fn allows_every_origin(&self) -> bool {
        self.origins.iter().any(|origin| origin == ANY)
    }
}

/// What somebody does who has guessed a secret.
const MAKES_TOKENS: &str = "makes tokens of their own";
const READS_STEPS: &str = "can read and change the steps that are kept in the shared store";

/// What makes the server unsafe: warnings, and in [production](DeploymentEnvironment::Production) errors.
pub(super) fn unsafe_settings(settings: &Settings) -> Vec<Problem> {
    let jwt = &settings.server.jwt;
    let mut found = Vec::new();
    if jwt.algorithm.is_symmetric() {
        found.extend(weak_signing_secret(settings));
        let previous = jwt.previous_secret.as_ref();
        found.extend(weak(settings, "JWT_SECRET_KEY_PREVIOUS", previous, MAKES_TOKENS));
    }
    let checkpoints = &settings.server.checkpoints;
    found.extend(weak(settings, &set_by(settings, "CHECKPOINT_KEY"), checkpoints.key.as_ref(), READS_STEPS));
    let previous = checkpoints.previous_key.as_ref();
    found.extend(weak(settings, "CHECKPOINT_KEY_PREVIOUS", previous, READS_STEPS));
    found.extend(unused_key(settings));
    if settings.server.cors.allows_every_origin() {
        let message = "lets the pages of every origin call the API".to_owned();
        let problem = about(settings, Rule::AnyOrigin, "CORS_ORIGINS", message);
        found.push(problem.hint("name the origins whose pages may"));
    }
    if settings.server.environment != DeploymentEnvironment::Production {
        return found;
    }
    let said = described(settings, "ENVIRONMENT");
    let forbidden = found.into_iter().map(|problem| {
        let message = format!("{}, which {said} forbids", problem.message);
        let rule = Rule::UnsafeInProduction;
        Problem { rule, severity: rule.severity(), message, ..problem }
    });
    forbidden.collect()
}

/// Whoever sets a public key takes it that tokens are verified with it.
fn unused_key(settings: &Settings) -> Option<Problem> {
    let jwt = &settings.server.jwt;
    if !jwt.algorithm.is_symmetric() || jwt.public_key.is_none() {
        return None;
    }
    let algorithm = described(settings, "JWT_ALGORITHM");
    let message = format!("with {algorithm} the key isn't used");
    let problem = about(settings, Rule::UnusedKey, "JWT_PUBLIC_KEY_FILE", message);
    Some(problem.hint("set JWT_ALGORITHM to that of the key, such as RS256 or ES256, or leave out the key"))
}

fn weak_signing_secret(settings: &Settings) -> Option<Problem> {
    let secret = settings.server.jwt.secret.as_ref();
    weak(settings, &set_by(settings, "JWT_SECRET_KEY"), secret, MAKES_TOKENS)
}

/// Which variable has set a secret: the one of that name, or the one that names its file.
fn set_by(settings: &Settings, name: &str) -> String {
    let is_from_file = settings.value(name).is_none_or(|value| value.text.is_none());
    if is_from_file { format!("{name}_FILE") } else { name.to_owned() }
}

/// `what` is what somebody does who guesses it.
fn weak(settings: &Settings, name: &str, secret: Option<&SecretString>, what: &str) -> Option<Problem> {
    let weakness = weakness(secret?.expose_secret())?;
    let message = format!("{weakness}: whoever guesses it {what}");
    let problem = about(settings, Rule::WeakSecret, name, message);
    Some(Problem { hint: SecretForm::Signing.hint().map(str::to_owned), ..problem })
}
