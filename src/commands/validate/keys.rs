//! Whether a server could verify tokens: only where something was said about how.

use crate::diagnostic::Diagnostic;
use crate::rule::Rule;
use crate::server::auth::TokenVerifier;
use crate::settings::{DeploymentEnvironment, Origin, Sources};
use crate::validation::Validation;

/// What is wrong with the keys that tokens are verified with. Whoever has said nothing of a server needs none.
pub(super) fn check(validation: &Validation, sources: &Sources) -> Option<Diagnostic> {
    let settings = &validation.settings;
    let is_said = |name: &str| settings.value(name).is_some_and(|value| value.origin != Origin::Default);
    let is_for_production = settings.server.environment == DeploymentEnvironment::Production;
    let is_broken = |diagnostic: &Diagnostic| diagnostic.is_error() && diagnostic.message.starts_with("JWT_");
    if validation.diagnostics.iter().any(is_broken) {
        // What is said wrongly isn't missing too.
        return None;
    }
    if let Err(problem) = settings.server.check_key() {
        return (is_said("JWT_ALGORITHM") || is_for_production).then(|| Diagnostic::from(&problem));
    }
    let error = TokenVerifier::new(&settings.server.jwt).err()?;
    let about = settings.diagnostic_about(sources, &[], Rule::InvalidValue, error.variable);
    Some(Diagnostic { message: error.to_string(), ..about })
}
