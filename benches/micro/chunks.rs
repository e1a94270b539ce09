//! The chunks of a streamed answer.

use std::error::Error;
use std::hint::black_box;

use bytes::BytesMut;
use promptchain::server::openai::{ChunkEncoder, CompletionId};

use super::material;
use super::operation::{Operation, Prepared};

/// Of prose, of code, and of letters of several bytes, a delta each. The bytes are those of the text.
pub(crate) const OPERATIONS: &[Operation] = &[
    operation("chunk-plain", || encoded(&material::plain())),
    operation("chunk-code", || encoded(&material::code())),
    operation("chunk-wide", || encoded(&material::wide())),
];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "chunk", passes: 20, prepare }
}

fn encoded(text: &str) -> Result<Prepared, Box<dyn Error>> {
    let deltas = material::deltas(text);
    let encoder = ChunkEncoder::new(&CompletionId::new(), 1_800_000_000, "promptchain", false);
    let (items, mut out) = (deltas.len(), BytesMut::new());
    let mut pass = move || {
        // As a connection has it, that has written what was there.
        out.clear();
        for delta in &deltas {
            encoder.content(delta, &mut out);
        }
        black_box(&out).len()
    };
    if pass() < text.len() {
        return Err("text is missing".into());
    }
    let pass = move || {
        black_box(pass());
    };
    Ok(Prepared { pass: Box::new(pass), items, bytes: Some(text.len()) })
}
