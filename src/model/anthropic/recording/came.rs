//! A body as it comes, until it is written down: all of its bytes, and when which of them came.

use super::super::MAX_REPLY_BYTES;

/// The most pieces that are told apart. Beyond it, what came within ever longer times counts as one.
const MAX_PIECES: usize = 1 << 16;
/// The most bytes that pieces are joined to, so that a large body doesn't come as one.
const MAX_JOINED_BYTES: usize = 64 * 1024;

/// What has come of a body.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) bytes: Vec<u8>,
    /// Of each piece, when its last byte came, in milliseconds, and where it ends.
    pub(super) ends: Vec<(u64, usize)>,
    /// What came within so many milliseconds is one piece.
    grain: u64,
}

impl Default for Came {
    fn default() -> Self {
        Self { bytes: Vec::new(), ends: Vec::new(), grain: 1 }
    }
}

impl Came {
    /// `bytes` came at `ms`. What comes after more than any client accepts is passed over: it is read, if at
    /// all, only to be thrown away.
    pub(super) fn push(&mut self, ms: u64, bytes: &[u8]) {
        if bytes.is_empty() || self.bytes.len() > MAX_REPLY_BYTES {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        add(&mut self.ends, self.grain, (ms, self.bytes.len()));
        if self.ends.len() > MAX_PIECES {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        while self.ends.len() > MAX_PIECES / 2 && self.grain < u64::MAX {
            self.grain = self.grain.saturating_mul(2);
            let mut joined = Vec::new();
            for end in std::mem::take(&mut self.ends) {
                add(&mut joined, self.grain, end);
            }
            self.ends = joined;
        }
    }
}

/// Adds a piece to `ends`, or to the last of them.
fn add(ends: &mut Vec<(u64, usize)>, grain: u64, (ms, end): (u64, usize)) {
    let start = ends.iter().rev().nth(1).map_or(0, |(_, end)| *end);
    match ends.last_mut() {
        Some(last) if last.0 / grain == ms / grain && end - start <= MAX_JOINED_BYTES => *last = (ms, end),
        _ => ends.push((ms, end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pieces: impl IntoIterator<Item = (u64, &'static [u8])>) -> Came {
        let mut came = Came::default();
        for (ms, bytes) in pieces {
            came.push(ms, bytes);
        }
        came
    }

    #[test]
    fn what_came_in_the_same_millisecond_is_one_piece() {
        let came = of([(1, b"a" as &[u8]), (1, b"b"), (1, b""), (2, b"c"), (3, b""), (4, b"d"), (4, b"ef")]);
        assert_eq!(came.bytes, b"abcdef");
        assert_eq!(came.ends, [(1, 2), (2, 3), (4, 6)]);
    }

    #[test]
    fn a_large_body_that_came_at_once_still_comes_in_pieces() {
        let came = of(std::iter::repeat_n((5, [0; 1024].as_slice()), 200));
        assert_eq!(came.ends, [(5, 65_536), (5, 131_072), (5, 196_608), (5, 204_800)]);
    }

    #[test]
    fn however_many_pieces_come_their_number_is_bounded_and_their_times_are_nearly_kept() {
        let count = 1_000_000;
        let came = of((0..count).map(|index| (index * 3, b"x" as &[u8])));
        assert_eq!(came.bytes.len(), 1_000_000);
        assert!((MAX_PIECES / 4..=MAX_PIECES).contains(&came.ends.len()), "{}", came.ends.len());
        assert_eq!(came.ends.last(), Some(&(2_999_997, 1_000_000)));
        for (ms, end) in came.ends {
            assert_eq!(ms, (end as u64 - 1) * 3, "a piece has come when its last byte has");
        }
    }

    #[test]
    fn no_more_is_kept_than_makes_a_reply_too_large() {
        let piece = vec![b'x'; 1 << 20];
        let mut came = Came::default();
        for _ in 0..20 {
            came.push(0, &piece);
        }
        assert_eq!(came.bytes.len(), MAX_REPLY_BYTES + piece.len());
    }
}
