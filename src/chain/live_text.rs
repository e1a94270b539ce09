//! The final text on its way out while the model is still writing it.

use super::json_text::JsonTextDecoder;
use super::stop_texts::StopTexts;

/// Decodes the growing JSON of a reply, and says which characters are to leave now. What has left
/// can't be taken back: from then on the step is neither retried nor repaired.
pub(super) struct LiveText {
    /// The field that holds the text; `None` if the reply is the text.
    field: Option<&'static str>,
    decoder: Option<JsonTextDecoder>,
    stop: StopTexts,
    /// Characters that haven't left: they wait for a full chunk, or could begin a stop text.
    pending: String,
    chunk_chars: usize,
    delivered: String,
}

impl LiveText {
    /// For the text in that field of the reply, or for the whole of it, up to the earliest of these, in chunks
    /// of at least `chunk_chars` characters.
    pub(super) fn new(field: Option<&'static str>, stop: StopTexts, chunk_chars: usize) -> Self {
        let decoder = field.map(JsonTextDecoder::new);
        Self { field, decoder, stop, pending: String::new(), chunk_chars, delivered: String::new() }
    }

    /// Forgets a reply of which nothing has left, to begin with another.
    pub(super) fn restart(&mut self) {
        self.decoder = self.field.map(JsonTextDecoder::new);
        self.stop.restart();
        self.pending.clear();
    }

    /// Takes in the next piece of the reply; returns the characters that are to leave. Once a stop text
    /// is found, what stands before it leaves with the accepted text.
    pub(super) fn feed(&mut self, reply: &str) -> Option<String> {
        let before = self.pending.len();
        match &mut self.decoder {
            Some(decoder) => decoder.feed(reply, &mut self.pending),
            None => self.pending.push_str(reply),
        }
        self.stop.feed(self.pending.get(before..).unwrap_or_default());
        if self.has_stopped() {
            return None;
        }
        let ready = self.pending.get(..self.stop.certain() - self.delivered.len()).unwrap_or_default();
        let full = self.chunk_chars == 0 || ready.chars().count() >= self.chunk_chars;
        // White space alone doesn't leave: a text that turns out blank can still be repaired.
        let says_something = self.has_left() || !ready.trim_start().is_empty();
        let leaves = full && says_something && !ready.is_empty();
        let len = ready.len();
        leaves.then(|| self.release(len))
    }

    /// Whether characters have left.
    pub(super) fn has_left(&self) -> bool {
        !self.delivered.is_empty()
    }

    /// Whether a stop text was found: there is nothing more to be read.
    pub(super) fn has_stopped(&self) -> bool {
        self.stop.found().is_some()
    }

    /// The whole text before the stop text that was found.
    pub(super) fn text_before_stop(&self) -> Option<String> {
        let end = self.stop.found()?;
        let mut text = format!("{}{}", self.delivered, self.pending);
        text.truncate(end);
        Some(text)
    }

    /// What of the accepted text is still to leave; `None` if what has left isn't its beginning.
    pub(super) fn rest_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(&self.delivered)
    }

    fn release(&mut self, len: usize) -> String {
        let held_back = self.pending.split_off(len);
        self.delivered.push_str(&self.pending);
        std::mem::replace(&mut self.pending, held_back)
    }
}
