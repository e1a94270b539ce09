//! Why a request that is answered from recordings gets no answer.

use thiserror::Error;

/// A request of which there is no recording, or none that is left.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{summary}")]
pub struct Unrecorded {
    /// What is missing, and which recording comes nearest. Quotes nothing of the request.
    pub summary: String,
    /// Where the nearest recording differs, with excerpts of both sides: the first few places.
    pub differences: Vec<String>,
}
