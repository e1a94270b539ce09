//! How large a reply may be, after what was asked for.

/// The most bytes that are taken for a token. Of English it has about 4, of the longest words of any tokenizer that
/// is known (runs of spaces and rules) 128; a text of nothing but those is no reply.
const BYTES_PER_TOKEN: usize = 64;

/// A reply of so many bytes is taken whatever was asked for: some servers don't keep to small limits.
const ALWAYS: usize = 64 * 1024;

/// The most bytes of text in a reply for which so many tokens were asked for.
pub(super) fn max_text_bytes(max_tokens: u32) -> usize {
    usize::try_from(max_tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN).max(ALWAYS)
}
