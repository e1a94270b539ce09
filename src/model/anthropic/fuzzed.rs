//! What must hold of a reply's bytes, whatever they are.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderValue};

use super::error_text::{ErrorText, MAX_ERROR_CHARS, MAX_WORD_CHARS};
use super::reply_queue::{End, ReplyQueue};
use super::retry_headers::{retry_after, should_retry};
use super::sse::{EventTooLarge, SseParser};
use super::stream::{ReplyDecoder, events_of_message};
use crate::fuzzing::cuts;
use crate::model::{CallError, ReplyEvent, Usage};

/// A limit that inputs of a fuzzer's size reach.
const SMALL_EVENT: usize = 200;

type Events = Vec<(Option<Vec<u8>>, Vec<u8>)>;

/// Server-sent events are those that the HTML standard's words lead to, wherever the network cuts the stream.
pub(crate) fn sse(data: &[u8]) {
    let expected = by_the_standard(data);
    for pieces in cuts(data) {
        let (events, end) = events(&pieces, usize::MAX);
        assert_eq!(end, Ok(()));
        assert_eq!(events, expected, "{pieces:?}");
    }
    let bounded = events(&[data], SMALL_EVENT);
    for pieces in cuts(data) {
        assert_eq!(events(&pieces, SMALL_EVENT), bounded, "{pieces:?}");
    }
    for (_, data) in &bounded.0 {
        assert!(data.len() <= SMALL_EVENT);
    }
    assert!(expected.starts_with(&bounded.0), "a limit only ends the stream sooner");
}

fn events(pieces: &[&[u8]], limit: usize) -> (Events, Result<(), EventTooLarge>) {
    let mut parser = SseParser::new(limit);
    let mut events = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            match parser.next_event(&mut rest) {
                Ok(Some(event)) => events.push((event.name.map(<[u8]>::to_vec), event.data.to_vec())),
                Ok(None) => break,
                Err(error) => return (events, Err(error)),
            }
        }
        assert!(rest.is_empty(), "a piece is used up");
    }
    (events, Ok(()))
}

/// The same without any cleverness.
fn by_the_standard(data: &[u8]) -> Events {
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let mut events = Vec::new();
    let (mut name, mut joined): (Option<&[u8]>, Option<Vec<u8>>) = (None, None);
    for line in whole_lines(data) {
        if line.is_empty() {
            if let Some(data) = joined.take() {
                events.push((name.filter(|name| !name.is_empty()).map(<[u8]>::to_vec), data));
            }
            name = None;
            continue;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let field = parts.next().unwrap_or_default();
        let value = parts.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => name = Some(value),
            b"data" => match &mut joined {
                None => joined = Some(value.to_vec()),
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
            },
            _ => {}
        }
    }
    events
}

/// The lines that have an end, without it.
fn whole_lines(mut data: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    while let Some(at) = data.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, end) = data.split_at(at);
        lines.push(line);
        data = end.strip_prefix(b"\r\n").or_else(|| end.get(1..)).unwrap_or_default();
    }
    lines
}

/// A reply has its events in the promised order, the same ones wherever it is cut, and texts no longer than what came.
pub(crate) fn reply(data: &[u8]) {
    let streamed = read(ReplyDecoder::events(), &[data]);
    let whole = read(ReplyDecoder::whole(), &[data]);
    for pieces in cuts(data) {
        assert_eq!(read(ReplyDecoder::events(), &pieces), streamed, "{pieces:?}");
        assert_eq!(read(ReplyDecoder::whole(), &pieces), whole, "{pieces:?}");
    }
    for reply in [&streamed, &whole] {
        is_in_order(reply);
        let said = reply
            .iter()
            .flatten()
            .map(|event| if let ReplyEvent::Text(text) = event { text.len() } else { 0 });
        assert!(said.sum::<usize>() <= data.len());
        reply.iter().for_each(is_fit_to_be_told);
    }
    // A batch's results are read by the same words.
    let told: Result<Vec<ReplyEvent>, CallError> = whole.into_iter().collect();
    assert_eq!(events_of_message(data), told);
}

