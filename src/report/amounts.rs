//! Times, tokens and money as people read them.

use std::time::Duration;

use super::known_spend::KnownSpend;
use super::look::Look;
use crate::model::Cost;

/// A time in seconds, to a tenth: `0.8s`.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1}s", time.as_secs_f64())
}

/// US dollars to a millionth, without zeros that say nothing: `$0.000892`, `$1.20`.
pub(super) fn dollars(cost: Cost) -> String {
    /// Whole cents are always written out.
    const DECIMALS_KEPT: usize = 2;
    let mut amount = format!("${:.6}", cost.usd());
    if amount == "$0.000000" && cost > Cost::ZERO {
        return "<$0.000001".to_owned();
    }
    let shortest = amount.find('.').map_or(amount.len(), |point| point + 1 + DECIMALS_KEPT);
    while amount.len() > shortest && amount.ends_with('0') {
        amount.pop();
    }
    amount
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
    fn money_keeps_its_digits_and_loses_its_empty_zeros() {
        let check = |usd: f64, expected: &str| assert_eq!(dollars(Cost::from_usd(usd)), expected);
        check(0.000_892, "$0.000892");
        check(0.01, "$0.01");
        check(0.0105, "$0.0105");
        check(1.2, "$1.20");
        check(12.0, "$12.00");
        check(0.0, "$0.00");
        check(0.000_000_6, "$0.000001");
        check(0.000_000_4, "<$0.000001");
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
        check(Spend { uncounted_attempts: 1, ..spend }, Look::PLAIN, ">=412 in / >=96 out  >=$0.000892");
        check(Spend { cost: None, unpriced: true, ..spend }, terminal, "412 in / 96 out  cost unknown");
        check(Spend { uncounted_attempts: 1, ..Spend::default() }, terminal, "? in / ? out  cost unknown");
        check(Spend::default(), terminal, "0 in / 0 out  $0.00");
    }
}
