//! The token in an `Authorization` header, cut out before anything is decoded.

use axum::http::HeaderValue;

use super::AuthFailure;

const SCHEME: &[u8] = b"Bearer";

/// What follows `Bearer` (in any case) and its spaces.
///
/// # Errors
/// [`AuthFailure::Missing`] and [`AuthFailure::NotBearer`].
pub(super) fn bearer_token(authorization: Option<&HeaderValue>) -> Result<&[u8], AuthFailure> {
    let value = authorization.ok_or(AuthFailure::Missing)?.as_bytes();
    let (scheme, rest) = value.split_at_checked(SCHEME.len()).ok_or(AuthFailure::NotBearer)?;
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let token = rest.get(spaces..).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(SCHEME) || spaces == 0 || token.is_empty() {
        return Err(AuthFailure::NotBearer);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_follows_the_scheme_and_its_spaces() {
        for (header, token) in [
            ("Bearer a.b.c", "a.b.c"),
            ("bearer a.b.c", "a.b.c"),
            ("BEARER a.b.c", "a.b.c"),
            ("Bearer    a.b.c", "a.b.c"),
            ("Bearer a b", "a b"),
        ] {
            let header = HeaderValue::from_static(header);
            assert_eq!(bearer_token(Some(&header)), Ok(token.as_bytes()), "{header:?}");
        }
    }

    #[test]
    fn anything_else_is_no_bearer_token() {
        assert_eq!(bearer_token(None), Err(AuthFailure::Missing));
        for header in [
            "",
            "B",
            "Bearer",
            "Bearer ",
            "Bearer    ",
            "Bearera.b.c",
            "Bearer\ta.b.c",
            "Bearer=a.b.c",
            " Bearer a.b.c",
            "Basic YWxpY2U6eA==",
            "Token a.b.c",
            "a.b.c",
        ] {
            let header = HeaderValue::from_static(header);
            assert_eq!(bearer_token(Some(&header)), Err(AuthFailure::NotBearer), "{header:?}");
        }
        let not_utf8 = HeaderValue::from_bytes(b"\xff\xfe\xfd\xfc\xfb\xfa token").unwrap();
        assert_eq!(bearer_token(Some(&not_utf8)), Err(AuthFailure::NotBearer));
    }
}
