//! Algorithms with a private key, and files that hold no such key.

use super::{ALGORITHMS, KEYS, key, part, signed, token};
use crate::support::{Ran, promptchain};

/// Makes a token with that algorithm and private key, without any secret.
fn made_with(algorithm: &str, file: &str) -> Ran {
    let args = ["token", "-q", "--subject", "alice", "--algorithm", algorithm, "--private-key-file", file];
    promptchain(&args).run()
}

#[test]
fn each_algorithm_stands_in_the_header() {
    for (algorithm, keys) in ALGORITHMS {
        let header = part(&signed(algorithm, keys), 0);
        assert_eq!(header, serde_json::json!({"typ": "JWT", "alg": algorithm}));
    }
}

#[test]
fn the_private_key_is_enough_and_rsa_keys_may_be_pkcs_1() {
    for (algorithm, file) in [
        ("RS256", "rsa_2048_private.pem"),
        ("RS256", "rsa_2048_private_pkcs1.pem"),
        ("ES256", "ec_p256_private.pem"),
        ("EdDSA", "ed25519_private.pem"),
    ] {
        made_with(algorithm, &key(file)).exits(0);
    }
}

#[test]
fn a_key_of_another_kind_or_size_is_refused_with_how_to_make_one() {
    let cases = [
        ("RS256", "rsa_1024_private.pem", "RSA private key of 2048 to 8192 bits"),
        ("RS256", "ec_p256_private.pem", "RSA private key of 2048 to 8192 bits"),
        ("RS256", "ed25519_private.pem", "RSA private key of 2048 to 8192 bits"),
        ("ES256", "ec_p384_private.pem", "P-256 private key"),
        ("ES256", "ec_k256_private.pem", "P-256 private key"),
        ("ES256", "rsa_2048_private_pkcs1.pem", "P-256 private key"),
        ("EdDSA", "ec_p256_private.pem", "Ed25519 private key"),
    ];
    for (algorithm, file, about) in cases {
        made_with(algorithm, &key(file))
            .exits(3)
            .says_nothing()
            .complains(about)
            .complains("openssl genpkey");
    }
}

