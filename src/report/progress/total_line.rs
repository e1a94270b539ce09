//! The last line of the progress: what the run took and cost in all.

use std::time::Duration;

use super::parts::{Lead, Part, joined, wrapped};
use super::step_parts::{figures, head};
use crate::chain::Spend;
use crate::report::Replies;
use crate::report::amounts::{count, dollars, time};
use crate::report::known_spend::KnownSpend;
use crate::report::look::Look;

/// What a run came to.
pub(super) struct Total {
    pub(super) elapsed: Duration,
    pub(super) spend: Spend,
    pub(super) replies: Replies,
}

impl Total {
    /// On a terminal, in the columns of the steps' lines.
    pub(super) fn terminal_lines(&self, width: usize, look: Look) -> Vec<String> {
        let mut parts = vec![head("total", self.elapsed)];
        parts.extend(self.figures(look));
        parts.extend(self.remarks());
        wrapped(&Lead { text: "  ", indent: 4 }, &parts, width, look)
    }

    /// Where there is no terminal.
    pub(super) fn plain_line(&self, look: Look) -> String {
        let mut parts = vec![Part::plain("total"), Part::plain(time(self.elapsed))];
        parts.extend(self.figures(look).into_iter().map(|part| part.in_columns(0)));
        parts.extend(self.remarks());
        joined("", &parts, look)
    }

    fn figures(&self, look: Look) -> Vec<Part> {
        // Every attempt leaves a trace in the sums, if only as an uncounted one.
        if self.spend == Spend::default() {
            return vec![Part::plain("nothing sent")];
        }
        figures(&KnownSpend::from(&self.spend), look)
    }

    fn remarks(&self) -> Option<Part> {
        let spend = KnownSpend::from(&self.spend);
        let mut remarks = Vec::new();
        if !spend.is_complete() {
            remarks.push(format!("{} uncounted", count(spend.uncounted_attempts, "attempt")));
        }
        let more: Vec<String> = [(spend.estimated_input, "in"), (spend.estimated_output, "out")]
            .into_iter()
            .filter_map(|(tokens, side)| tokens.map(|tokens| format!("{tokens} more {side}")))
            .collect();
        if !more.is_empty() {
            let worth = spend.estimated_cost.map(|cost| format!(" ({})", dollars(cost))).unwrap_or_default();
            remarks.push(format!("about {}{worth}", more.join(" / ")));
        }
        match self.replies {
            Replies::Upstream => {}
            Replies::Simulated => remarks.push("simulated, nothing was billed".to_owned()),
            Replies::Replayed => remarks.push("replayed, nothing was billed".to_owned()),
        }
        (!remarks.is_empty()).then(|| Part::painted(remarks.join(", "), Look::dim))
    }
}
