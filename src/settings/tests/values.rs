//! What each kind of variable takes and refuses, and what it becomes.

use super::contract::{Number, Unit, numbers, words};
use super::*;

/// Checks that each of `good` reads as what stands beside it, and that each of `bad` is refused.
fn check(name: &str, good: &[(&str, &str)], bad: &[&str]) {
    let read = words().into_iter().find(|row| row.name == name).unwrap().read;
    for (value, expected) in good {
        let settings = with(name, value).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(read(&settings), *expected, "{name}={value}");
    }
    for value in bad {
        let problem = with(name, value).err().unwrap_or_else(|| panic!("{name}={value} is taken"));
        assert!(problem.starts_with(name) && problem.contains("must be "), "{problem}");
    }
}

#[test]
fn what_is_no_number_is_refused_for_every_number() {
    for Number { name, .. } in numbers() {
        for value in ["many", "NaN", "inf", "-inf", "-1", "0x10", "1,5", "1_0", "1 0", "1e400", "٣"] {
            assert!(with(name, value).is_err(), "{name}={value}");
        }
    }
}

#[test]
fn a_whole_number_has_no_decimals() {
    for Number { name, .. } in numbers().iter().filter(|row| row.unit == Unit::Whole) {
        for value in ["1.0", "1.5", "1e0", "4294967297"] {
            assert!(with(name, value).is_err(), "{name}={value}");
        }
    }
}

#[test]
fn seconds_may_have_decimals_and_units() {
    for Number { name, read, .. } in numbers().iter().filter(|row| row.unit == Unit::Seconds) {
        for (value, seconds) in [("12", "12"), ("12.5", "12.5"), ("12500ms", "12.5"), ("1m30s", "90")] {
            assert_eq!(read(&with(name, value).unwrap()).to_string(), seconds, "{name}={value}");
        }
        for value in ["12 apples", "12s ago", "2h", "1d"] {
            assert!(with(name, value).is_err(), "{name}={value}");
        }
    }
}

#[test]
fn milliseconds_may_have_units_and_without_them_no_decimals() {
    for Number { name, read, .. } in numbers().iter().filter(|row| row.unit == Unit::Milliseconds) {
        for (value, millis) in [("1500", "1500"), ("1500ms", "1500"), ("1.5s", "1500"), ("1m", "60000")] {
            assert_eq!(read(&with(name, value).unwrap()).to_string(), millis, "{name}={value}");
        }
        for value in ["1.5", ".", "2m", "99999999999999999999"] {
            assert!(with(name, value).is_err(), "{name}={value}");
        }
    }
}

#[test]
fn a_switch_is_any_of_the_usual_words_in_upper_or_lower_case() {
    for name in [
        "CHAIN_ENABLE_VALIDATION",
        "CHAIN_STRICT_VALIDATION",
        "CIRCUIT_BREAKER_ENABLED",
        "DOCS_ENABLED",
        "PLAYGROUND_ENABLED",
        "ENABLE_SECURITY_HEADERS",
        "RATE_LIMIT_ENABLED",
        "CORS_ALLOW_CREDENTIALS",
        "LOG_CONTENT",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "OTEL_SDK_DISABLED",
    ] {
        let on = ["true", "1", "yes", "on", "True", "ON"].map(|word| (word, "true"));
        let off = ["false", "0", "no", "off", "FALSE", "Off"].map(|word| (word, "false"));
        check(name, &[on, off].concat(), &["2", "y", "enabled", "truefalse", "-"]);
    }
}

