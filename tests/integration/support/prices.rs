//! What tokens cost by the price lists, told independently of the program's own catalog.

use promptchain::model::Cost;
use promptchain::simulator::Ledger;

/// What these tokens of that model cost; `None` where it has no known price. Requests of more than 100,000 tokens,
/// which Haiku 5.5 has other prices for, aren't among those that are asked for.
pub(crate) fn price(model: &str, ledger: Ledger) -> Option<Cost> {
    // Picodollars for input, output, cache reads and cache writes.
    let prices: [u64; 4] = match model {
        "claude-haiku-4-5" => [1_000_000, 5_000_000, 100_000, 1_250_000],
        "claude-haiku-5-5" => [100_000, 500_000, 10_000, 125_000],
        "claude-sonnet-5-5" => [2_000_000, 10_000_000, 100_000, 2_500_000],
        _ => return None,
    };
    let Ledger { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = ledger;
    let tokens = [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens];
    Some(Cost::from_picos(tokens.iter().zip(prices).map(|(tokens, price)| tokens * price).sum()))
}
