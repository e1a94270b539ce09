//! What can be named to be checked.

use std::os::unix::fs::PermissionsExt;

use super::{ANALYZE, PROCESS, SYNTHESIZE, found, validate};

/// A prompt that doesn't name one of process's fields.
const WITHOUT_CONFIDENCE: &str = "Return JSON with content and metadata.\n";

#[test]
fn without_a_path_it_checks_what_a_run_would_use_here() {
    let mut command = validate(&[]);
    command
        .file(".env", "CHAIN_PROMPTS_DIR=mine\nCHAIN_PROCESS_TIMEOUT=900\n")
        .file("mine/chain_process.md", WITHOUT_CONFIDENCE)
        .env("CHAIN_ANALYZE_MODEL", "claude-haiku-4-6");
    assert_eq!(
        found(command),
        ["invalid-value .env:2:23", "field-not-named mine/chain_process.md:1:1", "unknown-model environment"]
    );
}

#[test]
fn of_a_named_prompt_file_only_that_is_checked_and_not_what_lies_beside_it() {
    let check = |path: &str| {
        let mut command = validate(&[path]);
        command
            .file("prompts/chain_analyze.md", "Nothing.\n")
            .file("prompts/chain_process.md", WITHOUT_CONFIDENCE)
            .file("prompts/chain_synthesize.md", SYNTHESIZE)
            .file("prompts/my-process.md", WITHOUT_CONFIDENCE)
            .file("prompts/other.md", "{{ if }}");
        found(command)
    };
    assert_eq!(check("prompts/chain_process.md"), ["field-not-named prompts/chain_process.md:1:1"]);
    assert_eq!(check("prompts/chain_synthesize.md"), [""; 0]);
    assert_eq!(check("prompts/my-process.md"), ["field-not-named prompts/my-process.md:1:1"]);
    assert_eq!(check("prompts/other.md"), ["prompt-file-unused prompts/other.md"]);
    // Whoever names a file wants it checked.
    let mut strange = validate(&["notes.txt"]);
    strange.file("notes.txt", "x");
    assert!(strange.run().exits(1).stdout.contains("it wasn't checked as a prompt"));
}

#[test]
fn a_models_file_beside_a_named_prompt_file_is_checked_too() {
    let mut command = validate(&["chain_process.md", "models.toml"]);
    command.file("chain_process.md", PROCESS).file("models.toml", "!!!\n");
    assert_eq!(found(command), ["models-file models.toml:1:4"]);
}

#[test]
fn of_a_file_elsewhere_that_a_link_leads_to_no_line_is_shown() {
    let told = |is_linked: bool| {
        let mut command = validate(&["prompts"]);
        command.file("mine/secret", "password hunter2 {{ oops }}\n").file("prompts/readme.txt", "x");
        let (secret, prompt) = ("mine/secret", "prompts/chain_process.md");
        let [secret, prompt] = [secret, prompt].map(|name| command.folder().join(name));
        if is_linked {
            std::os::unix::fs::symlink(&secret, &prompt).unwrap();
        } else {
            std::fs::copy(&secret, &prompt).unwrap();
        }
        command.run().exits(1).stdout
    };
    assert!(told(false).contains("hunter2"));
    let linked = told(true);
    assert!(linked.contains("prompts/chain_process.md:1:21: error: "), "{linked}");
    assert!(!linked.contains("hunter2"), "{linked}");
}

#[test]
fn a_folder_is_looked_for_by_its_whole_name() {
    let mut command = validate(&["mine "]);
    command.file("mine /chain_process.md", WITHOUT_CONFIDENCE).file("mine/chain_process.md", PROCESS);
    assert_eq!(found(command), ["field-not-named mine /chain_process.md:1:1"]);
    let mut command = validate(&[" "]);
    command.file(" /chain_process.md", WITHOUT_CONFIDENCE);
    assert_eq!(found(command), ["field-not-named  /chain_process.md:1:1"]);
}

#[test]
fn what_is_named_twice_is_checked_once() {
    let mut command =
        validate(&["mine", "./mine", "mine/", "mine/chain_process.md", "mine//chain_process.md"]);
    command.file("mine/chain_process.md", WITHOUT_CONFIDENCE);
    assert_eq!(found(command), ["field-not-named mine/chain_process.md:1:1"]);
}

#[test]
fn a_prompt_file_in_the_current_folder_is_checked_like_any_other() {
    let mut command = validate(&["chain_process.md"]);
    command.file("chain_process.md", WITHOUT_CONFIDENCE).file("chain_analyze.md", "Nothing.\n");
    let ran = command.run().exits(1);
    assert!(ran.stdout.starts_with("chain_process.md:1:1: error: "), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("error:").count(), 1, "{}", ran.stdout);
}

