//! `promptchain init`: what it writes and what it leaves alone, in a pipe and at a terminal.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::support::{Ran, Terminal, promptchain};

const FILES: [&str; 5] = [
    ".env",
    "prompts/chain_analyze.md",
    "prompts/chain_process.md",
    "prompts/chain_synthesize.md",
    "prompts/chain_worker.md",
];

const KEY: &str = "sk-ant-canary-0123456789abcdef";

/// The value of a variable in the `.env` of that folder.
fn value(folder: &Path, name: &str) -> String {
    let env = fs::read_to_string(folder.join(".env")).unwrap();
    let of_name = |line: &str| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned());
    env.lines().find_map(of_name).unwrap_or_else(|| panic!("no {name} in: {env}"))
}

/// The names of all that is in that folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs a further command in the folder that `init` has filled.
fn then(ran: &Ran, args: &[&str]) -> Ran {
    let mut command = promptchain(args);
    command.in_place(&ran.folder);
    command.run()
}

#[test]
fn an_empty_folder_becomes_one_in_which_every_command_works_without_a_warning() {
    let ran = promptchain(&["init", "--yes"]).run().exits(0);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), FILES);
    assert_eq!(names(&ran.folder), [".env", "prompts"]);
    let answer = then(&ran, &["run", "--offline", "--json", "hi"]).exits(0);
    assert_eq!((answer.json()["simulated"].as_bool(), answer.stderr.as_str()), (Some(true), ""));
    let check = then(&ran, &["serve", "--check", "--offline"]).exits(0);
    assert_eq!(check.stderr.lines().count(), 1, "{}", check.stderr);
    let token = then(&ran, &["token", "--subject", "me", "--expires-in", "1h"]).exits(0);
    assert_eq!((token.stdout.lines().count(), token.stderr.as_str()), (1, ""));
}

#[test]
fn the_prompts_are_the_built_in_ones_and_are_used() {
    let ran = promptchain(&["init", "--yes"]).run().exits(0);
    for name in &FILES[1..] {
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        assert_eq!(fs::read(ran.folder.join(name)).unwrap(), fs::read(built_in).unwrap(), "{name}");
    }
    let front_matter = "+++\nmax_tokens = 77\n+++\n";
    let prompt = ran.folder.join(FILES[2]);
    let text = fs::read_to_string(&prompt).unwrap();
    let body = text.rsplit("+++\n").next().unwrap();
    fs::write(&prompt, format!("{front_matter}{body}")).unwrap();
    let shown = then(&ran, &["config", "CHAIN_PROCESS_MAX_TOKENS", "--json"]).exits(0).json();
    assert_eq!(shown["settings"][0]["value"], "77");
}

#[test]
fn the_env_is_closed_to_others_and_its_secret_is_random_and_never_shown() {
    let secrets: Vec<String> = (0..2)
        .map(|_| {
            let ran = promptchain(&["init", "--yes"]).run().exits(0);
            let mode = fs::metadata(ran.folder.join(".env")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let secret = value(&ran.folder, "JWT_SECRET_KEY");
            assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret}");
            assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret));
            secret
        })
        .collect();
    assert_ne!(secrets[0], secrets[1]);
}

#[test]
fn a_folder_that_is_not_there_is_made_and_the_next_commands_lead_to_it() {
    let ran = promptchain(&["init", "--yes", "my demo/one"]).run().exits(0).complains("cd 'my demo/one'\n");
    assert_eq!(ran.stdout.lines().next(), Some("my demo/one/.env"));
    assert_eq!(names(&ran.folder.join("my demo/one")), [".env", "prompts"]);
    let here = promptchain(&["init", "--yes", "."]).run().exits(0);
    assert!(!here.stderr.contains("cd "), "{}", here.stderr);
}

#[test]
fn the_commands_that_are_proposed_work_as_they_stand() {
    let ran = promptchain(&["init", "--yes", "demo"]).run().exits(0);
    let commands: Vec<&str> = ran.stderr.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let offline = |line: &&&str| line.starts_with("cd ") || line.contains("run --offline");
    let script: Vec<&str> = commands.iter().filter(offline).copied().collect();
    assert_eq!(script.len(), 2, "{commands:?}");
    let program = env!("CARGO_BIN_EXE_promptchain");
    let script = script.join("\n").replace("promptchain ", &format!("{program} "));
    let mut shell = std::process::Command::new("sh");
    shell.env_clear().current_dir(&ran.folder).args(["-ec", &script]);
    assert!(shell.stdin(std::process::Stdio::null()).output().unwrap().status.success(), "{script}");
}

