//! Keys that are found to be of no use at the start, and keys that take turns.

use super::*;

const PUBLIC_KEY_FILE: &str = "JWT_PUBLIC_KEY_FILE";

#[track_caller]
fn check(jwt: &Jwt, variable: &str, problem: &str) {
    let error = TokenVerifier::new(jwt).unwrap_err();
    assert_eq!((error.variable, error.problem), (variable, problem));
    assert_eq!(error.to_string(), format!("{variable} {problem}"));
}

#[test]
fn a_missing_key_is_told_of() {
    for algorithm in [JwtAlgorithm::Hs256, JwtAlgorithm::Hs384, JwtAlgorithm::Hs512] {
        let only_previous =
            Jwt { secret: None, previous_secret: Some(SecretString::from(SECRET)), ..jwt(algorithm) };
        check(&only_previous, "JWT_SECRET_KEY", "is not set, and HS algorithms need it");
    }
    for algorithm in [JwtAlgorithm::Rs256, JwtAlgorithm::Es256, JwtAlgorithm::EdDsa] {
        let only_secret =
            Jwt { secret: Some(SecretString::from(SECRET)), public_key: None, ..jwt(algorithm) };
        check(&only_secret, PUBLIC_KEY_FILE, "is not set, and only HS algorithms need no public key");
    }
}

#[test]
fn a_key_that_no_token_could_be_verified_with_is_told_of() {
    let small_rsa = include_str!("../test_keys/rsa_1024_public.pem");
    let p384 = include_str!("../test_keys/ec_p384_public.pem");
    let k256 = include_str!("../test_keys/ec_k256_public.pem");
    let cut = &RSA_PUBLIC[..200];
    for (algorithm, expected, unfit) in [
        (
            JwtAlgorithm::Rs256,
            "must hold an RSA public key of 2048 to 8192 bits as PEM, for RS256",
            ["", "key", cut, small_rsa, k256, RSA_PRIVATE, EC_PUBLIC, ED_PUBLIC],
        ),
        (
            JwtAlgorithm::Es256,
            "must hold a P-256 public key as PEM, for ES256",
            ["", "key", cut, p384, k256, EC_PRIVATE, RSA_PUBLIC, ED_PUBLIC],
        ),
        (
            JwtAlgorithm::EdDsa,
            "must hold an Ed25519 public key as PEM, for EdDSA",
            ["", "key", cut, p384, k256, ED_PRIVATE, RSA_PUBLIC, EC_PUBLIC],
        ),
    ] {
        for pem in unfit {
            check(&Jwt { public_key: Some(pem.to_owned()), ..jwt(algorithm) }, PUBLIC_KEY_FILE, expected);
        }
    }
}

#[test]
fn an_rsa_key_may_be_pkcs_1() {
    let pkcs1 = include_str!("../test_keys/rsa_2048_public_pkcs1.pem");
    let jwt = Jwt { public_key: Some(pkcs1.to_owned()), ..jwt(JwtAlgorithm::Rs256) };
    let token = token(&Header::new(Algorithm::RS256), GOOD, &signing_key(Algorithm::RS256));
    assert_eq!(verify(&jwt, &token), alice());
}

#[test]
fn the_previous_secret_is_accepted_while_it_is_configured() {
    let before = jwt(JwtAlgorithm::Hs256);
    let rotated = Jwt {
        secret: Some(SecretString::from(OTHER_SECRET)),
        previous_secret: Some(SecretString::from(SECRET)),
        ..before.clone()
    };
    let after = Jwt { previous_secret: None, ..rotated.clone() };
    let old = hs256(GOOD);
    let new = token(&Header::default(), GOOD, &EncodingKey::from_secret(OTHER_SECRET.as_bytes()));
    let refused = || Err(AuthFailure::Signature);
    for (jwt, of_old, of_new) in
        [(before, alice(), refused()), (rotated.clone(), alice(), alice()), (after, refused(), alice())]
    {
        assert_eq!((verify(&jwt, &old), verify(&jwt, &new)), (of_old, of_new));
    }
    let third = token(&Header::default(), GOOD, &EncodingKey::from_secret(b"a third secret, never ours"));
    assert_eq!(verify(&rotated, &third), refused());
    assert_eq!(verify(&rotated, &hs256(r#"{"sub":"alice","exp":1}"#)), Err(AuthFailure::Expired));
}

#[test]
fn keys_are_not_shown() {
    let jwt = Jwt { previous_secret: Some(SecretString::from(OTHER_SECRET)), ..jwt(JwtAlgorithm::Hs256) };
    let shown = format!("{:?}", TokenVerifier::new(&jwt).unwrap());
    for secret in [SECRET, OTHER_SECRET] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!shown.contains(&format!("{:?}", secret.as_bytes())), "{shown}");
    }
}
