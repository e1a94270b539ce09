//! Remembers which schemas an upstream has refused to enforce, so that each is refused only once.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::AttemptFailure;
use crate::model::{CallErrorKind, ReplySchema};

/// More than any program has schemas and models; a bound, so that names from outside can't fill memory.
const MOST_REMEMBERED: usize = 1024;

/// The schemas that were refused, by upstream and model. Shared by all runs of an engine.
#[derive(Debug, Default)]
pub(super) struct SchemaRefusals {
    refused: Mutex<HashSet<u64>>,
}

impl SchemaRefusals {
    pub(super) fn insert(&self, upstream: &str, model: &str, schema: &ReplySchema) {
        let mut refused = self.lock();
        if refused.len() >= MOST_REMEMBERED {
            refused.clear();
        }
        refused.insert(key(upstream, model, schema));
    }

    pub(super) fn contains(&self, upstream: &str, model: &str, schema: &ReplySchema) -> bool {
        let refused = self.lock();
        !refused.is_empty() && refused.contains(&key(upstream, model, schema))
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<u64>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(upstream: &str, model: &str, schema: &ReplySchema) -> u64 {
    let mut hasher = DefaultHasher::new();
    (upstream, model, schema.json()).hash(&mut hasher);
    hasher.finish()
}

/// Words of which a complaint about a schema has one.
const SPEAKS_OF_SCHEMAS: [&str; 6] =
    ["output_config", "output_format", "schema", "grammar", "structured", "optional parameters"];

/// Whether a failed attempt says that the upstream won't enforce the schema it was sent.
///
/// The API has no error type of its own for this, so of a model that is known to enforce schemas the
/// message must speak of them. From a server that merely imitates the API, any complaint about the
/// request is reason enough to try once without: such a request is refused before it is billed.
pub(super) fn is_refusal(failure: &AttemptFailure, known_model: bool) -> bool {
    let AttemptFailure::Call(error) = failure else { return false };
    let CallErrorKind::Status { status: 400 | 422, message, .. } = &error.kind else { return false };
    let message = message.to_ascii_lowercase();
    !known_model || SPEAKS_OF_SCHEMAS.iter().any(|word| message.contains(word))
}
