//! `--record` and `--replay`: what was recorded against the simulator comes again without it, and what
//! doesn't match is an error.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, Upstream, promptchain};

const PROMPT: &str = "Say hello to the world";
const QUESTIONS: &str = "What is ownership? What is borrowing? What are lifetimes? What are traits?";

/// A folder for recordings.
struct Tape {
    _parent: TempDir,
    folder: PathBuf,
}

impl Tape {
    fn new() -> Self {
        let parent = TempDir::new().unwrap();
        let folder = parent.path().join("deep/tape");
        Self { _parent: parent, folder }
    }

    /// One with a good run of [`PROMPT`] on it.
    fn of_a_good_run() -> Self {
        let tape = Self::new();
        tape.record(&Upstream::good(), &[PROMPT]).exits(0);
        tape
    }

    fn path(&self) -> &str {
        self.folder.to_str().unwrap()
    }

    fn record(&self, upstream: &Upstream, args: &[&str]) -> Ran {
        upstream.run(&[&["--record", self.path()], args].concat())
    }

    /// Without a key, and with nobody to call.
    fn replay(&self, args: &[&str]) -> Ran {
        let mut command = promptchain(&["run", "--replay", self.path()]);
        command.env("RETRY_EXPONENTIAL_MULTIPLIER", "0.5").args(args);
        command.run()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    fn name(&self, index: usize) -> String {
        self.files()[index].file_name().unwrap().to_str().unwrap().to_owned()
    }
}

fn ending(file: &Path) -> String {
    let recording: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    recording["end"]["how"].as_str().unwrap().to_owned()
}

/// Takes out what no two runs have in common: times, our id of the run, and in which order calls ended that
/// were made at the same time.
fn without_times(mut result: Value) -> Value {
    fn clear(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members
                    .retain(|key, _| !key.ends_with("seconds") && key != "request_id" && key != "replayed");
                if let Some(ids) = members.get_mut("request_ids").and_then(Value::as_array_mut) {
                    ids.sort_by_key(ToString::to_string);
                }
                members.values_mut().for_each(clear);
            }
            Value::Array(items) => items.iter_mut().for_each(clear),
            _ => {}
        }
    }
    clear(&mut result);
    result
}

/// Records a run that goes so, and asserts that the replayed one is the same: what it prints, how many
/// requests it makes, what it uses and costs, and how it ends.
#[track_caller]
fn check(faults: &[&str], args: &[&str], exit: i32) {
    for format in ["--json", "--output=text"] {
        let tape = Tape::new();
        let upstream = Upstream::with_faults(faults);
        let args: Vec<&str> = [&[format, "--set", "analyze.timeout=4"], args].concat();
        let recorded = tape.record(&upstream, &args).exits(exit);
        assert_eq!(tape.files().len(), upstream.calls().len(), "{faults:?}");
        drop(upstream);
        let replayed = tape.replay(&args).exits(exit);
        if exit == 0 && format == "--json" {
            let (recorded, replayed) = (recorded.json(), replayed.json());
            assert_eq!((&recorded["replayed"], &replayed["replayed"]), (&false.into(), &true.into()));
            assert_eq!(without_times(recorded), without_times(replayed), "{faults:?}");
        } else {
            assert_eq!(recorded.stdout, replayed.stdout, "{faults:?}");
        }
        if exit != 0 && format == "--json" {
            let errors = [recorded.error_json(), replayed.error_json()].map(without_times);
            assert_eq!(errors[0], errors[1], "{faults:?}");
        }
    }
}

#[test]
fn a_replayed_run_is_the_recorded_one_whatever_went_wrong() {
    check(&[], &[PROMPT], 0);
    check(&["process:overloaded@1"], &[PROMPT], 0);
    check(&["analyze:structured-output-refused"], &[PROMPT], 0);
    check(&["process:reset-mid-reply@1"], &[PROMPT], 0);
    check(&["analyze:reset-before-head@1"], &[PROMPT], 0);
    check(&["analyze:hang-before-head@1"], &[PROMPT], 0);
    check(&["process:low-confidence@1", "json-instead-of-stream"], &[PROMPT], 0);
    check(&["analyze:not-json", "synthesize:reordered-fields"], &[PROMPT], 0);
}

#[test]
fn a_run_that_failed_fails_again_the_same_way() {
    check(&["analyze:server-error"], &[PROMPT], 4);
    check(&["analyze:unauthorized"], &[PROMPT], 7);
    check(&["synthesize:refusal-mid-text"], &[PROMPT], 5);
    check(&["synthesize:truncated"], &[PROMPT], 4);
}

