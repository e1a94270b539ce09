//! Which credential is used, and that a `.env` which was merely found can't send the user's own
//! elsewhere.

use std::fs;

use tempfile::TempDir;

use super::*;

const KINDS: [&str; 3] = ["ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY_FILE", "ANTHROPIC_AUTH_TOKEN"];
const ELSEWHERE: &str = "http://elsewhere.example";
const TO_SEND_IT: &str = "to send it there on purpose, set ANTHROPIC_BASE_URL in the environment, or name the file with --env-file";

/// Where something is set.
#[derive(Debug, Clone, Copy)]
struct Set {
    in_environment: bool,
    in_file: bool,
}

const PLACES: [Set; 4] = [
    Set { in_environment: false, in_file: false },
    Set { in_environment: true, in_file: false },
    Set { in_environment: false, in_file: true },
    Set { in_environment: true, in_file: true },
];

/// One combination of all that the rule speaks of.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    /// Whether the `.env` was merely found.
    is_implicit: bool,
    base_url: &'a str,
    base_url_set: Set,
    /// The kind of credential, with its values in the environment and in the file.
    kind: &'static str,
    values: [&'a str; 2],
    credential_set: Set,
}

impl Case<'_> {
    fn sources(self) -> Sources {
        let Self { base_url, base_url_set, kind, values, credential_set, .. } = self;
        let mut in_environment = Vec::new();
        let mut text = String::new();
        for (name, values, set) in
            [("ANTHROPIC_BASE_URL", [base_url; 2], base_url_set), (kind, values, credential_set)]
        {
            if set.in_environment {
                in_environment.push((name, values[0]));
            }
            if set.in_file {
                text.extend([name, "='", values[1], "'\n"]);
            }
        }
        let file = if self.is_implicit { found_file(&text) } else { named_file(&text) };
        Sources { env_file: Some(file), ..environment(&in_environment) }
    }

    /// The contract's rule, in its words.
    fn base_url_is_out_of_an_implicit_file(self) -> bool {
        self.is_implicit
            && self.base_url_set.in_file
            && !self.base_url_set.in_environment
            && self.base_url == ELSEWHERE
    }

    fn check(self) {
        let confined = self.base_url_is_out_of_an_implicit_file();
        let Set { in_environment, in_file } = self.credential_set;
        let sources = self.sources();
        if confined && in_file && self.kind == "ANTHROPIC_API_KEY_FILE" {
            assert!(problems(&sources).contains("is refused"), "{self:?}");
            return;
        }
        let (secret, origin) = match (in_environment && !confined, in_file, self.is_implicit) {
            (true, _, _) => (Some("mine"), "environment"),
            (false, true, true) => (Some("its-own"), ".env:"),
            (false, true, false) => (Some("its-own"), "my.env:"),
            (false, false, _) => (None, "default"),
        };
        let kind = if self.kind == "ANTHROPIC_AUTH_TOKEN" { "token" } else { "key" };
        let settings = settings(&sources);
        assert_eq!(credential(&settings), secret.map(|secret| format!("{kind} {secret}")), "{self:?}");
        let told = settings.value(self.kind).unwrap().origin.to_string();
        assert!(told.starts_with(origin), "{told}: {self:?}");
        assert_eq!(warnings(&sources).contains("is not used"), confined && in_environment, "{self:?}");
    }
}