type Reply = Vec<Result<ReplyEvent, CallError>>;

fn read(mut decoder: ReplyDecoder, pieces: &[&[u8]]) -> Reply {
    let mut queue = ReplyQueue::new(None);
    for piece in pieces {
        decoder.feed(piece, &mut queue);
    }
    decoder.end(&mut queue);
    let is_finished = queue.end() == Some(End::Finished);
    let reply: Reply = std::iter::from_fn(|| queue.pop()).collect();
    assert_eq!(is_finished, reply.last() == Some(&Ok(ReplyEvent::Finished)));
    reply
}

/// Started once and first, stopped at most once, and at last the end or an error, once.
fn is_in_order(reply: &Reply) {
    let Some((last, before)) = reply.split_last() else { unreachable!("a reply that has ended says so") };
    assert!(matches!(last, Err(_) | Ok(ReplyEvent::Finished)), "{reply:?}");
    let mut stopped = false;
    for (at, event) in before.iter().enumerate() {
        assert!(!stopped, "nothing but the end follows the reason to stop: {reply:?}");
        match event {
            Ok(ReplyEvent::Started { .. }) => assert_eq!(at, 0, "{reply:?}"),
            Ok(ReplyEvent::Stopped { usage, .. }) => {
                stopped = true;
                can_be_added_up(*usage);
            }
            Ok(ReplyEvent::Counted { usage }) => can_be_added_up(*usage),
            Ok(ReplyEvent::Text(text)) => assert!(!text.is_empty()),
            Ok(ReplyEvent::Activity) => {}
            Ok(ReplyEvent::Finished) | Err(_) => unreachable!("an end within a reply: {reply:?}"),
        }
    }
    let is_started = matches!(before.first(), Some(Ok(ReplyEvent::Started { .. })));
    assert!(is_started || before.is_empty(), "{reply:?}");
    assert!(last.is_err() || stopped, "{reply:?}");
}

/// Whatever an upstream claims to have counted.
fn can_be_added_up(usage: Usage) {
    let mut sum = usage;
    sum.add(&usage);
    assert!(sum.prompt_tokens() >= usage.prompt_tokens());
    assert!(sum.cache_write() >= usage.cache_write());
}

/// Texts that aren't the model's are one line, of bounded length, once they have been cleaned.
fn is_fit_to_be_told(told: &Result<ReplyEvent, CallError>) {
    let texts = ErrorText::new(None);
    let fits = |text: &str, chars: usize| {
        assert!(text.chars().count() <= chars + 1 && !text.chars().any(char::is_control), "{text:?}");
    };
    match told.clone() {
        Ok(event) => {
            if let ReplyEvent::Started { id, model, .. } = texts.clean_event(event) {
                id.iter().chain(&model).for_each(|text| fits(text, MAX_WORD_CHARS));
            }
        }
        Err(error) => {
            let error = texts.clean_error(error);
            fits(&error.kind.to_string(), 2 * MAX_ERROR_CHARS + 100);
            error.request_id.iter().for_each(|text| fits(text, MAX_ERROR_CHARS));
            let _ = (error.is_retryable(), error.is_upstream_fault(), error.is_certainly_unbilled());
        }
    }
}

/// A wait that an upstream asks for is none, or one that can be waited.
pub(crate) fn retry_headers(first: Option<&str>, second: Option<&str>) {
    let mut headers = HeaderMap::new();
    for (name, value) in [("retry-after", first), ("retry-after-ms", second), ("x-should-retry", first)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
    if let Some(wait) = retry_after(&headers, now) {
        assert!(wait > Duration::ZERO && wait <= Duration::from_hours(31 * 24), "{wait:?}");
    }
    let word = first.map(|word| word.trim().to_ascii_lowercase());
    let expected = match word.as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    assert_eq!(should_retry(&headers), expected);
}
