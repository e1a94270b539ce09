//! Whatever stands in the header: no panic, and nobody is recognised who wasn't given a token.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

fn outcome(header: &[u8]) -> Result<Identity, AuthFailure> {
    // What can't be a header's value is refused before it comes to us.
    let Ok(header) = HeaderValue::from_bytes(header) else { return Err(AuthFailure::Missing) };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    TokenVerifier::new(&jwt(JwtAlgorithm::Hs256)).unwrap().verify(Some(&header), now)
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_nobody(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(outcome(&bytes).is_err());
        prop_assert!(outcome(&[b"Bearer ", &bytes[..]].concat()).is_err());
    }

    #[test]
    fn arbitrary_parts_are_nobody(parts in vec("[A-Za-z0-9_-]{0,40}", 0..6)) {
        let token = format!("Bearer {}", parts.join("."));
        prop_assert!(outcome(token.as_bytes()).is_err());
    }

    #[test]
    fn arbitrary_json_with_a_bad_signature_is_nobody(
        header in "(\\{\"alg\":\"(HS256|HS384|RS256|none)\"(,\"(crit|jwk|typ|x5c)\":(null|1|\\[\\]|\"x\"))?\\})",
        signature in "[A-Za-z0-9_-]{0,64}",
    ) {
        let token = format!("Bearer {}.{}.{signature}", part(&header), part(GOOD));
        prop_assert!(outcome(token.as_bytes()).is_err());
    }

    #[test]
    fn a_good_token_with_one_byte_changed_is_nobody(at in any::<Index>(), byte in any::<u8>()) {
        let mut token = hs256(GOOD).into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != byte);
        token[at] = byte;
        prop_assert!(outcome(&[b"Bearer ", &token[..]].concat()).is_err());
    }
}
