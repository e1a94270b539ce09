//! A reply's bytes as they come off the connection: found the events in, and read what they say.

use std::error::Error;
use std::hint::black_box;

use promptchain::model::ReplyEvent;
use promptchain::model::anthropic::{MAX_EVENT_BYTES, ReplyDecoder, ReplyQueue, SseParser};

use super::material;
use super::operation::{Operation, Prepared};

/// `event`: each comes alone. `4k`, `16k`: in pieces of so many bytes, whatever that cuts.
pub(crate) const OPERATIONS: &[Operation] = &[
    operation("sse-event", || parsed(each_alone())),
    operation("sse-4k", || parsed(in_pieces(4 * 1024))),
    operation("sse-16k", || parsed(in_pieces(16 * 1024))),
    operation("reply-event", || decoded(each_alone())),
    operation("reply-4k", || decoded(in_pieces(4 * 1024))),
    operation("reply-16k", || decoded(in_pieces(16 * 1024))),
];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "event", passes: 20, prepare }
}

type Pieces = Vec<Vec<u8>>;

fn text() -> String {
    material::reply(&material::plain())
}

fn each_alone() -> Pieces {
    material::events(&text())
}

fn in_pieces(bytes: usize) -> Pieces {
    each_alone().concat().chunks(bytes).map(<[u8]>::to_vec).collect()
}

fn parsed(pieces: Pieces) -> Result<Prepared, Box<dyn Error>> {
    let items = each_alone().len();
    if parse(&pieces) != items {
        return Err("not all events are found".into());
    }
    Ok(prepared(items, pieces, |pieces| {
        black_box(parse(pieces));
    }))
}

fn decoded(pieces: Pieces) -> Result<Prepared, Box<dyn Error>> {
    if decode(&pieces) != text().len() {
        return Err("the text isn't read".into());
    }
    Ok(prepared(each_alone().len(), pieces, |pieces| {
        black_box(decode(pieces));
    }))
}

fn prepared(items: usize, pieces: Pieces, pass: fn(&[Vec<u8>])) -> Prepared {
    let bytes = Some(pieces.iter().map(Vec::len).sum());
    Prepared { pass: Box::new(move || pass(&pieces)), items, bytes }
}

/// How many events there are.
fn parse(pieces: &[Vec<u8>]) -> usize {
    let mut parser = SseParser::new(MAX_EVENT_BYTES);
    let mut events = 0;
    for piece in pieces {
        let mut rest = piece.as_slice();
        while let Ok(Some(event)) = parser.next_event(&mut rest) {
            black_box(event);
            events += 1;
        }
    }
    events
}

/// How long the reply's text is.
fn decode(pieces: &[Vec<u8>]) -> usize {
    let (mut decoder, mut queue) = (ReplyDecoder::events(), ReplyQueue::new(None));
    let mut length = 0;
    for piece in pieces {
        decoder.feed(piece, &mut queue);
        while let Some(event) = queue.pop() {
            length += if let Ok(ReplyEvent::Text(text)) = black_box(event) { text.len() } else { 0 };
        }
    }
    length
}
