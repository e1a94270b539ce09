//! Requests with tokens that don't hold.

use serde_json::json;

use crate::Result;
use crate::support::{SECRET, token_with};

/// Each kind of bad token that needs another look.
pub(crate) fn bad_tokens() -> Result<Vec<Option<String>>> {
    let forged = token_with(&json!({"sub": "forger"}), "another secret of thirty-two chars")?;
    // The header `{"alg":"none"}`.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned();
    Ok(vec![
        None,
        Some("nonsense".to_owned()),
        Some(unsigned),
        Some(forged),
        Some(token_with(&json!({"sub": "late", "exp": 1_000_000_000}), SECRET)?),
        Some("x".repeat(8 * 1024 + 1)),
    ])
}

/// A request with that token, by somebody who says to come from that address.
pub(crate) fn request(token: Option<&str>, from: Option<u32>) -> String {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let forwarded = from
        .map(|from| format!("X-Forwarded-For: {}\r\n", std::net::Ipv4Addr::from(from)))
        .unwrap_or_default();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: hostile\r\nX-Request-ID: bad\r\n{authorization}{forwarded}\
         Content-Type: application/json\r\nContent-Length: 0\r\n\r\n"
    )
}
