//! A run's events on stdout, one JSON object a line, as they happen.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::time::Instant;

use super::Replies;
use super::json::{Layout, render};
use super::wire::{CodeOf, ErrorReport, EventBody, EventLine, RunFinishedLine};
use crate::chain::{Event, Summary};

/// Writes events as lines. Lines are gathered until [`flush`](Self::flush) is called, which is when no
/// further event is ready.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: BufWriter<W>,
    replies: Replies,
    code_of: CodeOf,
    started: Option<Instant>,
}

impl<W: AsyncWrite + Unpin> JsonLines<W> {
    /// Writes to `out`. `replies` says where the replies come from; `code_of` knows the words
    /// for errors of parts.
    pub fn new(out: W, replies: Replies, code_of: CodeOf) -> Self {
        Self { out: BufWriter::new(out), replies, code_of, started: None }
    }

    /// Writes an event. The run's end isn't written here but by [`finish`](Self::finish), which is told
    /// what it came to.
    ///
    /// # Errors
    /// What `out` says; [`io::ErrorKind::BrokenPipe`] if nobody reads any more.
    pub async fn event(&mut self, event: &Event) -> io::Result<()> {
        let started = *self.started.get_or_insert_with(Instant::now);
        match EventBody::of(event, self.replies, self.code_of) {
            Some(body) => self.write(started.elapsed(), body).await,
            None => Ok(()),
        }
    }

