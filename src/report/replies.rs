//! Where a run's replies come from, which whoever reads of it must know.

/// Where a run's replies come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Replies {
    /// From the upstream, which bills them.
    #[default]
    Upstream,
    /// From the built-in simulator.
    Simulated,
    /// From recordings, of whatever upstream.
    Replayed,
}

impl Replies {
    pub(super) fn are_simulated(self) -> bool {
        self == Self::Simulated
    }

    pub(super) fn are_replayed(self) -> bool {
        self == Self::Replayed
    }
}