#[test]
fn what_is_there_is_kept_byte_for_byte_and_the_rest_goes_on() {
    let mut command = promptchain(&["init", "--yes"]);
    let env = "JWT_SECRET_KEY=mine-mine-mine-mine-mine-mine-mine\n";
    command.file(".env", env).file("prompts/chain_process.md", "my prompt");
    let ran = command.run().exits(0);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), [FILES[1], FILES[3], FILES[4]]);
    assert_eq!(fs::read_to_string(ran.folder.join(".env")).unwrap(), env);
    assert_eq!(fs::read_to_string(ran.folder.join(FILES[2])).unwrap(), "my prompt");
    let ran = ran.complains("kept prompts/chain_process.md").complains("kept .env");
    let ran = ran.complains("CHAIN_PROMPTS_DIR=prompts must be set");
    assert!(!ran.stderr.contains("mine-mine"), "{}", ran.stderr);
}

#[test]
fn what_a_kept_env_lacks_is_told_before_the_commands_that_need_it() {
    let next = |env: &str, variables: &[(&str, &str)]| {
        let mut command = promptchain(&["init", "--yes"]);
        command.file(".env", env);
        for (name, value) in variables {
            command.env(name, value);
        }
        command.run().exits(0).stderr
    };
    let (run, serve) = (
        "\"Hello\"   # once ANTHROPIC_API_KEY is set in .env\n",
        "simulated too, once JWT_SECRET_KEY is set in .env\n",
    );
    let (token, secret) = ("a token for it, once JWT_SECRET_KEY is set in .env\n", "openssl rand -hex 32");
    let told = next("LOG_LEVEL=INFO\n", &[]);
    for part in [run, serve, token, secret, "CHAIN_PROMPTS_DIR=prompts must be set"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let whole = "ANTHROPIC_API_KEY_FILE=key\nJWT_SECRET_KEY=mine-mine-mine-mine-mine-mine-mine\nCHAIN_PROMPTS_DIR=prompts\n";
    let told = next(whole, &[]);
    assert!(!told.contains("once") && !told.contains("must be set"), "{told}");
    let given = [
        ("ANTHROPIC_API_KEY", KEY),
        ("JWT_SECRET_KEY", "mine-mine-mine-mine-mine-mine-mine"),
        ("CHAIN_PROMPTS_DIR", "prompts"),
    ];
    let told = next("LOG_LEVEL=INFO\n", &given);
    assert!(!told.contains("once") && !told.contains("must be set"), "{told}");
    let told = next("JWT_ALGORITHM=ES256\n", &[]);
    assert!(told.contains("once JWT_PUBLIC_KEY_FILE is set in .env") && !told.contains(secret), "{told}");
}

#[test]
fn a_second_time_there_is_nothing_left_to_write() {
    let first = promptchain(&["init", "--yes"]).run().exits(0);
    let secret = value(&first.folder, "JWT_SECRET_KEY");
    let second = then(&first, &["init", "--yes"]).exits(0).says_nothing().complains("kept .env as it is\n");
    assert!(!second.stderr.contains("CHAIN_PROMPTS_DIR"), "it is set already: {}", second.stderr);
    assert_eq!(value(&first.folder, "JWT_SECRET_KEY"), secret);
    let quiet = then(&first, &["init", "--yes", "-q"]).exits(0).says_nothing();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_link_in_the_place_of_a_file_is_neither_followed_nor_replaced() {
    for target in ["elsewhere", "missing"] {
        let mut command = promptchain(&["init", "--yes"]);
        command.file("elsewhere", "LOG_LEVEL=INFO\n");
        symlink(target, command.folder().join(".env")).unwrap();
        let ran = command.run().exits(0).complains("kept .env as it is, a link");
        assert_eq!(fs::read_link(ran.folder.join(".env")).unwrap(), Path::new(target));
        assert_eq!(fs::read_to_string(ran.folder.join("elsewhere")).unwrap(), "LOG_LEVEL=INFO\n");
        assert_eq!(names(&ran.folder), [".env", "elsewhere", "prompts"]);
    }
}

#[test]
fn what_is_in_the_way_is_named_and_nothing_is_written() {
    for (file, dir) in [("demo", "demo"), ("demo/prompts", "demo"), ("demo", "demo/deeper")] {
        let mut command = promptchain(&["init", "--yes", dir]);
        command.file(file, "");
        let ran = command.run().exits(2).says_nothing().complains("demo");
        assert!(!ran.folder.join("demo/.env").exists());
        assert_eq!(names(&ran.folder), ["demo"]);
    }
    let command = promptchain(&["init", "--yes"]);
    symlink("missing", command.folder().join("prompts")).unwrap();
    command.run().exits(2).says_nothing().complains("prompts is a link that leads nowhere");
}

#[test]
fn where_not_all_of_a_file_can_be_written_nothing_of_any_stays() {
    let folder = TempDir::new().unwrap();
    // Files may have a few kilobytes: the prompts fit, the settings don't.
    let script =
        format!("trap '' XFSZ; ulimit -f 8; exec '{}' init --yes", env!("CARGO_BIN_EXE_promptchain"));
    let mut shell = std::process::Command::new("sh");
    let output = shell.env_clear().current_dir(folder.path()).args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(74), "{stderr}");
    assert!(output.stdout.is_empty() && stderr.contains("can't write .env"), "{stderr}");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn without_a_terminal_it_needs_to_be_told_yes() {
    let ran = promptchain(&["init"]).run().exits(2).says_nothing().complains("add --yes");
    assert_eq!(names(&ran.folder), [""; 0]);
}

#[test]
fn in_a_work_tree_that_would_take_up_the_env_it_says_so() {
    let warning = "no .gitignore";
    let mut command = promptchain(&["init", "--yes", "sub"]);
    command.file(".git/HEAD", "").file(".gitignore", "target\n");
    command.run().exits(0).complains(warning);
    let mut command = promptchain(&["init", "--yes", "sub"]);
    command.file(".git/HEAD", "").file(".gitignore", ".env\n");
    let ran = command.run().exits(0).complains("out of version control");
    assert!(!ran.stderr.contains(warning), "{}", ran.stderr);
}

const WRITE: &str = "Write them? [Y/n] ";
const ASK_KEY: &str = "Key for the Messages API (not shown; Enter to add it later): ";

#[test]
fn at_a_terminal_it_shows_what_it_will_write_and_takes_a_key_that_is_never_shown() {
    let folder = TempDir::new().unwrap();
    let mut terminal = Terminal::start(folder.path(), &["init"]);
    terminal.asks(WRITE).types("yes\r").asks(ASK_KEY).types(KEY).types("\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    let first_question = screen.find(WRITE).unwrap();
    for name in FILES {
        assert!(screen[..first_question].contains(name), "{name} isn't announced: {screen}");
    }
    assert!(!screen.contains("canary") && !screen.contains(&value(folder.path(), "JWT_SECRET_KEY")));
    assert_eq!(value(folder.path(), "ANTHROPIC_API_KEY"), KEY);
    assert!(!screen.contains("once ANTHROPIC_API_KEY is set"), "{screen}");
}

#[test]
fn a_key_typed_ahead_of_its_question_is_not_shown_either() {
    let folder = TempDir::new().unwrap();
    let mut terminal = Terminal::start(folder.path(), &["init"]);
    terminal.asks(WRITE).types(&format!("\r{KEY}\rrest"));
    let (code, screen) = terminal.end();
    assert!(code == 0 && !screen.contains("canary") && !screen.contains("rest"), "{screen}");
    assert_eq!(value(folder.path(), "ANTHROPIC_API_KEY"), KEY);
}

#[test]
fn nothing_of_a_key_is_shown_between_its_characters_either() {
    let folder = TempDir::new().unwrap();
    let mut terminal = Terminal::start(folder.path(), &["init"]);
    terminal.asks(WRITE).types("\r").asks(ASK_KEY);
    // So many that some arrive while one is being read.
    let key = "sk-ant-canary-".repeat(250);
    for character in key.chars() {
        terminal.types(&character.to_string());
        std::thread::yield_now();
    }
    terminal.types("\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    let after = screen.split(ASK_KEY).nth(1).unwrap();
    assert!(after.starts_with("\r\n.env\r\n"), "{after}");
    assert_eq!(value(folder.path(), "ANTHROPIC_API_KEY"), key);
}

#[test]
fn a_key_may_be_left_for_later_and_one_that_cannot_be_sent_is_asked_for_again() {
    let folder = TempDir::new().unwrap();
    let mut terminal = Terminal::start(folder.path(), &["init"]);
    terminal.asks(WRITE).types("what\r").asks(WRITE).types("\r");
    terminal.asks(ASK_KEY).types("canary with blanks\r").asks(ASK_KEY).types("\r");
    let (code, screen) = terminal.end();
    assert!(code == 0 && screen.contains("A key must be") && !screen.contains("canary"), "{screen}");
    assert_eq!(value(folder.path(), "ANTHROPIC_API_KEY"), "");
    assert!(screen.contains("once ANTHROPIC_API_KEY is set"), "{screen}");
}

#[test]
fn what_the_terminal_sends_beside_a_key_is_no_part_of_it() {
    let folder = TempDir::new().unwrap();
    let mut terminal = Terminal::start(folder.path(), &["init"]);
    terminal.asks(WRITE).types("\r").asks(ASK_KEY).types("~canary\r").asks(ASK_KEY);
    // F5, Shift with an arrow, and a paste between its markers.
    terminal.types(&format!("\x1b[15~\x1b[1;2C\x1b[200~{KEY}\x1b[201~\r"));
    let (code, screen) = terminal.end();
    assert!(code == 0 && screen.contains("A key must be of letters"), "{screen}");
    assert_eq!(value(folder.path(), "ANTHROPIC_API_KEY"), KEY);
}

#[test]
fn no_ctrl_c_and_the_end_of_input_at_either_question_leave_nothing_behind() {
    let check = |answers: &[(&str, &str)], expected: u32| {
        let folder = TempDir::new().unwrap();
        let mut terminal = Terminal::start(folder.path(), &["init", "deep/er"]);
        for (question, answer) in answers {
            terminal.asks(question).types(answer);
        }
        let (code, screen) = terminal.end();
        assert_eq!(code, expected, "{answers:?}: {screen}");
        assert!(screen.contains("nothing was written"), "{answers:?}: {screen}");
        assert_eq!(names(folder.path()), [""; 0], "{answers:?}");
    };
    check(&[(WRITE, "n\r")], 0);
    for (typed, code) in [("\u{3}", 130), ("\u{4}", 0)] {
        check(&[(WRITE, typed)], code);
        check(&[(WRITE, "y\r"), (ASK_KEY, typed)], code);
    }
    check(&[(WRITE, "y\r"), (ASK_KEY, "sk-half\u{3}")], 130);
}

#[test]
fn a_signal_at_a_question_ends_it_with_the_terminal_as_it_was() {
    for (signal, expected) in [("INT", 130), ("TERM", 143)] {
        let folder = TempDir::new().unwrap();
        let mut terminal = Terminal::start(folder.path(), &["init"]);
        terminal.asks(WRITE).types("y\r").asks(ASK_KEY);
        let kill = format!("kill -s {signal} {}", terminal.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let (code, screen) = terminal.end();
        assert_eq!(code, expected, "{screen}");
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

#[test]
fn at_a_terminal_an_env_that_is_there_is_announced_as_kept_and_no_key_is_asked_for() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "").unwrap();
    let mut terminal = Terminal::start(folder.path(), &["init"]);
    terminal.asks(WRITE).types("y\r");
    let (code, screen) = terminal.end();
    assert!(code == 0 && screen.contains("Already there, and kept: .env") && !screen.contains(ASK_KEY));
    assert_eq!(fs::read_to_string(folder.path().join(".env")).unwrap(), "");
}

#[test]
fn a_key_that_is_in_the_environment_is_not_asked_for_again_nor_copied() {
    let folder = TempDir::new().unwrap();
    let mut terminal = Terminal::start_with(folder.path(), &["init"], &[("ANTHROPIC_API_KEY", KEY)]);
    terminal.asks(WRITE).types("y\r");
    let (code, screen) = terminal.end();
    assert!(code == 0 && !screen.contains(ASK_KEY) && !screen.contains("once ANTHROPIC"), "{screen}");
    assert_eq!(value(folder.path(), "ANTHROPIC_API_KEY"), "");
}

#[test]
fn at_a_terminal_yes_asks_nothing() {
    let folder = TempDir::new().unwrap();
    let (code, screen) = Terminal::start(folder.path(), &["init", "--yes"]).end();
    assert!(code == 0 && !screen.contains("[Y/n]"), "{screen}");
    assert_eq!(names(folder.path()), [".env", "prompts"]);
}
