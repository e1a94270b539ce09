//! Joins characters that the boundary between two chunks of bytes has split.
//!
//! It must not replace what isn't UTF-8: that is an error.

/// The beginning of a character whose other bytes are in the next chunk.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SplitChar {
    bytes: [u8; 4],
    len: usize,
}

/// What became of a split character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// There was none, or the chunk didn't complete it.
    Nothing,
    Char(char),
    Invalid,
}

impl SplitChar {
    /// Whether a character is still incomplete.
    pub(super) fn is_pending(&self) -> bool {
        self.len > 0
    }

    /// Completes the pending character, if there is one, and returns what `chunk` has left.
    pub(super) fn join<'b>(&mut self, chunk: &'b [u8]) -> (Joined, &'b [u8]) {
        let mut rest = chunk;
        while self.is_pending() {
            let Some((byte, tail)) = rest.split_first() else { break };
            rest = tail;
            match self.push(*byte) {
                Joined::Nothing => {}
                joined => return (joined, rest),
            }
        }
        (Joined::Nothing, rest)
    }

    /// The text of `chunk`, and whether the whole is UTF-8. An incomplete character at its end
    /// is kept for [`join`](Self::join).
    pub(super) fn split<'b>(&mut self, chunk: &'b [u8]) -> (&'b str, bool) {
        let error = match str::from_utf8(chunk) {
            Ok(text) => return (text, true),
            Err(error) => error,
        };
        let (valid, tail) = chunk.split_at_checked(error.valid_up_to()).unwrap_or((chunk, &[]));
        let incomplete = error.error_len().is_none();
        if incomplete {
            for byte in tail {
                self.push(*byte);
            }
        }
        (str::from_utf8(valid).unwrap_or_default(), incomplete)
    }

    fn push(&mut self, byte: u8) -> Joined {
        // No character is longer than the array, so there is always a place.
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        let joined = match str::from_utf8(bytes) {
            Ok(text) => text.chars().next().map_or(Joined::Invalid, Joined::Char),
            Err(error) if error.error_len().is_none() => return Joined::Nothing,
            Err(_) => Joined::Invalid,
        };
        self.len = 0;
        joined
    }
}
