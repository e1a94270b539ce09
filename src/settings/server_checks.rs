//! What is needed, or better avoided, only where the chain is served: nothing of it hinders a command
//! that serves nothing.

use secrecy::{ExposeSecret, SecretString};

use super::list::ANY;
use super::secret_strength::weakness;
use super::{Cors, Origin, Problem, SecretForm, ServerSettings, Settings, Warning};

impl Settings {
    /// Checks that nobody can guess the secret that tokens are signed with. A server only warns of it,
    /// because its tokens may be made elsewhere.
    ///
    /// # Errors
    /// If somebody can.
    pub fn check_signing_secret(&self) -> Result<(), Problem> {
        let secret = self.server.jwt.secret.as_ref();
        let Some(warning) = secret.and_then(weak) else { return Ok(()) };
        let names = ["JWT_SECRET_KEY", "JWT_SECRET_KEY_FILE"];
        let used = names.into_iter().filter_map(|name| self.value(name)).find(|value| value.text.is_some());
        Err(Problem {
            variable: used.map(|used| used.variable.name.to_owned()),
            value: used.and_then(|used| used.text.clone()),
            origin: used.map_or(Origin::Default, |used| used.origin.clone()),
            message: warning.message,
            hint: warning.hint,
        })
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
        Err(Problem {
            variable: Some(name.to_owned()),
            value: None,
            origin: Origin::Default,
            message: format!(
                "is not set, and no token can be made or verified without it (JWT_ALGORITHM is {})",
                jwt.algorithm.as_str()
            ),
            hint: Some(hint.to_owned()),
        })
    }

    /// What makes the server unsafe. In [production](super::DeploymentEnvironment::Production) none of it
    /// should be let pass.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.jwt.algorithm.is_symmetric() {
            let secrets = [
                ("JWT_SECRET_KEY", &self.jwt.secret),
                ("JWT_SECRET_KEY_PREVIOUS", &self.jwt.previous_secret),
            ];
            warnings.extend(secrets.into_iter().filter_map(|(name, secret)| {
                let Warning { message, hint } = weak(secret.as_ref()?)?;
                Some(Warning { message: format!("{name} {message}"), hint })
            }));
        }
        if self.cors.allows_every_origin() {
            warnings.push(Warning {
                message: "CORS_ORIGINS=* lets the pages of every origin call the API".to_owned(),
                hint: Some("name the origins whose pages may".to_owned()),
            });
        }
        warnings
    }
}

impl Cors {
    /// Whether the pages of all origins may call the API.
    #[must_use]
    pub fn allows_every_origin(&self) -> bool {
        self.origins.iter().any(|origin| origin == ANY)
    }
}

/// What to say of a secret that can be guessed.
fn weak(secret: &SecretString) -> Option<Warning> {
    let weakness = weakness(secret.expose_secret())?;
    Some(Warning {
        message: format!("{weakness}: whoever guesses it makes tokens of their own"),
        hint: SecretForm::Signing.hint().map(str::to_owned),
    })
}
