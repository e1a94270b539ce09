//! The simulator's own account of a run: what its calls used, and what they said.

use promptchain::simulator::{Ledger, LogEntry, Step};

/// All that the calls of a run used.
pub(super) fn sum(calls: &[LogEntry]) -> Ledger {
    calls.iter().fold(Ledger::default(), |sum, LogEntry { ledger, .. }| Ledger {
        input_tokens: sum.input_tokens + ledger.input_tokens,
        output_tokens: sum.output_tokens + ledger.output_tokens,
        cache_read_tokens: sum.cache_read_tokens + ledger.cache_read_tokens,
        cache_write_tokens: sum.cache_write_tokens + ledger.cache_write_tokens,
    })
}

/// Whether `text` is the beginning of what the upstream sent as final text: of that field of one of its
/// replies, or of a whole reply that isn't of the form that was asked for.
pub(super) fn has_sent(calls: &[LogEntry], text: &str) -> bool {
    let mut replies = calls
        .iter()
        .filter(|call| call.step == Some(Step::Synthesize))
        .filter_map(|call| call.reply.as_deref());
    text.is_empty()
        || replies.any(|reply| reply.trim().starts_with(text.trim()) || final_text(reply).starts_with(text))
}

/// The final text in a reply, as far as it goes: the longest beginning of the string that is one by itself.
fn final_text(reply: &str) -> String {
    let Some((_, rest)) = reply.split_once("\"final_text\":\"") else { return String::new() };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    let mut longest = String::new();
    for end in ends {
        if let Ok(text) = serde_json::from_str::<String>(&format!("\"{}\"", &rest[..end])) {
            longest = text;
        } else if rest[..end].ends_with('"') {
            break;
        }
    }
    longest
}
