//! Requests that must be refused, whatever the upstream does.

use serde_json::{Value, json};

use crate::chat::{post, question, read, send};
use crate::house::House;
use crate::support::{SECRET, token_with};
use crate::tally::Met;

/// A request without a token that holds: 401 or 403, by what is wrong with it.
pub(crate) async fn bad_token(house: &House, rng: &mut fastrand::Rng) -> Met {
    let (token, expected) = match rng.usize(..4) {
        0 => (None, 401),
        1 => (Some("nonsense".to_owned()), 403),
        2 => (Some(signed(&json!({"sub": "late", "exp": 1_000_000_000}), SECRET)?), 401),
        _ => (Some(signed(&json!({"sub": "forger"}), "another secret of thirty-two chars")?), 403),
    };
    let url = format!("{}/v1/chat/completions", house.server.url);
    let request = house.client.post(url).header("content-type", "application/json");
    let request = request.body(question(rng, false).to_string());
    let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
    is(read(send(request).await?).await?, expected)
}

/// A body that is larger than may be, announced or in chunks.
pub(crate) async fn oversize(house: &House, rng: &mut fastrand::Rng) -> Met {
    let body = json!({"messages": [{"role": "user", "content": "x".repeat(70_000)}]});
    let mut request = post(house, &format!("large-{}", rng.u32(..)), &body)?;
    if rng.bool() {
        let text = body.to_string();
        let pieces: Vec<_> =
            text.as_bytes().chunks(8192).map(|it| Ok::<_, std::io::Error>(it.to_vec())).collect();
        request = request.body(reqwest::Body::wrap_stream(futures_util::stream::iter(pieces)));
    }
    is(read(send(request).await?).await?, 413)
}

/// What is no request for a completion.
pub(crate) async fn malformed(house: &House, rng: &mut fastrand::Rng) -> Met {
    let (body, expected) = match rng.usize(..4) {
        0 => (json!({"messages": []}), 400),
        1 => (json!({"model": "unheard-of", "messages": [{"role": "user", "content": "Hello"}]}), 404),
        2 => (json!({"messages": [{"role": "user", "content": "Hello"}], "n": 2}), 400),
        _ => (json!("not even an object"), 400),
    };
    // One that asks no more often than it may.
    let subject = format!("muddled-{}", rng.u32(..));
    is(read(send(post(house, &subject, &body)?).await?).await?, expected)
}

/// A key that was used for another body.
pub(crate) async fn reused_key(house: &House, subject: &str, key: &str, rng: &mut fastrand::Rng) -> Met {
    let request = post(house, subject, &question(rng, false))?.header("idempotency-key", key);
    is(read(send(request).await?).await?, 422)
}

fn is((status, json): (u16, Value), expected: u16) -> Met {
    let met = format!("{status} {}", json["error"]["code"].as_str().unwrap_or("?"));
    if status == expected { Ok(met) } else { Err(format!("{met} in the place of {expected}")) }
}

fn signed(claims: &Value, secret: &str) -> Result<String, String> {
    token_with(claims, secret).map_err(|error| error.to_string())
}
