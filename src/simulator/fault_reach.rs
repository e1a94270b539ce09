//! Where a fault can strike: a call for a reply, alone or within a batch, or an endpoint of batches.

use super::Fault;

impl Fault {
    /// Whether it can strike a call that is answered on a connection of its own.
    pub(super) fn strikes_alone(self) -> bool {
        !matches!(self, Self::Expired | Self::Canceled)
    }

    /// Whether it can strike a call within a batch, which no connection carries.
    pub(super) fn strikes_batched(self) -> bool {
        !matches!(
            self,
            Self::WrongContentType
                | Self::HangBeforeHead
                | Self::ResetBeforeHead
                | Self::HangMidReply
                | Self::ResetMidReply
                | Self::CloseMidReply
                | Self::Truncated
                | Self::PingsOnly
                | Self::SlowDrip
                | Self::InvalidSseJson
                | Self::JsonInsteadOfStream
        )
    }

    /// Whether it can strike what an endpoint of batches answers: it is an HTTP error, or about how the
    /// answer travels.
    #[must_use]
    pub fn strikes_endpoint(self) -> bool {
        matches!(
            self,
            Self::RateLimit
                | Self::Overloaded
                | Self::ServerError
                | Self::Unavailable
                | Self::BadRequest
                | Self::Unauthorized
                | Self::Forbidden
                | Self::NotFound
                | Self::RequestTimeout
                | Self::WrongContentType
                | Self::HangBeforeHead
                | Self::ResetBeforeHead
                | Self::HangMidReply
                | Self::ResetMidReply
                | Self::CloseMidReply
                | Self::Truncated
                | Self::SlowDrip
        )
    }
}
