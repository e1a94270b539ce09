//! What a run used: as the program says, and as the simulator's own ledger has it.

use promptchain::model::Cost;
use promptchain::simulator::{End, Fault, Ledger, LogEntry};
use serde_json::Value;

use crate::support::{Metrics, price};

/// The model of every step, by default.
const MODEL: &str = "claude-haiku-4-5";

/// What a run used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Books {
    /// Of what was counted.
    pub(super) cost: Cost,
    pub(super) input: u64,
    pub(super) output: u64,
    /// Whether there is more that nobody has counted.
    pub(super) has_unknown: bool,
}

/// What is known of the cost of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Paid {
    /// An HTTP error: nothing.
    Nothing,
    /// All of it.
    Counted,
    /// What `message_start` told: the prompt, and that there is a first token. The rest isn't.
    Begun,
    /// Nothing was told, and it may have been billed.
    Unknown,
}

impl Paid {
    /// Of a call as the simulator saw it: what it had told when it ended.
    pub(super) fn of(call: &LogEntry) -> Self {
        use Fault as F;
        match (call.status, call.fault) {
            (Some(400..), _) => Self::Nothing,
            (None, _) | (Some(_), Some(F::WrongContentType | F::MissingUsage)) => Self::Unknown,
            // Replies of which nobody reads the end, be they sent whole, and some that end in good order and
            // aren't complete.
            (
                Some(_),
                Some(
                    F::Truncated
                    | F::ErrorEvent
                    | F::ErrorEventMidReply
                    | F::InvalidSseJson
                    | F::HugeEvent
                    | F::HugeReply,
                ),
            ) => Self::Begun,
            (Some(_), _) if call.end == Some(End::Completed) => Self::Counted,
            (Some(_), _) => Self::Begun,
        }
    }

    fn known(self, ledger: Ledger) -> Ledger {
        match self {
            Self::Nothing | Self::Unknown => Ledger::default(),
            Self::Counted => ledger,
            Self::Begun => Ledger { output_tokens: 1, ..ledger },
        }
    }
}

impl Books {
    /// What the program can know of these calls.
    pub(super) fn of_ledger(calls: &[LogEntry]) -> Self {
        let known = calls.iter().map(|call| Paid::of(call).known(call.ledger));
        let empty = Self { cost: Cost::ZERO, input: 0, output: 0, has_unknown: false };
        let books = known.fold(empty, |books, ledger| Self {
            cost: books.cost + price(MODEL, ledger).unwrap(),
            input: books.input + ledger.input_tokens,
            output: books.output + ledger.output_tokens,
            has_unknown: false,
        });
        let has_unknown = calls.iter().map(Paid::of).any(|paid| matches!(paid, Paid::Begun | Paid::Unknown));
        Self { has_unknown, ..books }
    }

    /// Of a run's last line in the log.
    pub(super) fn of_log_line(line: &Value) -> Self {
        let number = |name: &str| line[name].as_u64().unwrap_or(0);
        Self {
            cost: Cost::from_usd(line["total_cost_usd"].as_f64().unwrap_or(0.0)),
            input: number("input_tokens"),
            output: number("output_tokens"),
            has_unknown: line["usage_complete"] != true,
        }
    }

    /// Of all runs of a server.
    pub(super) fn of_metrics(metrics: &Metrics) -> Self {
        let tokens =
            |kind: &str| metrics.count("gen_ai_client_token_usage_sum", &format!("token_type=\"{kind}\""));
        Self {
            cost: Cost::from_usd(metrics.sum("promptchain_cost_usd_total", "")),
            input: tokens("input"),
            output: tokens("output"),
            has_unknown: metrics.count("promptchain_cost_unknown_total", "") > 0,
        }
    }
}
