//! What clap has to say, told as the rest is: in colours or not, as JSON or as text, without waiting for a
//! reader that has gone.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::ValueEnum;
use clap::error::ErrorKind;

use super::arguments::{Complaint, KEY_WAS_SEEN, complaint, have_key};
use super::{Surroundings, error_json, error_text, output_error, stderr};
use crate::cli::{Cli, ColorWhen};
use crate::error::{Error, ErrorCode};

/// Tells what clap has to say about these arguments, and returns the exit code: help and version are no
/// errors, and go to stdout.
#[must_use]
pub fn tell_usage(error: clap::Error, arguments: &[OsString], around: &Surroundings) -> u8 {
    let color = color_asked_for(arguments);
    if !error.use_stderr() {
        let text = error.render();
        let colored = around.stdout_has_color(color);
        let text = if colored { text.ansi().to_string() } else { text.to_string() };
        let mut stdout = io::stdout();
        return match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let error = output_error(&error);
                stderr::write(&error_text(&error, around.stderr_has_color(color)));
                stderr::drain();
                error.code.exit_code()
            }
            // A reader that has gone wants no more.
            _ => 0,
        };
    }
    let (json, color) = (asks_for_json(arguments), around.stderr_has_color(color));
    stderr::write(&match complaint(error, arguments) {
        Complaint::Clap(error) => in_claps_words(&error, arguments, json, color),
        Complaint::Own(error) if json => error_json(&error),
        Complaint::Own(error) => error_text(&error, color),
    });
    stderr::drain();
    ErrorCode::Usage.exit_code()
}

fn in_claps_words(error: &clap::Error, arguments: &[OsString], json: bool, color: bool) -> String {
    let text = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if arguments.len() <= 1 => Cli::concise_help(),
        _ => error.render(),
    };
    let mut plain = text.to_string();
    if json {
        return error_json(&usage_error(&plain));
    }
    if color {
        plain = text.ansi().to_string();
    }
    if have_key(arguments) {
        plain.push_str(&format!("\nhint: {KEY_WAS_SEEN}\n"));
    }
    plain
}

/// The error in clap's text, on one line and without the usage that follows; its tips become the hint.
fn usage_error(text: &str) -> Error {
    let said = text.split("\n\nUsage:").next().unwrap_or_default();
    let said = said.split("\n\nFor more information").next().unwrap_or_default();
    let mut parts = said.trim_start_matches("error: ").split("\n  tip: ");
    let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let error = Error::new(ErrorCode::Usage, on_one_line(parts.next().unwrap_or_default()));
    let tips: Vec<String> = parts.map(on_one_line).collect();
    if tips.is_empty() { error } else { error.hint(tips.join("; ")) }
}

/// The arguments as far as they can be flags.
fn flags(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    arguments.iter().take_while(|argument| *argument != "--")
}

/// What `--color` says on a command line that couldn't be understood, as far as that can be seen.
fn color_asked_for(arguments: &[OsString]) -> Option<ColorWhen> {
    let mut flags = flags(arguments).filter_map(|flag| flag.to_str());
    let mut found = None;
    while let Some(flag) = flags.next() {
        let word = if flag == "--color" { flags.next() } else { flag.strip_prefix("--color=") };
        found = word.and_then(|word| ColorWhen::from_str(word, false).ok()).or(found);
    }
    found
}

/// Whether it asks for JSON, as far as that can be seen.
fn asks_for_json(arguments: &[OsString]) -> bool {
    let arguments: Vec<&OsString> = flags(arguments).collect();
    let is_json = |format: &OsString| format == "json" || format == "jsonl";
    arguments.iter().any(|argument| {
        ["--json", "--jsonl", "--output=json", "--output=jsonl"].iter().any(|flag| *argument == flag)
    }) || arguments
        .windows(2)
        .any(|pair| matches!(pair, [flag, format] if *flag == "--output" && is_json(format)))
}
