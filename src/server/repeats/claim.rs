//! Whose repeat of what a request is.

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::IdempotencyKey;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// Whose repeat of what a request is, in hashes.
#[derive(Debug, Clone)]
pub(in crate::server) struct Claim {
    /// Of the subject and its key: the name under which it is kept.
    pub(super) name: Hash,
    /// Of what is asked, however it is to be delivered.
    pub(super) body: Hash,
    /// Of what it is answered by.
    pub(super) chain: Hash,
    /// The request that makes the claim.
    pub(super) holder: String,
}

/// What a claim is made of.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Asked<'a> {
    /// The token's subject.
    pub(in crate::server) subject: &'a str,
    pub(in crate::server) key: &'a IdempotencyKey,
    /// The request's body, which is JSON.
    pub(in crate::server) body: &'a [u8],
    /// What it is answered by: the chain, in one word, and the upstream.
    pub(in crate::server) chain: &'a str,
    pub(in crate::server) upstream: &'a str,
    /// Whether one call answers it.
    pub(in crate::server) direct: bool,
}

impl Claim {
    pub(in crate::server) fn new(asked: Asked<'_>) -> Self {
        let way = if asked.direct { "direct" } else { "chain" };
        Self {
            name: hash(&[asked.subject.as_bytes(), asked.key.as_str().as_bytes()]),
            body: hash(&[&without_delivery(asked.body)]),
            chain: hash(&[asked.chain.as_bytes(), asked.upstream.as_bytes(), way.as_bytes()]),
            holder: Uuid::new_v4().simple().to_string(),
        }
    }

    /// What an encrypted value belongs to: it can't be put in another's place.
    pub(super) fn owner(&self) -> Vec<u8> {
        [self.name, self.body, self.chain].concat()
    }
}

/// The parts' lengths go with them, so that no two lists of parts are one text.
fn hash(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The body but for what says how the answer is to be delivered, whatever the order of its fields. One that is
/// nested too deeply to be taken apart stands for itself.
fn without_delivery(body: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else { return body.to_vec() };
    fields.remove("stream");
    fields.remove("stream_options");
    let mut json = Value::Object(fields);
    json.sort_all_objects();
    json.to_string().into_bytes()
}

/// In hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn claim(subject: &str, key: &str, body: &str, chain: &str) -> Claim {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", key.parse().unwrap());
        let key = &IdempotencyKey::of(&headers).unwrap().unwrap();
        Claim::new(Asked { subject, key, body: body.as_bytes(), chain, upstream: "up", direct: false })
    }

    #[test]
    fn subjects_and_keys_are_told_apart_wherever_one_ends() {
        let names = [("alice", "k"), ("alic", "ek"), ("alicek", "k"), ("bob", "k"), ("alice", "K")]
            .map(|(subject, key)| claim(subject, key, "{}", "c").name);
        for (at, name) in names.iter().enumerate() {
            assert!(!names[at + 1..].contains(name), "{at}");
        }
        assert_eq!(claim("alice", "k", "{}", "c").name, claim("alice", "k", "[]", "d").name);
    }

    #[test]
    fn a_body_is_the_same_however_it_is_delivered_and_written() {
        let body = |body| claim("alice", "k", body, "c").body;
        let first = body(r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stop":["a","b"]}"#);
        for same in [
            r#"{"messages":[{"content":"hi","role":"user"}], "stop":["a","b"],"model":"m","stream":true}"#,
            r#"{"model":"m","stream":false,"stream_options":{"include_usage":true},"stop":["a","b"],
                "messages":[{"role":"user","content":"hi"}]}"#,
        ] {
            assert_eq!(body(same), first, "{same}");
        }
        for other in [
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stop":["b","a"]}"#,
            r#"{"model":"n","messages":[{"role":"user","content":"hi"}],"stop":["a","b"]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":"hi "}],"stop":["a","b"]}"#,
        ] {
            assert_ne!(body(other), first, "{other}");
        }
    }

    #[test]
    fn a_body_that_is_nested_deeply_is_the_same_only_byte_by_byte() {
        let deep = format!(r#"{{"metadata":{}{}}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(claim("a", "k", &deep, "c").body, claim("a", "k", &deep, "c").body);
        assert_ne!(claim("a", "k", &deep, "c").body, claim("a", "k", &format!("{deep} "), "c").body);
    }
}
