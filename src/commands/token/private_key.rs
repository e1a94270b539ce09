//! Reads the private key that tokens are signed with, and refuses what a server couldn't verify. Never
//! quotes the file.

use std::path::Path;

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};

use super::signing_key::SigningKey;
use crate::commands::arguments::{KEY_WAS_SEEN, PEM};
use crate::error::{Error, ErrorCode};
use crate::report::terminal_text::one_line;
use crate::settings::JwtAlgorithm;
use crate::small_file::read_small_file;

/// The most bytes of such a file: ample for the largest RSA key, with a comment above it.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The sizes of RSA keys whose signatures servers verify, in bytes of the modulus: 2048 to 8192 bits.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// What marks an elliptic curve's point as uncompressed.
const UNCOMPRESSED: u8 = 4;

/// Files that begin with something else than a private key in a form that can be read: how they begin, what
/// they hold, and what to do. The first that fits is told.
const OTHER_FILES: [(&str, &str, &str); 6] = [
    (
        "ENCRYPTED",
        "holds an encrypted key",
        "decrypt it where only you can read it: openssl pkey -in FILE -out private.pem",
    ),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "holds a key in OpenSSH's own form",
        "make a key of its own for tokens: openssl genpkey -algorithm ed25519 -out private.pem",
    ),
    (
        "-----BEGIN EC PRIVATE KEY-----",
        "holds a key in the SEC 1 form, and PKCS #8 is needed",
        "convert it: openssl pkcs8 -topk8 -nocrypt -in FILE -out private.pem",
    ),
    (
        "-----BEGIN EC PARAMETERS-----",
        "holds a curve before its key, and the key alone is needed",
        "convert it: openssl pkcs8 -topk8 -nocrypt -in FILE -out private.pem",
    ),
    (
        "PUBLIC KEY-----",
        "holds a public key",
        "tokens are signed with the private key that belongs to it, which its owner alone has",
    ),
    ("-----BEGIN CERTIFICATE-----", "holds a certificate", "tokens are signed with its private key"),
];

/// The key in that file, if it is one for that algorithm.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn read(path: &Path, algorithm: JwtAlgorithm) -> Result<SigningKey, Error> {
    if path.to_string_lossy().contains(PEM) {
        // A path would be quoted.
        return Err(Error::new(ErrorCode::Usage, "--private-key-file takes the path of a file, not a key")
            .hint(KEY_WAS_SEEN));
    }
    let error = |problem: &str| {
        let message = format!("--private-key-file {}: the file {problem}", path.display());
        Error::new(ErrorCode::Configuration, message)
    };
    let text = read_small_file(path, MAX_FILE_BYTES).map_err(|problem| error(&problem.to_string()))?;
    let pem = SecretString::from(text);
    let pem = pem.expose_secret();
    // Only the first of several things in a file is looked at, here as by whoever reads it below. That it is
    // encrypted may stand in its second line.
    let first = pem.find("-----BEGIN").and_then(|at| pem.get(at..)).unwrap_or_default();
    let is_like = |mark: &str| first.lines().take(2).any(|line| line.contains(mark));
    if let Some((_, what, hint)) = OTHER_FILES.iter().find(|(mark, ..)| is_like(mark)) {
        return Err(error(what).hint(*hint));
    }
    let (key, expected, hint) = match algorithm {
        JwtAlgorithm::Es256 => (
            p256_key(pem),
            "must hold a P-256 private key as PEM, for ES256",
            "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private.pem",
        ),
        JwtAlgorithm::EdDsa => (
            ed25519_key(pem),
            "must hold an Ed25519 private key as PEM, for EdDSA",
            "make one with: openssl genpkey -algorithm ed25519 -out private.pem",
        ),
        _ => (
            rsa_key(pem),
            "must hold an RSA private key of 2048 to 8192 bits as PEM, for RS256",
            "make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out private.pem",
        ),
    };
    key.ok_or_else(|| error(expected).hint(hint))
}

/// What to say if others can read the file too.
#[cfg(unix)]
pub(super) fn exposure(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let shown = one_line(&path.to_string_lossy());
    (mode & 0o044 != 0).then(|| {
        format!("{shown} can be read by other users (its mode is {mode:03o}): chmod 600 keeps it to you")
    })
}

/// Who can read a file can't be told here.
#[cfg(not(unix))]
pub(super) fn exposure(_: &Path) -> Option<String> {
    None
}

fn rsa_key(pem: &str) -> Option<SigningKey> {
    let private = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    let components = aws_lc::DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_private_key;
    let (modulus, exponent) = components(private.as_bytes()).ok()?;
    let public = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
    RSA_MODULUS_BYTES.contains(&modulus.len()).then_some(SigningKey { private, public })
}

fn p256_key(pem: &str) -> Option<SigningKey> {
    let private = EncodingKey::from_ec_pem(pem.as_bytes()).ok()?;
    let components = aws_lc::DEFAULT_PROVIDER.key_utils.ec_pub_components_from_private_key;
    let (_, x, y) = components(private.as_bytes(), Algorithm::ES256).ok()?;
    let point = [&[UNCOMPRESSED], x.as_slice(), y.as_slice()].concat();
    Some(SigningKey { private, public: DecodingKey::from_ec_der(&point) })
}

fn ed25519_key(pem: &str) -> Option<SigningKey> {
    let private = EncodingKey::from_ed_pem(pem.as_bytes()).ok()?;
    let component = aws_lc::DEFAULT_PROVIDER.key_utils.ed_pub_components_from_private_key;
    let public = component(private.as_bytes(), &jsonwebtoken::jwk::EllipticCurve::Ed25519).ok()?;
    Some(SigningKey { private, public: DecodingKey::from_ed_der(&public) })
}
