//! Keeps checkpoints secret from whoever can read the store, and unchanged by whoever can write there:
//! AES-256-GCM under a key that is derived from `CHECKPOINT_KEY`, with a nonce at random for each value.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::claim::hex;

/// What an encrypted value begins with; one that isn't begins with `{`.
const MARK: u8 = b'1';

/// The bytes of a key's id.
const ID_LEN: usize = 8;

/// Encrypts by one key, and decrypts by that and the one before it.
pub(super) struct Cipher {
    /// `None` only if the library can't make a key: then nothing is encrypted, and nothing is kept.
    current: Option<Key>,
    previous: Option<Key>,
}

/// A key, and the name of that key.
struct Key {
    key: RandomizedNonceKey,
    id: [u8; ID_LEN],
}

/// Why a value can't be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CantDecrypt {
    #[error("it isn't encrypted, and CHECKPOINT_KEY is set")]
    Plain,
    #[error("it is encrypted by another CHECKPOINT_KEY")]
    OtherKey,
    #[error("it has been changed, or is another's")]
    Changed,
}

impl Cipher {
    pub(super) fn new(secret: &SecretString, previous: Option<&SecretString>) -> Self {
        Self { current: Key::new(secret), previous: previous.and_then(Key::new) }
    }

    /// `value`, which belongs to `owner`; `None` only if the library can't encrypt it.
    pub(super) fn encrypt(&self, owner: &[u8], mut value: Vec<u8>) -> Option<Vec<u8>> {
        let Key { key, id } = self.current.as_ref()?;
        let nonce = key.seal_in_place_append_tag(Aad::from(owner), &mut value).ok()?;
        Some([&[MARK], &id[..], &nonce.as_ref()[..], &value].concat())
    }

    /// What [`encrypt`](Self::encrypt) was given.
    ///
    /// # Errors
    /// If it wasn't encrypted by one of these keys, for that owner, or has been changed since.
    pub(super) fn decrypt(&self, owner: &[u8], encrypted: &[u8]) -> Result<Vec<u8>, CantDecrypt> {
        let rest = encrypted.strip_prefix(&[MARK]).ok_or(CantDecrypt::Plain)?;
        let (id, rest) = rest.split_first_chunk::<ID_LEN>().ok_or(CantDecrypt::Changed)?;
        let (nonce, value) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CantDecrypt::Changed)?;
        let mut keys = self.current.iter().chain(&self.previous);
        let Key { key, .. } = keys.find(|key| key.id == *id).ok_or(CantDecrypt::OtherKey)?;
        let (nonce, mut value) = (Nonce::assume_unique_for_key(*nonce), value.to_vec());
        let opened = key.open_in_place(nonce, Aad::from(owner), &mut value);
        opened.map(|plain| plain.to_vec()).map_err(|_| CantDecrypt::Changed)
    }
}

impl Key {
    fn new(secret: &SecretString) -> Option<Self> {
        let secret = secret.expose_secret();
        // As it is written most often: half of the text's bytes say nothing.
        let material = bytes_of_hex(secret).unwrap_or_else(|| secret.as_bytes().to_vec());
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &material);
        let key = hmac::sign(&secret, b"promptchain checkpoints v1: key");
        let id = hmac::sign(&secret, b"promptchain checkpoints v1: id");
        Some(Self {
            key: RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).ok()?,
            id: id.as_ref().first_chunk().copied()?,
        })
    }
}

/// The keys' names, by which two can be told apart.
impl fmt::Debug for Cipher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.current.iter().chain(&self.previous).map(|key| hex(&key.id));
        write!(out, "Cipher({})", keys.collect::<Vec<_>>().join(", "))
    }
}

/// The 32 bytes that 64 hexadecimal digits stand for.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = is_hex.then_some(text)?;
    (0..32).map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "4f1d9a7c3e5b60828a1c0f7e6d5b493727160594837261504f3e2d1c0b9a8877";

    fn cipher(secret: &str) -> Cipher {
        Cipher::new(&SecretString::from(secret), None)
    }

    #[test]
    fn what_was_encrypted_is_read_again_by_the_same_key_for_the_same_owner() {
        let encrypted = cipher(HEX).encrypt(b"owner", b"the draft".to_vec()).unwrap();
        assert!(!encrypted.windows(5).any(|part| part == b"draft"));
        assert_eq!(cipher(&HEX.to_uppercase()).decrypt(b"owner", &encrypted).unwrap(), b"the draft");
        assert_eq!(cipher(HEX).decrypt(b"other", &encrypted), Err(CantDecrypt::Changed));
        let other = cipher("an entirely other key of 32 letters");
        assert_eq!(other.decrypt(b"owner", &encrypted), Err(CantDecrypt::OtherKey));
        assert_eq!(cipher(HEX).decrypt(b"owner", b"{}"), Err(CantDecrypt::Plain));
    }

    #[test]
    fn no_byte_of_it_can_be_changed_or_taken_away() {
        let cipher = cipher(HEX);
        let encrypted = cipher.encrypt(b"owner", b"the draft".to_vec()).unwrap();
        for at in 0..encrypted.len() {
            let mut changed = encrypted.clone();
            changed[at] ^= 1;
            assert!(cipher.decrypt(b"owner", &changed).is_err(), "{at}");
            assert!(cipher.decrypt(b"owner", &encrypted[..at]).is_err(), "{at}");
        }
    }

    #[test]
    fn no_two_values_are_encrypted_alike() {
        let encrypt = || cipher(HEX).encrypt(b"owner", b"the draft".to_vec()).unwrap();
        assert_ne!(encrypt(), encrypt());
    }
}