#[test]
fn a_base_url_out_of_an_implicit_file_gets_only_credentials_out_of_that_file() {
    let folder = TempDir::new().unwrap();
    let [mine, its_own] = ["mine", "its-own"].map(|secret| {
        let path = folder.path().join(secret);
        fs::write(&path, secret).unwrap();
        path.to_str().unwrap().to_owned()
    });
    for kind in KINDS {
        let is_file = kind == "ANTHROPIC_API_KEY_FILE";
        let values = if is_file { [mine.as_str(), its_own.as_str()] } else { ["mine", "its-own"] };
        for credential_set in PLACES {
            for base_url_set in PLACES {
                for base_url in [ELSEWHERE, "https://api.anthropic.com"] {
                    for is_implicit in [true, false] {
                        Case { is_implicit, base_url, base_url_set, kind, values, credential_set }.check();
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_not_used_is_told_with_the_reason_and_the_way_out() {
    let file = "# theirs\nANTHROPIC_BASE_URL=http://elsewhere.example\n";
    let sources = Sources {
        env_file: Some(found_file(file)),
        ..environment(&[("ANTHROPIC_API_KEY", "mine"), ("ANTHROPIC_AUTH_TOKEN", "mine")])
    };
    let told = |name: &str| {
        format!(
            "{name} (environment): is not used, because ANTHROPIC_BASE_URL comes from .env:2, a file that was merely \
             found in the current folder\n  hint: {TO_SEND_IT}"
        )
    };
    let expected = [told("ANTHROPIC_API_KEY"), told("ANTHROPIC_AUTH_TOKEN")].join("\n");
    assert_eq!(warnings(&sources), format!("{expected}\n{}", prompts_leave("http://elsewhere.example", 2)));
}

/// What is said of an upstream that a file which was merely found names.
fn prompts_leave(base_url: &str, line: usize) -> String {
    format!(
        "ANTHROPIC_BASE_URL={base_url} (.env:{line}): prompts, files and what is piped in are sent there, because a \
         file that was merely found in the current folder says so\n  hint: if you mean it, set ANTHROPIC_BASE_URL in \
         the environment, or name the file with --env-file"
    )
}

#[test]
fn an_upstream_that_an_implicit_file_names_is_told_of_unless_it_is_the_default_or_this_machine() {
    let of_file = |base_url: &str| format!("ANTHROPIC_BASE_URL={base_url}\n");
    for base_url in [
        "http://elsewhere.example",
        "https://api.anthropic.com.example",
        "http://10.0.0.7:11434",
        "http://localhost.example",
        "http://notlocalhost:1",
        "http://[2001:db8::1]",
    ] {
        let file = of_file(base_url);
        assert_eq!(warnings(&only(found_file(&file))), prompts_leave(base_url, 1), "{base_url}");
        assert_eq!(warnings(&only(named_file(&file))), "", "{base_url}: named on purpose");
        let overridden =
            Sources { env_file: Some(found_file(&file)), ..environment(&[("ANTHROPIC_BASE_URL", base_url)]) };
        assert_eq!(warnings(&overridden), "", "{base_url}: set on purpose");
        let nobody_is_called = Sources { without_credentials: true, ..only(found_file(&file)) };
        assert_eq!(warnings(&nobody_is_called), "", "{base_url}");
    }
    for base_url in [
        "https://api.anthropic.com",
        "http://localhost:11434",
        "http://models.localhost",
        "http://127.0.0.2:8080",
        "http://[::1]:8080",
        "http://[::ffff:127.0.0.1]",
    ] {
        assert_eq!(warnings(&only(found_file(&of_file(base_url)))), "", "{base_url}");
    }
}

#[test]
fn a_key_file_that_an_implicit_file_names_for_its_own_base_url_is_refused_unread() {
    let file = "ANTHROPIC_BASE_URL=http://elsewhere.example\nANTHROPIC_API_KEY_FILE=/home/me/.key\n";
    assert_eq!(
        problems(&only(found_file(file))),
        format!(
            "ANTHROPIC_API_KEY_FILE=/home/me/.key (.env:2): is refused, because ANTHROPIC_BASE_URL comes \
             from .env:1, a file that was merely found in the current folder and could point at a key that \
             isn't its own\n  hint: {TO_SEND_IT}"
        )
    );
}

#[test]
fn another_scheme_or_port_of_the_default_host_is_elsewhere_and_another_path_is_not() {
    for (base_url, is_elsewhere) in [
        ("http://api.anthropic.com", true),
        ("https://api.anthropic.com:8443", true),
        ("https://api.anthropic.com.example", true),
        ("https://API.anthropic.com:443/v1/", false),
    ] {
        let sources = Sources {
            env_file: Some(found_file(&format!("ANTHROPIC_BASE_URL={base_url}"))),
            ..environment(&[("ANTHROPIC_API_KEY", "mine")])
        };
        let settings = settings(&sources);
        assert_eq!(settings.upstream.credential.is_none(), is_elsewhere, "{base_url}");
        assert_eq!(settings.upstream.is_default(), !is_elsewhere, "{base_url}");
    }
}

#[test]
fn the_strongest_source_that_has_any_credential_wins_whatever_its_kind() {
    let sources = Sources {
        env_file: Some(found_file("ANTHROPIC_API_KEY=weaker")),
        ..environment(&[("ANTHROPIC_AUTH_TOKEN", "stronger"), ("ANTHROPIC_API_KEY", " ")])
    };
    let by_environment = settings(&sources);
    assert_eq!(credential(&by_environment).as_deref(), Some("token stronger"));
    assert_eq!(value(&by_environment, "ANTHROPIC_AUTH_TOKEN"), "[hidden] (environment)");
    assert_eq!(value(&by_environment, "ANTHROPIC_API_KEY"), "unset (default)", "it isn't in effect");

    let by_flag = Sources { overrides: vec![flag("ANTHROPIC_API_KEY", "strongest")], ..sources };
    assert_eq!(credential(&settings(&by_flag)).as_deref(), Some("key strongest"));
}

#[test]
fn two_credentials_in_one_source_are_a_problem() {
    for (one, other) in [(KINDS[0], KINDS[1]), (KINDS[0], KINDS[2]), (KINDS[1], KINDS[2])] {
        let problem = problems(&environment(&[(one, "sk-1"), (other, "sk-2")]));
        let expected = format!(
            "{other}=[hidden] (environment): {one} is set in the same place, and only one credential can be \
             used\n  hint: remove one of them"
        );
        assert_eq!(problem, expected);
    }
}

#[test]
fn where_nobody_is_called_no_credential_is_even_looked_at() {
    for sources in [
        environment(&[("ANTHROPIC_API_KEY", "not a key")]),
        environment(&[("ANTHROPIC_API_KEY_FILE", "/nowhere")]),
        environment(&[("ANTHROPIC_API_KEY", "sk-1"), ("ANTHROPIC_AUTH_TOKEN", "t-1")]),
    ] {
        let sources = Sources { without_credentials: true, ..sources };
        let (settings, warnings) = resolved(&sources);
        assert!(settings.upstream.credential.is_none());
        assert_eq!(value(&settings, "ANTHROPIC_API_KEY"), "unset (default)");
        assert!(warnings.is_empty());
    }
}

#[test]
fn the_default_upstream_needs_a_credential_and_another_does_not() {
    let check = |variables: &[(&str, &str)]| settings(&environment(variables)).upstream.check_credential();
    assert_eq!(check(&[("ANTHROPIC_API_KEY", "sk-1")]), Ok(()));
    assert_eq!(check(&[("ANTHROPIC_AUTH_TOKEN", "t-1")]), Ok(()));
    assert_eq!(check(&[("ANTHROPIC_BASE_URL", "http://localhost:11434")]), Ok(()));
    for missing in [check(&[]), check(&[("ANTHROPIC_BASE_URL", "https://api.anthropic.com/proxy")])] {
        let problem = missing.unwrap_err();
        assert_eq!(
            problem.to_string(),
            "ANTHROPIC_API_KEY: is not set, and https://api.anthropic.com answers nobody without a key"
        );
        assert!(problem.hint.unwrap().contains("set ANTHROPIC_API_KEY, or try --offline"));
    }
}
