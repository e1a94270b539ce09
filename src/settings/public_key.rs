//! Reads the file of a public key. Whether the key fits its algorithm is found out by whoever uses it.

use std::path::Path;

use crate::small_file::read_small_file;

/// The most bytes of such a file: ample for the largest RSA key, with a comment above it.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The beginnings of a public key in PEM.
const BEGINNINGS: [&str; 2] = ["-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----"];

/// The text of the file at `path`, which holds a public key as PEM; or what is wrong with the file.
pub(super) fn public_key_in_file(path: &Path) -> Result<String, String> {
    let text = read_small_file(path, MAX_FILE_BYTES).map_err(|problem| format!("the file {problem}"))?;
    if text.contains("PRIVATE KEY-----") {
        // Whoever only verifies must not be able to sign.
        return Err("the file holds a private key; the server needs the public one alone".to_owned());
    }
    if !BEGINNINGS.iter().any(|beginning| text.contains(beginning)) {
        return Err(format!("the file must hold a public key as PEM, beginning with {}", BEGINNINGS[0]));
    }
    Ok(text)
}
