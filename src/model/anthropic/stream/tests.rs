//! Bodies in, events out: a full reply at every split, and each oddity of the grammar. Nothing
//! here opens a connection.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{ReplyEvent, Usage};

/// What comes out of the decoder for a body that arrives in these pieces.
fn decode<'a>(
    mut decoder: ReplyDecoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<ReplyEvent, CallError>> {
    let mut reply = ReplyQueue::new(Some("req_head".into()));
    pieces.into_iter().for_each(|piece| decoder.feed(piece, &mut reply));
    decoder.end(&mut reply);
    std::iter::from_fn(|| reply.pop()).collect()
}

/// An event for each piece of JSON, without names: the JSON's `type` says it all.
fn sse(events: &[&str]) -> String {
    events.iter().flat_map(|json| ["data: ", json, "\n\n"]).collect()
}

/// The events of a stream, one a line, as a transcript.
fn transcript(body: &str) -> String {
    lines(decode(ReplyDecoder::events(), [body.as_bytes()]))
}

fn lines(events: Vec<Result<ReplyEvent, CallError>>) -> String {
    let line = |event: Result<ReplyEvent, CallError>| match event {
        Ok(ReplyEvent::Started { model, request_id, usage, .. }) => {
            format!("started {} {} {}", or_dash(model), or_dash(request_id), figures(&usage))
        }
        Ok(ReplyEvent::Text(text)) => format!("text {text:?}"),
        Ok(ReplyEvent::Activity) => "activity".to_owned(),
        Ok(ReplyEvent::Counted { usage }) => format!("counted {}", figures(&usage)),
        Ok(ReplyEvent::Stopped { reason, usage }) => format!("stopped {reason:?} {}", figures(&usage)),
        Ok(ReplyEvent::Finished) => "finished".to_owned(),
        Err(error) => format!("error {} {error}", or_dash(error.request_id.clone())),
    };
    events.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// in/out/read/5m/1h.
fn figures(usage: &Usage) -> String {
    [usage.input, usage.output, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h]
        .map(|figure| or_dash(figure.map(|n| n.to_string())))
        .join("/")
}

const START: &str = r#"{"type":"message_start","message":{"model":"m"}}"#;
const HELLO: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#;
const END_TURN: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#;
const STOP: &str = r#"{"type":"message_stop"}"#;

/// A reply with everything the API sends: thinking, pings, escapes, characters of several bytes,
/// figures that come twice.
const FULL: &str = concat!(
    "event: message_start\n",
    r#"data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-5-5","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":30,"cache_read_input_tokens":40,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":1,"service_tier":"standard"}}}"#,
    "\n\nevent: content_block_start\n",
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
    "\n\nevent: content_block_stop\n",
    r#"data: {"type":"content_block_stop","index":0}"#,
    "\n\nevent: content_block_start\n",
    r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Gr\u00fc\u00dfe, "}}"#,
    "\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"дорогая 🎈\n\"Welt\""}}"#,
    "\n\nevent: content_block_stop\n",
    r#"data: {"type":"content_block_stop","index":1}"#,
    "\n\nevent: message_delta\n",
    r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}"#,
    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

