//! Writes `docs/faults.md`.

use promptchain::simulator::{Fault, Step};

use super::cell::{self, Cell};
use super::row::{Row, rows};
use super::seen::Seen;

/// What stands above the tables.
const HEAD: &str = include_str!("page.md");

/// The faults under the words that an operator would look for.
const CHAPTERS: [(&str, &[Fault]); 6] = {
    use Fault as F;
    [
        (
            "The API answers with an error",
            &[
                F::RateLimit,
                F::Overloaded,
                F::ServerError,
                F::Unavailable,
                F::RequestTimeout,
                F::BadRequest,
                F::Unauthorized,
                F::Forbidden,
                F::NotFound,
                F::StructuredOutputRefused,
                F::WrongContentType,
            ],
        ),
        ("The API is silent", &[F::HangBeforeHead, F::PingsOnly, F::HangMidReply]),
        (
            "The connection breaks, or the reply breaks off",
            &[
                F::ResetBeforeHead,
                F::ResetMidReply,
                F::CloseMidReply,
                F::Truncated,
                F::ErrorEvent,
                F::ErrorEventMidReply,
            ],
        ),
        (
            "What comes is malformed, slow or too large",
            &[
                F::InvalidSseJson,
                F::HugeEvent,
                F::HugeReply,
                F::SlowDrip,
                F::JsonInsteadOfStream,
                F::MissingUsage,
            ],
        ),
        (
            "The reply isn't what was asked for",
            &[
                F::NotJson,
                F::BadEscape,
                F::MissingField,
                F::WrongJsonType,
                F::ConfidenceOutOfRange,
                F::LowConfidence,
                F::BlankIntent,
                F::BlankContent,
                F::BlankText,
                F::FencedJson,
                F::ProseAroundJson,
                F::ReorderedFields,
            ],
        ),
        ("The model stops early", &[F::MaxTokens, F::EmptyReply, F::Refusal, F::RefusalMidText]),
    ]
};

/// The whole page.
pub(super) fn page(cells: &[Cell], seen: &[Seen]) -> String {
    let all: Vec<(&Cell, &Seen)> = cells.iter().zip(seen).collect();
    let mut page = HEAD.to_owned();
    let mut written = 0;
    for (title, faults) in CHAPTERS {
        page += &format!("\n## {title}\n");
        for fault in faults {
            for (fault, parameter) in cell::faults().filter(|(of, _)| of == fault) {
                let own: Vec<(&Cell, &Seen)> = all
                    .iter()
                    .filter(|(cell, _)| (cell.fault, cell.parameter) == (fault, parameter))
                    .copied()
                    .collect();
                written += own.len();
                page +=
                    &format!("\n### `{}`\n\n{}.\n\n", cell::written(fault, parameter), fault.description());
                page += &table(&rows(&own));
            }
        }
    }
    assert_eq!(written, cells.len(), "every fault has its place in a chapter");
    page
}

fn table(rows: &[Row]) -> String {
    let mut table =
        "| struck | asked by | gets | attempts | counted as | reads |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for Row { steps, strikes, asked, said } in rows {
        let all_steps = *steps == Step::ALL;
        let steps: Vec<&str> = steps.iter().map(|step| step.name()).collect();
        let steps = if all_steps { "any step".to_owned() } else { steps.join(", ") };
        let strikes: Vec<&str> = strikes.iter().map(|strikes| strikes.as_str()).collect();
        let asked: Vec<&str> = asked.iter().map(|asked| asked.as_str()).collect();
        table += &format!(
            "| {steps}: {} | {} | {} | {} | {} | {} |\n",
            strikes.join(" / "),
            asked.join(", "),
            said.gets,
            said.calls,
            said.counted,
            said.reads
        );
    }
    table
}
