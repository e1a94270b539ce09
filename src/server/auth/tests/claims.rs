//! What a token must claim.

use super::*;

/// Verifies an HS256 token of ours with these claims, with a leeway in seconds.
#[track_caller]
fn check_times(leeway: u64, claims: &str, expected: Result<(), AuthFailure>) {
    let jwt = Jwt { leeway: Duration::from_secs(leeway), ..jwt(JwtAlgorithm::Hs256) };
    let claims = claims.replace("now", &NOW.to_string());
    let outcome = verify(&jwt, &hs256(&format!(r#"{{"sub":"alice",{claims}}}"#)));
    assert_eq!(outcome.map(|_| ()), expected, "{claims} with a leeway of {leeway} s");
}

#[test]
fn a_token_expires_at_its_exp_and_the_leeway_later() {
    use AuthFailure::Expired;
    check_times(0, r#""exp":1800000001"#, Ok(()));
    check_times(0, r#""exp":now"#, Err(Expired));
    check_times(0, r#""exp":1799999999"#, Err(Expired));
    check_times(0, r#""exp":now.5"#, Ok(()));
    check_times(0, r#""exp":1799999999.9"#, Err(Expired));
    check_times(5, r#""exp":now"#, Ok(()));
    check_times(5, r#""exp":1799999996"#, Ok(()));
    check_times(5, r#""exp":1799999995.5"#, Ok(()));
    check_times(5, r#""exp":1799999995"#, Err(Expired));
    check_times(0, r#""exp":0"#, Err(Expired));
    check_times(0, r#""exp":-1"#, Err(Expired));
    check_times(0, r#""exp":-1e300"#, Err(Expired));
    check_times(0, r#""exp":1.9e9"#, Ok(()));
    check_times(0, r#""exp":1e300"#, Ok(()));
    check_times(0, r#""exp":18446744073709551616"#, Ok(()));
}

#[test]
fn a_token_is_good_from_its_nbf_and_the_leeway_sooner() {
    use AuthFailure::NotYetValid;
    check_times(0, r#""nbf":1799999999"#, Ok(()));
    check_times(0, r#""nbf":now"#, Ok(()));
    check_times(0, r#""nbf":now.5"#, Err(NotYetValid));
    check_times(0, r#""nbf":1800000001"#, Err(NotYetValid));
    check_times(5, r#""nbf":1800000005"#, Ok(()));
    check_times(5, r#""nbf":1800000006"#, Err(NotYetValid));
    check_times(0, r#""nbf":-1"#, Ok(()));
    check_times(0, r#""nbf":1e300"#, Err(NotYetValid));
}

#[test]
fn times_that_are_no_numbers_do_not_pass_for_none() {
    for value in ["null", "true", "\"now\"", "\"1900000000\"", "[1900000000]", "{}", "1e999"] {
        for name in ["exp", "nbf"] {
            check_times(60, &format!(r#""{name}":{value}"#), Err(AuthFailure::Malformed));
        }
    }
}

#[test]
fn no_time_is_required_and_iat_is_not_checked() {
    check_times(0, r#""iat":1900000000"#, Ok(()));
    check_times(0, r#""iat":"yesterday""#, Ok(()));
}

#[test]
fn the_subject_must_be_a_string_that_is_not_blank() {
    for claims in [
        "{}",
        r#"{"sub":17}"#,
        r#"{"sub":null}"#,
        r#"{"sub":""}"#,
        r#"{"sub":" \t\n"}"#,
        r#"{"sub":"\u00a0\u3000"}"#,
        r#"{"Sub":"alice"}"#,
        r#"{"user":"alice"}"#,
    ] {
        let outcome = verify(&jwt(JwtAlgorithm::Hs256), &hs256(claims));
        assert_eq!(outcome, Err(AuthFailure::Subject), "{claims}");
    }
    for claims in [r#"{"sub":["alice"]}"#, r#"{"sub":{"name":"alice"}}"#] {
        let outcome = verify(&jwt(JwtAlgorithm::Hs256), &hs256(claims));
        assert_eq!(outcome, Err(AuthFailure::Malformed), "{claims}");
    }
    let spaced = verify(&jwt(JwtAlgorithm::Hs256), &hs256(r#"{"sub":" al\u00efce "}"#));
    assert_eq!(spaced, Ok(" al\u{ef}ce ".to_owned()), "as it came");
}

#[test]
fn a_configured_issuer_is_required() {
    let jwt = Jwt { issuer: Some("us".to_owned()), ..jwt(JwtAlgorithm::Hs256) };
    assert_eq!(verify(&jwt, &hs256(r#"{"sub":"alice","iss":"us"}"#)), alice());
    for iss in ["\"them\"", "\"US\"", "\"us \"", "\"\"", "null", "17", r#"["us"]"#] {
        let token = hs256(&format!(r#"{{"sub":"alice","iss":{iss}}}"#));
        assert_eq!(verify(&jwt, &token), Err(AuthFailure::Issuer), "{iss}");
    }
    assert_eq!(verify(&jwt, &hs256(GOOD)), Err(AuthFailure::Issuer));
}

#[test]
fn a_configured_audience_is_required() {
    let jwt = Jwt { audience: Some("chain".to_owned()), ..jwt(JwtAlgorithm::Hs256) };
    for aud in ["\"chain\"", r#"["chain"]"#, r#"["other","chain"]"#, r#"[17,"chain"]"#] {
        assert_eq!(verify(&jwt, &hs256(&format!(r#"{{"sub":"alice","aud":{aud}}}"#))), alice(), "{aud}");
    }
    for aud in ["\"other\"", "\"Chain\"", "\"chain,other\"", "[]", r#"["other"]"#, "null", r#"{"chain":1}"#] {
        let token = hs256(&format!(r#"{{"sub":"alice","aud":{aud}}}"#));
        assert_eq!(verify(&jwt, &token), Err(AuthFailure::Audience), "{aud}");
    }
    assert_eq!(verify(&jwt, &hs256(GOOD)), Err(AuthFailure::Audience));
}

#[test]
fn without_a_configured_issuer_and_audience_any_pass() {
    for claims in [r#"{"sub":"alice","iss":"x","aud":"y"}"#, r#"{"sub":"alice","iss":1,"aud":[2]}"#] {
        assert_eq!(verify(&jwt(JwtAlgorithm::Hs256), &hs256(claims)), alice(), "{claims}");
    }
}

#[test]
fn only_who_needs_nothing_else_is_told_to_get_a_fresh_token() {
    let jwt = Jwt { issuer: Some("us".to_owned()), ..jwt(JwtAlgorithm::Hs256) };
    for (claims, failure) in [
        (r#"{"exp":1}"#, AuthFailure::Subject),
        (r#"{"sub":"alice","exp":1}"#, AuthFailure::Issuer),
        (r#"{"sub":"alice","iss":"us","exp":1,"nbf":1900000000}"#, AuthFailure::NotYetValid),
        (r#"{"sub":"alice","iss":"us","exp":1}"#, AuthFailure::Expired),
    ] {
        assert_eq!(verify(&jwt, &hs256(claims)), Err(failure), "{claims}");
    }
    let key = EncodingKey::from_secret(OTHER_SECRET.as_bytes());
    let foreign = token(&Header::default(), r#"{"sub":"alice","iss":"us","exp":1}"#, &key);
    assert_eq!(verify(&jwt, &foreign), Err(AuthFailure::Signature));
}
