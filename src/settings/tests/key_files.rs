//! Secrets: what can stand in a header, and files that hold one.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

const FILE: &str = "ANTHROPIC_API_KEY_FILE";

/// What comes of a key file with that content: the credential, or the problem without the path.
fn key_file(content: &[u8]) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap();
    match with(FILE, path) {
        Ok(settings) => {
            assert_eq!(value(&settings, FILE), format!("{path} (environment)"));
            Ok(credential(&settings).unwrap())
        }
        Err(problem) => Err(problem.strip_prefix(&format!("{FILE}={path} (environment): ")).unwrap().into()),
    }
}

#[test]
fn white_space_and_a_mark_round_the_key_in_a_file_are_dropped() {
    for content in ["sk-1", "sk-1\n", "sk-1\r\n", "  sk-1 \n\n", "\u{feff}sk-1\n"] {
        assert_eq!(key_file(content.as_bytes()).as_deref(), Ok("key sk-1"), "{content:?}");
    }
}

#[test]
fn a_key_file_that_can_not_be_used_is_a_problem_that_says_why() {
    let no_key = "the file must hold one line of at most 8192 visible ASCII characters without spaces";
    for (content, problem) in [
        (&b""[..], "the file is empty"),
        (b" \r\n", "the file is empty"),
        (b"sk-1\xff", "the file isn't UTF-8 text"),
        (b"sk-1\nsk-2\n", no_key),
        (b"KEY = sk-1", no_key),
        ("sk-\u{e9}".as_bytes(), no_key),
        (&[b'k'; 8193], no_key),
        (&[b'k'; 8195], "the file is larger than 8194 bytes"),
    ] {
        assert_eq!(key_file(content).unwrap_err(), problem);
    }
    assert_eq!(key_file(&[&[b'k'; 8192][..], b"\r\n"].concat()).unwrap().len(), "key ".len() + 8192);
}

#[test]
fn a_key_file_that_is_missing_or_no_file_is_a_problem() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing");
    for (path, problem) in [
        (folder.path(), "the file is a folder"),
        (Path::new("/dev/zero"), "the file is a device, a pipe or a socket"),
        (&missing, "the file can't be read: No such file or directory (os error 2)"),
    ] {
        let expected = format!("{FILE}={} (environment): {problem}", path.display());
        assert_eq!(with(FILE, path.to_str().unwrap()).unwrap_err(), expected);
    }
}

#[test]
fn a_key_given_where_its_file_belongs_is_not_shown() {
    let problem = with(FILE, "sk-ant-1").unwrap_err();
    assert!(problem.starts_with("ANTHROPIC_API_KEY_FILE=[hidden] (environment): the file "), "{problem}");
}

#[test]
fn a_secret_that_can_not_stand_in_a_header_is_refused_without_being_quoted() {
    let too_long = "k".repeat(8193);
    for name in ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"] {
        for secret in ["two words", "line\nbreak", "tab\there", "schl\u{fc}ssel", "del\u{7f}", &too_long] {
            let problem = format!(
                "{name}=[hidden] (environment): must be at most 8192 visible ASCII characters, \
                 without spaces or line breaks"
            );
            assert_eq!(with(name, secret).unwrap_err(), problem);
        }
        assert!(with(name, &"k".repeat(8192)).is_ok());
    }
}

#[test]
fn white_space_round_a_secret_is_dropped() {
    let settings = with("ANTHROPIC_API_KEY", " sk-1\r\n").unwrap();
    assert_eq!(credential(&settings).as_deref(), Some("key sk-1"));
}
