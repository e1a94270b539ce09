//! What a run would send, as people read it.

use super::amounts::{count, dollars};
use super::json::{Layout, render};
use super::terminal_text::one_line;
use super::wire::{DryRunReport, ForecastReport, PlannedRequestReport, TokenMethod};
use crate::model::Cost;

/// The requests, each under a line with its figures, then the totals and what is to be known of them. No
/// character of it can move a terminal's cursor.
///
/// # Errors
/// If a body can't be written as JSON, which none of ours can't.
pub fn dry_run_text(report: &DryRunReport) -> serde_json::Result<String> {
    let mut text = String::new();
    for request in &report.requests {
        text.push_str(&one_line(&heading(request, report.input_tokens_by)));
        text.push('\n');
        text.push_str(&render(&request.body, Layout::Indented)?);
        text.push('\n');
    }
    let sent = match report.input_tokens_by {
        TokenMethod::Estimate => "Nothing was sent.",
        TokenMethod::CountTokens => "Nothing was sent but the questions for counts.",
    };
    let whom = if report.simulated { " Without --dry-run the built-in simulator answers." } else { "" };
    let requests = count(u32::try_from(report.requests.len()).unwrap_or(u32::MAX), "request");
    text.push_str(&format!(
        "total: {requests}, {}\n\n{sent}{whom}\n",
        figures(&report.total, report.input_tokens_by)
    ));
    for note in &report.notes {
        text.push_str(&one_line(note));
        text.push('\n');
    }
    Ok(text)
}

/// `process, part 2: claude-haiku-4-5, exact, …`.
fn heading(request: &PlannedRequestReport, method: TokenMethod) -> String {
    let part = request.part.map(|part| format!(", part {part}")).unwrap_or_default();
    let divided =
        if request.max_calls > 1 { format!(", or up to {} parts", request.max_calls) } else { String::new() };
    let exactness = if request.exact { "exact" } else { "with placeholders" };
    let step = request.step.as_str();
    format!("{step}{part}: {}, {exactness}{divided}, {}", request.model, figures(&request.forecast, method))
}

/// `about 412 tokens in, at most 2048 out, $0.000412 to $0.010652`.
fn figures(forecast: &ForecastReport, method: TokenMethod) -> String {
    let (low, high) = (forecast.input_tokens.low, forecast.input_tokens.high);
    let about = match method {
        TokenMethod::Estimate => "about ",
        TokenMethod::CountTokens => "",
    };
    let tokens = if low == high { low.to_string() } else { format!("{low} to {high}") };
    let cost = forecast.cost_usd.map_or_else(
        || "cost unknown".to_owned(),
        |cost| {
            let (low, high) = (dollars(Cost::from_usd(cost.low)), dollars(Cost::from_usd(cost.high)));
            if low == high { low } else { format!("{low} to {high}") }
        },
    );
    format!("{about}{tokens} tokens in, at most {} out, {cost}", forecast.max_output_tokens)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::wire::{CostRange, StepWord, TokenRange, WIRE_VERSION};
    use super::*;

    fn forecast(low: u64, high: u64, cost: Option<(f64, f64)>) -> ForecastReport {
        let cost_usd = cost.map(|(low, high)| CostRange { low, high });
        ForecastReport { input_tokens: TokenRange { low, high }, max_output_tokens: 100, cost_usd }
    }

    fn request(step: StepWord, exact: bool, forecast: ForecastReport) -> PlannedRequestReport {
        let text = if exact { "Say hello" } else { "<intent: written by analyze>" };
        let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]});
        PlannedRequestReport { step, part: None, model: "m".to_owned(), exact, max_calls: 1, forecast, body }
    }

    /// A report with all that there can be, and one with as little as there can be.
    pub(in crate::report) fn examples() -> [DryRunReport; 2] {
        let process = request(StepWord::Process, false, forecast(20, 120, Some((0.002, 0.102))));
        let full = DryRunReport {
            version: WIRE_VERSION,
            simulated: true,
            input_tokens_by: TokenMethod::Estimate,
            requests: vec![
                request(StepWord::Analyze, true, forecast(10, 10, Some((0.001, 0.101)))),
                PlannedRequestReport { max_calls: 8, ..process },
            ],
            total: forecast(30, 130, Some((0.003, 0.203))),
            max_cost_usd: Some(0.1),
            within_max_cost: Some(false),
            warnings: vec!["it is dear".to_owned()],
            notes: vec!["Retries are not in it.".to_owned()],
        };
        let part = request(StepWord::Process, true, forecast(10, 10, None));
        let least = DryRunReport {
            simulated: false,
            input_tokens_by: TokenMethod::CountTokens,
            requests: vec![PlannedRequestReport { part: Some(2), ..part }],
            total: forecast(10, 10, None),
            max_cost_usd: None,
            within_max_cost: None,
            warnings: Vec::new(),
            notes: Vec::new(),
            ..full.clone()
        };
        [full, least]
    }

    #[test]
    fn each_request_stands_under_its_figures_and_the_totals_below_all() {
        let [full, least] = examples();
        insta::assert_snapshot!(dry_run_text(&full).unwrap(), @r#"
        analyze: m, exact, about 10 tokens in, at most 100 out, $0.001000 to $0.101000
        {
          "model": "m",
          "messages": [
            {
              "role": "user",
              "content": "Say hello"
            }
          ]
        }

        process: m, with placeholders, or up to 8 parts, about 20 to 120 tokens in, at most 100 out, $0.002000 to $0.102000
        {
          "model": "m",
          "messages": [
            {
              "role": "user",
              "content": "<intent: written by analyze>"
            }
          ]
        }

        total: 2 requests, about 30 to 130 tokens in, at most 100 out, $0.003000 to $0.203000

        Nothing was sent. Without --dry-run the built-in simulator answers.
        Retries are not in it.
        "#);
        insta::assert_snapshot!(dry_run_text(&least).unwrap(), @r#"
        process, part 2: m, exact, 10 tokens in, at most 100 out, cost unknown
        {
          "model": "m",
          "messages": [
            {
              "role": "user",
              "content": "Say hello"
            }
          ]
        }

        total: 1 request, 10 tokens in, at most 100 out, cost unknown

        Nothing was sent but the questions for counts.
        "#);
    }

    #[test]
    fn no_word_of_a_request_reaches_the_terminal_raw() {
        let [mut report, _] = examples();
        let evil = "a\u{1b}[2J\u{9b}31m\u{202e}\u{7f}";
        for request in &mut report.requests {
            request.model = evil.to_owned();
            request.body = json!({evil: evil});
        }
        let text = dry_run_text(&report).unwrap();
        assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
    }
}
