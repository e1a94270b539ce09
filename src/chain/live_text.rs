//! The final text on its way out while the model is still writing it.

use super::json_text::JsonTextDecoder;

/// Decodes the growing JSON of a reply, and says which characters are to leave now. What has left
/// can't be taken back: from then on the step is neither retried nor repaired.
pub(super) struct LiveText {
    field: &'static str,
    decoder: JsonTextDecoder,
    /// Characters that are held back until a chunk is full.
    pending: String,
    chunk_chars: usize,
    delivered: String,
}

impl LiveText {
    /// For the text in that field of the reply, in chunks of at least `chunk_chars` characters.
    pub(super) fn new(field: &'static str, chunk_chars: usize) -> Self {
        let decoder = JsonTextDecoder::new(field);
        Self { field, decoder, pending: String::new(), chunk_chars, delivered: String::new() }
    }

    /// Forgets a reply of which nothing has left, to begin with another.
    pub(super) fn restart(&mut self) {
        self.decoder = JsonTextDecoder::new(self.field);
        self.pending.clear();
    }

    /// Takes in the next piece of the reply; returns the characters that are to leave.
    pub(super) fn feed(&mut self, reply: &str) -> Option<String> {
        self.decoder.feed(reply, &mut self.pending);
        let full = self.chunk_chars == 0 || self.pending.chars().count() >= self.chunk_chars;
        // White space alone doesn't leave: a text that turns out blank can still be repaired.
        let says_something = self.has_left() || !self.pending.trim_start().is_empty();
        (full && says_something && !self.pending.is_empty()).then(|| self.release())
    }

    /// Whether characters have left.
    pub(super) fn has_left(&self) -> bool {
        !self.delivered.is_empty()
    }

    /// What of the accepted text is still to leave; `None` if what has left isn't its beginning.
    pub(super) fn rest_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(&self.delivered)
    }

    fn release(&mut self) -> String {
        self.delivered.push_str(&self.pending);
        std::mem::take(&mut self.pending)
    }
}