#[test]
fn a_slow_reply_that_a_time_limit_cut_is_cut_by_the_same_limit_again() {
    let tape = Tape::new();
    let upstream = Upstream::with_faults(&["synthesize:slow-drip=1"]);
    let args = ["--json", "--set", "synthesize.timeout=2", PROMPT];
    let recorded = tape.record(&upstream, &args).exits(6);
    assert_eq!(ending(&tape.files()[2]), "dropped");
    for speed in [&[] as &[&str], &["--replay-speed", "50"]] {
        let replayed = tape.replay(&[speed, &args].concat()).exits(6);
        assert_eq!(without_times(recorded.error_json()), without_times(replayed.error_json()));
    }
}

#[test]
fn calls_at_the_same_time_each_get_their_own_reply() {
    let workers = ["--workers", "4", QUESTIONS];
    check(&["process/2:server-error@1", "process/3:low-confidence@1"], &workers, 0);
}

#[test]
fn a_recording_of_the_simulator_needs_neither_key_nor_upstream() {
    let tape = Tape::new();
    let mut command = promptchain(&["run", "--offline", "--record", tape.path(), PROMPT]);
    command.env("LOG_LEVEL", "ERROR");
    let recorded = command.run().exits(0);
    let replayed = tape.replay(&["--replay-speed", "1000", PROMPT]).exits(0);
    assert_eq!(recorded.stdout, replayed.stdout);
    assert!(replayed.stderr.contains("replayed, nothing was billed"), "{}", replayed.stderr);
    let events = tape.replay(&["--jsonl", PROMPT]).exits(0).stdout;
    let first: Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    assert_eq!((&first["replayed"], &first["simulated"]), (&true.into(), &false.into()));
}

#[test]
fn another_prompt_is_an_error_that_shows_where_it_differs() {
    let tape = Tape::of_a_good_run();
    let ran = tape.replay(&["Say hello to the moon"]).exits(3).says_nothing();
    let expected = format!("the nearest recording, {}, differs at /messages/0/content", tape.name(0));
    let ran = ran.complains(&expected).complains("Say hello to the world").complains("Say hello to the moon");
    assert!(!ran.stderr.contains("retrying"), "{}", ran.stderr);

    let error = tape.replay(&["--json", "--set", "process.max_tokens=999", PROMPT]).exits(3).error_json();
    assert_eq!((&error["code"], &error["step"]), (&"recording".into(), &"process".into()));
    assert_eq!(error["retryable"], false);
    let causes = error["causes"].to_string();
    assert!(causes.contains("/max_tokens: recorded") && causes.contains("now 999"), "{causes}");
}

#[test]
fn what_is_not_recorded_is_neither_left_out_nor_gone_on_without() {
    // The recorded run had no repair; this one asks for one, and a lenient run goes on without it otherwise.
    let tape = Tape::of_a_good_run();
    let ran = tape.replay(&["--min-confidence", "1.0", PROMPT]).exits(3);
    ran.says_nothing().complains("the request isn't recorded");

    // Of four parts one isn't recorded, and a lenient run leaves out a part that fails otherwise.
    let tape = Tape::new();
    tape.record(&Upstream::good(), &["--workers", "4", QUESTIONS]).exits(0);
    fs::remove_file(&tape.files()[2]).unwrap();
    tape.replay(&["--workers", "4", QUESTIONS]).exits(3).says_nothing();
}

#[test]
fn a_recording_that_nobody_asks_for_is_an_error_after_the_answer() {
    let tape = Tape::of_a_good_run();
    let text = tape.replay(&[PROMPT]).exits(0).stdout;
    fs::copy(&tape.files()[2], tape.folder.join("0009-left-over.json")).unwrap();
    let ran = tape.replay(&[PROMPT]).exits(3);
    assert_eq!(ran.stdout, text);
    let ran = ran.complains("was never asked for").complains("0009-left-over.json is unused");
    assert!(!ran.stderr.contains(&tape.name(2)), "{}", ran.stderr);
}

#[test]
fn damaged_recordings_are_named_before_anything_is_done() {
    let tape = Tape::of_a_good_run();
    for index in [0, 2] {
        fs::write(&tape.files()[index], "{").unwrap();
    }
    let ran = tape.replay(&[PROMPT]).exits(3).says_nothing();
    let ran = ran.complains(&format!("{} is damaged", tape.name(0)));
    let ran = ran.complains(&format!("{} is damaged", tape.name(2)));
    assert!(!ran.stderr.contains(&tape.name(1)), "{}", ran.stderr);

    let empty = Tape::new();
    empty.replay(&[PROMPT]).exits(3).complains("can't read recordings");
    fs::create_dir_all(&empty.folder).unwrap();
    empty.replay(&[PROMPT]).exits(3).complains("holds no recordings");
}

