//! Disks that are full and folders that can't be written to: small ones in memory, which nobody else sees.

use std::fs;
use std::process::{Command, Stdio};

use super::{Effort, Ledger};
use crate::batch::place::Place;
use crate::support::{Ran, Upstream, skip};

const JOURNAL: &str = "out.jsonl.journal";

/// Whether there can be a disk that nobody else sees.
fn has_own_disks() -> bool {
    let probe = "mount -t tmpfs tmpfs /mnt";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", probe]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let can = status.is_ok_and(|status| status.success());
    if !can {
        skip("there can be no disk of our own; allow it with: sysctl kernel.unprivileged_userns_clone=1");
    }
    can
}

/// Runs `script` with a disk of that many KiB mounted at `disk`, in the command's folder. The program and its
/// arguments are its `"$@"`.
fn on_disk(command: crate::support::Command, kib: u64, script: &str) -> Ran {
    let script =
        format!("set -u; mkdir -p disk; mount -t tmpfs -o size={kib}k tmpfs disk; cd disk; {script}");
    command.under(&["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]).run()
}

/// Goes on from a full disk once there is room, and takes everything out.
const FULL_THEN_ROOM: &str = r#"cp ../in.jsonl .
"$@"; echo "code $?" >&2
cp out.jsonl.journal ../full.journal
mount -o remount,size=4m . 2>&1 >&2
"$@"; echo "code $?" >&2
cp out.jsonl out.jsonl.journal .."#;

#[test]
fn a_batch_on_a_full_disk_says_so_and_goes_on_once_there_is_room() {
    if !has_own_disks() {
        return;
    }
    let sizes: Vec<u64> =
        if Effort::asked_for().is_whole() { (8..64).step_by(4).collect() } else { vec![12, 28] };
    for kib in sizes {
        let place = Place::new(&[]).with_questions(8);
        let args = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2", "--resume"];
        let ran = on_disk(place.command(&args), kib, FULL_THEN_ROOM).exits(0);
        let codes: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("code ")).collect();
        assert_eq!(codes, ["code 74", "code 0"], "{kib} KiB: {}", ran.stderr);
        assert!(
            ran.stderr.contains("No space left on device") || ran.stderr.contains("no storage space"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("--resume"), "{}", ran.stderr);
        Ledger::new(8).conclude_from(&place, "full.journal", JOURNAL);
    }
}

#[test]
fn a_run_on_a_full_disk_leaves_nothing_that_is_half() {
    if !has_own_disks() {
        return;
    }
    let upstream = Upstream::good();
    let long = "Tell me about ownership. ".repeat(600);
    let folder = tempfile::TempDir::new().unwrap();
    let run = |args: &[&str], script: &str| {
        let mut command = upstream.command(args, &[]);
        command.in_place(folder.path());
        on_disk(command, 8, script)
    };
    // The conversation alone is larger than the disk.
    let ran = run(&["--save", "state.json", &long], r#""$@"; echo "code $?" >&2; ls -A >&2"#).exits(0);
    assert!(ran.stderr.contains("can't write state.json"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("code 74\n"), "nothing is left there: {}", ran.stderr);
    assert!(!ran.stdout.is_empty(), "the answer is paid for, and told");
    // One that is there already stays.
    let script = r#"echo old > out.md; head -c 8000 /dev/zero > filler; "$@"; echo "code $?" >&2; ls -A >&2; cat out.md"#;
    let ran = run(&["--json", "-o", "out.md", &long], script).exits(0);
    assert!(ran.stderr.ends_with("code 74\nfiller\nout.md\n"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "old\n");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_refused_before_a_call() {
    if !has_own_disks() {
        return;
    }
    let upstream = Upstream::good();
    let folder = tempfile::TempDir::new().unwrap();
    fs::write(folder.path().join("in.jsonl"), "\"What is 1?\"\n").unwrap();
    let script = r#"cp ../in.jsonl .; mount -o remount,ro . ; "$@"; echo "code $?" >&2"#;
    for args in [&["--save", "state.json"], &["-o", "out.md"]] {
        let mut command = upstream.command(args, &[]);
        command.args(&["Hello"]).in_place(folder.path());
        let ran = on_disk(command, 64, script).exits(0).says_nothing();
        assert!(ran.stderr.contains("can't write") && ran.stderr.ends_with("code 2\n"), "{}", ran.stderr);
    }
    for args in [
        &["in.jsonl", "-o", "out.jsonl"][..],
        &["in.jsonl"],
        &["in.jsonl", "-o", "out.jsonl", "--no-journal"],
    ] {
        let place = Place::new(&[]).with_questions(1);
        let ran = on_disk(place.command(args), 64, script).exits(0).says_nothing();
        assert!(ran.stderr.contains("can't write") && ran.stderr.ends_with("code 2\n"), "{}", ran.stderr);
        assert_eq!(place.calls().len(), 0);
    }
    assert_eq!(upstream.calls().len(), 0);
}
