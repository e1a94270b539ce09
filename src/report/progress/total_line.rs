//! The last line of the progress: what the run took and cost in all.

use std::time::Duration;

use crate::chain::Spend;
use crate::report::amounts::{cost, count, dollars, seconds, tokens};
use crate::report::known_spend::KnownSpend;
use crate::report::look::Look;

/// What a run came to.
pub(super) struct Total {
    pub(super) elapsed: Duration,
    pub(super) spend: Spend,
    pub(super) simulated: bool,
}

impl Total {
    /// On a terminal, in the columns of the steps' lines.
    pub(super) fn terminal_line(&self, look: Look) -> String {
        let spend = KnownSpend::from(&self.spend);
        let (tokens, cost) = (tokens(&spend, look), cost(&spend, look));
        let line = format!("  {:<10} {:>6}  {tokens:<20} {cost:<12}", "total", seconds(self.elapsed));
        match self.remarks(&spend) {
            None => line.trim_end().to_owned(),
            Some(remarks) => format!("{line}  {}", look.dim(&remarks)),
        }
    }

    /// Where there is no terminal.
    pub(super) fn plain_line(&self) -> String {
        let spend = KnownSpend::from(&self.spend);
        let (tokens, cost) = (tokens(&spend, Look::PLAIN), cost(&spend, Look::PLAIN));
        let line = format!("total  {}  {tokens}  {cost}", seconds(self.elapsed));
        match self.remarks(&spend) {
            None => line,
            Some(remarks) => format!("{line}  {remarks}"),
        }
    }

    fn remarks(&self, spend: &KnownSpend) -> Option<String> {
        let mut remarks = Vec::new();
        if !spend.is_complete() {
            remarks.push(format!("{} uncounted", count(spend.uncounted_attempts, "attempt")));
        }
        if let Some(tokens) = spend.estimated_output {
            let worth = spend.estimated_cost.map(|cost| format!(" ({})", dollars(cost))).unwrap_or_default();
            remarks.push(format!("about {tokens} more out{worth}"));
        }
        if self.simulated {
            remarks.push("simulated, nothing was billed".to_owned());
        }
        (!remarks.is_empty()).then(|| remarks.join(", "))
    }
}
