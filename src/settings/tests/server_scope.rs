//! That commands which serve nothing don't look at what is said about the server.

use super::*;

/// Every variable of the server but one of each two for a secret, which can't both be set.
fn variables() -> Vec<&'static str> {
    let of_server = sections().iter().filter(|section| section.for_server);
    let names = of_server.flat_map(|section| section.variables).map(|variable| variable.name);
    names.filter(|name| !["JWT_SECRET_KEY_FILE", "CHECKPOINT_KEY_FILE"].contains(name)).collect()
}

#[test]
fn nothing_that_was_said_about_the_server_is_looked_at_unless_it_is_served() {
    let all_wrong: String = variables().into_iter().flat_map(|name| [name, "='\u{7f}'\n"]).collect();
    let sources = only(found_file(&all_wrong));
    assert_eq!(warnings(&sources), "");
    let (found, defaults) = (settings(&sources), settings(&Sources::default()));
    for SettingValue { variable, .. } in &defaults.values {
        assert_eq!(value(&found, variable.name), value(&defaults, variable.name));
    }
    let told = problems(&served(sources));
    for name in variables() {
        assert!(told.contains(&format!("{name}=")), "{name} isn't told:\n{told}");
    }
}

#[test]
fn no_file_of_the_server_is_opened_unless_it_is_served() {
    for name in ["JWT_SECRET_KEY_FILE", "JWT_PUBLIC_KEY_FILE", "CHECKPOINT_KEY_FILE"] {
        let sources = environment(&[(name, "/nowhere")]);
        assert_eq!(value(&settings(&sources), name), "unset (default)");
        assert!(problems(&served(sources)).contains("the file can't be read"));
    }
}

#[test]
fn a_flag_for_the_server_is_known_where_it_is_not_served() {
    let sources = Sources { overrides: vec![flag("API_PORT", "many")], ..Sources::default() };
    assert_eq!(value(&settings(&sources), "API_PORT"), "8000 (default)");
    assert!(problems(&served(sources)).starts_with("--flag: `many` must be "));
}

#[test]
fn the_sections_of_the_server_are_told_from_the_others() {
    let of_server: Vec<&str> =
        sections().iter().filter(|section| section.for_server).map(|section| section.title).collect();
    assert_eq!(
        of_server,
        ["The server", "Authentication", "Rate limits", "Shared between replicas", "Cross-origin requests"]
    );
}

#[test]
fn a_misspelt_variable_of_the_server_is_warned_of_only_where_it_is_served() {
    let sources = Sources {
        env_file: Some(found_file("RATE_LIMIT_MODEL=1/minute\nRATE_LIMIT_MODEL=1/minute\n")),
        ..environment(&[
            ("JWT_SECRT_KEY", "s"),
            ("CORS_ORIGIN", "*"),
            ("SERVICE_MODEL_ALIAS", "a"),
            ("STREAM_COMMIT", "1"),
            ("API_KEY", "not ours"),
        ])
    };
    assert_eq!(warnings(&sources), "");
    let told = warnings(&served(sources));
    let meant: Vec<&str> =
        told.lines().filter_map(|line| line.strip_prefix("  hint: did you mean ")).collect();
    assert_eq!(
        meant,
        [
            "CORS_ORIGINS?",
            "JWT_SECRET_KEY?",
            "SERVICE_MODEL_ALIASES?",
            "STREAM_COMMIT_MS?",
            "RATE_LIMIT_MODELS?"
        ]
    );
    assert!(
        told.starts_with("RATE_LIMIT_MODEL (.env:2): was already set on line 1; this value holds\n"),
        "{told}"
    );
    assert!(!told.contains("API_KEY"), "{told}");
}

#[test]
fn a_variable_of_the_server_that_is_set_twice_is_warned_of_only_where_it_is_served() {
    let sources = only(found_file("API_PORT=1\nAPI_PORT=2\n"));
    assert_eq!(warnings(&sources), "");
    let sources = served(sources);
    assert_eq!(warnings(&sources), "API_PORT (.env:2): was already set on line 1; this value holds");
    assert_eq!(settings(&sources).server.port, 2);
}
