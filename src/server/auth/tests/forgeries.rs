//! Tokens that aren't as we signed them, or aren't tokens.

use super::*;

/// As the refusal of a longer one says.
const MAX_TOKEN_BYTES: usize = 8192;

fn hs256_outcome(token: &str) -> Result<String, AuthFailure> {
    verify(&jwt(JwtAlgorithm::Hs256), token)
}

#[test]
fn a_token_of_another_secret_is_refused() {
    let key = EncodingKey::from_secret(OTHER_SECRET.as_bytes());
    assert_eq!(hs256_outcome(&token(&Header::default(), GOOD, &key)), Err(AuthFailure::Signature));
}

#[test]
fn a_changed_token_is_refused() {
    let good = hs256(GOOD);
    let parts: Vec<_> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{good}") };
    let mallory = part(r#"{"sub":"mallory"}"#);
    let same_header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    let (shortened, _) = signature.split_at(signature.len() - 3);
    for changed in [
        format!("{header}.{mallory}.{signature}"),
        format!("{same_header}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{shortened}"),
        format!("{header}.{claims}.AAAA{signature}"),
        format!("{header}.{claims}.{}", "A".repeat(signature.len())),
    ] {
        assert_eq!(hs256_outcome(&changed), Err(AuthFailure::Signature), "{changed}");
    }
}

#[test]
fn what_is_not_three_parts_of_base64url_is_malformed() {
    let good = hs256(GOOD);
    let (message, _) = good.rsplit_once('.').unwrap();
    for changed in [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        message,
        &format!("{good}."),
        &format!(".{good}"),
        &format!("{good}.x"),
        &format!("{good}.x.y"),
        &format!("{good}="),
        &format!("{good} "),
        &format!("{good} x"),
        &format!("{good},{good}"),
        &format!("\"{good}\""),
        &format!("{good}\u{e9}"),
        &good.replace('.', ".."),
        &good[1..],
        &message[..message.len() - 1],
    ] {
        assert_eq!(hs256_outcome(changed), Err(AuthFailure::Malformed), "{changed}");
    }
}

/// The last character of a part holds bits that mean nothing; a token must not have several spellings.
#[test]
fn a_signature_has_one_spelling() {
    let good = hs256(GOOD);
    let (start, last) = good.split_at(good.len() - 1);
    let accepted: Vec<_> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .filter(|other| hs256_outcome(&format!("{start}{other}")).is_ok())
        .collect();
    assert_eq!(accepted, last.chars().collect::<Vec<_>>());
}

#[test]
fn bytes_that_are_not_utf8_are_malformed() {
    let verifier = TokenVerifier::new(&jwt(JwtAlgorithm::Hs256)).unwrap();
    let header = HeaderValue::from_bytes(b"Bearer \xff\xfe.\x80.\xc3").unwrap();
    assert_eq!(verifier.verify(Some(&header), SystemTime::UNIX_EPOCH), Err(AuthFailure::Malformed));
}

#[test]
fn claims_that_are_not_an_object_are_malformed() {
    for claims in ["null", "\"alice\"", "17", "[]", r#"["alice"]"#, r#"[17,17,"alice","alice","alice"]"#] {
        assert_eq!(hs256_outcome(&hs256(claims)), Err(AuthFailure::Malformed), "{claims}");
    }
}

#[test]
fn claims_that_stand_twice_are_malformed() {
    for claims in [
        r#"{"sub":"alice","sub":"mallory"}"#,
        r#"{"sub":"alice","exp":1,"exp":9999999999}"#,
        r#"{"sub":"alice","nbf":9999999999,"nbf":1}"#,
        r#"{"sub":"alice","iss":"a","iss":"b"}"#,
        r#"{"sub":"alice","aud":"a","\u0061ud":"b"}"#,
    ] {
        assert_eq!(hs256_outcome(&hs256(claims)), Err(AuthFailure::Malformed), "{claims}");
    }
}

#[test]
fn a_token_of_up_to_8_kib_is_looked_at() {
    let padded = |padding: usize| hs256(&format!(r#"{{"sub":"alice","pad":"{}"}}"#, "x".repeat(padding)));
    // Base64 makes four characters of three bytes, so not every length can be had.
    let largest =
        (0..MAX_TOKEN_BYTES).rev().map(padded).find(|token| token.len() <= MAX_TOKEN_BYTES).unwrap();
    assert!(largest.len() > MAX_TOKEN_BYTES - 2, "{}", largest.len());
    assert_eq!(hs256_outcome(&largest), alice());
    assert_eq!(hs256_outcome(&format!("{largest}AA")), Err(AuthFailure::TooLarge));
    assert_eq!(hs256_outcome(&"x".repeat(MAX_TOKEN_BYTES + 1)), Err(AuthFailure::TooLarge));
}
