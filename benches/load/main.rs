//! How much a chain costs that `promptchain serve` runs, beside the same three calls made by a server that does nothing
//! else, in turns, against the same simulator on the same machine.
//!
//! `cargo bench --bench load` prints tables, `-- --json` an object a line. The README beside this says how to read
//! them.

#![expect(clippy::print_stdout, reason = "a bench prints")]

#[path = "../support/mod.rs"]
mod support;

mod added;
mod arguments;
mod bare;
mod calls;
mod exchange;
mod held;
mod processes;
mod throughput;

use std::error::Error;
use std::io;

use self::arguments::Arguments;
use self::calls::Calls;

/// For the bare server, as for the program.
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::read(std::env::args().skip(1))? {
        Arguments::Bare { upstream } => {
            let mut line = String::new();
            io::stdin().read_line(&mut line)?;
            bare::serve(upstream, Calls::from_line(&line)?).await
        }
        Arguments::Measure { is_json, windows } => {
            let calls = processes::calls_of_a_chain().await?;
            added::measure(&calls, is_json).await?;
            for pace in [processes::Pace::Bursts, processes::Pace::EachAlone] {
                throughput::measure(&calls, pace, windows, is_json).await?;
            }
            held::measure(&calls, is_json).await
        }
    }
}
