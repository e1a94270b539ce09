//! What tokens are verified with, and what is said of it.

use std::fs;

use tempfile::TempDir;

use super::*;

const SECRET: &str = "9f2c1b7a5d3e8f604c2b1a9d7e6f5c3b";
const OTHER: &str = "a secret with spaces, which is fine";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";

/// A folder with a file called `key`, and the path of that file.
fn file(content: &[u8]) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn in_environment(variables: &[(&str, &str)]) -> Sources {
    served(environment(variables))
}

fn secret(sources: &Sources) -> Option<String> {
    exposed(settings(sources).server.jwt.secret.as_ref()).map(str::to_owned)
}

/// What comes of a file with that content, or the problem without what comes before it.
fn content_of(name: &str, content: &[u8]) -> Result<Jwt, String> {
    let (_folder, path) = file(content);
    with(name, &path).map(|settings| settings.server.jwt).map_err(|problem| {
        problem.strip_prefix(&format!("{name}={path} (environment): ")).unwrap().to_owned()
    })
}

#[test]
fn a_secret_has_at_least_32_characters_and_at_most_8192_bytes() {
    let (shortest, longest) = ("é".repeat(32), "x".repeat(8192));
    for name in ["JWT_SECRET_KEY", "JWT_SECRET_KEY_PREVIOUS"] {
        for good in [SECRET, OTHER, &shortest, &longest] {
            let jwt = with(name, &format!("  {good}\n")).unwrap().server.jwt;
            let read = if name == "JWT_SECRET_KEY" { jwt.secret } else { jwt.previous_secret };
            assert_eq!(exposed(read.as_ref()), Some(good));
        }
        for bad in ["short", &"é".repeat(31), &"x".repeat(8193)] {
            assert_eq!(
                with(name, bad).unwrap_err(),
                format!(
                    "{name}=[hidden] (environment): must be at least 32 characters, and at most 8192 bytes\n  hint: \
                     make one with: openssl rand -hex 32"
                )
            );
        }
    }
}

#[test]
fn a_secret_may_stand_in_a_file() {
    for content in [SECRET.to_owned(), format!("\u{feff}{SECRET}\r\n"), format!(" {SECRET} \n\n")] {
        let jwt = content_of("JWT_SECRET_KEY_FILE", content.as_bytes()).unwrap();
        assert_eq!(exposed(jwt.secret.as_ref()), Some(SECRET), "{content:?}");
    }
    for (content, problem) in [
        (&b" \n"[..], "the file is empty"),
        (b"short", "the file must hold at least 32 characters, and at most 8192 bytes"),
        (&[b'x'; 8195], "the file is larger than 8194 bytes"),
    ] {
        assert_eq!(content_of("JWT_SECRET_KEY_FILE", content).unwrap_err(), problem);
    }
}

#[test]
fn the_stronger_source_wins_whether_it_holds_the_secret_or_names_its_file() {
    let (_folder, path) = file(OTHER.as_bytes());
    let by_file = Sources {
        env_file: Some(found_file(&format!("JWT_SECRET_KEY={SECRET}"))),
        ..in_environment(&[("JWT_SECRET_KEY_FILE", &path)])
    };
    assert_eq!(secret(&by_file).as_deref(), Some(OTHER));
    assert_eq!(value(&settings(&by_file), "JWT_SECRET_KEY"), "unset (default)");

    let by_secret = Sources {
        env_file: Some(found_file("JWT_SECRET_KEY_FILE=/nowhere")),
        ..in_environment(&[("JWT_SECRET_KEY", SECRET)])
    };
    assert_eq!(secret(&by_secret).as_deref(), Some(SECRET));
    assert_eq!(value(&settings(&by_secret), "JWT_SECRET_KEY"), "[hidden] (environment)");
}

#[test]
fn a_secret_and_its_file_in_one_source_are_a_problem() {
    let sources = in_environment(&[("JWT_SECRET_KEY", SECRET), ("JWT_SECRET_KEY_FILE", "/nowhere")]);
    assert_eq!(
        problems(&sources),
        "JWT_SECRET_KEY_FILE=/nowhere (environment): JWT_SECRET_KEY is set in the same place, and only one secret can \
         be used\n  hint: remove one of them"
    );
}

#[test]
fn a_secret_given_where_its_file_belongs_is_not_shown_and_a_path_is() {
    let problem = with("JWT_SECRET_KEY_FILE", SECRET).unwrap_err();
    assert!(problem.starts_with("JWT_SECRET_KEY_FILE=[hidden] (environment): the file "), "{problem}");
    for path in ["/run/secrets/the-secret-that-signs-our-tokens", "secrets/jwt"] {
        let problem = with("JWT_SECRET_KEY_FILE", path).unwrap_err();
        assert!(problem.starts_with(&format!("JWT_SECRET_KEY_FILE={path} (")), "{problem}");
    }
}

#[test]
fn a_public_key_is_the_text_of_its_file() {
    let with_comment = format!("our key\n{PUBLIC}");
    let pkcs1 = PUBLIC.replace("PUBLIC", "RSA PUBLIC");
    for content in [PUBLIC, &with_comment, &pkcs1] {
        let jwt = content_of("JWT_PUBLIC_KEY_FILE", content.as_bytes()).unwrap();
        assert_eq!(jwt.public_key.as_deref(), Some(content));
    }
}

