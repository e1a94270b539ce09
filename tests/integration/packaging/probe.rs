//! The image's health check: compiled as the Dockerfile compiles it, against a real server.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{path, read};
use crate::support::Upstream;

fn ends_well(probe: &Path, port: u16) -> bool {
    Command::new(probe).env_clear().env("API_PORT", port.to_string()).status().unwrap().success()
}

#[test]
fn the_image_is_healthy_as_long_as_its_server_answers() {
    let folder = TempDir::new().unwrap();
    let probe = folder.path().join("health");
    let dockerfile = read("Dockerfile");
    let line = dockerfile.lines().find_map(|line| line.strip_prefix("RUN rustc ")).unwrap();
    let args = line.split(' ').map(|word| if word == "/health" { probe.to_str().unwrap() } else { word });
    let compiled = Command::new("rustc").args(args).current_dir(path("")).status().unwrap();
    assert!(compiled.success());

    let served = Upstream::good().serve(&[]);
    let port = served.address().port();
    assert!(ends_well(&probe, port), "it answers");
    served.signal("TERM");
    served.finish().exits(0);
    assert!(!ends_well(&probe, port), "nobody listens");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = std::thread::spawn(move || drop(listener.accept().unwrap()));
    assert!(!ends_well(&probe, port), "the connection is closed without an answer");
    silent.join().unwrap();
}
