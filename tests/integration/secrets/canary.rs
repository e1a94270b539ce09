//! Secrets that can be told wherever they turn up, and however somebody has written them.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// A secret. It begins and ends with letters and digits that stand nowhere else, so that a half of it is found
/// too; between them is what one way of quoting or another changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Canary {
    pub(super) name: &'static str,
    parts: [String; 2],
    pub(super) value: String,
}

impl Canary {
    fn between(name: &'static str, [begin, middle, end]: [&str; 3]) -> Self {
        Self { name, parts: [begin.into(), end.into()], value: format!("{begin}{middle}{end}") }
    }

    /// A token that the program has made: its signature is what nobody may see.
    pub(super) fn token(token: &str) -> Self {
        let signature = token.rsplit('.').next().unwrap();
        let parts = [signature[..16].to_owned(), signature[signature.len() - 16..].to_owned()];
        Self { name: "bearer token", parts, value: token.to_owned() }
    }

    /// Whether it, or half of it, is in `bytes`: as it is, in upper or lower case, escaped by whatever leaves
    /// letters and digits alone (percent, JSON, Rust's `Debug`), as JSON's `\u0041`, in hex or in base64.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let unescaped = without_unicode_escapes(&text);
        let lower = unescaped.to_ascii_lowercase();
        self.parts.iter().any(|part| {
            lower.contains(&part.to_ascii_lowercase())
                || lower.contains(&hex(part))
                || in_base64(part).iter().any(|form| text.contains(form) || unescaped.contains(form))
        })
    }
}

/// Every secret that the program is given. Their middles hold what headers may carry.
pub(super) mod of {
    use super::Canary;

    const AWKWARD: &str = "\"\\%2F+/='<";

    pub(crate) fn api_key() -> Canary {
        Canary::between("ANTHROPIC_API_KEY", ["Kq7ApiKeyHeadVm3x", AWKWARD, "Wz9ApiKeyTail4Rkp"])
    }

    pub(crate) fn auth_token() -> Canary {
        Canary::between("ANTHROPIC_AUTH_TOKEN", ["Tb2AuthTokHeadQn8", AWKWARD, "Lc6AuthTokTailYd1"])
    }

    pub(crate) fn jwt_secret() -> Canary {
        Canary::between("JWT_SECRET_KEY", ["Jw5SigningHeadHf2", AWKWARD, "Bx8SigningTailGt7"])
    }

    pub(crate) fn jwt_previous() -> Canary {
        Canary::between("JWT_SECRET_KEY_PREVIOUS", ["Pr4FormerHeadNs93", AWKWARD, "Dv1FormerTailKm6q"])
    }

    pub(crate) fn checkpoint_key() -> Canary {
        Canary::between("CHECKPOINT_KEY", ["Ck3CheckptHeadZr5", AWKWARD, "Fh9CheckptTailWb2"])
    }

    pub(crate) fn redis_password() -> Canary {
        Canary::between("the store's password", ["Rd6StorePwHeadXk1", AWKWARD, "Mj4StorePwTailCq8"])
    }

    pub(crate) fn loki_password() -> Canary {
        Canary::between("LOKI_PASSWORD", ["Lk8LokiPwdHeadSv4", AWKWARD, "Gn2LokiPwdTailTy7"])
    }

    pub(crate) fn otlp_header() -> Canary {
        Canary::between("OTEL_EXPORTER_OTLP_HEADERS", ["Ot1CollectHeadPw9", AWKWARD, "Hz5CollectTailJb3"])
    }

    pub(crate) fn prompt() -> Canary {
        let middle = " asks: \"why\\how\"\n\tis 100% of <that> here, and not ";
        Canary::between("prompt", ["Zx7PromptHeadBk2", middle, "Nv6PromptTailDw4"])
    }
}

/// Every secret, the prompt too, which replies of the simulator repeat.
pub(super) fn all() -> Vec<Canary> {
    vec![
        of::api_key(),
        of::auth_token(),
        of::jwt_secret(),
        of::jwt_previous(),
        of::checkpoint_key(),
        of::redis_password(),
        of::loki_password(),
        of::otlp_header(),
        of::prompt(),
    ]
}

/// The pairs of a place and a secret that was found there.
pub(super) fn sightings<'a>(
    canaries: &[Canary],
    places: impl IntoIterator<Item = (&'a str, Vec<u8>)>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (place, bytes) in places {
        for canary in canaries.iter().filter(|canary| canary.is_in(&bytes)) {
            found.push(format!("{place}: {}", canary.name));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// What base64 makes of `text` wherever it begins within a group of three bytes, without what depends on its
/// neighbours.
fn in_base64(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let bytes = [&vec![0; before][..], text.as_bytes()].concat();
        let whole_groups = bytes.len() / 3 * 4;
        let begin = [0, 2, 3][before];
        for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
            forms.push(engine.encode(&bytes)[begin..whole_groups].to_owned());
        }
    }
    forms
}

/// `text` with JSON's escapes of letters and digits undone.
fn without_unicode_escapes(text: &str) -> String {
    let mut pieces = text.split("\\u");
    let mut undone = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let code = piece.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(char) = code.and_then(char::from_u32) {
            undone.truncate(undone.trim_end_matches('\\').len());
            undone.push(char);
            undone.push_str(&piece[4..]);
        } else {
            undone.push_str("\\u");
            undone.push_str(piece);
        }
    }
    undone
}

#[test]
fn a_canary_is_found_however_it_is_written() {
    let canary = of::api_key();
    let value = &canary.value;
    let escaped = value.chars().fold(String::new(), |text, char| format!("{text}\\u{:04X}", u32::from(char)));
    let mut forms = vec![
        value.clone(),
        value.to_uppercase(),
        format!("{value:?}"),
        serde_json::Value::from(serde_json::Value::from(value.as_str()).to_string()).to_string(),
        percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string(),
        escaped.clone(),
        escaped.replace('\\', "\\\\"),
        hex(value).to_uppercase(),
        value[..17].to_owned(),
        value[value.len() - 17..].to_owned(),
    ];
    for before in ["", "u", "us", "user:"] {
        forms.push(BASE64_STANDARD_NO_PAD.encode(format!("{before}{value}")));
        forms.push(BASE64_URL_SAFE_NO_PAD.encode(format!("{before}{value}")));
    }
    for form in forms {
        assert!(canary.is_in(format!("x{form}y").as_bytes()), "{form}");
    }
    assert!(!canary.is_in(of::auth_token().value.as_bytes()));
}
