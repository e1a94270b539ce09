//! Crashes: a process that is killed at any moment, a disk that is full at any byte. Files are whole or absent,
//! the journal can be read, and nothing that was finished is paid for again.
//!
//! Moments are drawn from a seed, which a failure names: `PROMPTCHAIN_TEST_SEED` draws others, and
//! `PROMPTCHAIN_TEST_KILLS=200` has as many kills, with every byte and every system call besides.

mod batches;
mod bytes;
mod effort;
mod full_disk;
mod ledger;
mod moment;
mod runs;
mod system_calls;

use effort::Effort;
use ledger::Ledger;
use moment::{Life, Moment};
