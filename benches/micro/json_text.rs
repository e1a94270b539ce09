//! The final text, decoded out of the JSON that the last step's reply consists of.

use std::error::Error;
use std::hint::black_box;

use promptchain::chain::json_text::JsonTextDecoder;

use super::material;
use super::operation::{Operation, Prepared};

/// As it comes, in pieces of a delta each, and whole.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation { item: "delta", ..operation("json-plain-delta", || in_deltas(&material::plain())) },
    operation("json-plain-whole", || whole(&material::plain())),
    Operation { item: "delta", ..operation("json-code-delta", || in_deltas(&material::code())) },
    operation("json-code-whole", || whole(&material::code())),
    Operation { item: "delta", ..operation("json-wide-delta", || in_deltas(&material::wide())) },
    operation("json-wide-whole", || whole(&material::wide())),
];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "reply", passes: 20, prepare }
}

fn in_deltas(text: &str) -> Result<Prepared, Box<dyn Error>> {
    prepared(text, material::deltas(&material::reply(text)))
}

fn whole(text: &str) -> Result<Prepared, Box<dyn Error>> {
    prepared(text, vec![material::reply(text)])
}

fn prepared(text: &str, pieces: Vec<String>) -> Result<Prepared, Box<dyn Error>> {
    if decode(&pieces) != text {
        return Err("the text isn't decoded".into());
    }
    let bytes = Some(pieces.iter().map(String::len).sum());
    let items = pieces.len();
    let pass = move || {
        black_box(decode(&pieces));
    };
    Ok(Prepared { pass: Box::new(pass), items, bytes })
}

fn decode(pieces: &[String]) -> String {
    let mut decoder = JsonTextDecoder::new("final_text");
    let mut text = String::new();
    for piece in pieces {
        decoder.feed(piece, &mut text);
    }
    text
}
