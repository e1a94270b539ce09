//! When a process is killed: at any time of its life, and often where something is being written.

use std::path::Path;

use crate::support::{Started, Upstream};

/// The life of a process that nobody kills.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// Calls to the upstream.
    pub(super) calls: usize,
    /// Bytes of the file that is watched.
    pub(super) bytes: u64,
    /// How often one can look whether it is over.
    pub(super) looks: u64,
}

/// A moment in the life of a process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    after: After,
    /// How often it is looked before the kill: some microseconds each.
    delay: u64,
}

#[derive(Debug, Clone, Copy)]
enum After {
    Start,
    Calls(usize),
    Bytes(u64),
}

impl Life {
    /// Looks at all of it.
    pub(super) fn of(mut process: Started, upstream: &Upstream, file: &Path) -> Self {
        let before = upstream.calls().len();
        let mut looks = 0;
        while process.has_ended().is_none() {
            looks += 1;
            std::thread::yield_now();
        }
        process.finish().exits(0);
        Self { calls: upstream.calls().len() - before, bytes: size(file), looks }
    }
}

impl Moment {
    pub(super) fn draw(rng: &mut fastrand::Rng, life: Life) -> Self {
        match rng.u32(0..3) {
            0 => Self { after: After::Start, delay: rng.u64(0..=life.looks) },
            1 => Self { after: After::Calls(rng.usize(0..=life.calls)), delay: short(rng) },
            _ => Self { after: After::Bytes(rng.u64(0..=life.bytes)), delay: short(rng) },
        }
    }

    /// Kills the process then; whether it was still there.
    pub(super) fn kill(self, process: &mut Started, upstream: &Upstream, file: &Path) -> bool {
        let calls_before = upstream.calls().len();
        let has_come = || match self.after {
            After::Start => true,
            After::Calls(calls) => upstream.calls().len() >= calls_before + calls,
            After::Bytes(bytes) => size(file) >= bytes,
        };
        while !has_come() {
            if process.has_ended().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
        for _ in 0..self.delay {
            if process.has_ended().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
        process.kill();
        process.wait().is_none()
    }
}

/// Often none, else of any order of magnitude: what follows upon an event has windows of all widths.
fn short(rng: &mut fastrand::Rng) -> u64 {
    let magnitude = rng.u32(0..10);
    if rng.bool() { 0 } else { rng.u64(0..1 << magnitude) }
}

fn size(file: &Path) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}
