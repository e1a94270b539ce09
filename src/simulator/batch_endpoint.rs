//! The endpoints of batches, as fault rules name them.

use std::fmt;
use std::str::FromStr;

/// An endpoint of the Message Batches API. What happens at it isn't a call for a reply, so that its
/// requests are counted by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchEndpoint {
    /// `POST /v1/messages/batches`.
    Create,
    /// `GET /v1/messages/batches`.
    List,
    /// `GET /v1/messages/batches/{id}`.
    Poll,
    /// `GET /v1/messages/batches/{id}/results`.
    Results,
    /// `POST /v1/messages/batches/{id}/cancel`.
    Cancel,
    /// `DELETE /v1/messages/batches/{id}`.
    Delete,
}

impl BatchEndpoint {
    /// All endpoints, in the order in which they are met.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::List, Self::Poll, Self::Results, Self::Cancel, Self::Delete];

    /// The name by which rules call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "batch-create",
            Self::List => "batch-list",
            Self::Poll => "batch-poll",
            Self::Results => "batch-results",
            Self::Cancel => "batch-cancel",
            Self::Delete => "batch-delete",
        }
    }
}

impl fmt::Display for BatchEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BatchEndpoint {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|endpoint| endpoint.name() == word).ok_or(())
    }
}