#[test]
fn no_file_holds_the_key_wherever_it_was_said() {
    const KEY: &str = "sk-ant-canary-0123456789abcdef";
    let prompts = ["Say hello".to_owned(), format!("What is {KEY} good for?")];
    for (name, value) in [("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_AUTH_TOKEN", KEY)] {
        for prompt in &prompts {
            let tape = Tape::new();
            let upstream = Upstream::with_faults(&["process:server-error@1"]);
            upstream.run_with(&["--record", tape.path(), prompt], &[(name, value)]).exits(0);
            assert_eq!(tape.files().len(), 4);
            for file in tape.files() {
                let text = fs::read_to_string(file).unwrap();
                assert!(!text.contains(KEY), "{text}");
                // The simulator writes what it was asked word by word, and the key's words with it.
                assert_eq!(
                    text.contains("canary"),
                    prompt.contains(KEY) && text.contains("_delta"),
                    "{text}"
                );
            }
            tape.replay(&[prompt]).exits(0);
        }
    }
}

#[test]
fn two_runs_are_not_mixed_in_a_folder() {
    let tape = Tape::of_a_good_run();
    let before: Vec<String> = tape.files().iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let upstream = Upstream::good();
    let ran = tape.record(&upstream, &[PROMPT]).exits(2).says_nothing();
    ran.complains("holds recordings already").complains("hint: name a new folder");
    assert_eq!(upstream.calls().len(), 0);
    let after: Vec<String> = tape.files().iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert_eq!(before, after);
}

#[cfg(unix)]
#[test]
fn two_runs_do_not_record_into_a_folder_at_the_same_time() {
    let tape = Tape::new();
    let upstream = Upstream::with_faults(&["analyze:hang-before-head"]);
    let first = upstream.start_run(&["--record", tape.path(), PROMPT], &[]);
    upstream.wait_for(|calls| calls.len() == 1);
    let good = Upstream::good();
    let ran = tape.record(&good, &[PROMPT]).exits(2).says_nothing();
    ran.complains("another process is recording into").complains("hint: name another folder");
    assert_eq!(good.calls().len(), 0);
    // Who is killed leaves nothing behind that others would have to clear away.
    first.signal("KILL");
    drop(first);
    assert_eq!(tape.files(), Vec::<PathBuf>::new());
    tape.record(&good, &[PROMPT]).exits(0);
    assert_eq!(tape.files().len(), 3);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_refused_before_any_call() {
    let parent = TempDir::new().unwrap();
    fs::write(parent.path().join("file"), "").unwrap();
    let upstream = Upstream::good();
    for name in ["file", "file/within"] {
        let folder = parent.path().join(name);
        let ran = upstream.run(&["--record", folder.to_str().unwrap(), PROMPT]).exits(2).says_nothing();
        ran.complains("can't record into").complains("hint: choose a folder that you may write to");
    }
    assert_eq!(upstream.calls().len(), 0);
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_the_recording_but_not_the_answer() {
    let tape = Tape::new();
    let upstream = Upstream::good();
    let expected = upstream.run(&[PROMPT]).exits(0).stdout;
    // Files may have no more than a block, which is like a disk that is full.
    let program = env!("CARGO_BIN_EXE_promptchain");
    let script = format!("trap '' XFSZ; ulimit -f 1; exec {program} run --record \"$1\" \"$2\"");
    let output = std::process::Command::new("sh")
        .args(["-c", &script, "sh", tape.path(), PROMPT])
        .env_clear()
        .env("ANTHROPIC_BASE_URL", upstream.base_url())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(74), "{stderr}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    assert!(stderr.contains("not all exchanges could be recorded") && stderr.contains("0001-"), "{stderr}");
    assert_eq!(tape.files(), Vec::<PathBuf>::new(), "no file is there by half");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_records_what_came_until_then() {
    let tape = Tape::new();
    let upstream = Upstream::with_faults(&["process:hang-mid-reply"]);
    let started = upstream.start_run(&["--record", tape.path(), PROMPT], &[]);
    upstream.wait_for(|calls| calls.len() == 2 && calls[1].status.is_some());
    started.signal("INT");
    started.finish().exits(130);
    let files = tape.files();
    assert_eq!(files.len(), 2);
    assert_eq!(ending(&files[1]), "dropped");
}

#[test]
fn flags_that_contradict_one_another_are_refused() {
    for args in [
        &["--record", "a", "--replay", "b"] as &[&str],
        &["--replay", "a", "--offline"],
        &["--replay-speed", "2"],
        &["--replay", "a", "--replay-speed", "0"],
        &["--replay", "a", "--replay-speed", "-1"],
        &["--replay", "a", "--replay-speed", "fast"],
        &["--record", ""],
    ] {
        promptchain(&[&["run"], args, &[PROMPT]].concat()).run().exits(2).says_nothing();
    }
}
