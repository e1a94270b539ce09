//! Who is calling: tokens and what is wrong with them.
//!
//! Takes an `Authorization` header and the time, and says who it is or why not. It must not know of
//! requests, read a clock, fetch keys, or repeat any part of a token in what it returns.

mod algorithm;
mod bearer;
mod claims;
mod failure;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod keys;
mod verifier;

#[cfg(test)]
mod tests;

pub use algorithm::jws_algorithm;
pub use claims::Identity;
pub use failure::AuthFailure;
pub use keys::KeyError;
pub use verifier::{MAX_TOKEN_BYTES, TokenVerifier};
