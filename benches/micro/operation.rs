//! What is measured. A bench sees only what is public, and all of this is: each is a part that stands for itself,
//! bytes or values in, values out. So there is no door for benches alone, as there is for fuzzers.

use std::error::Error;

use super::{chain, chunks, json_text, limiter, log, reply, settings, tokens};

/// Something that the program does often.
pub(crate) struct Operation {
    /// Its name, in letters, digits and hyphens: also that of a folder with its times.
    pub(crate) name: &'static str,
    /// What it does one of, again and again.
    pub(crate) item: &'static str,
    /// Passes whose instructions are counted; so many that what isn't the same in every process, such as the seed of
    /// hash tables, is lost among them.
    pub(crate) passes: u32,
    /// Makes what it needs.
    pub(crate) prepare: fn() -> Result<Prepared, Box<dyn Error>>,
}

/// An operation that can be done.
pub(crate) struct Prepared {
    /// Does it, once or to many items.
    pub(crate) pass: Box<dyn FnMut()>,
    /// Items in a pass.
    pub(crate) items: usize,
    /// Bytes that a pass reads or writes; `None` where bytes aren't what counts.
    pub(crate) bytes: Option<usize>,
}

/// Those whose name has `only` in it.
pub(crate) fn chosen(only: &str) -> Result<Vec<&'static Operation>, Box<dyn Error>> {
    let all = [
        reply::OPERATIONS,
        json_text::OPERATIONS,
        chunks::OPERATIONS,
        tokens::OPERATIONS,
        limiter::OPERATIONS,
        settings::OPERATIONS,
        log::OPERATIONS,
        chain::OPERATIONS,
    ];
    let chosen: Vec<_> =
        all.into_iter().flatten().filter(|operation| operation.name.contains(only)).collect();
    if chosen.is_empty() { Err(format!("no operation has {only} in its name").into()) } else { Ok(chosen) }
}

/// The one of that name.
pub(crate) fn find(name: &str) -> Result<&'static Operation, Box<dyn Error>> {
    let found = chosen(name)?.into_iter().find(|operation| operation.name == name);
    found.ok_or_else(|| format!("there is no operation {name}").into())
}
