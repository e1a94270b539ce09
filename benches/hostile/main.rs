//! What hostile clients cost a server and those who ask it for something: thousands of connections that say
//! nothing, heads and bodies that come a byte at a time, streams that nobody reads, and bad tokens by the
//! thousand.
//!
//! `cargo bench --bench hostile` prints tables, with `-- --json` an object a line. It ends with an error if a
//! promise is broken: a good request that fails, a slow client that isn't cut, a bad token that costs a call.
//! The README beside this says how to read it.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod decoy;
mod flood;
mod good;
mod held;
mod house;
mod latency;
mod report;
mod slow;
mod tokens;
mod unread;

use std::error::Error;

use self::report::Report;

/// Whatever goes wrong ends the bench.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    // Cargo itself adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_json = match arguments.as_slice() {
        [] => false,
        [json] if json == "--json" => true,
        _ => return Err(format!("unknown arguments {arguments:?}; there is only --json").into()),
    };
    let mut report = Report::new(is_json);
    held::measure(&mut report).await?;
    slow::measure(&mut report).await?;
    unread::measure(&mut report).await?;
    flood::measure(&mut report).await?;
    report.verdict()
}