#[test]
fn a_choice_is_one_of_its_words_in_upper_or_lower_case() {
    check(
        "CHAIN_STRUCTURED_OUTPUT",
        &[("auto", "Auto"), ("native", "Native"), ("PROMPT", "Prompt")],
        &["json", "autos", "auto,native"],
    );
    check("CHAIN_THINKING", &[("off", "Off"), ("Auto", "Auto")], &["on", "false"]);
    check(
        "LOG_LEVEL",
        &[
            ("DEBUG", "Debug"),
            ("INFO", "Info"),
            ("WARNING", "Warning"),
            ("ERROR", "Error"),
            ("CRITICAL", "Critical"),
            ("debug", "Debug"),
        ],
        &["TRACE", "WARN", "0"],
    );
    check(
        "ENVIRONMENT",
        &[
            ("development", "development"),
            ("staging", "staging"),
            ("Production", "production"),
            ("test", "test"),
        ],
        &["prod", "live"],
    );
    check("CHAIN_EXPOSE_STEPS", &[("off", "Off"), ("reasoning", "Reasoning")], &["on", "true"]);
    let algorithms = ["HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"].map(|name| (name, name));
    check("JWT_ALGORITHM", &algorithms, &["none", "RS512", "HS", "HS256,RS256"]);
    check("LOG_FORMAT", &[("json", "Json"), ("standard", "Standard")], &["text", "jsonl"]);
    assert_eq!(
        with("LOG_FORMAT", "xml").unwrap_err(),
        "LOG_FORMAT=xml (environment): must be one of json, standard"
    );
}

#[test]
fn a_model_is_any_name_of_up_to_256_characters() {
    let longest = "é".repeat(256);
    let too_long = "é".repeat(257);
    for name in ["CHAIN_ANALYZE_MODEL", "CHAIN_PROCESS_MODEL", "CHAIN_SYNTHESIZE_MODEL"] {
        check(
            name,
            &[
                ("claude-sonnet-5-5", "claude-sonnet-5-5"),
                ("library/llama3.2:3b", "library/llama3.2:3b"),
                ("  padded  ", "padded"),
                (&longest, &longest),
            ],
            &["a\nb", "a\u{1b}[31mb", "a\u{7f}b", &too_long],
        );
    }
}

#[test]
fn a_prompt_file_is_a_name_without_a_folder() {
    for name in ["CHAIN_ANALYZE_PROMPT_FILE", "CHAIN_PROCESS_PROMPT_FILE", "CHAIN_SYNTHESIZE_PROMPT_FILE"] {
        check(
            name,
            &[("my prompt.md", "my prompt.md"), (".hidden", ".hidden"), ("..md", "..md")],
            &[".", "..", "../up.md", "sub/one.md", "one.md/", "/etc/passwd", "sub\\one.md", "a\tb"],
        );
    }
}

