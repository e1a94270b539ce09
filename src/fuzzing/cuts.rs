//! The same bytes as the network may have cut them.

use std::hash::{DefaultHasher, Hasher};

/// The sizes that all pieces have, one after the other.
const SIZES: [usize; 5] = [usize::MAX, 1, 2, 3, 7];

/// As many bytes as are cut in two at every place.
const SHORT: usize = 48;

/// Ways to cut `data`: whole, in pieces of one size, and in two; the places differ from one `data` to another,
/// and where it is short they are all there are.
pub(crate) fn cuts(data: &[u8]) -> Vec<Vec<&[u8]>> {
    let even = SIZES.iter().map(|size| data.chunks(*size).collect());
    let mut hasher = DefaultHasher::new();
    hasher.write(data);
    let anywhere = usize::try_from(hasher.finish() % (data.len() as u64 + 1)).unwrap_or(0);
    let places = if data.len() <= SHORT { (0..=data.len()).collect() } else { vec![anywhere] };
    let in_two = places.into_iter().map(|at| {
        let (one, two) = data.split_at(at);
        vec![one, &[], two]
    });
    even.chain(in_two).collect()
}
