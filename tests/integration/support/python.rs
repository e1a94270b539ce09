//! A Python with the clients and readers that the program is tested with, made once for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::needs::skip;

/// What is installed in it.
const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/requirements.txt");

/// How to get what is missing.
const HOW: &str = "get Python 3.10 or newer with: apt-get install python3 python3-venv; pip needs a package \
     index that it can reach";

/// The interpreter; `None` if it can't be had, and then the test is to be skipped.
pub(crate) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PYTHON.get_or_init(make_once) {
        Ok(interpreter) => Some(interpreter),
        Err(reason) => {
            skip(&format!("{reason}\n{HOW}"));
            None
        }
    }
}

/// Made anew when the requirements change or another Python comes; else found. Other processes wait.
fn make_once() -> Result<PathBuf, String> {
    let version = said(Command::new("python3").arg("--version"))?;
    let digest = Sha256::digest(version + &fs::read_to_string(REQUIREMENTS).unwrap());
    let name = digest[..8].iter().fold("clients-".to_owned(), |name, byte| name + &format!("{byte:02x}"));
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (made, unfinished) = (parent.join(&name), parent.join(format!("{name}.unfinished")));

    let lock = fs::File::create(parent.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    if !made.exists() {
        // Whoever was making it was killed.
        let _ = fs::remove_dir_all(&unfinished);
        said(Command::new("python3").args(["-m", "venv"]).arg(&unfinished))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        said(Command::new(interpreter(&unfinished)).args(pip).arg(REQUIREMENTS))?;
        fs::rename(&unfinished, &made).unwrap();
    }
    Ok(interpreter(&made))
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

/// What a command says; all of it as the reason if it fails.
fn said(command: &mut Command) -> Result<String, String> {
    let ran = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if ran.status.success() {
        return Ok(text(&ran.stdout));
    }
    Err(format!("{command:?} failed:\n{}{}", text(&ran.stdout), text(&ran.stderr)))
}
