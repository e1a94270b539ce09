//! How large a reply may be, after what was asked for.

/// The most bytes of a token: the longest words of the tokenizers that are published, which are runs of spaces and
/// rules, have 128 (OpenAI's `cl100k_base`; Anthropic publishes none). Of English a token has about 4.
const BYTES_PER_TOKEN: usize = 128;

/// A reply of so many bytes is taken whatever was asked for: some servers don't keep to small limits.
const ALWAYS: usize = 64 * 1024;

/// The most bytes of text in a reply for which so many tokens were asked for.
pub(super) fn max_text_bytes(max_tokens: u32) -> usize {
    usize::try_from(max_tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN).max(ALWAYS)
}
