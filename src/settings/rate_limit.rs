//! A limit on the rate of requests, as users write it: `10/minute`, `5 per 15 minutes`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The longest window, in days.
const MAX_WINDOW_DAYS: u64 = 366;

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The most requests that pass in a window; at least 1.
    pub count: u32,
    /// Units of time in a window; at least 1.
    pub periods: u32,
    /// The unit.
    pub unit: RateUnit,
}

/// A unit of time in a [`RateLimit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateUnit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// 24 hours.
    Day,
}

impl RateLimit {
    /// What a list of limits must be, in words.
    pub(super) const ALLOWED: &str = "limits such as 10/minute or 5 per 15 minutes (second, minute, hour or \
                                      day; at most 366 days), joined by semicolons";

    /// Several limits, joined by `;`, `,` or `|`. `None` if one of them isn't allowed.
    #[must_use]
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split([';', ',', '|']).map(|limit| limit.parse().ok()).collect()
    }

    /// The length of a window.
    #[must_use]
    pub fn window(&self) -> Duration {
        let unit = match self.unit {
            RateUnit::Second => 1,
            RateUnit::Minute => 60,
            RateUnit::Hour => 60 * 60,
            RateUnit::Day => SECONDS_A_DAY,
        };
        Duration::from_secs(u64::from(self.periods) * unit)
    }
}

impl FromStr for RateLimit {
    type Err = ();

    /// `10/minute`, `10 per minute`, `5/15 minutes`, `5 per 15 minutes`, in upper or lower case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim().to_ascii_lowercase();
        let (count, rest) = leading_number(&text).ok_or(())?;
        let rest = rest.trim_start();
        let window = rest.strip_prefix('/').or_else(|| rest.strip_prefix("per")).ok_or(())?;
        let window = window.trim_start();
        let (periods, unit) = if window.starts_with(|first: char| first.is_ascii_digit()) {
            leading_number(window).ok_or(())?
        } else {
            (1, window)
        };
        let limit = Self { count, periods, unit: unit.trim_start().parse()? };
        let longest = Duration::from_secs(MAX_WINDOW_DAYS * SECONDS_A_DAY);
        let is_allowed = count > 0 && periods > 0 && limit.window() <= longest;
        is_allowed.then_some(limit).ok_or(())
    }
}

/// The number that `text` begins with, and what follows it.
fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

impl FromStr for RateUnit {
    type Err = ();

    /// In lower case, in the singular or plural.
    fn from_str(word: &str) -> Result<Self, ()> {
        match word.strip_suffix('s').unwrap_or(word) {
            "second" => Ok(Self::Second),
            "minute" => Ok(Self::Minute),
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            _ => Err(()),
        }
    }
}

impl fmt::Display for RateLimit {
    /// `10 per 1 minute`, `5 per 15 minutes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            RateUnit::Second => "second",
            RateUnit::Minute => "minute",
            RateUnit::Hour => "hour",
            RateUnit::Day => "day",
        };
        let plural = if self.periods == 1 { "" } else { "s" };
        write!(f, "{} per {} {unit}{plural}", self.count, self.periods)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits in the words of their [`fmt::Display`].
    fn read(text: &str) -> Option<Vec<String>> {
        Some(RateLimit::parse_list(text)?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_limit_is_a_number_of_requests_in_a_number_of_units() {
        for (text, limit) in [
            ("10/minute", "10 per 1 minute"),
            ("1/second", "1 per 1 second"),
            ("100/hour", "100 per 1 hour"),
            ("5/day", "5 per 1 day"),
            ("10 per minute", "10 per 1 minute"),
            ("10 PER Minute", "10 per 1 minute"),
            ("5 per 15 minutes", "5 per 15 minutes"),
            ("5/15 minutes", "5 per 15 minutes"),
            ("5/1 minutes", "5 per 1 minute"),
            ("5/minutes", "5 per 1 minute"),
            (" 5 / 2hours ", "5 per 2 hours"),
            ("5per2days", "5 per 2 days"),
            ("007/minute", "7 per 1 minute"),
            ("4294967295/366 days", "4294967295 per 366 days"),
            ("1/31622400 seconds", "1 per 31622400 seconds"),
        ] {
            assert_eq!(read(text).unwrap(), [limit], "{text}");
        }
    }

    #[test]
    fn several_limits_are_joined_by_any_of_three_signs() {
        for text in ["10/minute;100/hour", "10/minute, 100 per hour", "10 per 1 minute | 100/hour"] {
            assert_eq!(read(text).unwrap(), ["10 per 1 minute", "100 per 1 hour"], "{text}");
        }
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in [
            "",
            "10",
            "minute",
            "/minute",
            "10/",
            "10 minute",
            "10/min",
            "10/month",
            "10/minutess",
            "10/minute/hour",
            "0/minute",
            "10/0 minutes",
            "-1/minute",
            "+1/minute",
            "1.5/minute",
            "10/1.5 minutes",
            "4294967296/minute",
            "1/4294967296 seconds",
            "1/367 days",
            "1/31622401 seconds",
            "10 times per minute",
            "10/minute;",
            "10/minute;;5/hour",
            "10/minute 5/hour",
            "ten/minute",
            "\u{661}0/minute",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_is_as_long_as_its_units() {
        for (text, seconds) in
            [("1/7 seconds", 7), ("1/15 minutes", 900), ("1/hour", 3600), ("1/2 days", 172_800)]
        {
            assert_eq!(text.parse::<RateLimit>().unwrap().window().as_secs(), seconds, "{text}");
        }
    }
}
