//! Bytes like others, but for a few changes, as a fuzzer without any knowledge of the code would make them.

use fastrand::Rng;

/// Bytes that mean something somewhere.
const BYTES: &[u8] = b"\0\n\r\"\\{}[]:,=-0123456789.eE\x7f\x80\xc3\xef\xff%$#;|/";

/// `data` with up to four changes; some splice in a piece of `other`.
pub(super) fn mutated(data: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut data = data.to_vec();
    for _ in 0..random.usize(1..=4) {
        let at = random.usize(0..=data.len());
        let end = random.usize(at..=data.len().min(at + 40));
        match random.u8(0..6) {
            0 => data.truncate(at),
            1 => drop(data.drain(at..end)),
            2 => {
                let piece = data[at..end].to_vec();
                drop(data.splice(at..at, piece));
            }
            3 => data.insert(at, BYTES[random.usize(0..BYTES.len())]),
            4 if at < data.len() => data[at] = random.u8(..),
            _ => {
                let from = random.usize(0..=other.len());
                let to = random.usize(from..=other.len().min(from + 60));
                drop(data.splice(at..end, other[from..to].iter().copied()));
            }
        }
    }
    data
}
