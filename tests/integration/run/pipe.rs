//! The README's pipe, through a shell.

use std::path::Path;
use std::process::Command;

use crate::support::has_program;

#[test]
fn the_readmes_pipe_gives_the_text() {
    let command = "cat notes.md | promptchain run --offline \"Summarize\" --json | jq -r .text";
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(command), "the README has another pipe");
    if !has_program("jq", "apt-get install jq") {
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("notes.md"), "The harvest festival moves to September.\n").unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_promptchain")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("sh").args(["-c", command]).current_dir(folder.path()).env("PATH", path).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains("harvest festival"), "{text}");
}
