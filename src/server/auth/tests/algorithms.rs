//! One algorithm is accepted, and only with its own key.

use super::*;

const ALGORITHMS: [(JwtAlgorithm, Algorithm); 6] = [
    (JwtAlgorithm::Hs256, Algorithm::HS256),
    (JwtAlgorithm::Hs384, Algorithm::HS384),
    (JwtAlgorithm::Hs512, Algorithm::HS512),
    (JwtAlgorithm::Rs256, Algorithm::RS256),
    (JwtAlgorithm::Es256, Algorithm::ES256),
    (JwtAlgorithm::EdDsa, Algorithm::EdDSA),
];

#[test]
fn every_algorithm_accepts_its_own_tokens_and_no_others() {
    for (configured, own) in ALGORITHMS {
        for (_, algorithm) in ALGORITHMS {
            let token = token(&Header::new(algorithm), GOOD, &signing_key(algorithm));
            let expected = if algorithm == own { alice() } else { Err(AuthFailure::Algorithm) };
            assert_eq!(verify(&jwt(configured), &token), expected, "{algorithm:?} for {configured:?}");
        }
    }
}

#[test]
fn further_algorithms_of_the_same_key_are_refused() {
    for algorithm in [Algorithm::RS384, Algorithm::PS256] {
        let token = token(&Header::new(algorithm), GOOD, &signing_key(algorithm));
        assert_eq!(verify(&jwt(JwtAlgorithm::Rs256), &token), Err(AuthFailure::Algorithm));
    }
}

#[test]
fn a_public_key_is_no_secret() {
    for (configured, public_key) in [
        (JwtAlgorithm::Rs256, RSA_PUBLIC),
        (JwtAlgorithm::Es256, EC_PUBLIC),
        (JwtAlgorithm::EdDsa, ED_PUBLIC),
    ] {
        let secret = EncodingKey::from_secret(public_key.as_bytes());
        let forged = token(&Header::new(Algorithm::HS256), GOOD, &secret);
        assert_eq!(verify(&jwt(configured), &forged), Err(AuthFailure::Algorithm));

        // The same signature under a header that names the right algorithm.
        let (_, message_and_signature) = forged.split_once('.').unwrap();
        let name = format!("{:?}", ALGORITHMS.iter().find(|(of, _)| *of == configured).unwrap().1);
        let renamed = format!("{}.{message_and_signature}", part(&format!(r#"{{"alg":"{name}"}}"#)));
        assert_eq!(verify(&jwt(configured), &renamed), Err(AuthFailure::Signature));
    }
}

#[test]
fn a_token_without_an_algorithm_is_refused_signed_or_not() {
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None","typ":"JWT"}"#,
        r#"{"alg":"NONE"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS257"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"typ":"JWT"}"#,
        "{}",
        r#"["HS256"]"#,
        "null",
    ] {
        let unsigned = format!("{}.{}.", part(header), part(GOOD));
        for token in [with_header(header), unsigned] {
            assert_eq!(verify(&jwt(JwtAlgorithm::Hs256), &token), Err(AuthFailure::Algorithm), "{header}");
        }
    }
    for header in [r#"{"alg":null}"#, r#"{"alg":5}"#, r#"{"alg":["HS256"]}"#] {
        let outcome = verify(&jwt(JwtAlgorithm::Hs256), &with_header(header));
        assert_eq!(outcome, Err(AuthFailure::Malformed), "{header}");
    }
}

#[test]
fn a_critical_header_is_refused() {
    for header in [
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"HS256","crit":[]}"#,
    ] {
        let outcome = verify(&jwt(JwtAlgorithm::Hs256), &with_header(header));
        assert_eq!(outcome, Err(AuthFailure::CriticalHeader), "{header}");
    }
}

#[test]
fn what_a_header_says_of_keys_is_not_looked_at() {
    for header in [
        r#"{"alg":"HS256","typ":"JWT","kid":"../../etc/passwd"}"#,
        r#"{"alg":"HS256","jku":"https://evil.example/keys","x5u":"https://evil.example/chain"}"#,
    ] {
        assert_eq!(verify(&jwt(JwtAlgorithm::Hs256), &with_header(header)), alice(), "{header}");
    }
    let own_key =
        r#"{"alg":"HS256","jwk":{"kty":"oct","k":"YW5vdGhlciBzZWNyZXQgb2YgZW5vdWdoIGNoYXJhY3RlcnM"}}"#;
    let message = format!("{}.{}", part(own_key), part(GOOD));
    let key = EncodingKey::from_secret(OTHER_SECRET.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    let outcome = verify(&jwt(JwtAlgorithm::Hs256), &format!("{message}.{signature}"));
    assert_eq!(outcome, Err(AuthFailure::Signature), "the header brings the key that it was signed with");
}