#[test]
fn a_file_that_holds_no_public_key_is_a_problem_that_says_why() {
    let refused = |content: &str| content_of("JWT_PUBLIC_KEY_FILE", content.as_bytes()).unwrap_err();
    let private = "the file holds a private key; the server needs the public one alone";
    assert_eq!(refused(&PUBLIC.replace("PUBLIC", "PRIVATE")), private);
    assert_eq!(refused(&format!("{PUBLIC}{}", PUBLIC.replace("PUBLIC", "EC PRIVATE"))), private);
    for content in ["", "ssh-ed25519 AAAA me@host", &PUBLIC.replace("PUBLIC KEY", "CERTIFICATE")] {
        assert_eq!(
            refused(content),
            "the file must hold a public key as PEM, beginning with -----BEGIN PUBLIC KEY-----"
        );
    }
    let problem = with("JWT_PUBLIC_KEY_FILE", "/dev/zero").unwrap_err();
    assert!(problem.ends_with("the file is a device, a pipe or a socket"), "{problem}");
    let problem = with("JWT_PUBLIC_KEY_FILE", "/nowhere").unwrap_err();
    assert!(
        problem.contains("JWT_PUBLIC_KEY_FILE=/nowhere (environment): the file can't be read"),
        "{problem}"
    );
}

#[test]
fn each_algorithm_needs_its_kind_of_key() {
    let (_folder, public) = file(PUBLIC.as_bytes());
    let check = |variables: &[(&str, &str)]| settings(&in_environment(variables)).server.check_key();
    let said = |outcome: Result<(), Problem>| {
        let problem = outcome.unwrap_err();
        format!("{problem}; {}", problem.hint.clone().unwrap_or_default())
    };
    for algorithm in ["HS256", "HS384", "HS512"] {
        let algorithm = ("JWT_ALGORITHM", algorithm);
        assert_eq!(check(&[algorithm, ("JWT_SECRET_KEY", SECRET)]), Ok(()));
        let told = said(check(&[algorithm, ("JWT_PUBLIC_KEY_FILE", &public)]));
        let expected = format!(
            "JWT_SECRET_KEY: is not set, and no token can be made or verified without it (JWT_ALGORITHM is {}); make one \
             with: openssl rand -hex 32; or",
            algorithm.1
        );
        assert!(told.starts_with(&expected), "{told}");
    }
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let algorithm = ("JWT_ALGORITHM", algorithm);
        assert_eq!(check(&[algorithm, ("JWT_PUBLIC_KEY_FILE", &public)]), Ok(()));
        let told = said(check(&[algorithm, ("JWT_SECRET_KEY", SECRET)]));
        assert!(told.starts_with("JWT_PUBLIC_KEY_FILE: is not set, and no token"), "{told}");
    }
    let only_previous = said(check(&[("JWT_SECRET_KEY_PREVIOUS", SECRET)]));
    assert!(only_previous.starts_with("JWT_SECRET_KEY: is not set"), "{only_previous}");
}

fn what_is_unsafe(variables: &[(&str, &str)]) -> Vec<Problem> {
    Settings::resolve_with_defaults(&in_environment(variables), &[], Demands::Safety).1
}

/// What is unsafe, without the hints.
fn unsafe_about(variables: &[(&str, &str)]) -> Vec<String> {
    what_is_unsafe(variables).iter().map(ToString::to_string).collect()
}

#[test]
fn a_weak_secret_is_warned_of_where_it_is_used() {
    let placeholder = "change-me-to-something-of-32-characters";
    let repeated = "0123456789".repeat(4);
    let both = [("JWT_SECRET_KEY", placeholder), ("JWT_SECRET_KEY_PREVIOUS", repeated.as_str())];
    assert_eq!(
        unsafe_about(&both),
        [
            "JWT_SECRET_KEY=[hidden] (environment): looks like the placeholder of an example: whoever guesses it makes tokens of their own",
            "JWT_SECRET_KEY_PREVIOUS=[hidden] (environment): has few different characters, or repeats a short pattern: whoever guesses it \
             makes tokens of their own",
        ]
    );
    let warning = &what_is_unsafe(&both)[0];
    assert_eq!(warning.hint.as_deref(), Some("make one with: openssl rand -hex 32"));
    assert!(unsafe_about(&[both[0], both[1], ("JWT_ALGORITHM", "ES256")]).is_empty());
    assert!(unsafe_about(&[("JWT_SECRET_KEY", SECRET), ("JWT_SECRET_KEY_PREVIOUS", OTHER)]).is_empty());
}

#[test]
fn letting_in_every_origin_is_warned_of() {
    assert_eq!(
        unsafe_about(&[("CORS_ORIGINS", "*")]),
        ["CORS_ORIGINS=* (environment): lets the pages of every origin call the API"]
    );
    assert!(unsafe_about(&[("CORS_ORIGINS", "http://a")]).is_empty());
    assert!(unsafe_about(&[]).is_empty());
}
