//! One JSON document as a whole: the result of a run, or an error.

use serde::Serialize;

use super::terminal_text::escape_controls_in_json;

/// How a document is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On one line.
    Line,
    /// Over several, for people.
    Indented,
}

/// The document as text that ends in a line feed. Control characters are escaped, so that it may also
/// be shown on a terminal.
///
/// # Errors
/// If the document can't be written as JSON: none of [`wire`](super::wire)'s can fail.
pub fn render<T: Serialize>(document: &T, layout: Layout) -> serde_json::Result<String> {
    let json = match layout {
        Layout::Line => serde_json::to_string(document)?,
        Layout::Indented => serde_json::to_string_pretty(document)?,
    };
    let mut json = escape_controls_in_json(json);
    json.push('\n');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::transcripts::{self, Transcript};
    use crate::report::{ErrorDocument, Replies, RunReport};

    fn result(transcript: &Transcript) -> Value {
        let report =
            RunReport::new(&transcript.summary, Replies::Upstream, transcript.error(), transcripts::code_of);
        serde_json::from_str(&render(&report, Layout::Line).unwrap()).unwrap()
    }

    #[test]
    fn the_result_object_tells_all_that_a_run_came_to() {
        let transcript = transcripts::ok();
        let mut report = RunReport::new(&transcript.summary, Replies::Simulated, None, transcripts::code_of);
        report.steps.clear();
        insta::assert_snapshot!(render(&report, Layout::Indented).unwrap(), @r#"
        {
          "version": 1,
          "status": "ok",
          "request_id": "req_1",
          "simulated": true,
          "replayed": false,
          "text": "Rust compiles to native code.",
          "finish_reason": "stop",
          "formatting": "one sentence",
          "fields": {
            "tone": "neutral"
          },
          "analysis": {
            "intent": "Learn what Rust compiles to",
            "key_entities": [
              "Rust"
            ],
            "complexity": "simple",
            "context": {
              "audience": "beginners"
            },
            "urgent": false
          },
          "draft": {
            "content": "Native code, by way of LLVM.",
            "confidence": 0.82,
            "metadata": {
              "approach": "from memory"
            }
          },
          "steps": [],
          "usage": {
            "input_tokens": 2147,
            "output_tokens": 664,
            "cache_read_tokens": null,
            "cache_write_tokens": null,
            "complete": true,
            "uncounted_attempts": 0,
            "estimated_input_tokens": null,
            "estimated_output_tokens": null
          },
          "cost_usd": 0.005467,
          "estimated_cost_usd": null,
          "warnings": [],
          "elapsed_seconds": 4.1,
          "error": null
        }
        "#);
    }

    #[test]
    fn the_result_object_tells_how_each_step_went() {
        let transcript = transcripts::repaired();
        let report = RunReport::new(&transcript.summary, Replies::Upstream, None, transcripts::code_of);
        insta::assert_snapshot!(render(&report.steps[1], Layout::Indented).unwrap(), @r#"
        {
          "step": "process",
          "model": "claude-haiku-4-5-20251001",
          "status": "ok",
          "attempts": 2,
          "repairs": 1,
          "elapsed_seconds": 3.4,
          "usage": {
            "input_tokens": 1833,
            "output_tokens": 656,
            "cache_read_tokens": null,
            "cache_write_tokens": null,
            "complete": true,
            "uncounted_attempts": 0,
            "estimated_input_tokens": null,
            "estimated_output_tokens": null
          },
          "cost_usd": 0.005113,
          "estimated_cost_usd": null,
          "verdict": "passed",
          "findings": [],
          "request_ids": [
            "req_up_process_1",
            "req_up_process_2"
          ],
          "stop_reason": "end_turn",
          "tolerated": false,
          "degraded": false,
          "workers": []
        }
        "#);
    }

    #[test]
    fn the_result_object_tells_how_each_part_of_a_divided_step_went() {
        let result = result(&transcripts::divided());
        let process = &result["steps"][1];
        insta::assert_snapshot!(serde_json::to_string_pretty(&process["workers"][3]).unwrap(), @r#"
        {
          "worker": 4,
          "title": "The west, and all that lies beyond the river",
          "verdict": null,
          "error": {
            "code": "a_code",
            "message": "process failed",
            "causes": [
              "upstream answered 400 invalid_request_error: Not so"
            ]
          },
          "attempts": 1,
          "repairs": 0,
          "elapsed_seconds": 0.4,
          "confidence": null,
          "usage": {
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_read_tokens": null,
            "cache_write_tokens": null,
            "complete": true,
            "uncounted_attempts": 0,
            "estimated_input_tokens": null,
            "estimated_output_tokens": null
          },
          "cost_usd": 0.0,
          "estimated_cost_usd": null,
          "request_ids": [],
          "tolerated": null,
          "degraded": null
        }
        "#);
        let told = |worker: &Value| {
            let words = ["worker", "title", "verdict", "attempts", "repairs", "confidence", "cost_usd"];
            words.map(|word| worker[word].to_string()).join(" ")
        };
        let workers: Vec<String> = process["workers"].as_array().unwrap().iter().map(told).collect();
        insta::assert_snapshot!(workers.join("\n"), @r#"
        1 "North" "passed" 1 0 0.9 0.0015
        2 "\u001b[2JEast" "passed" 2 0 0.8 0.00125
        3 "South" "passed" 2 1 0.7 0.0022
        4 "The west, and all that lies beyond the river" null 1 0 null 0.0
        "#);
        assert_eq!(process["verdict"], "warned");
        let rules = |findings: &Value| -> Vec<String> {
            findings.as_array().unwrap().iter().map(|finding| finding["rule"].to_string()).collect()
        };
        assert_eq!(rules(&process["findings"]), ["\"long\"", "\"part-left-out\""]);
        assert_eq!(result["analysis"]["subtasks"][2]["title"], "South");
        let undivided = self::result(&transcripts::ok());
        assert_eq!(undivided["steps"][1]["workers"], serde_json::json!([]));
        assert_eq!(undivided["analysis"].get("subtasks"), None);
    }

    #[test]
    fn what_is_unknown_is_null_and_steps_that_never_ran_are_there_all_the_same() {
        let lines: Vec<String> = transcripts::all()
            .iter()
            .map(|transcript| {
                let result = result(transcript);
                let steps = result["steps"].as_array().unwrap().iter();
                let steps: Vec<String> = steps
                    .map(|step| format!("{} {}x {}", step["status"], step["attempts"], step["cost_usd"]))
                    .collect();
                format!(
                    "{}: {} {}, cost {} + {}, uncounted {}; {}",
                    transcript.name,
                    result["status"],
                    result["finish_reason"],
                    result["cost_usd"],
                    result["estimated_cost_usd"],
                    result["usage"]["uncounted_attempts"],
                    steps.join(", ")
                )
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n").replace('"', ""), @r"
        ok: ok stop, cost 0.005467 + null, uncounted 0; ok 1x 0.000892, ok 1x 0.002511, ok 1x 0.002064
        retried: ok stop, cost 0.005467 + null, uncounted 0; ok 1x 0.000892, ok 2x 0.002511, ok 1x 0.002064
        repaired: ok stop, cost 0.008069 + null, uncounted 0; ok 1x 0.000892, ok 2x 0.005113, ok 1x 0.002064
        warned: ok stop, cost 0.005467 + null, uncounted 0; ok 1x 0.000892, warned 1x 0.002511, ok 1x 0.002064
        rejected: failed null, cost 0.003403 + null, uncounted 0; ok 1x 0.000892, failed 1x 0.002511, not_started 0x 0.0
        circuit_open: failed null, cost 0.0 + null, uncounted 0; failed 0x 0.0, not_started 0x 0.0, not_started 0x 0.0
        cut_by_timeout: failed null, cost 0.004407 + 0.0002, uncounted 1; ok 1x 0.000892, ok 1x 0.002511, failed 1x 0.001004
        interrupted: interrupted null, cost 0.000892 + null, uncounted 1; ok 1x 0.000892, interrupted 1x null, not_started 0x 0.0
        unknown_price: ok stop, cost null + null, uncounted 0; ok 1x null, ok 1x null, ok 1x null
        uncounted: ok stop, cost 0.006203 + 0.0006, uncounted 1; ok 1x 0.000892, ok 2x 0.003247, ok 1x 0.002064
        divided: ok stop, cost 0.007906 + null, uncounted 0; ok 1x 0.000892, warned 6x 0.00495, ok 1x 0.002064
        divided_in_vain: failed null, cost 0.001397 + null, uncounted 0; ok 1x 0.000892, failed 3x 0.000505, not_started 0x 0.0
        ");
    }

    #[test]
    fn a_result_keeps_the_warnings_of_gates_that_let_a_reply_pass() {
        let warned = result(&transcripts::warned());
        insta::assert_snapshot!(serde_json::to_string_pretty(&warned["warnings"]).unwrap(), @r#"
        [
          {
            "step": "analyze",
            "worker": null,
            "rule": "no-key-entities",
            "message": "`key_entities` names nothing",
            "severity": "warning"
          },
          {
            "step": "process",
            "worker": null,
            "rule": "low-confidence",
            "message": "`confidence` is 0.31, below the threshold of 0.5",
            "severity": "error"
          }
        ]
        "#);
        assert_eq!(result(&transcripts::repaired())["warnings"], serde_json::json!([]));
    }

    #[test]
    fn a_failed_run_has_no_text_but_what_was_reached_before_and_its_error() {
        let result = result(&transcripts::rejected());
        assert_eq!(result["text"], Value::Null);
        assert_eq!(result["draft"], Value::Null);
        assert_eq!(result["analysis"]["intent"], "Learn what Rust compiles to");
        assert_eq!(result["error"]["code"], "a_code");
        assert_eq!(result["steps"][1]["verdict"], "rejected");
        assert_eq!(result["steps"][1]["findings"][0]["rule"], "low-confidence");
    }

    #[test]
    fn an_attempt_under_way_at_an_interruption_belongs_to_its_step() {
        let result = result(&transcripts::interrupted());
        assert_eq!(result["steps"][1]["attempts"], 1);
        assert_eq!(result["steps"][1]["usage"]["complete"], false);
        assert_eq!(result["steps"][1]["usage"]["input_tokens"], Value::Null);
        assert_eq!(result["steps"][2]["usage"]["complete"], true);
        assert_eq!(result["elapsed_seconds"], Value::Null);
    }

    #[test]
    fn the_error_object_tells_what_was_spent_all_the_same() {
        let transcript = transcripts::rejected();
        let error = transcript.error().unwrap();
        let document = ErrorDocument::new(error.clone(), Some(&transcript.summary.spend()));
        insta::assert_snapshot!(render(&document, Layout::Indented).unwrap(), @r#"
        {
          "version": 1,
          "code": "a_code",
          "message": "process was rejected by its gate: `confidence` is 0.31, below the threshold of 0.5",
          "causes": [
            "a cause"
          ],
          "step": "process",
          "request_id": null,
          "upstream_request_id": null,
          "retryable": false,
          "hint": "a hint",
          "usage": {
            "input_tokens": 1143,
            "output_tokens": 452,
            "cache_read_tokens": null,
            "cache_write_tokens": null,
            "complete": true,
            "uncounted_attempts": 0,
            "estimated_input_tokens": null,
            "estimated_output_tokens": null
          },
          "cost_usd": 0.003403,
          "estimated_cost_usd": null
        }
        "#);
        let before_any_run = render(&ErrorDocument::new(error, None), Layout::Line).unwrap();
        assert!(before_any_run.contains("\"usage\":null,\"cost_usd\":null,"), "{before_any_run}");
    }

    #[test]
    fn a_document_is_one_line_without_raw_control_characters() {
        let json = render(&serde_json::json!({"text": "a\n\u{1b}\u{9b}"}), Layout::Line).unwrap();
        assert_eq!(json, "{\"text\":\"a\\n\\u001b\\u009b\"}\n");
    }
}
