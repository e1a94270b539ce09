//! Variables: how the server's callers prove who they are.

use crate::settings::kind::Choice;
use crate::settings::{Fallback, JwtAlgorithm, Kind, OnReload, SecretForm, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "Authentication",
    for_server: true,
    variables: &[
        Variable {
            name: "JWT_SECRET_KEY",
            kind: Kind::Secret {
                form: SecretForm::Signing,
                set: |s, secret| s.server.jwt.secret = Some(secret),
            },
            fallback: Fallback::Required("by the server, if JWT_ALGORITHM begins with HS"),
            on_reload: OnReload::Taken,
            doc: "The secret that signs the tokens of the server's callers: openssl rand -hex 32.",
        },
        Variable {
            name: "JWT_SECRET_KEY_FILE",
            kind: Kind::SecretFile {
                form: SecretForm::Signing,
                set: |s, secret| s.server.jwt.secret = Some(secret),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "A file to read the secret from instead.",
        },
        Variable {
            name: "JWT_SECRET_KEY_PREVIOUS",
            kind: Kind::Secret {
                form: SecretForm::Signing,
                set: |s, secret| s.server.jwt.previous_secret = Some(secret),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "The secret before it, whose tokens are still accepted.",
        },
        Variable {
            name: "JWT_ALGORITHM",
            kind: Kind::Choice(&[
                Choice { word: "HS256", set: |s| s.server.jwt.algorithm = JwtAlgorithm::Hs256 },
                Choice { word: "HS384", set: |s| s.server.jwt.algorithm = JwtAlgorithm::Hs384 },
                Choice { word: "HS512", set: |s| s.server.jwt.algorithm = JwtAlgorithm::Hs512 },
                Choice { word: "RS256", set: |s| s.server.jwt.algorithm = JwtAlgorithm::Rs256 },
                Choice { word: "ES256", set: |s| s.server.jwt.algorithm = JwtAlgorithm::Es256 },
                Choice { word: "EdDSA", set: |s| s.server.jwt.algorithm = JwtAlgorithm::EdDsa },
            ]),
            fallback: Fallback::Value("HS256"),
            on_reload: OnReload::Taken,
            doc: "The one algorithm whose tokens are accepted.",
        },
        Variable {
            name: "JWT_PUBLIC_KEY_FILE",
            kind: Kind::PublicKeyFile { set: |s, key| s.server.jwt.public_key = Some(key) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "The public key for RS256, ES256 and EdDSA, which need it.",
        },
        Variable {
            name: "JWT_ISSUER",
            kind: Kind::Text {
                allowed: CLAIM,
                check: is_claim,
                set: |s, issuer| s.server.jwt.issuer = Some(issuer),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "The only issuer whose tokens are accepted.",
        },
        Variable {
            name: "JWT_AUDIENCE",
            kind: Kind::Text {
                allowed: CLAIM,
                check: is_claim,
                set: |s, audience| s.server.jwt.audience = Some(audience),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "The only audience whose tokens are accepted.",
        },
        Variable {
            name: "JWT_LEEWAY_SECONDS",
            kind: Kind::Seconds { min: 0, max: 300, set: |s, time| s.server.jwt.leeway = time },
            fallback: Fallback::Value("0"),
            on_reload: OnReload::Taken,
            doc: "By how much the clocks of whoever makes tokens may differ.",
        },
    ],
};

const CLAIM: &str = "at most 256 characters, none of them a control character";

fn is_claim(text: &str) -> bool {
    text.chars().count() <= 256 && !text.chars().any(char::is_control)
}
