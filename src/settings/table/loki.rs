//! Variables: where the log is pushed to.

use crate::settings::{Fallback, Kind, OnReload, SecretForm, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "The log in Loki",
    for_server: false,
    variables: &[
        Variable {
            name: "LOKI_URL",
            kind: Kind::Url { set: |s, url| s.loki.url = Some(url) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "Loki's base URL, or that of its push endpoint, which ends in /loki/api/v1/push: log lines \
                  are also pushed there.",
        },
        Variable {
            name: "LOKI_USERNAME",
            kind: Kind::Text {
                allowed: "at most 256 visible ASCII characters, none of them a colon",
                check: is_user_name,
                set: |s, name| s.loki.username = Some(name),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "The user name for it, with LOKI_PASSWORD.",
        },
        Variable {
            name: "LOKI_PASSWORD",
            kind: Kind::Secret {
                form: SecretForm::Header,
                set: |s, password| s.loki.password = Some(password),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "The password for it.",
        },
        Variable {
            name: "LOKI_PASSWORD_FILE",
            kind: Kind::SecretFile {
                form: SecretForm::Header,
                set: |s, password| s.loki.password = Some(password),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "A file to read the password from instead.",
        },
        Variable {
            name: "LOKI_TENANT",
            kind: Kind::Text {
                allowed: "at most 150 letters, digits and the characters !-_.*'()",
                check: is_tenant,
                set: |s, tenant| s.loki.tenant = Some(tenant),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "The tenant, where Loki has several: the X-Scope-OrgID header.",
        },
    ],
};

/// A colon ends the name in HTTP's basic authentication.
fn is_user_name(text: &str) -> bool {
    text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

/// As <https://grafana.com/docs/mimir/latest/configure/about-tenant-ids/> has it, for Loki too.
fn is_tenant(text: &str) -> bool {
    text.len() <= 150
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!-_.*'()".contains(&byte))
        && !matches!(text, "." | "..")
}
