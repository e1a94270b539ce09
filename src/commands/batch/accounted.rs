//! What stands in the results' file before a batch begins, held against the journal: results are paid for, and notes
//! are somebody's. The file is written anew, so there may be nothing in it but what would come again.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::item::Unfit;
use super::journal::each_result;
use crate::error::{Error, ErrorCode};
use crate::report::Replies;

/// The most bytes of a line that are looked at: more than any result has.
const MOST_OF_LINE: u64 = 64 << 20;

/// How a result begins, what follows its line's number, and what stands in it where it belongs to a run.
const BEGINNING: &[u8] = b"{\"line\":";
const ID: &[u8] = b",\"id\":";
const OF_A_RUN: &[u8] = b"\"request_id\":\"r";

/// Refuses a file that holds something which the journal at that place doesn't have; `None` if none was begun.
pub(super) fn check(results: &Path, journal: Option<&Path>) -> Result<(), Error> {
    // What has no end, a pipe or a device, holds nothing.
    if !results.metadata().is_ok_and(|there| there.is_file() && there.len() > 0) {
        return Ok(());
    }
    let unreadable =
        |error| Error::new(ErrorCode::Usage, format!("can't read {}", results.display())).because(error);
    let unknown = match journal {
        Some(journal) => {
            let mut there =
                There::read(BufReader::new(File::open(results).map_err(unreadable)?)).map_err(unreadable)?;
            each_result(journal, |result| there.take_out(result))?;
            there.first_unknown()
        }
        None => Some(1),
    };
    let Some(unknown) = unknown else { return Ok(()) };
    let message = format!("{} holds something that the journal doesn't have", results.display());
    let error = Error::new(ErrorCode::Usage, message);
    Err(match journal {
        Some(_) => error
            .because(format!("its line {unknown} isn't as a batch has written it"))
            .hint("move it away, or name another file with -o: what the journal has is written again, at no cost"),
        None => error.hint("move it away, or name another file with -o: without the journal that has it, every line is run, and paid for, again"),
    })
}

/// What stands in the file that hasn't been found in the journal yet.
#[derive(Debug, Default)]
struct There {
    /// Whole lines, by their hashes: the number of the first of each.
    whole: HashMap<[u8; 32], u64>,
    /// The last line, if a crash or a full disk has cut it off, and its number.
    torn: Option<(u64, Vec<u8>)>,
}

impl There {
    fn read(mut file: impl BufRead) -> io::Result<Self> {
        let mut there = Self::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            file.by_ref().take(MOST_OF_LINE).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            let has_end = line.last() == Some(&b'\n');
            // A crash may leave the end of a file without what was to stand there.
            while line.last().is_some_and(|byte| matches!(byte, b'\n' | 0)) {
                line.pop();
            }
            if line.trim_ascii().is_empty() || is_unfit(&line) {
                continue;
            }
            if has_end || serde_json::from_slice::<serde::de::IgnoredAny>(&line).is_ok() {
                there.whole.entry(Sha256::digest(&line).into()).or_insert(number);
            } else {
                there.torn =
                    Some((number, std::mem::take(&mut line))).filter(|(_, torn)| !is_torn_unfit(torn));
                break;
            }
        }
        Ok(there)
    }

    /// The journal has that result.
    fn take_out(&mut self, result: &str) {
        let hash: [u8; 32] = Sha256::digest(result).into();
        self.whole.remove(&hash);
        self.torn.take_if(|(_, torn)| result.as_bytes().starts_with(torn));
    }

    /// The number of the first line that the journal doesn't have.
    fn first_unknown(&self) -> Option<u64> {
        self.whole.values().copied().chain(self.torn.as_ref().map(|(number, _)| *number)).min()
    }
}

/// As much of a result as that of a line which couldn't be run is made of.
#[derive(Deserialize)]
struct UnfitParts {
    line: u64,
    id: serde_json::Value,
    error: UnfitError,
}

#[derive(Deserialize)]
struct UnfitError {
    message: String,
}

/// Whether it is the result of a line that couldn't be run: no journal has it, because it cost nothing and comes again.
fn is_unfit(line: &[u8]) -> bool {
    let Ok(UnfitParts { line: number, id, error }) = serde_json::from_slice(line) else { return false };
    let unfit = Unfit { id, reason: error.message };
    [Replies::Upstream, Replies::Simulated, Replies::Replayed]
        .into_iter()
        .any(|replies| unfit.result(number, replies).is_ok_and(|result| result.as_bytes() == line))
}

/// Whether it is the beginning of such a result, cut off: it belongs to no run.
fn is_torn_unfit(torn: &[u8]) -> bool {
    let Some(rest) = torn.strip_prefix(BEGINNING) else { return BEGINNING.starts_with(torn) };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(digits..).unwrap_or_default();
    (rest.starts_with(ID) || ID.starts_with(rest)) && memchr::memmem::find(rest, OF_A_RUN).is_none()
}