#[test]
fn a_path_is_taken_as_it_stands() {
    for name in ["CHAIN_PROMPTS_DIR", "CHAIN_MODELS_FILE"] {
        check(
            name,
            &[("/a b/ü", r#"Some("/a b/ü")"#), ("../up", r#"Some("../up")"#), ("~/x", r#"Some("~/x")"#)],
            &[],
        );
    }
}

#[test]
fn a_cost_cap_is_above_zero() {
    check(
        "CHAIN_MAX_COST_USD",
        &[("0.05", "Some(0.05)"), ("1e-9", "Some(1e-9)"), ("100", "Some(100.0)")],
        &["0", "-0.0", "-1", "inf", "NaN", "1e-999", "$1", "free"],
    );
}

#[test]
fn a_base_url_is_http_with_a_host_and_perhaps_a_path() {
    check(
        "ANTHROPIC_BASE_URL",
        &[
            ("http://localhost:11434", "http://localhost:11434/"),
            ("HTTPS://Gateway.Example/anthropic", "https://gateway.example/anthropic"),
            ("http://[::1]:8080/", "http://[::1]:8080/"),
        ],
        &[
            "localhost:11434",
            "api.anthropic.com",
            "ftp://host",
            "file:///etc/passwd",
            "http://",
            "http://host:99999",
            "http://user@host",
            "http://:password@host",
            "http://host/?query",
            "http://host/#fragment",
        ],
    );
}

#[test]
fn an_api_version_is_a_date_of_one_form() {
    check(
        "ANTHROPIC_VERSION",
        &[("2023-01-01", "2023-01-01"), ("2024-02-29", "2024-02-29")],
        &["2023-02-29", "2023-6-1", "20230601", "2023-06-01T00:00:00", "latest", "-002023-06-01"],
    );
}

#[test]
fn the_metrics_have_a_host_and_a_port() {
    check(
        "METRICS_BIND",
        &[
            ("127.0.0.1:9090", "127.0.0.1:9090"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("[::1]:9090", "[::1]:9090"),
            ("localhost:65535", "localhost:65535"),
        ],
        &[
            "9090",
            ":9090",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:65536",
            "127.0.0.1:+90",
            "127.0.0.1:-1",
            "::1:9090",
            "::1",
            "[::1]",
            "[127.0.0.1]:9090",
            "http://localhost:9090",
            "a b:9090",
        ],
    );
}

#[test]
fn a_host_is_an_address_or_a_name() {
    let longest_label = "a".repeat(63);
    check(
        "API_HOST",
        &[
            ("0.0.0.0", "0.0.0.0"),
            ("::", "::"),
            ("[::1]", "::1"),
            ("localhost", "localhost"),
            ("api-1.Example_zone.internal", "api-1.Example_zone.internal"),
            (&longest_label, &longest_label),
        ],
        &[
            "256.0.0.1",
            "1.2.3",
            "[127.0.0.1]",
            "[::1",
            "localhost:8000",
            "http://localhost",
            "a..b",
            "-a",
            "a-",
            "a b",
            "*",
            &"a".repeat(64),
            &"a.".repeat(127),
        ],
    );
}

#[test]
fn a_model_of_the_service_has_a_name_of_few_kinds_of_characters() {
    let longest = "a".repeat(64);
    check(
        "SERVICE_MODEL_NAME",
        &[("my/Model_1.0:latest-x", "my/Model_1.0:latest-x"), (&longest, &longest)],
        &["my model", "a=fast", "modèle", &"a".repeat(65)],
    );
}

#[test]
fn an_alias_is_a_name_perhaps_with_a_profile() {
    check(
        "SERVICE_MODEL_ALIASES",
        &[
            ("gpt-4o", "gpt-4o"),
            ("gpt-4o, gpt-4o-mini=fast", "gpt-4o gpt-4o-mini=fast"),
            ("a = Balanced ,b=accurate,", "a=balanced b=accurate"),
            (r#"["gpt-4o", "gpt-4o-mini=fast"]"#, "gpt-4o gpt-4o-mini=fast"),
        ],
        &["a=quick", "a=", "=fast", "a=fast=fast", "a b", "a, a=fast", "a;b", ","],
    );
    assert!(with("SERVICE_MODEL_ALIASES", "a, b=quick").unwrap_err().ends_with("; \"b=quick\" isn't one"));
    assert!(with("SERVICE_MODEL_ALIASES", "a, b, a=fast").unwrap_err().ends_with("; \"a\" is there twice"));
}

#[test]
fn a_proxy_is_an_address_or_a_network() {
    check(
        "TRUSTED_PROXIES",
        &[
            ("10.0.0.1", "10.0.0.1/32"),
            ("::1", "::1/128"),
            ("10.1.2.3/8, fd00::1/8", "10.0.0.0/8 fd00::/8"),
            (r#"["172.16.0.0/12"]"#, "172.16.0.0/12"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ],
        &["proxy.example", "10.0.0.1/33", "10.0.0.0/", "10.0.0.1:80", "*", "10.0.0.1 10.0.0.2"],
    );
}

#[test]
fn a_claim_is_any_text_of_up_to_256_characters() {
    let longest = "é".repeat(256);
    for name in ["JWT_ISSUER", "JWT_AUDIENCE"] {
        check(
            name,
            &[
                ("https://issuer.example/", r#"Some("https://issuer.example/")"#),
                ("my api", r#"Some("my api")"#),
                (&longest, &format!("Some({longest:?})")),
            ],
            &["a\nb", &"é".repeat(257)],
        );
    }
}

#[test]
fn a_rate_limit_is_one_or_several() {
    for name in ["RATE_LIMIT_CHAT_COMPLETIONS", "RATE_LIMIT_MODELS", "RATE_LIMIT_DEFAULT"] {
        check(
            name,
            &[
                ("5 per 15 minutes", "5 per 15 minutes"),
                ("10/minute; 100/hour", "10 per 1 minute 100 per 1 hour"),
            ],
            &["10", "0/minute", "unlimited", "10/minute;"],
        );
    }
}

#[test]
fn requests_are_counted_in_memory_or_in_a_store() {
    check(
        "RATE_LIMIT_STORAGE_URI",
        &[
            ("memory://", "memory"),
            ("redis://r:6379/0", "redis://r:6379/0"),
            ("rediss://alice:secret@r/3", "rediss://r:6379/3"),
            ("redis+cluster://a:7000,b:7001", "redis+cluster://a:7000,b:7001"),
            ("redis+unix:///run/redis.sock", "redis+unix:///run/redis.sock?db=0"),
        ],
        &["memory", "http://r", "redis://", "redis://r/x", "memory://x"],
    );
    assert_eq!(
        with("RATE_LIMIT_STORAGE_URI", "redis://r:x").unwrap_err(),
        "RATE_LIMIT_STORAGE_URI=redis://r:x (environment): must be memory://, or a URL such as \
         redis://user:password@host:6379/0, rediss:// for TLS, redis+cluster://host:port,host:port or \
         redis+unix:///path/to/socket; the host or port isn't one\n  hint: in a user name or password write @ as \
         %40, : as %3A, / as %2F, # as %23, ? as %3F and % as %25"
    );
    check("REDIS_URL", &[("redis://r", "redis://r:6379/0")], &["memory://", "r:6379", "redis+sentinel://r"]);
    check("RATE_LIMIT_ON_STORAGE_ERROR", &[("DENY", "Deny"), ("memory", "Memory")], &["allow"]);
    check("REDIS_KEY_PREFIX", &[("a.b_c:d/e-f", "a.b_c:d/e-f")], &["{a}", "a b", &"x".repeat(65)]);
}

#[test]
fn requests_are_counted_where_the_rest_is_shared_unless_said_otherwise() {
    let counted = |variables: &[(&str, &str)]| {
        let settings = settings(&served(environment(variables)));
        let shown = settings.value("RATE_LIMIT_STORAGE_URI").unwrap().text.clone().unwrap();
        (settings.server.store.rate_limits.map(|address| address.to_string()), shown)
    };
    let redis = ("REDIS_URL", "redis://r");
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(counted(&[]), (None, "memory://".to_owned()));
    assert_eq!(counted(&[redis]), (some("redis://r:6379/0"), "redis://r".to_owned()));
    let memory = ("RATE_LIMIT_STORAGE_URI", "memory://");
    assert_eq!(counted(&[redis, memory]), (None, "memory://".to_owned()));
    let other = ("RATE_LIMIT_STORAGE_URI", "redis://s");
    assert_eq!(counted(&[redis, other]), (some("redis://s:6379/0"), "redis://s".to_owned()));
    let secret = ("REDIS_URL", "redis://:secret@r");
    assert_eq!(counted(&[secret]), (some("redis://r:6379/0"), "[hidden]".to_owned()));
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_a_path_or_refused() {
    use std::os::unix::ffi::OsStringExt as _;

    let latin1 = OsString::from_vec(b"caf\xe9".to_vec());
    let alone = |name: &str| Sources {
        environment: [(OsString::from(name), latin1.clone())].into_iter().collect(),
        ..Sources::default()
    };
    assert_eq!(settings(&alone("CHAIN_PROMPTS_DIR")).prompts.dir, Some(latin1.clone().into()));
    let problem = problems(&alone("CHAIN_ANALYZE_MODEL"));
    assert!(problem.starts_with("CHAIN_ANALYZE_MODEL=caf\u{fffd} (environment): must be "), "{problem}");
}