#[test]
fn a_named_env_file_is_checked_without_the_environment() {
    let mut command = validate(&["prod.env"]);
    command
        .file("prod.env", "RETRY_MAX_ATTEMPTS=99\n")
        .file(".env", "LOG_LEVEL=LOUD\n")
        .env("RETRY_MAX_ATTEMPTS", "3")
        .env("LOG_FORMAT", "xml");
    assert_eq!(found(command), ["invalid-value prod.env:1:20"]);
}

#[test]
fn several_paths_are_checked_with_one_another() {
    let mut command = validate(&["one", "two", "a.env", "b.env"]);
    command
        .file("one/chain_process.md", WITHOUT_CONFIDENCE)
        .file("two/chain_analyze.md", ANALYZE)
        .file("two/chain_process.md", format!("{PROCESS}{{{{ x }}}}"))
        .file("a.env", "LOG_LEVEL=LOUD\n")
        .file("b.env", "LOG_FORMAT=xml\n");
    assert_eq!(
        found(command),
        [
            "invalid-value a.env:1:11",
            "invalid-value b.env:1:12",
            "field-not-named one/chain_process.md:1:1",
            "undefined-variable two/chain_process.md:2:4",
        ]
    );
}

#[test]
fn a_file_of_models_is_checked_and_used() {
    let mut command = validate(&["models.toml"]);
    command.file("models.toml", "[[model]]\nid = 'm'\ncontext = 1000\n");
    assert_eq!(found(command), ["models-file models.toml:1:1"]);
}

#[test]
fn a_path_that_is_not_there_is_an_error_and_hides_nothing() {
    let mut command = validate(&["nowhere", "prompts"]);
    command.file("prompts/chain_process.md", WITHOUT_CONFIDENCE);
    assert_eq!(
        found(command),
        ["prompt-file-missing nowhere", "field-not-named prompts/chain_process.md:1:1"]
    );
    let ran = validate(&["nowhere"]).run().exits(1);
    assert_eq!(ran.stderr, "error: 1 error in 1 file\n");
}

#[test]
fn env_files_can_be_named_in_one_way_only() {
    let mut command = validate(&["a.env", "--env-file", "b.env"]);
    command.file("a.env", "").file("b.env", "");
    command.run().exits(2).says_nothing().complains("in one of the two ways");
}

#[test]
fn a_file_that_is_too_large_is_told() {
    let mut command = validate(&["prompts"]);
    command.file("prompts/chain_process.md", "x".repeat((1 << 20) + 1));
    assert_eq!(found(command), ["prompt-file-too-large prompts/chain_process.md"]);
}

#[test]
fn secrets_that_others_can_read_are_warned_of() {
    let check = |mode: u32, text: &str| {
        let mut command = validate(&[]);
        command.file(".env", text);
        let path = command.folder().join(".env");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        found(command)
    };
    let key = "ANTHROPIC_API_KEY=sk-1\n";
    for mode in [0o644, 0o640, 0o604] {
        assert_eq!(check(mode, key), ["secrets-readable .env"], "{mode:o}");
    }
    assert_eq!(check(0o600, key), [""; 0]);
    assert_eq!(check(0o644, "LOG_LEVEL=DEBUG\nANTHROPIC_API_KEY=\n"), [""; 0]);
}

