//! The algorithms that tokens may be signed with, as the library that signs and verifies knows them.

use jsonwebtoken::Algorithm;

use crate::settings::JwtAlgorithm;

/// The library's word for it.
#[must_use]
pub fn jws_algorithm(algorithm: JwtAlgorithm) -> Algorithm {
    match algorithm {
        JwtAlgorithm::Hs256 => Algorithm::HS256,
        JwtAlgorithm::Hs384 => Algorithm::HS384,
        JwtAlgorithm::Hs512 => Algorithm::HS512,
        JwtAlgorithm::Rs256 => Algorithm::RS256,
        JwtAlgorithm::Es256 => Algorithm::ES256,
        JwtAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}
