//! What people are told of each scripted run.

mod divided;
mod live;
mod plain;
mod waterfall;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{InMemoryTerm, TermLike};

use super::board::Board;
use super::live::{Size, frame};
use super::plain::Plain;
use super::waterfall::waterfall;
use super::*;
use crate::report::look::Look;
use crate::report::transcripts::{self, Transcript};

const OPTIONS: ProgressOptions = ProgressOptions {
    quiet: false,
    verbose: false,
    color: false,
    replies: Replies::Upstream,
    stdout: Stdout::Apart,
};
const VERBOSE: ProgressOptions = ProgressOptions { verbose: true, ..OPTIONS };

/// All that stderr gets where it isn't a terminal.
async fn plain_with(transcript: Transcript, options: ProgressOptions) -> String {
    let mut out = Vec::new();
    transcript.tell(&mut Plain::new(&mut out, options)).await;
    let out = String::from_utf8(out).unwrap();
    assert!(out.chars().all(|c| !c.is_control() || c == '\n'), "no escapes: {out:?}");
    out
}

/// All that stderr gets where it isn't a terminal but colours are asked for.
async fn coloured(transcript: Transcript, options: ProgressOptions) -> String {
    let mut out = Vec::new();
    transcript.tell(&mut Plain::new(&mut out, ProgressOptions { color: true, ..options })).await;
    String::from_utf8(out).unwrap()
}

async fn plain(transcript: Transcript) -> String {
    plain_with(transcript, OPTIONS).await
}

/// What a terminal shows when the run is over.
async fn record(transcript: Transcript, options: ProgressOptions) -> String {
    record_at(transcript, options, 110).await
}

async fn record_at(transcript: Transcript, options: ProgressOptions, width: u16) -> String {
    let term = InMemoryTerm::new(60, width);
    transcript.tell(&mut Live::new(term.clone(), options)).await;
    term.contents()
}

/// The live lines at a moment of the run.
fn frame_at(transcript: &Transcript, milliseconds: u64, width: usize) -> String {
    frame_of_size(transcript, milliseconds, Size { width, height: 24 })
}

fn frame_of_size(transcript: &Transcript, milliseconds: u64, size: Size) -> String {
    let now = Duration::from_millis(milliseconds);
    let mut board = Board::new();
    for (at, event) in transcript.events.iter().filter(|(at, _)| *at <= now) {
        board.apply(event, *at);
    }
    frame(&board, now, size, Look::terminal(false))
}

/// The waterfall of a run that is over.
fn waterfall_of(transcript: &Transcript, width: usize) -> Vec<String> {
    let mut board = Board::new();
    for (at, event) in &transcript.events {
        board.apply(event, *at);
    }
    board.close(transcript.over);
    waterfall(&board, transcript.over, width, Look::terminal(false))
}

/// A sink whose contents can be looked at by somebody else.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_gets_plain_lines_and_quiet_means_nothing() {
    let sink = Shared::default();
    let mut plain = progress(Stderr::Stream(Box::new(sink.clone())), OPTIONS);
    transcripts::ok().tell(plain.as_mut()).await;
    let told = sink.0.lock().unwrap().len();
    assert!(told > 0);

    let quiet = ProgressOptions { quiet: true, ..VERBOSE };
    transcripts::warned().tell(progress(Stderr::Stream(Box::new(sink.clone())), quiet).as_mut()).await;
    assert_eq!(sink.0.lock().unwrap().len(), told);
}
