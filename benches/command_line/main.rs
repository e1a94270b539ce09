//! What somebody waits for who types a command: from its start to its end, with the memory that it takes, and the size of
//! the program.
//!
//! `cargo bench --bench command_line` prints a table, `-- --json` an object a line. The README beside this says how
//! to read it.

#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::disallowed_methods, reason = "processes are timed by the real clock")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use wait4::Wait4 as _;

const PROGRAM: &str = env!("CARGO_BIN_EXE_promptchain");
/// Folders of prompt files that are checked, with the three built-in ones in each.
const FOLDERS: [&str; 4] = ["one", "two", "three", "four"];
/// Runs before those that count: the program's file is in memory then.
const WARM_UP: usize = 3;
/// Runs that count, of each command in turn.
const RUNS: usize = 50;

const HEAD: &str = "\
command            |  min ms |  median |     max | CPU ms | peak MiB
:----------------- | ------: | ------: | ------: | -----: | -------:";

/// A command, and what its runs took.
struct Measured {
    name: &'static str,
    arguments: Vec<&'static str>,
    runs: Vec<Run>,
}

/// What one run took.
struct Run {
    wall: Duration,
    /// Processor time, user and kernel.
    cpu: Duration,
    /// The most memory in RAM, in bytes.
    peak: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let is_json = match std::env::args().skip(1).filter(|argument| argument != "--bench").collect::<Vec<_>>()
    {
        arguments if arguments.is_empty() => false,
        arguments if arguments == ["--json"] => true,
        arguments => return Err(format!("unknown arguments {arguments:?}; there is only --json").into()),
    };
    let folder = prompt_folders()?;
    let mut commands = commands();
    for round in 0..WARM_UP + RUNS {
        // In turn, so that what else the machine does falls on all of them.
        for Measured { arguments, runs, .. } in &mut commands {
            let run = run(arguments, folder.path())?;
            if round >= WARM_UP {
                runs.push(run);
            }
        }
    }
    let size = fs::metadata(PROGRAM)?.len();
    if is_json {
        for command in &commands {
            println!("{}", command.json());
        }
        println!("{}", json!({ "binary_bytes": size }));
    } else {
        println!("{HEAD}");
        for command in &commands {
            println!("{}", command.text());
        }
        println!("\nthe program, stripped: {:.1} MB", bytes(size) / 1e6);
    }
    Ok(())
}

fn commands() -> Vec<Measured> {
    let measured =
        |name, arguments: &[&'static str]| Measured { name, arguments: arguments.to_vec(), runs: Vec::new() };
    let mut validate = vec!["validate"];
    validate.extend(FOLDERS);
    vec![
        measured("--version", &["--version"]),
        measured("--help", &["--help"]),
        measured("run --offline", &["run", "--offline", "What makes a good commit message?"]),
        measured("validate, 12 files", &validate),
        measured("config", &["config"]),
    ]
}

/// A folder with [`FOLDERS`] in it.
fn prompt_folders() -> Result<TempDir, Box<dyn Error>> {
    let all = tempfile::tempdir()?;
    for name in FOLDERS {
        let folder = all.path().join(name);
        fs::create_dir(&folder)?;
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts"))? {
            let file = file?;
            fs::copy(file.path(), folder.join(file.file_name()))?;
        }
    }
    Ok(all)
}

/// Runs the program with nothing in its environment.
fn run(arguments: &[&str], folder: &Path) -> Result<Run, Box<dyn Error>> {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let ended = command.spawn()?.wait4()?;
    let wall = begun.elapsed();
    if !ended.status.success() {
        return Err(format!("{arguments:?}: {}", ended.status).into());
    }
    Ok(Run { wall, cpu: ended.rusage.utime + ended.rusage.stime, peak: ended.rusage.maxrss })
}

impl Measured {
    /// The shortest, the median and the longest, in milliseconds.
    fn times(&self, of: fn(&Run) -> Duration) -> [f64; 3] {
        let mut times: Vec<_> = self.runs.iter().map(of).collect();
        times.sort();
        let time = |at: usize| times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
        [time(0), time(times.len() / 2), time(times.len().saturating_sub(1))]
    }

    /// The most that any run took, in MiB.
    fn peak(&self) -> f64 {
        bytes(self.runs.iter().map(|run| run.peak).max().unwrap_or_default()) / (1024.0 * 1024.0)
    }

    fn text(&self) -> String {
        let ([min, median, max], [_, cpu, _]) = (self.times(|run| run.wall), self.times(|run| run.cpu));
        let (name, peak) = (self.name, self.peak());
        format!("{name:<18} | {min:>7.2} | {median:>7.2} | {max:>7.2} | {cpu:>6.2} | {peak:>8.1}")
    }

    fn json(&self) -> serde_json::Value {
        let ([min, median, max], [_, cpu, _]) = (self.times(|run| run.wall), self.times(|run| run.cpu));
        json!({
            "command": self.name,
            "runs": self.runs.len(),
            "min_ms": min,
            "median_ms": median,
            "max_ms": max,
            "cpu_ms": cpu,
            "peak_mib": self.peak(),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn bytes(count: u64) -> f64 {
    count as f64
}
