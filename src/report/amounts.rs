//! Times, tokens and money as people read them.

use std::time::Duration;

use super::known_spend::KnownSpend;
use super::look::Look;
use crate::model::Cost;

/// A time to a tenth of a second, or in milliseconds where it is shorter than one: `1.8s`, `12ms`.
pub(super) fn time(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{}ms", time.as_millis())
    } else {
        format!("{:.1}s", time.as_secs_f64())
    }
}

/// US dollars, with as many decimals as the amount deserves, and always as many for amounts of a kind:
/// `$0.000892`, `$1.2000`, `$250.00`.
pub(super) fn dollars(cost: Cost) -> String {
    const LEAST: f64 = 0.000_001;
    if cost == Cost::ZERO {
        return "$0".to_owned();
    }
    let usd = cost.usd();
    // Half of the least amount is what would be rounded up to it.
    if usd < LEAST / 2.0 {
        return "<$0.000001".to_owned();
    }
    let amount = format!("{usd:.6}");
    // What would be rounded up to $1 is $1.
    if amount.starts_with("0.") {
        return format!("${amount}");
    }
    let amount = format!("{usd:.4}");
    // Likewise with $100: two digits, a point and four.
    if amount.len() <= "99.9999".len() { format!("${amount}") } else { format!("${usd:.2}") }
}

/// Tokens in and out: `412 in / 96 out`. In is the whole prompt, cached parts included.
pub(super) fn tokens(spend: &KnownSpend, look: Look) -> String {
    let figure = |tokens: Option<u64>| match tokens {
        None => "?".to_owned(),
        Some(tokens) if spend.is_complete() => tokens.to_string(),
        Some(tokens) => format!("{}{tokens}", look.at_least()),
    };
    format!("{} in / {} out", figure(spend.prompt), figure(spend.output))
}

/// What was spent: `$0.000892`, `≥$0.000892`, `cost unknown`.
pub(super) fn cost(spend: &KnownSpend, look: Look) -> String {
    match spend.cost {
        None => "cost unknown".to_owned(),
        Some(cost) if spend.is_complete() => dollars(cost),
        Some(cost) => format!("{}{}", look.at_least(), dollars(cost)),
    }
}

/// `1 attempt`, `3 attempts`.
pub(super) fn count(number: u32, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Spend;
    use crate::model::Usage;

    #[test]
    fn times_below_a_second_are_told_in_milliseconds() {
        let check = |micros, expected: &str| assert_eq!(time(Duration::from_micros(micros)), expected);
        check(0, "0ms");
        check(12_345, "12ms");
        check(999_999, "999ms");
        check(1_000_000, "1.0s");
        check(75_040_000, "75.0s");
    }

    #[test]
    fn amounts_of_a_kind_have_equally_many_decimals() {
        let check = |usd: f64, expected: &str| assert_eq!(dollars(Cost::from_usd(usd)), expected);
        check(0.0, "$0");
        check(0.000_000_4, "<$0.000001");
        check(0.000_000_6, "$0.000001");
        check(0.001_43, "$0.001430");
        check(0.001_448, "$0.001448");
        check(0.01, "$0.010000");
        check(0.999_999_4, "$0.999999");
        check(0.999_999_6, "$1.0000");
        check(1.2, "$1.2000");
        check(12.0, "$12.0000");
        check(99.999_94, "$99.9999");
        check(99.999_96, "$100.00");
        check(1234.5, "$1234.50");
    }

    #[test]
    fn what_is_incomplete_says_so_and_what_is_unknown_is_not_zero() {
        let usage = Usage { input: Some(412), output: Some(96), ..Usage::default() };
        let spend = Spend { usage, cost: Some(Cost::from_usd(0.000_892)), ..Spend::default() };
        let check = |spend: Spend, look: Look, expected: &str| {
            let known = KnownSpend::from(&spend);
            assert_eq!(format!("{}  {}", tokens(&known, look), cost(&known, look)), expected);
        };
        let terminal = Look::terminal(false);
        check(spend, terminal, "412 in / 96 out  $0.000892");
        check(Spend { uncounted_attempts: 1, ..spend }, terminal, "≥412 in / ≥96 out  ≥$0.000892");
        check(
            Spend { uncounted_attempts: 1, ..spend },
            Look::plain(false),
            ">=412 in / >=96 out  >=$0.000892",
        );
        check(Spend { cost: None, unpriced: true, ..spend }, terminal, "412 in / 96 out  cost unknown");
        check(Spend { uncounted_attempts: 1, ..Spend::default() }, terminal, "? in / ? out  cost unknown");
        check(Spend::default(), terminal, "0 in / 0 out  $0");
    }
}
