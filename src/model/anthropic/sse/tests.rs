//! The parser against examples, against every split, and against a slow and obvious reference.
//! Nothing here knows of the Messages API.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// An event with its name and data as text, for comparing.
type Owned = (Option<String>, String);

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The events in `slices`, and whether the stream broke off with one that was too large.
fn parse<'a>(limit: usize, slices: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Owned>, bool) {
    let mut parser = SseParser::new(limit);
    let mut events = Vec::new();
    for mut slice in slices {
        loop {
            match parser.next_event(&mut slice) {
                Ok(Some(event)) => events.push((event.name.map(text), text(event.data))),
                Ok(None) => break,
                Err(EventTooLarge { .. }) => return (events, true),
            }
        }
        assert!(slice.is_empty(), "what isn't an event is kept, so the slice is used up");
    }
    (events, false)
}

/// The standard's algorithm, word for word, with no thought of speed.
fn reference(limit: usize, stream: &[u8]) -> (Vec<Owned>, bool) {
    let mut lines: Vec<Vec<u8>> = vec![Vec::new()];
    let mut bytes = stream.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' if bytes.peek() == Some(&&b'\n') => {}
            b'\r' | b'\n' => lines.push(Vec::new()),
            _ => lines.last_mut().unwrap().push(*byte),
        }
    }
    let cut_off = lines.len() - 1;
    let (mut events, mut name, mut data) = (Vec::new(), Vec::new(), None::<Vec<u8>>);
    for (at, mut line) in lines.into_iter().enumerate() {
        if line.len() > limit {
            return (events, true);
        }
        if at == cut_off {
            break;
        }
        if at == 0 && line.starts_with(BOM) {
            line.drain(..BOM.len());
        }
        if line.is_empty() {
            let name = std::mem::take(&mut name);
            if let Some(data) = data.take() {
                events.push((Some(text(&name)).filter(|name| !name.is_empty()), text(&data)));
            }
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"event" => name = value.to_vec(),
            b"data" => {
                let joined = match data.take() {
                    None => value.to_vec(),
                    Some(before) => [&before, b"\n".as_slice(), value].concat(),
                };
                if joined.len() > limit {
                    return (events, true);
                }
                data = Some(joined);
            }
            _ => {}
        }
    }
    (events, false)
}

fn events(stream: &str) -> Vec<Owned> {
    let (events, too_large) = parse(1000, [stream.as_bytes()]);
    assert!(!too_large);
    events
}

fn event(name: &str, data: &str) -> Owned {
    (Some(name.to_owned()).filter(|name| !name.is_empty()), data.to_owned())
}

#[test]
fn fields_mean_what_the_standard_says() {
    for (stream, expected) in [
        ("event: ping\ndata: {}\n\n", vec![event("ping", "{}")]),
        ("data: a\n\ndata: b\n\n", vec![event("", "a"), event("", "b")]),
        ("data:a\r\n\r\ndata:b\r\rdata:c\n\n", vec![event("", "a"), event("", "b"), event("", "c")]),
        ("data:  two spaces\n\n", vec![event("", " two spaces")]),
        ("data: a\ndata:\ndata: b\n\n", vec![event("", "a\n\nb")]),
        ("data\n\n", vec![event("", "")]),
        (": comment\n:\n\ndata: a\n\n", vec![event("", "a")]),
        ("id: 1\nretry: 5\ndatabase: no\nevents: no\ndata: a\n\n", vec![event("", "a")]),
        ("event: lost\n\ndata: a\n\n", vec![event("", "a")]),
        ("event: first\nevent: last\ndata: a\n\n", vec![event("last", "a")]),
        ("event: first\nevent:\ndata: a\n\n", vec![event("", "a")]),
        ("event: one\ndata: a\n\ndata: b\n\n", vec![event("one", "a"), event("", "b")]),
        ("\u{feff}data: a\n\n\u{feff}data: b\n\n", vec![event("", "a")]),
        ("\u{feff}\ndata: a\n\n", vec![event("", "a")]),
        ("data: a\n\ndata: cut off\n", vec![event("", "a")]),
        ("", vec![]),
    ] {
        assert_eq!(events(stream), expected, "{stream:?}");
        assert_eq!(reference(1000, stream.as_bytes()).0, expected, "the reference on {stream:?}");
    }
}

#[test]
fn an_event_within_one_slice_is_not_copied() {
    let stream = b"event: ping\ndata: {}\n\n".as_slice();
    let mut parser = SseParser::new(100);
    let mut rest = stream;
    let event = parser.next_event(&mut rest).unwrap().unwrap();
    assert!(stream.as_ptr_range().contains(&event.data.as_ptr()));
    assert!(stream.as_ptr_range().contains(&event.name.unwrap().as_ptr()));
}

#[test]
fn the_limit_is_exact_for_lines_and_for_joined_data() {
    assert_eq!(parse(8, [b"data: 12\n\n".as_slice()]), (vec![event("", "12")], false));
    assert_eq!(parse(8, [b"data: 123\n\n".as_slice()]), (vec![], true));
    assert_eq!(parse(8, [b": 1234567".as_slice()]), (vec![], true));
    let joined = b"data:123\ndata:456\ndata:\n\n".as_slice();
    assert_eq!(parse(8, [joined]), (vec![event("", "123\n456\n")], false));
    assert_eq!(parse(8, [b"data:123\ndata:456\ndata:7\n\n".as_slice()]), (vec![], true));
}

/// Streams made of the pieces that matter, put together at random, so that many parse.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"data".to_vec()),
        Just(b"event".to_vec()),
        Just(b": ".to_vec()),
        Just(b":".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"data: x\n".to_vec()),
        Just(b"event: e\ndata: y\n\n".to_vec()),
        Just(BOM.to_vec()),
        vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// `stream` cut at the given places.
fn cut<'a>(stream: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(stream.len() + 1)).collect();
    places.extend([0, stream.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn every_split_gives_the_events_of_the_reference(
        stream in streams(),
        places in vec(any::<prop::sample::Index>(), 0..6),
        limit in 4..60_usize,
    ) {
        let expected = reference(limit, &stream);
        prop_assert_eq!(parse(limit, [stream.as_slice()]), expected.clone());
        prop_assert_eq!(parse(limit, stream.chunks(1)), expected.clone());
        prop_assert_eq!(parse(limit, stream.chunks(7)), expected.clone());
        prop_assert_eq!(parse(limit, cut(&stream, &places)), expected);
    }

    #[test]
    fn any_bytes_are_parsed_alike_by_the_reference(stream in vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(parse(1000, stream.chunks(5)), reference(1000, &stream));
    }
}
