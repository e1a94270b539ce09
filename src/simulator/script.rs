//! Decides, before a byte is sent, what goes onto the wire and when: the reply's pieces, the
//! pauses between them, and what a fault of the transport does amid them.

use std::time::Duration;

use bytes::Bytes;

use super::config::{Pacing, SimulatorConfig};
use super::cut::Cut;
use super::fault::Fault;
use super::injected::Injected;
use super::reply::Reply;
use super::sse::{self, Events};

/// One thing that happens while a body is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beat {
    /// These bytes are sent.
    Send(Bytes),
    /// The reply has so many tokens by now.
    Produced(u64),
    /// Time passes.
    Pause(Duration),
    /// Nothing happens any more.
    Hang,
    /// The connection is broken.
    Cut(Cut),
    /// The body ends properly, though the reply isn't complete.
    BreakOff,
    /// These bytes are sent again and again, with this time before each.
    Forever(Bytes, Duration),
}

/// How fast a reply is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cadence {
    first_token_delay: Duration,
    pacing: Pacing,
}

impl Cadence {
    pub(super) fn of(config: &SimulatorConfig) -> Self {
        Self { first_token_delay: config.first_token_delay, pacing: config.pacing }
    }

    /// The time before the delta at that place, which makes so many tokens; `None` if it comes along with the one
    /// before.
    fn before(self, place: usize, tokens: u64) -> Option<Duration> {
        let first = Some(self.first_token_delay).filter(|delay| !delay.is_zero());
        if place == 0 { first } else { self.pacing.delay(tokens) }
    }
}

/// How a stream of events is sent.
pub(super) fn of_stream(
    reply: &Reply,
    cadence: Cadence,
    injected: Option<Injected>,
    request_id: &str,
) -> Vec<Beat> {
    let events = Events::of(reply);
    // `message_start` tells of a first token, which is made by then.
    let begun = reply.thinking_tokens.max(1);
    let mut beats = vec![Beat::Produced(1)];
    beats.extend(sends(events.opening));
    match injected.map(|injected| (injected.fault, injected)) {
        Some((Fault::ErrorEvent, _)) => {
            beats.extend([Beat::Send(sse::overloaded(request_id)), Beat::BreakOff]);
            return beats;
        }
        Some((Fault::PingsOnly, injected)) => {
            beats.push(Beat::Forever(sse::ping(), injected.interval()));
            return beats;
        }
        _ => {}
    }
    let strike = injected.and_then(|injected| Strike::amid_stream(injected, events.deltas.len(), request_id));
    beats.extend(sends(events.before_text));
    beats.push(Beat::Produced(begun));
    let mut made = reply.thinking_tokens;
    for (place, (bytes, tokens)) in events.deltas.into_iter().enumerate() {
        if let Some(strike) = strike.as_ref().filter(|strike| strike.place == place) {
            beats.extend(strike.beats.iter().cloned());
        }
        beats.extend(cadence.before(place, tokens - made).map(Beat::Pause));
        beats.extend([Beat::Send(bytes), Beat::Produced(tokens)]);
        made = tokens;
    }
    // A fault after the last delta, or in a reply without any.
    let deltas = reply.deltas().len();
    beats.extend(strike.filter(|strike| strike.place >= deltas).into_iter().flat_map(|strike| strike.beats));
    beats.push(Beat::Produced(reply.output_tokens()));
    beats.extend(sends(events.closing));
    drip(beats, injected)
}

/// How a whole message is sent, once it has been made.
pub(super) fn of_message(message: Bytes, injected: Option<Injected>) -> Vec<Beat> {
    let half = message.len() / 2;
    let ending = match injected.map(|injected| injected.fault) {
        Some(Fault::InvalidSseJson) => vec![],
        Some(fault) => match amid_body(fault) {
            Some(beat) => vec![beat],
            None => return drip(vec![Beat::Send(message)], injected),
        },
        None => return vec![Beat::Send(message)],
    };
    let mut beats = vec![Beat::Send(message.slice(..half))];
    beats.extend(ending);
    beats
}

/// How the lines of a body are sent, each with its end, amid which a fault strikes: within a line, but a
/// body that ends properly ends with one.
pub(super) fn of_lines(lines: Vec<Bytes>, injected: Injected) -> Vec<Beat> {
    let Some(ending) = amid_body(injected.fault) else { return drip(sends(lines), Some(injected)) };
    let whole = injected.deltas(lines.len());
    let next = lines.get(whole).filter(|_| ending != Beat::BreakOff).map(|line| line.slice(..line.len() / 2));
    let mut beats = sends(lines.into_iter().take(whole).chain(next).collect());
    beats.push(ending);
    beats
}

/// How long a reply takes that is sent when it is complete.
pub(super) fn of_making(reply: &Reply, cadence: Cadence) -> Vec<Beat> {
    let mut beats = Vec::new();
    let mut made = reply.thinking_tokens;
    for (place, (_, tokens)) in reply.deltas().into_iter().enumerate() {
        beats.extend(cadence.before(place, tokens - made).map(Beat::Pause));
        beats.push(Beat::Produced(tokens));
        made = tokens;
    }
    beats.push(Beat::Produced(reply.output_tokens()));
    beats
}

/// What a fault does in the midst of a stream, and where.
struct Strike {
    /// The delta that it comes before.
    place: usize,
    beats: Vec<Beat>,
}

impl Strike {
    fn amid_stream(injected: Injected, deltas: usize, request_id: &str) -> Option<Self> {
        let beats = match injected.fault {
            Fault::ErrorEventMidReply => vec![Beat::Send(sse::overloaded(request_id)), Beat::BreakOff],
            Fault::InvalidSseJson => vec![Beat::Send(sse::not_json())],
            fault => vec![amid_body(fault)?],
        };
        Some(Self { place: injected.deltas(deltas), beats })
    }
}

/// What a fault does to a body that has begun.
fn amid_body(fault: Fault) -> Option<Beat> {
    Some(match fault {
        Fault::HangMidReply => Beat::Hang,
        Fault::ResetMidReply => Beat::Cut(Cut::Reset),
        Fault::CloseMidReply => Beat::Cut(Cut::Close),
        Fault::Truncated => Beat::BreakOff,
        _ => return None,
    })
}

fn sends(events: Vec<Bytes>) -> Vec<Beat> {
    events.into_iter().map(Beat::Send).collect()
}

/// Divides what is sent into single bytes, if that is the fault.
fn drip(beats: Vec<Beat>, injected: Option<Injected>) -> Vec<Beat> {
    let Some(injected) = injected.filter(|injected| injected.fault == Fault::SlowDrip) else {
        return beats;
    };
    let mut drops = Vec::new();
    for beat in beats {
        match beat {
            Beat::Send(bytes) => {
                for at in 0..bytes.len() {
                    drops.extend([Beat::Pause(injected.interval()), Beat::Send(bytes.slice(at..=at))]);
                }
            }
            other => drops.push(other),
        }
    }
    drops
}
