//! Reads a file of certificates. Whether they can be used is found out by whoever uses them.

use std::path::Path;

use crate::small_file::read_small_file;

/// The most bytes of such a file: ample for a system's whole bundle.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

const BEGINNING: &str = "-----BEGIN CERTIFICATE-----";

/// The text of the file at `path`, which holds certificates as PEM; or what is wrong with the file.
pub(super) fn certificates_in_file(path: &Path) -> Result<String, String> {
    let text = read_small_file(path, MAX_FILE_BYTES).map_err(|problem| format!("the file {problem}"))?;
    if text.contains("PRIVATE KEY-----") {
        return Err("the file holds a private key; only certificates belong here".to_owned());
    }
    if !text.contains(BEGINNING) {
        return Err(format!("the file must hold certificates as PEM, each beginning with {BEGINNING}"));
    }
    Ok(text)
}
