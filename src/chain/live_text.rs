//! The final text on its way out while the model is still writing it.

use super::json_text::JsonTextDecoder;
use super::stop_texts::StopTexts;

/// Decodes the growing JSON of a reply, and says which characters are to leave now. What has left
/// can't be taken back: from then on the step is neither retried nor repaired.
///
/// No character is looked at twice, however the reply is cut into pieces: an upstream may cut it into as many
/// as it has bytes.
pub(super) struct LiveText {
    /// The field that holds the text; `None` if the reply is the text.
    field: Option<&'static str>,
    decoder: Option<JsonTextDecoder>,
    stop: StopTexts,
    /// All that has come of the text.
    text: String,
    /// How much of it has left, in bytes. The rest waits for a full chunk, or could begin a stop text.
    left: usize,
    ready: Ready,
    chunk_chars: usize,
}

/// What may leave as far as stop texts go.
#[derive(Default)]
struct Ready {
    /// Where in the text it ends, in bytes.
    end: usize,
    /// How many characters it has, where that is asked for.
    chars: usize,
    /// Whether there is more than white space in it.
    says_something: bool,
}

impl LiveText {
    /// For the text in that field of the reply, or for the whole of it, up to the earliest of these, in chunks
    /// of at least `chunk_chars` characters.
    pub(super) fn new(field: Option<&'static str>, stop: StopTexts, chunk_chars: usize) -> Self {
        let decoder = field.map(JsonTextDecoder::new);
        Self { field, decoder, stop, text: String::new(), left: 0, ready: Ready::default(), chunk_chars }
    }

    /// Forgets a reply of which nothing has left, to begin with another.
    pub(super) fn restart(&mut self) {
        self.decoder = self.field.map(JsonTextDecoder::new);
        self.stop.restart();
        self.text.truncate(self.left);
        self.ready = Ready { end: self.left, ..Ready::default() };
    }

    /// Takes in the next piece of the reply; returns the characters that are to leave. Once a stop text
    /// is found, what stands before it leaves with the accepted text.
    pub(super) fn feed(&mut self, reply: &str) -> Option<String> {
        let before = self.text.len();
        match &mut self.decoder {
            Some(decoder) => decoder.feed(reply, &mut self.text),
            None => self.text.push_str(reply),
        }
        self.stop.feed(self.text.get(before..).unwrap_or_default());
        if self.has_stopped() {
            return None;
        }
        self.get_ready();
        let full = self.chunk_chars == 0 || self.ready.chars >= self.chunk_chars;
        // White space alone doesn't leave: a text that turns out blank can still be repaired.
        let says_something = self.has_left() || self.ready.says_something;
        let leaves = full && says_something && self.ready.end > self.left;
        leaves.then(|| self.release())
    }

    /// Adds to what is ready what has become certain since.
    fn get_ready(&mut self) {
        let Self { ready, stop, text, chunk_chars, .. } = self;
        let Some(added) = text.get(ready.end..stop.certain()) else { return };
        if *chunk_chars > 0 {
            ready.chars += added.chars().count();
        }
        ready.says_something = ready.says_something || !added.trim_start().is_empty();
        ready.end += added.len();
    }

    /// Whether characters have left.
    pub(super) fn has_left(&self) -> bool {
        self.left > 0
    }

    /// Whether a stop text was found: there is nothing more to be read.
    pub(super) fn has_stopped(&self) -> bool {
        self.stop.found().is_some()
    }

    /// The whole text before the stop text that was found.
    pub(super) fn text_before_stop(&self) -> Option<String> {
        self.text.get(..self.stop.found()?).map(str::to_owned)
    }

    /// What of the accepted text is still to leave; `None` if what has left isn't its beginning.
    pub(super) fn rest_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(self.text.get(..self.left)?)
    }

    fn release(&mut self) -> String {
        let leaving = self.text.get(self.left..self.ready.end).unwrap_or_default().to_owned();
        self.left = self.ready.end;
        self.ready.chars = 0;
        leaving
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: usize = 300_000;

    fn live(stop: &[String], chunk_chars: usize) -> LiveText {
        LiveText::new(Some("final_text"), StopTexts::new(stop), chunk_chars)
    }

    /// Where each piece had all before it looked at again, none of these would come to an end.
    #[test]
    fn a_text_in_very_many_pieces_takes_no_ages_whatever_holds_it_back() {
        for (stop, chunk_chars) in [(&[][..], 0), (&[], usize::MAX), (&["  x".to_owned()], 1)] {
            let mut live = live(stop, chunk_chars);
            live.feed(r#"{"final_text":""#);
            assert!(
                (0..PIECES).all(|_| live.feed("          ").is_none()),
                "white space alone doesn't leave"
            );
            let left = live.feed("!\"}");
            let all = format!("{}!", " ".repeat(10 * PIECES));
            assert_eq!(left.is_some(), chunk_chars < usize::MAX);
            assert!(left.is_none_or(|left| left == all));
            assert_eq!(live.rest_of(&all).map(str::len), Some(if live.has_left() { 0 } else { all.len() }));
        }
    }

    #[test]
    fn what_could_begin_a_stop_text_is_not_moved_about_with_each_piece() {
        let stop = format!("{}b", "a".repeat(PIECES));
        let mut live = live(&[stop], 0);
        live.feed(r#"{"final_text":""#);
        let left: usize = (0..2 * PIECES).filter_map(|_| live.feed("a")).map(|left| left.len()).sum();
        assert_eq!(left, PIECES, "as much as the stop text is long is held back");
    }
}
