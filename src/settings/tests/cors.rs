//! Which pages may call the API.

use super::*;

fn cors(name: &str, value: &str) -> Result<Cors, String> {
    with(name, value).map(|settings| settings.server.cors)
}

#[test]
fn an_origin_is_read_as_browsers_write_it() {
    for (value, origins) in [
        ("http://a:3000", &["http://a:3000"][..]),
        ("https://App.Example/", &["https://app.example"]),
        ("https://a:443,http://a:80,http://a:443", &["https://a", "http://a", "http://a:443"]),
        (r#"["http://a:3000", "http://b"]"#, &["http://a:3000", "http://b"]),
        ("http://[::1]:8080", &["http://[::1]:8080"]),
        ("http://127.0.0.1", &["http://127.0.0.1"]),
        ("https://bücher.example", &["https://xn--bcher-kva.example"]),
        ("tauri://localhost, chrome-extension://AbCd", &["tauri://localhost", "chrome-extension://abcd"]),
        ("*", &["*"]),
        ("http://a, *", &["*"]),
        ("[]", &[]),
    ] {
        assert_eq!(cors("CORS_ORIGINS", value).unwrap().origins, origins, "{value}");
    }
}

#[test]
fn what_is_no_origin_is_refused_and_named() {
    for item in [
        "a",
        "a.example:3000",
        "https://a.exampleNAME=value",
        "http://a/path",
        "http://a//",
        "http://a?q",
        "http://a#f",
        "http://user@a",
        "http://*.example",
        "http://",
        "http:///",
        "http://a:99999",
        "http://a b",
        "null",
        "://a",
    ] {
        let problem = cors("CORS_ORIGINS", &format!("http://ok, {item}")).unwrap_err();
        let expected = "must be origins such as https://app.example:8443, without a path, or * for all; separated by \
                        commas or as a JSON list of strings";
        assert!(problem.contains(expected), "{problem}");
        let is_named = problem.ends_with(&format!("; {item:?} isn't one"));
        assert_eq!(is_named, !item.contains(['?', '@']), "{problem}");
    }
    assert!(cors("CORS_ORIGINS", "['http://a']").unwrap_err().ends_with("as a JSON list of strings"));
    assert!(cors("CORS_ORIGINS", r#"["http://a\nb"]"#).is_err());
}

#[test]
fn methods_and_headers_are_tokens() {
    let methods = |value| cors("CORS_ALLOW_METHODS", value).map(|cors| cors.allow_methods);
    assert_eq!(methods(r#"["get", "PURGE"]"#).unwrap(), ["GET", "PURGE"]);
    assert_eq!(methods("*, GET").unwrap(), ["*"]);
    for value in ["GET POST", "GET,(", r#"["GET", ""]"#] {
        assert!(methods(value).is_err(), "{value}");
    }
    let headers = |value| cors("CORS_ALLOW_HEADERS", value).map(|cors| cors.allow_headers);
    assert_eq!(headers("Authorization, X-Request-ID").unwrap(), ["Authorization", "X-Request-ID"]);
    assert_eq!(headers("*").unwrap(), ["*"]);
    for value in ["X Request", "X:1", "é"] {
        assert!(headers(value).is_err(), "{value}");
    }
}

#[test]
fn credentials_are_switched_off_where_every_origin_is_let_in() {
    let sources = served(Sources {
        env_file: Some(found_file("CORS_ORIGINS=[\"*\"]\n")),
        ..environment(&[("CORS_ALLOW_CREDENTIALS", "yes")])
    });
    assert_eq!(
        warnings(&sources),
        "CORS_ALLOW_CREDENTIALS=yes (environment): is switched off, because CORS_ORIGINS=[\"*\"] (.env:1) lets in \
         every origin\n  hint: name the origins that need credentials"
    );
    let settings = settings(&sources);
    assert!(!settings.server.cors.allow_credentials);
    assert_eq!(value(&settings, "CORS_ALLOW_CREDENTIALS"), "false (environment)");
}

#[test]
fn credentials_stay_on_where_origins_are_named() {
    let sources = served(environment(&[("CORS_ALLOW_CREDENTIALS", "true"), ("CORS_ORIGINS", "http://a")]));
    assert_eq!(warnings(&sources), "");
    assert!(settings(&sources).server.cors.allow_credentials);
}
