//! What the headers of an error say: about trying again, and which request it was. What to do
//! about it is for the caller to decide.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// The longest wait that is told apart from longer ones. No limit of the API asks for more (they start
/// again with the month, at the latest), and no caller waits so long.
const LONGEST_WAIT: Duration = Duration::from_hours(31 * 24);

/// The upstream's id of the request (`request-id`).
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    text(headers, "request-id").map(str::to_owned)
}

/// How long the upstream asks to wait: `retry-after-ms` if it can be read, else `retry-after` in
/// seconds or as a date. A wait that is over counts as not asked for; one of more than [`LONGEST_WAIT`],
/// up to an infinite one, as of that.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let milliseconds = || number(text(headers, "retry-after-ms")?).map(|ms| ms / 1000.0);
    let seconds = || number(text(headers, "retry-after")?);
    let date = || httpdate::parse_http_date(text(headers, "retry-after")?).ok()?.duration_since(now).ok();
    milliseconds().and_then(wait).or_else(|| seconds().and_then(wait)).or_else(|| date().and_then(capped))
}

/// The upstream's word on whether to retry (`x-should-retry`).
pub(super) fn should_retry(headers: &HeaderMap) -> Option<bool> {
    match text(headers, "x-should-retry")?.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn wait(seconds: f64) -> Option<Duration> {
    // Not a number, and negative ones, are no time at all; infinity is a long one.
    let seconds = (seconds > 0.0).then(|| seconds.min(LONGEST_WAIT.as_secs_f64()))?;
    capped(Duration::try_from_secs_f64(seconds).ok()?)
}

fn capped(wait: Duration) -> Option<Duration> {
    (!wait.is_zero()).then(|| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_wait_is_read_from_either_header() {
        // 1994-11-06 08:49:37 UTC.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let ms = Duration::from_millis;
        for (pairs, expected) in [
            (&[("retry-after", "7")] as &[_], Some(ms(7000))),
            (&[("retry-after", " 1.5 ")], Some(ms(1500))),
            (&[("retry-after-ms", "250.5"), ("retry-after", "7")], Some(Duration::from_micros(250_500))),
            (&[("retry-after-ms", "soon"), ("retry-after", "7")], Some(ms(7000))),
            (&[("retry-after-ms", "0"), ("retry-after", "7")], Some(ms(7000))),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")], Some(ms(10_000))),
            (&[("retry-after", "Sunday, 06-Nov-94 08:49:47 GMT")], Some(ms(10_000))),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], None),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:27 GMT")], None),
            (&[("retry-after", "Sat, 06 Nov 2094 08:49:47 GMT")], Some(LONGEST_WAIT)),
            (&[("retry-after", "0")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "-inf")], None),
            (&[("retry-after", "1e-12")], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "inf")], Some(LONGEST_WAIT)),
            (&[("retry-after", "1e300")], Some(LONGEST_WAIT)),
            (&[("retry-after", "2678401")], Some(LONGEST_WAIT)),
            (&[("retry-after", "1e308")], Some(LONGEST_WAIT)),
            (&[("retry-after", "1e999")], Some(LONGEST_WAIT)),
            (&[("retry-after-ms", "1e308"), ("retry-after", "7")], Some(LONGEST_WAIT)),
            (&[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")], Some(LONGEST_WAIT)),
            (&[("retry-after", "2678400")], Some(LONGEST_WAIT)),
            (&[("retry-after", "")], None),
            (&[], None),
        ] {
            assert_eq!(retry_after(&headers(pairs), now), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_word_on_retrying_is_true_or_false_or_nothing() {
        for (value, expected) in
            [("true", Some(true)), ("False", Some(false)), ("1", None), ("", None), ("maybe", None)]
        {
            assert_eq!(should_retry(&headers(&[("x-should-retry", value)])), expected, "{value:?}");
        }
        assert_eq!(should_retry(&HeaderMap::new()), None);
    }
}