#[test]
fn a_file_that_holds_something_else_is_refused_and_never_quoted() {
    for (algorithm, file, about) in [
        ("RS256", "rsa_2048_public.pem", "holds a public key"),
        ("RS256", "rsa_2048_public_pkcs1.pem", "holds a public key"),
        ("ES256", "ec_p256_private_sec1.pem", "openssl pkcs8 -topk8"),
        ("EdDSA", "ed25519_private_encrypted.pem", "holds an encrypted key"),
    ] {
        let ran = made_with(algorithm, &key(file)).exits(3).says_nothing().complains(about);
        let text = std::fs::read_to_string(key(file)).unwrap();
        let base64 = text.lines().filter(|line| !line.starts_with('-') && line.len() > 10);
        assert!(base64.clone().count() > 0);
        assert!(base64.into_iter().all(|line| !ran.stderr.contains(line)), "{}", ran.stderr);
    }
    for content in ["canary", "", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"] {
        let mut command = promptchain(&["token", "-q", "--subject", "alice", "--algorithm", "EdDSA"]);
        command.args(&["--private-key-file", "key.pem"]).file("key.pem", content);
        let ran = command.run().exits(3).says_nothing().complains("key.pem").complains("Ed25519");
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
    }
    let read = |name: &str| std::fs::read_to_string(key(name)).unwrap();
    let curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let proc_type = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\ncanary\n";
    let (own, public) = (read("ec_p256_private.pem"), read("ec_p256_public.pem"));
    for (content, exit, about) in [
        (curve.to_owned() + &read("ec_p256_private_sec1.pem"), 3, "openssl pkcs8 -topk8"),
        (proc_type.to_owned(), 3, "holds an encrypted key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n".to_owned(), 3, "OpenSSH's own form"),
        ("-----BEGIN CERTIFICATE-----\n".to_owned(), 3, "holds a certificate"),
        (public.clone() + &own, 3, "holds a public key"),
        // What comes first counts.
        (own + &public, 0, ""),
    ] {
        let mut command = promptchain(&["token", "-q", "--subject", "alice", "--algorithm", "ES256"]);
        command.args(&["--private-key-file", "key.pem"]).file("key.pem", content);
        command.run().exits(exit).complains(about);
    }
    let pasted = std::fs::read_to_string(key("ed25519_private.pem")).unwrap();
    let ran = made_with("EdDSA", &format!(" {pasted}")).exits(2).says_nothing().complains("path of a file");
    assert!(!ran.stderr.contains(pasted.lines().nth(1).unwrap()), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_missing_or_endless_is_refused() {
    made_with("EdDSA", "none.pem").exits(3).says_nothing().complains("none.pem").complains("can't be read");
    made_with("EdDSA", KEYS).exits(3).says_nothing().complains("is a folder");
    made_with("EdDSA", "/dev/zero").exits(3).says_nothing().complains("is a device");
}

#[test]
fn a_token_that_the_servers_public_key_would_refuse_is_not_made() {
    let made = |public: &str| {
        let mut command = promptchain(&["token", "-q", "--subject", "alice", "--algorithm", "ES256"]);
        command.args(&["--private-key-file", &key("ec_p256_private.pem")]);
        command.env("JWT_PUBLIC_KEY_FILE", &key(public));
        command.run()
    };
    made("ec_p256_public.pem").exits(0);
    made("ec_p256_other_public.pem").exits(3).says_nothing().complains("JWT_PUBLIC_KEY_FILE");
    made("rsa_2048_public.pem").exits(3).says_nothing().complains("must hold a P-256 public key");
}

#[test]
fn keys_that_the_algorithm_can_not_use_are_refused_with_what_to_do() {
    let with_key = key("ed25519_private.pem");
    let private = token(&["--subject", "alice", "--private-key-file", &with_key]).run();
    private.exits(2).says_nothing().complains("HS256 (default)").complains("hint: add --algorithm");
    let mut command = token(&["--subject", "alice", "--algorithm", "EdDSA", "--secret-file", "secret"]);
    command.args(&["--private-key-file", &with_key]).file("secret", super::SECRET);
    command
        .run()
        .exits(2)
        .says_nothing()
        .complains("--secret-file can't be used with EdDSA")
        .complains("hint: ");
    let mut command = token(&["--subject", "alice"]);
    command.env("JWT_ALGORITHM", "EdDSA").env("JWT_SECRET_KEY_FILE", "");
    command
        .run()
        .exits(2)
        .says_nothing()
        .complains("no private key for EdDSA (environment)")
        .complains("hint: ");
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    for (mode, is_exposed) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false), (0o400, false)] {
        let mut command = promptchain(&["token", "--subject", "alice", "--expires-in", "1h"]);
        command.args(&["--algorithm", "EdDSA", "--private-key-file", "key.pem"]);
        command.file("key.pem", std::fs::read(key("ed25519_private.pem")).unwrap());
        let file = command.folder().join("key.pem");
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        let ran = command.run().exits(0);
        assert_eq!(ran.stderr.contains("key.pem can be read by other users"), is_exposed, "{mode:o}");
    }
}

#[cfg(unix)]
#[test]
fn a_server_accepts_the_tokens_of_every_algorithm() {
    use crate::support::{Request, Served};
    for (algorithm, keys) in ALGORITHMS {
        let mut command = promptchain(&["serve", "--offline", "--port", "0"]);
        command.env("JWT_ALGORITHM", algorithm).env("JWT_SECRET_KEY", super::SECRET);
        if let Some((_, public)) = keys {
            command.env("JWT_PUBLIC_KEY_FILE", &key(public));
        }
        let served = Served::start(command);
        let status = |token: &str| served.ask(&Request::get("/v1/models").by(token)).status;
        assert_eq!(status(&signed(algorithm, keys)), 200, "{algorithm}");
        let (other, other_keys) = if keys.is_none() { ALGORITHMS[3] } else { ALGORITHMS[0] };
        assert_eq!(status(&signed(other, other_keys)), 403, "{other} for {algorithm}");
    }
}
