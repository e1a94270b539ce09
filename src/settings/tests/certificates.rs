//! The file of those who vouch for a shared store.

use std::fs;

use tempfile::TempDir;

use super::*;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";

/// What comes of a file with that content, or the problem without what comes before it.
fn content_of(content: &str) -> Result<Option<String>, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap();
    with("REDIS_CA_FILE", path).map(|settings| settings.server.store.certificates).map_err(|problem| {
        problem.strip_prefix(&format!("REDIS_CA_FILE={path} (environment): ")).unwrap().to_owned()
    })
}

#[test]
fn certificates_stand_in_a_file() {
    assert_eq!(content_of(CERTIFICATE), Ok(Some(CERTIFICATE.to_owned())));
    let commented = format!("# ours\n{CERTIFICATE}{CERTIFICATE}");
    assert_eq!(content_of(&commented), Ok(Some(commented.clone())));
}

#[test]
fn a_file_of_something_else_is_refused() {
    for content in ["", "ours", "-----BEGIN PUBLIC KEY-----\nTQ==\n-----END PUBLIC KEY-----\n"] {
        let problem = content_of(content).unwrap_err();
        assert!(problem.starts_with("the file must hold certificates as PEM"), "{problem}");
    }
    let with_key = format!("{CERTIFICATE}-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n");
    let problem = content_of(&with_key).unwrap_err();
    assert_eq!(problem, "the file holds a private key; only certificates belong here");
    for path in ["/nowhere", "/dev/zero"] {
        let problem = with("REDIS_CA_FILE", path).unwrap_err();
        assert!(problem.starts_with(&format!("REDIS_CA_FILE={path} (environment): the file ")), "{problem}");
    }
}
