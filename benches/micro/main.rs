//! What single operations cost that a request consists of: reading replies, decoding text, writing chunks, verifying
//! tokens, deciding on limits, resolving settings, composing requests, logging, and a whole chain without a network.
//!
//! `cargo bench --bench micro` prints times, `-- --instructions` instructions under callgrind, each as a table or
//! with `--json` as an object a line. The README beside this says how to read them.

#![expect(clippy::print_stdout, reason = "a bench prints")]

#[path = "../support/chain.rs"]
mod support;

mod arguments;
mod chain;
mod chunks;
mod instructions;
mod json_text;
mod limiter;
mod log;
mod material;
mod operation;
mod reply;
mod settings;
mod times;
mod tokens;

use std::error::Error;

use self::arguments::Arguments;

fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::read(std::env::args().skip(1))? {
        Arguments::Times { is_json, only } => times::measure(&only, is_json),
        Arguments::Instructions { is_json, only } => instructions::measure(&only, is_json),
        Arguments::Sample { name } => times::sample(operation::find(&name)?),
        Arguments::Repeat { name, times } => {
            let mut prepared = (operation::find(&name)?.prepare)()?;
            (0..times).for_each(|_| (prepared.pass)());
            Ok(())
        }
    }
}