    /// Sends out what has been gathered.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn flush(&mut self) -> io::Result<()> {
        self.out.flush().await
    }

    /// Writes the last line, how the run ended, whether it ended by itself or was dropped. `error` says
    /// why, where it failed.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub async fn finish(&mut self, summary: &Summary, error: Option<ErrorReport>) -> io::Result<()> {
        let now = self.started.map(|started| started.elapsed()).unwrap_or_default();
        let line = RunFinishedLine::new(summary, error);
        let at = summary.elapsed.unwrap_or(now);
        self.write(at, EventBody::RunFinished(Box::new(line))).await?;
        self.flush().await
    }

    async fn write(&mut self, at: Duration, body: EventBody<'_>) -> io::Result<()> {
        let line = render(&EventLine::new(at, body), Layout::Line)?;
        self.out.write_all(line.as_bytes()).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::transcripts::{self, Transcript};

    async fn lines_of(transcript: &Transcript) -> String {
        let mut lines = JsonLines::new(Vec::new(), Replies::Upstream, transcripts::code_of);
        let mut now = Duration::ZERO;
        for (at, event) in &transcript.events {
            tokio::time::advance(at.saturating_sub(now)).await;
            now = *at;
            lines.event(event).await.unwrap();
        }
        tokio::time::advance(transcript.over.saturating_sub(now)).await;
        lines.finish(&transcript.summary, transcript.error()).await.unwrap();
        String::from_utf8(lines.out.into_inner()).unwrap()
    }

    fn parse(lines: &str) -> Vec<Value> {
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn every_event_is_a_line_with_its_time() {
        insta::assert_snapshot!(lines_of(&transcripts::retried()).await, @r#"
        {"version":1,"seconds":0.0,"event":"run_started","request_id":"req_1","models":{"analyze":"claude-haiku-4-5-20251001","process":"claude-haiku-4-5-20251001","synthesize":"claude-haiku-4-5-20251001"},"time_limit_seconds":75.0,"simulated":false,"replayed":false}
        {"version":1,"seconds":0.0,"event":"step_started","step":"analyze","model":"claude-haiku-4-5-20251001"}
        {"version":1,"seconds":0.0,"event":"attempt_started","step":"analyze","worker":null,"attempt":1,"repair":0}
        {"version":1,"seconds":0.8,"event":"attempt_ended","step":"analyze","worker":null,"attempt":1,"failure":null,"retry_in_seconds":null,"elapsed_seconds":0.8,"first_content_seconds":0.3,"usage":{"input_tokens":412,"output_tokens":96,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.000892,"estimated_cost_usd":null,"request_id":"req_up_analyze_1"}
        {"version":1,"seconds":0.8,"event":"gate_judged","step":"analyze","worker":null,"verdict":"passed","findings":[]}
        {"version":1,"seconds":0.8,"event":"step_finished","step":"analyze","model":"claude-haiku-4-5-20251001","verdict":"passed","attempts":1,"repairs":0,"elapsed_seconds":0.8,"usage":{"input_tokens":412,"output_tokens":96,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.000892,"estimated_cost_usd":null,"request_ids":["req_up_analyze_1"],"stop_reason":"end_turn","tolerated":false,"degraded":false,"output":{"intent":"Learn what Rust compiles to","key_entities":["Rust"],"complexity":"simple","context":{"audience":"beginners"},"urgent":false}}
        {"version":1,"seconds":0.8,"event":"step_started","step":"process","model":"claude-haiku-4-5-20251001"}
        {"version":1,"seconds":0.8,"event":"attempt_started","step":"process","worker":null,"attempt":1,"repair":0}
        {"version":1,"seconds":1.1,"event":"attempt_ended","step":"process","worker":null,"attempt":1,"failure":{"kind":"status","message":"upstream answered 529 overloaded_error: Over\u001b[2Jloaded,\nplease wait","status":529,"retryable":true},"retry_in_seconds":2.0,"elapsed_seconds":0.3,"first_content_seconds":null,"usage":{"input_tokens":0,"output_tokens":0,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.0,"estimated_cost_usd":null,"request_id":null}
        {"version":1,"seconds":3.1,"event":"attempt_started","step":"process","worker":null,"attempt":2,"repair":0}
        {"version":1,"seconds":5.0,"event":"attempt_ended","step":"process","worker":null,"attempt":2,"failure":null,"retry_in_seconds":null,"elapsed_seconds":1.9,"first_content_seconds":0.7,"usage":{"input_tokens":731,"output_tokens":356,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.002511,"estimated_cost_usd":null,"request_id":"req_up_process_2"}
        {"version":1,"seconds":5.0,"event":"gate_judged","step":"process","worker":null,"verdict":"passed","findings":[]}
        {"version":1,"seconds":5.0,"event":"step_finished","step":"process","model":"claude-haiku-4-5-20251001","verdict":"passed","attempts":2,"repairs":0,"elapsed_seconds":4.2,"usage":{"input_tokens":731,"output_tokens":356,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.002511,"estimated_cost_usd":null,"request_ids":["req_up_process_2"],"stop_reason":"end_turn","tolerated":false,"degraded":false,"output":{"content":"Native code, by way of LLVM.","confidence":0.82,"metadata":{"approach":"from memory"}}}
        {"version":1,"seconds":5.0,"event":"step_started","step":"synthesize","model":"claude-haiku-4-5-20251001"}
        {"version":1,"seconds":5.0,"event":"attempt_started","step":"synthesize","worker":null,"attempt":1,"repair":0}
        {"version":1,"seconds":5.4,"event":"output_delta","text":"Rust compiles "}
        {"version":1,"seconds":6.3,"event":"output_delta","text":"to native code."}
        {"version":1,"seconds":6.4,"event":"attempt_ended","step":"synthesize","worker":null,"attempt":1,"failure":null,"retry_in_seconds":null,"elapsed_seconds":1.4,"first_content_seconds":0.4,"usage":{"input_tokens":1004,"output_tokens":212,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.002064,"estimated_cost_usd":null,"request_id":"req_up_synthesize_1"}
        {"version":1,"seconds":6.4,"event":"gate_judged","step":"synthesize","worker":null,"verdict":"passed","findings":[]}
        {"version":1,"seconds":6.4,"event":"step_finished","step":"synthesize","model":"claude-haiku-4-5-20251001","verdict":"passed","attempts":1,"repairs":0,"elapsed_seconds":1.4,"usage":{"input_tokens":1004,"output_tokens":212,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.002064,"estimated_cost_usd":null,"request_ids":["req_up_synthesize_1"],"stop_reason":"end_turn","tolerated":false,"degraded":false,"output":{"final_text":"Rust compiles to native code.","formatting":"one sentence","tone":"neutral"}}
        {"version":1,"seconds":6.4,"event":"run_finished","status":"ok","finish_reason":"stop","error":null,"usage":{"input_tokens":2147,"output_tokens":664,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.005467,"estimated_cost_usd":null}
        "#);
    }

    #[tokio::test(start_paused = true)]
    async fn the_parts_of_a_divided_step_are_told_as_they_begin_and_end() {
        let all = lines_of(&transcripts::divided()).await;
        let of_parts: Vec<&str> = all.lines().filter(|line| line.contains("\"event\":\"worker_")).collect();
        insta::assert_snapshot!(of_parts.join("\n"), @r#"
        {"version":1,"seconds":0.8,"event":"worker_started","step":"process","worker":1,"title":"North"}
        {"version":1,"seconds":0.8,"event":"worker_started","step":"process","worker":2,"title":"\u001b[2JEast"}
        {"version":1,"seconds":0.8,"event":"worker_started","step":"process","worker":3,"title":"South"}
        {"version":1,"seconds":2.0,"event":"worker_ended","step":"process","worker":1,"title":"North","verdict":"passed","error":null,"attempts":1,"repairs":0,"elapsed_seconds":1.2,"confidence":0.9,"usage":{"input_tokens":500,"output_tokens":200,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.0015,"estimated_cost_usd":null,"request_ids":["req_up_process_1_1"],"tolerated":false,"degraded":false}
        {"version":1,"seconds":2.0,"event":"worker_started","step":"process","worker":4,"title":"The west, and all that lies beyond the river"}
        {"version":1,"seconds":2.4,"event":"worker_ended","step":"process","worker":4,"title":"The west, and all that lies beyond the river","verdict":null,"error":{"code":"a_code","message":"process failed","causes":["upstream answered 400 invalid_request_error: Not so"]},"attempts":1,"repairs":0,"elapsed_seconds":0.4,"confidence":null,"usage":{"input_tokens":0,"output_tokens":0,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.0,"estimated_cost_usd":null,"request_ids":[],"tolerated":null,"degraded":null}
        {"version":1,"seconds":3.6,"event":"worker_ended","step":"process","worker":3,"title":"South","verdict":"passed","error":null,"attempts":2,"repairs":1,"elapsed_seconds":2.8,"confidence":0.7,"usage":{"input_tokens":1200,"output_tokens":200,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.0022,"estimated_cost_usd":null,"request_ids":["req_up_process_3_1","req_up_process_3_2"],"tolerated":false,"degraded":false}
        {"version":1,"seconds":4.2,"event":"worker_ended","step":"process","worker":2,"title":"\u001b[2JEast","verdict":"passed","error":null,"attempts":2,"repairs":0,"elapsed_seconds":3.4,"confidence":0.8,"usage":{"input_tokens":500,"output_tokens":150,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null},"cost_usd":0.00125,"estimated_cost_usd":null,"request_ids":["req_up_process_2_2"],"tolerated":false,"degraded":false}
        "#);
        let others: Vec<String> = parse(&all)
            .iter()
            .filter(|line| line["worker"].is_u64() && !line["event"].as_str().unwrap().starts_with("worker"))
            .map(|line| {
                format!("{} {} {} {}", line["seconds"], line["event"], line["worker"], line["attempt"])
            })
            .collect();
        insta::assert_snapshot!(others.join("\n").replace('"', ""), @r"
        0.8 attempt_started 1 1
        0.8 attempt_started 2 1
        0.8 attempt_started 3 1
        1.1 attempt_ended 2 1
        1.7 attempt_ended 3 1
        1.7 gate_judged 3 null
        1.7 attempt_started 3 2
        2.0 attempt_ended 1 1
        2.0 gate_judged 1 null
        2.0 attempt_started 4 1
        2.4 attempt_ended 4 1
        3.1 attempt_started 2 2
        3.6 attempt_ended 3 2
        3.6 gate_judged 3 null
        4.2 attempt_ended 2 2
        4.2 gate_judged 2 null
        ");
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_is_cut_ends_in_its_error_and_what_it_cost() {
        let lines = lines_of(&transcripts::cut_by_timeout()).await;
        let last_two: Vec<&str> = lines.lines().rev().take(2).collect();
        insta::assert_snapshot!(last_two.join("\n"), @r#"
        {"version":1,"seconds":22.7,"event":"run_finished","status":"failed","finish_reason":null,"error":{"code":"a_code","message":"timed out in synthesize: the synthesize step's limit of 20s was reached","causes":["a cause"],"step":"synthesize","request_id":null,"upstream_request_id":null,"retryable":false,"hint":"a hint"},"usage":{"input_tokens":2147,"output_tokens":452,"cache_read_tokens":null,"cache_write_tokens":null,"complete":false,"uncounted_attempts":1,"estimated_input_tokens":null,"estimated_output_tokens":40},"cost_usd":0.004407,"estimated_cost_usd":0.0002}
        {"version":1,"seconds":22.7,"event":"attempt_ended","step":"synthesize","worker":null,"attempt":1,"failure":{"kind":"timed_out","message":"cut off by the synthesize step's limit of 20s","status":null,"retryable":false},"retry_in_seconds":null,"elapsed_seconds":20.0,"first_content_seconds":0.4,"usage":{"input_tokens":1004,"output_tokens":null,"cache_read_tokens":null,"cache_write_tokens":null,"complete":false,"uncounted_attempts":1,"estimated_input_tokens":null,"estimated_output_tokens":40},"cost_usd":0.001004,"estimated_cost_usd":0.0002,"request_id":null}
        "#);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_line_is_the_runs_start_and_the_last_its_end_however_it_ends() {
        for transcript in transcripts::all() {
            let lines = parse(&lines_of(&transcript).await);
            let ends: Vec<usize> =
                (0..lines.len()).filter(|index| lines[*index]["event"] == "run_finished").collect();
            assert_eq!(lines[0]["event"], "run_started", "{}", transcript.name);
            assert_eq!(ends, [lines.len() - 1], "{}", transcript.name);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_was_dropped_ends_as_interrupted_at_that_moment() {
        let lines = parse(&lines_of(&transcripts::interrupted()).await);
        let last = lines.last().unwrap();
        assert_eq!(last["status"], "interrupted");
        assert_eq!(last["seconds"], 2.0);
        assert_eq!(last["usage"]["uncounted_attempts"], 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_pipe_is_told_as_what_it_is() {
        let (out, reader) = tokio::io::duplex(64);
        drop(reader);
        let mut lines = JsonLines::new(out, Replies::Upstream, transcripts::code_of);
        for (_, event) in &transcripts::circuit_open().events {
            lines.event(event).await.unwrap();
        }
        assert_eq!(lines.flush().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