#[test]
fn a_file_of_a_secret_that_others_can_read_is_warned_of_at_the_variable_that_names_it() {
    let check = |mode: u32| {
        let mut command = validate(&[]);
        command
            .file(".env", "JWT_SECRET_KEY_FILE=secret\nANTHROPIC_API_KEY_FILE=key\n")
            .file("secret", "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c\n")
            .file("key", "sk-ant-1\n");
        for name in ["secret", "key"] {
            let path = command.folder().join(name);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        found(command)
    };
    for mode in [0o644, 0o640] {
        assert_eq!(check(mode), ["secrets-readable .env:1:21", "secrets-readable .env:2:24"], "{mode:o}");
    }
    assert_eq!(check(0o600), [""; 0]);
}

#[test]
fn a_wrong_path_of_prompts_is_told_at_the_variable_of_the_env_file_that_names_it() {
    let check = |env: &str| {
        let mut command = validate(&[]);
        command.file(".env", env).file("prompts/chain_process.md", PROCESS);
        command.run().exits(1).stdout
    };
    let told = check("CHAIN_PROMPTS_DIR=nope\n");
    assert!(
        told.starts_with(".env:1:19: error: CHAIN_PROMPTS_DIR=nope: can't open the prompts folder: "),
        "{told}"
    );
    let told = check(
        "CHAIN_PROMPTS_DIR=prompts\nCHAIN_ANALYZE_PROMPT_FILE=foo.md\nCHAIN_PROCESS_PROMPT_FILE=foo.md\n",
    );
    for start in [
        ".env:2:27: error: CHAIN_ANALYZE_PROMPT_FILE=foo.md: no such file",
        ".env:3:27: error: CHAIN_PROCESS_PROMPT_FILE=foo.md: no such file",
    ] {
        assert!(told.contains(start), "{told}");
    }
    let told = check("CHAIN_ANALYZE_PROMPT_FILE=foo.md\n");
    assert!(
        told.starts_with(
            ".env:1:27: error: CHAIN_ANALYZE_PROMPT_FILE=foo.md: no prompt file `foo.md` is built in"
        ),
        "{told}"
    );
    let mut command = validate(&[]);
    command.env("CHAIN_PROMPTS_DIR", "nope").file(".env", "LOG_LEVEL=INFO\n");
    assert_eq!(found(command), ["prompts-folder nope"]);
}

#[test]
fn a_model_that_is_gone_is_told_with_one_to_use_in_its_place() {
    let check = |args: &[&str]| {
        let mut command = validate(args);
        command.file("one.env", "CHAIN_ANALYZE_MODEL=claude-3-opus-20240229\n");
        command.file(
            "mine.toml",
            "[[model]]\nid = 'claude-3-opus-20240229'\ncontext = 200000\nmax_output = 4096\n",
        );
        command.run()
    };
    let told = check(&["one.env"]).exits(1).stdout;
    assert!(
        told.starts_with(
            "one.env:1:21: error: claude-3-opus-20240229 was retired on 2026-01-05 [retired-model]"
        ),
        "{told}"
    );
    assert!(told.contains("hint: choose another model, such as claude-opus-5-5\n"), "{told}");
    assert!(!told.contains("unknown-model"), "{told}");
    check(&["one.env", "mine.toml"]).exits(0);
}

#[test]
fn a_found_env_file_that_names_an_upstream_gets_neither_keys_nor_files() {
    let mut command = validate(&[]);
    command
        .file(".env", "ANTHROPIC_BASE_URL=http://elsewhere.example\nCHAIN_PROMPTS_DIR=/proc/self/cwd/..\n")
        .env("ANTHROPIC_API_KEY", "sk-mine");
    let outside = command.folder().parent().unwrap().join("chain_process.md");
    let told = found(command);
    assert!(told.contains(&"unused-credential environment".to_owned()), "{told:?}");
    assert!(!outside.exists(), "nothing lies there, so that nothing is foreign");

    let mut command = validate(&[]);
    command.file(".env", "ANTHROPIC_BASE_URL=http://elsewhere.example\n").file("link/x", "");
    std::fs::write(command.folder().join("link/secret"), "Secret.\n").unwrap();
    command
        .file(".env", "ANTHROPIC_BASE_URL=http://elsewhere.example\nCHAIN_PROMPTS_DIR=p\n")
        .file("p/x", "");
    std::os::unix::fs::symlink("/etc/hostname", command.folder().join("p/chain_process.md")).unwrap();
    let told = found(command);
    assert!(told.iter().any(|told| told.starts_with("foreign-file p/chain_process.md")), "{told:?}");
}

#[test]
fn no_secret_is_told_in_any_format() {
    let secret = "sk-canary-0123456789";
    for format in ["text", "json", "github", "sarif", "junit"] {
        let mut command = validate(&["--format", format]);
        command.file(
            ".env",
            format!(
                "ANTHROPIC_API_KEY={secret} oops\nJWT_SECRET_KEY={secret}\nANTHROPIC_API_KYE={secret}\n\
                 LOG_LEVEL={secret}\nANTHROPIC_BASE_URL=http://{secret}@host\n{secret}\n"
            ),
        );
        let ran = command.run().exits(1);
        assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{format}: {}", ran.stdout);
    }
}

#[test]
fn a_folder_of_prompts_that_nothing_names_is_warned_of() {
    let mut command = validate(&[]);
    command.file("prompts/chain_process.md", WITHOUT_CONFIDENCE);
    assert_eq!(found(command), ["prompts-folder-unused prompts"]);
    let mut command = validate(&[]);
    command.file("prompts/notes.md", "x");
    assert_eq!(found(command), [""; 0]);
}

#[test]
fn a_key_that_does_not_fit_its_algorithm_is_told_where_a_server_would_refuse_it() {
    let key = |name: &str| {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/auth/test_keys").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let with = |env_file: &str| {
        let mut command = validate(&["my.env"]);
        command.file("my.env", env_file).file("ec.pem", key("ec_p256_public.pem"));
        found(command)
    };
    assert_eq!(with("JWT_ALGORITHM=ES256\nJWT_PUBLIC_KEY_FILE=ec.pem\n"), [""; 0]);
    assert_eq!(with("JWT_ALGORITHM=EdDSA\nJWT_PUBLIC_KEY_FILE=ec.pem\n"), ["invalid-value my.env:2:21"]);
    assert_eq!(with("JWT_ALGORITHM=EdDSA\n"), ["missing-variable missing"]);
    assert_eq!(with("ENVIRONMENT=production\n"), ["missing-variable missing"]);
    assert_eq!(with("ENVIRONMENT=staging\n"), [""; 0]);
}