#[test]
fn a_full_reply_becomes_the_events_it_means() {
    insta::assert_snapshot!(transcript(FULL), @r#"
    started claude-haiku-5-5 req_head 25/1/40/10/20
    activity
    activity
    activity
    activity
    text "Grüße, дорогая 🎈\n\"Welt\""
    counted 25/15/40/10/20
    stopped EndTurn 25/15/40/10/20
    finished
    "#);
}

#[test]
fn a_full_reply_means_the_same_at_every_split_and_with_any_line_ends() {
    let expected = decode(ReplyDecoder::events(), [FULL.as_bytes()]);
    assert!(expected.iter().all(Result::is_ok));
    for body in [FULL.to_owned(), FULL.replace('\n', "\r\n"), FULL.replace('\n', "\r")] {
        let body = body.as_bytes();
        for at in 0..=body.len() {
            let (one, two) = body.split_at(at);
            assert_eq!(decode(ReplyDecoder::events(), [one, two]), expected, "split at {at}");
        }
        for size in [1, 2, 3, 7, 64] {
            assert_eq!(decode(ReplyDecoder::events(), body.chunks(size)), expected, "pieces of {size}");
        }
    }
}

#[test]
fn a_reply_cut_anywhere_before_its_end_is_never_taken_for_complete() {
    let complete = FULL.len() - "\n".len();
    for at in 0..complete {
        let events = decode(ReplyDecoder::events(), [&FULL.as_bytes()[..at]]);
        let (last, before) = events.split_last().unwrap();
        assert_eq!(last.as_ref().unwrap_err().kind, CallErrorKind::Truncated, "cut at {at}");
        assert!(!before.contains(&Ok(ReplyEvent::Finished)), "cut at {at}");
    }
}

#[test]
fn the_final_figures_are_handed_out_even_if_the_closing_event_is_lost() {
    insta::assert_snapshot!(transcript(&sse(&[START, HELLO, END_TURN])), @r#"
    started m req_head -/-/-/-/-
    text "Hello"
    counted -/7/-/-/-
    stopped EndTurn -/7/-/-/-
    error req_head the reply ended before it was complete
    "#);
}

#[test]
fn of_several_message_deltas_the_last_word_and_figures_hold() {
    let paused =
        r#"{"type":"message_delta","delta":{"stop_reason":"pause_turn"},"usage":{"output_tokens":3}}"#;
    let silent = r#"{"type":"message_delta","delta":{"stop_reason":null},"usage":{"input_tokens":4}}"#;
    insta::assert_snapshot!(transcript(&sse(&[START, paused, END_TURN, silent, STOP])), @"
    started m req_head -/-/-/-/-
    counted -/3/-/-/-
    counted -/7/-/-/-
    counted 4/7/-/-/-
    stopped EndTurn 4/7/-/-/-
    finished
    ");
}

#[test]
fn figures_are_final_only_if_they_come_at_the_end() {
    let start = r#"{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}"#;
    let stopped = |events: &[&str]| {
        let transcript = transcript(&sse(&[&[start], events, &[STOP]].concat()));
        assert!(transcript.starts_with("started - req_head 9/1/-/-/-"), "{transcript}");
        let stopped = transcript.lines().find_map(|line| line.strip_prefix("stopped ")).unwrap();
        stopped.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(stopped(&[]), "9/-/-/-/-", "no message_delta");
    assert_eq!(stopped(&[r#"{"type":"message_delta","delta":{}}"#]), "9/-/-/-/-");
    let figure =
        |figure| format!(r#"{{"type":"message_delta","delta":{{}},"usage":{{"output_tokens":{figure}}}}}"#);
    for odd in ["null", "\"20\"", "-1", "1.5", "1e999"] {
        assert_eq!(stopped(&[&figure(odd)]), "9/-/-/-/-", "{odd}");
    }
    for whole in ["20", "20.0"] {
        assert_eq!(stopped(&[&figure(whole)]), "9/20/-/-/-", "{whole}");
        assert_eq!(stopped(&[&figure(whole), start]), "9/20/-/-/-", "and a second beginning takes none back");
    }
}

#[test]
fn no_reply_is_lost_over_what_is_only_good_to_know() {
    let digits = "9".repeat(400);
    for odd in ["\"x\"", "5", "[]", "1e999", digits.as_str()] {
        let events = [
            format!(r#"{{"type":"message_start","message":{{"model":{odd},"usage":{odd}}}}}"#),
            format!(r#"{{"type":"message_delta","usage":{{"input_tokens":{odd},"cache_creation":{odd}}}}}"#),
            r#"{"type":"content_block_start","content_block":null}"#.to_owned(),
            HELLO.to_owned(),
            r#"{"type":"content_block_delta","delta":null}"#.to_owned(),
            format!(r#"{{"type":"message_delta","delta":{{"stop_reason":5}},"usage":{odd}}}"#),
            STOP.to_owned(),
        ];
        let transcript = transcript(&sse(&events.each_ref().map(String::as_str)));
        let (started, rest) = transcript.split_once('\n').unwrap();
        assert!(started.starts_with("started "), "{transcript}");
        let (rest, finished) = rest.rsplit_once('\n').unwrap();
        assert_eq!(finished, "finished", "{odd}");
        // 5 is a figure like any other.
        let rest = rest.trim_start_matches("counted 5/-/-/-/-\n");
        assert!(
            rest.starts_with("activity\ntext \"Hello\"\nactivity\nstopped Other(\"unknown\") "),
            "{transcript}"
        );
        let whole = format!(
            r#"{{"model":{odd},"content":[{{"type":"text","text":"Hello"}}],"stop_reason":5,"usage":{odd}}}"#
        );
        let events = lines(decode(ReplyDecoder::whole(), [whole.as_bytes()]));
        assert!(events.ends_with("\nfinished"), "{events}");
    }
}

#[test]
fn a_refusal_keeps_its_details() {
    let refusal = r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio","explanation":"no"}}}"#;
    insta::assert_snapshot!(transcript(&sse(&[START, refusal, STOP])), @r#"
    started m req_head -/-/-/-/-
    stopped Refusal { category: Some("bio"), explanation: Some("no") } -/-/-/-/-
    finished
    "#);
}

#[test]
fn an_unknown_block_only_shows_that_the_upstream_is_at_work_and_other_unknowns_are_passed_over() {
    let unknown = [
        r#"{"type":"event_of_tomorrow","message":7,"delta":"x","usage":[]}"#,
        r#"{"type":"content_block_start","content_block":{"type":"block_of_tomorrow","size":3}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"delta_of_tomorrow","text":"not the reply's"}}"#,
        "",
        "[DONE]",
    ];
    let mut events = vec![START];
    events.extend(unknown);
    events.extend([HELLO, END_TURN, STOP]);
    events.push("what follows the end is no matter");
    insta::assert_snapshot!(transcript(&sse(&events)), @r#"
    started m req_head -/-/-/-/-
    activity
    activity
    text "Hello"
    counted -/7/-/-/-
    stopped EndTurn -/7/-/-/-
    finished
    "#);
}

#[test]
fn a_forced_tool_is_activity_and_its_input_no_text() {
    let tool = r#"{"type":"content_block_start","content_block":{"type":"tool_use","name":"t","input":{}}}"#;
    let input = r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}}"#;
    insta::assert_snapshot!(transcript(&sse(&[START, tool, input])), @"
    started m req_head -/-/-/-/-
    activity
    activity
    error req_head the reply ended before it was complete
    ");
}

#[test]
fn imitations_may_leave_out_the_beginning_the_reason_and_the_figures() {
    let block = r#"{"type":"content_block_start","content_block":{"type":"text","text":"Hel"}}"#;
    let delta = r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"lo"}}"#;
    insta::assert_snapshot!(transcript(&sse(&[block, delta, STOP])), @r#"
    started - req_head -/-/-/-/-
    text "Hello"
    stopped Other("unknown") -/-/-/-/-
    finished
    "#);
}

#[test]
fn null_is_the_same_as_missing() {
    let start = r#"{"type":"message_start","message":{"model":null,"usage":null}}"#;
    let delta = r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":null}}"#;
    let last =
        r#"{"type":"message_delta","delta":null,"usage":{"output_tokens":null,"cache_creation":null}}"#;
    insta::assert_snapshot!(transcript(&sse(&[start, delta, last, STOP])), @r#"
    started - req_head -/-/-/-/-
    activity
    stopped Other("unknown") -/-/-/-/-
    finished
    "#);
}

#[test]
fn the_events_name_stands_in_for_a_missing_type() {
    let body = "event: message_stop\ndata: {}\n\n";
    assert!(transcript(body).ends_with("finished"));
}

#[test]
fn an_error_event_ends_the_reply_with_what_it_says() {
    for (json, expected) in [
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_body"}"#,
            "error req_body upstream broke the reply off with overloaded_error: Overloaded",
        ),
        (
            r#"{"type":"error","error":{"message":"Overloaded"}}"#,
            "error req_head upstream broke the reply off with error: Overloaded",
        ),
        (r#"{"error":"Overloaded"}"#, "error req_head upstream broke the reply off with error: Overloaded"),
    ] {
        let transcript = transcript(&sse(&[START, HELLO, json, HELLO, STOP]));
        assert_eq!(transcript, format!("started m req_head -/-/-/-/-\ntext \"Hello\"\n{expected}"));
    }
}

#[test]
fn what_is_not_the_protocol_is_said_without_quoting_it() {
    for (json, expected) in [
        ("{\"type\":\"message_stop\"", "an event isn't JSON (line 1, column 22)"),
        ("<html>", "an event isn't JSON (line 1, column 1)"),
        ("[1]", "an event isn't of the shape it should have"),
        (
            r#"{"object":"chat.completion.chunk"}"#,
            "an event without a type isn't of the shape it should have",
        ),
        (r#"{"type":"error"}"#, "an error event isn't of the shape it should have"),
        (
            r#"{"type":"content_block_delta","delta":"secret words"}"#,
            "content_block_delta isn't of the shape it should have",
        ),
    ] {
        let transcript = transcript(&sse(&[json]));
        assert_eq!(
            transcript,
            format!("error req_head upstream doesn't speak the Messages API: {expected}"),
            "{json}"
        );
    }
    let invalid_utf8 = [&b"data: {\"type\":\"\xFF\"}\n\n"[..]];
    let events = decode(ReplyDecoder::events(), invalid_utf8);
    assert!(lines(events).contains("doesn't speak the Messages API: an event isn't JSON"));
}

#[test]
fn an_event_over_the_limit_ends_the_reply() {
    let body = format!("data: {}", " ".repeat(MAX_EVENT_BYTES));
    assert_eq!(transcript(&body), "error req_head upstream sent an event of more than 1048576 bytes");
}

#[test]
fn a_whole_message_becomes_the_events_of_a_stream() {
    let whole = |body: &str| lines(decode(ReplyDecoder::whole(), body.as_bytes().chunks(5)));
    insta::assert_snapshot!(
        whole(r#"{"id":"msg_1","type":"message","model":"m","content":[{"type":"thinking","thinking":"Hm."},{"type":"text","text":"Hel"},{"type":"text","text":"lo"}],"stop_reason":"max_tokens","usage":{"input_tokens":2,"output_tokens":3}}"#),
        @r#"
    started m req_head 2/3/-/-/-
    text "Hello"
    stopped MaxTokens 2/3/-/-/-
    finished
    "#
    );
    insta::assert_snapshot!(whole(r#"{"content":[]}"#), @r#"
    started - req_head -/-/-/-/-
    activity
    stopped Other("unknown") -/-/-/-/-
    finished
    "#);
    insta::assert_snapshot!(
        whole(r#"{"type":"error","error":{"type":"api_error","message":"no"}}"#),
        @"error req_head upstream broke the reply off with api_error: no"
    );
    insta::assert_snapshot!(
        whole(r#"{"object":"chat.completion","choices":[]}"#),
        @"error req_head upstream doesn't speak the Messages API: the reply isn't of the shape it should have"
    );
    insta::assert_snapshot!(
        whole("<html>"),
        @"error req_head upstream doesn't speak the Messages API: the reply isn't JSON (line 1, column 1)"
    );
    for cut in ["", r#"{"content":[{"type":"te"#] {
        assert_eq!(whole(cut), "error req_head the reply ended before it was complete");
    }
}

proptest! {
    #[test]
    fn a_delta_as_the_api_writes_it_is_read_without_being_parsed(text: String, index: u32) {
        let json = json!({
            "type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": &text},
        })
        .to_string();
        prop_assert_eq!(text_delta(json.as_bytes()), Some(text.into()));
    }

    #[test]
    fn what_is_read_without_being_parsed_is_what_parsing_finds(
        index in "0|7|12|007|1e3|-1||0 ", text in r#"([a-z"\\{}:,]|\\n|\\u00e9|\\ud83d|"text"|\PC|\n){0,12}"#, end in "|\\}| |,"
    ) {
        let json = format!(
            r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"text_delta","text":"{text}"}}}}{end}"#
        );
        if let Some(read) = text_delta(json.as_bytes()) {
            let parsed: Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(parsed["delta"]["text"].as_str(), Some(&*read));
        }
    }
}
