//! Variables: the Redis or Valkey that replicas share.

use crate::settings::{Fallback, Kind, OnReload, SecretForm, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "Shared between replicas",
    for_server: true,
    variables: &[
        Variable {
            name: "REDIS_URL",
            kind: Kind::Store { or_memory: false, set: |s, address| s.server.store.redis = address },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "The Redis or Valkey that replicas share. If it isn't set, each replica is on its own.",
        },
        Variable {
            name: "REDIS_CA_FILE",
            kind: Kind::CertificatesFile { set: |s, pem| s.server.store.certificates = Some(pem) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "The certificates that vouch for it over TLS. If it isn't set, the system's do.",
        },
        Variable {
            name: "REDIS_KEY_PREFIX",
            kind: Kind::Text {
                allowed: "1 to 64 of the characters A-Z, a-z, 0-9, dot, underscore, colon, slash and hyphen",
                check: is_prefix,
                set: |s, prefix| s.server.store.key_prefix = prefix,
            },
            fallback: Fallback::Value("promptchain"),
            on_reload: OnReload::Kept,
            doc: "What the names of all keys there begin with: replicas with the same share their counts.",
        },
        Variable {
            name: "CHECKPOINT_TTL_SECONDS",
            kind: Kind::Seconds { min: 60, max: 604_800, set: |s, ttl| s.server.checkpoints.ttl = ttl },
            fallback: Fallback::Value("86400"),
            on_reload: OnReload::Taken,
            doc: "How long finished steps are kept for a repeat with the same Idempotency-Key.",
        },
        Variable {
            name: "CHECKPOINT_KEY",
            kind: Kind::Secret {
                form: SecretForm::Signing,
                set: |s, key| s.server.checkpoints.key = Some(key),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "What they are encrypted with in the store that replicas share: openssl rand -hex 32. If it \
                  isn't set, they aren't.",
        },
        Variable {
            name: "CHECKPOINT_KEY_FILE",
            kind: Kind::SecretFile {
                form: SecretForm::Signing,
                set: |s, key| s.server.checkpoints.key = Some(key),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "A file to read that key from instead.",
        },
        Variable {
            name: "CHECKPOINT_KEY_PREVIOUS",
            kind: Kind::Secret {
                form: SecretForm::Signing,
                set: |s, key| s.server.checkpoints.previous_key = Some(key),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "A further key, by which what is kept can be read too: the one before it, or the next.",
        },
    ],
};

/// Braces would decide on the slot of a key in a cluster.
fn is_prefix(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}
