//! Server-sent events: bytes in, events out.
//!
//! A state machine that is pushed forward by slices of bytes, cut wherever the network cut them.
//! It knows neither JSON nor the Messages API, does no I/O, and hands bytes out undecoded: invalid
//! UTF-8 is for whoever decodes them to find.

use memchr::memchr2;
use thiserror::Error;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One event: the fields up to a blank line. The fields `id` and `retry` are passed over, because
/// a reply can't be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The last `event` field; `None` if there was none or it was empty.
    pub name: Option<&'a [u8]>,
    /// The `data` fields, joined by line feeds.
    pub data: &'a [u8],
}

/// A line, or the joined data of an event, is larger than the parser was told to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an event of more than {limit} bytes")]
pub struct EventTooLarge {
    /// The limit, in bytes.
    pub limit: usize,
}

/// Finds the events in a byte stream.
///
/// Follows the `text/event-stream` format of the HTML standard: lines end in LF, CR or CRLF, one
/// leading byte order mark is dropped, and an event that the stream's end cuts off is lost.
#[derive(Debug)]
pub struct SseParser {
    max_event_bytes: usize,
    /// The beginning of a line whose end hasn't come yet.
    line: Vec<u8>,
    /// What earlier slices held of the current event.
    kept: Fields<Vec<u8>>,
    /// Whether `kept` has been handed out and is to be emptied.
    handed_out: bool,
    /// Whether the last slice ended in CR, so that an LF at the start of the next belongs to it.
    after_cr: bool,
    first_line: bool,
}

/// The fields of an event, as far as they have come.
#[derive(Debug, Default)]
struct Fields<T> {
    name: Option<T>,
    data: Option<T>,
}

impl SseParser {
    /// A parser for one stream, which refuses lines and events of more than that many bytes.
    #[must_use]
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes,
            line: Vec::new(),
            kept: Fields::default(),
            handed_out: false,
            after_cr: false,
            first_line: true,
        }
    }

    /// Takes the next event off the front of `input`, or all of `input` if no event ends in it:
    /// call it until it returns `None`, then again with the next slice. An event that lies in one
    /// slice and has one data line is handed out where it is, without a copy.
    ///
    /// # Errors
    /// If a line or an event is too large; the parser is of no use after that.
    pub fn next_event<'s, 'i: 's>(
        &'s mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<SseEvent<'s>>, EventTooLarge> {
        if self.handed_out {
            self.kept = Fields::default();
            self.handed_out = false;
        }
        if !self.finish_kept_line(input)? {
            return Ok(None);
        }
        // Fields that lie in `input`; they are copied only if the event doesn't end there.
        let mut seen: Fields<&'i [u8]> = Fields::default();
        while let Some(line) = self.take_line(input) {
            self.check(line.len())?;
            match Field::of(self.without_bom(line)) {
                Field::Data(value) if seen.data.is_none() && self.kept.data.is_none() => {
                    seen.data = Some(value);
                }
                Field::Data(value) => {
                    self.keep_data(seen.data.take())?;
                    self.keep_data(Some(value))?;
                }
                Field::Name(value) => seen.name = Some(value),
                Field::Other => {}
                Field::End if seen.data.is_none() && self.kept.data.is_none() => {
                    seen.name = None;
                    self.kept.name = None;
                }
                Field::End => {
                    self.handed_out = true;
                    return Ok(Some(SseEvent {
                        name: seen.name.or(self.kept.name.as_deref()).filter(|name| !name.is_empty()),
                        data: seen.data.or(self.kept.data.as_deref()).unwrap_or_default(),
                    }));
                }
            }
        }
        self.keep_data(seen.data)?;
        self.keep_name(seen.name);
        self.keep_line(input)?;
        Ok(None)
    }

    /// Completes the line that an earlier slice began. False if `input` doesn't hold its end
    /// either and is used up.
    fn finish_kept_line(&mut self, input: &mut &[u8]) -> Result<bool, EventTooLarge> {
        if self.after_cr && !input.is_empty() {
            *input = input.strip_prefix(b"\n").unwrap_or(input);
            self.after_cr = false;
        }
        if self.line.is_empty() {
            return Ok(true);
        }
        let Some(rest_of_line) = self.take_line(input) else {
            self.keep_line(input)?;
            return Ok(false);
        };
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(rest_of_line);
        self.check(line.len())?;
        match Field::of(self.without_bom(&line)) {
            Field::Data(value) => self.keep_data(Some(value))?,
            Field::Name(value) => self.keep_name(Some(value)),
            // Nothing came before a line that was begun and is blank all the same: it was the
            // byte order mark.
            Field::Other | Field::End => {}
        }
        line.clear();
        self.line = line;
        Ok(true)
    }

    /// Takes a line and its end off the front of `input`; `None` if its end isn't there.
    fn take_line<'i>(&mut self, input: &mut &'i [u8]) -> Option<&'i [u8]> {
        let (line, end) = input.split_at(memchr2(b'\n', b'\r', input)?);
        let (end, rest) = end.split_first()?;
        *input = rest;
        if *end == b'\r' {
            self.after_cr = rest.is_empty();
            *input = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        Some(line)
    }

    fn without_bom<'l>(&mut self, line: &'l [u8]) -> &'l [u8] {
        if std::mem::take(&mut self.first_line) { line.strip_prefix(BOM).unwrap_or(line) } else { line }
    }

    fn keep_line(&mut self, input: &mut &[u8]) -> Result<(), EventTooLarge> {
        self.check(self.line.len() + input.len())?;
        self.line.extend_from_slice(input);
        *input = &[];
        Ok(())
    }

    fn keep_name(&mut self, name: Option<&[u8]>) {
        if let Some(name) = name {
            self.kept.name = Some(name.to_vec());
        }
    }

    fn keep_data(&mut self, value: Option<&[u8]>) -> Result<(), EventTooLarge> {
        match (value, &mut self.kept.data) {
            (None, _) => return Ok(()),
            (Some(value), None) => self.kept.data = Some(value.to_vec()),
            (Some(value), Some(data)) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
        }
        self.check(self.kept.data.as_ref().map_or(0, Vec::len))
    }

    fn check(&self, bytes: usize) -> Result<(), EventTooLarge> {
        if bytes > self.max_event_bytes { Err(EventTooLarge { limit: self.max_event_bytes }) } else { Ok(()) }
    }
}

/// What a line says.
enum Field<'l> {
    Data(&'l [u8]),
    Name(&'l [u8]),
    /// A comment, or a field that means nothing to us.
    Other,
    /// A blank line: the end of the event.
    End,
}

impl<'l> Field<'l> {
    fn of(line: &'l [u8]) -> Self {
        if line.is_empty() {
            Self::End
        } else if let Some(value) = value_of(b"data", line) {
            Self::Data(value)
        } else if let Some(value) = value_of(b"event", line) {
            Self::Name(value)
        } else {
            Self::Other
        }
    }
}

/// The value if `line` is a field of that name: what stands after the colon and one optional
/// space, or nothing if there is no colon.
fn value_of<'l>(name: &[u8], line: &'l [u8]) -> Option<&'l [u8]> {
    match line.strip_prefix(name)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
