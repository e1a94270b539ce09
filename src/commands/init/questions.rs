//! What is asked at a terminal before anything is written.

use std::path::absolute;

use secrecy::SecretString;

use super::keyboard::{Keyboard, read_line};
use super::line::{Line, Typed};
use super::plan::{Content, Plan, PlannedFile};
use crate::commands::signals::Signals;
use crate::commands::{output_error, stderr};
use crate::error::{Error, ErrorCode};
use crate::report::terminal_text::visible;
use crate::settings::SecretForm;

/// What was answered.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) api_key: Option<SecretString>,
}

/// Asks; for a key only if there is none yet, and a place for it. `None` if nothing is to be written.
pub(super) async fn ask(
    plan: &Plan,
    has_credential: bool,
    signals: &mut Signals,
) -> Result<Option<Answers>, Error> {
    // Dropped at the end, which leaves the terminal as it was, also where a signal comes first.
    let _keyboard = Keyboard::take().map_err(|error| output_error(&error))?;
    stderr::write(&announcement(plan));
    let wants_key = !has_credential && plan.to_write().any(|file| file.content == Content::Env);
    let asking = tokio::task::spawn_blocking(move || ask_all(wants_key));
    let answer = tokio::select! {
        biased;
        signal = signals.next() => return Err(interrupted(signal)),
        answer = asking => answer,
    };
    answer.map_err(|error| Error::new(ErrorCode::Internal, "the questions broke off").because(error))?
}

fn ask_all(wants_key: bool) -> Result<Option<Answers>, Error> {
    if !write_them()? {
        return Ok(None);
    }
    if wants_key { api_key() } else { Ok(Some(Answers::default())) }
}

fn write_them() -> Result<bool, Error> {
    loop {
        stderr::write("Write them? [Y/n] ");
        match read_line(Line::visible()) {
            Typed::Line(line) => match line.trim().to_ascii_lowercase().as_str() {
                "" | "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => stderr::write("Answer y or n.\n"),
            },
            Typed::End => return Ok(false),
            Typed::Interrupt => return Err(interrupted(ErrorCode::Interrupted)),
        }
    }
}

fn api_key() -> Result<Option<Answers>, Error> {
    loop {
        stderr::write("Key for the Messages API (not shown; Enter to add it later): ");
        match read_line(Line::hidden()) {
            Typed::Line(line) if line.trim().is_empty() => return Ok(Some(Answers::default())),
            Typed::Line(line) => match key_in(line.trim()) {
                Ok(api_key) => return Ok(Some(Answers { api_key: Some(api_key) })),
                Err(allowed) => stderr::write(&format!("A key must be {allowed}.\n")),
            },
            Typed::End => return Ok(None),
            Typed::Interrupt => return Err(interrupted(ErrorCode::Interrupted)),
        }
    }
}

/// The key that was typed, or what is allowed. The characters are fewer than can be sent: others come from a
/// key of the keyboard whose sequence couldn't be told from what was typed.
fn key_in(text: &str) -> Result<SecretString, String> {
    let is_of_keys = |char: char| char.is_ascii_alphanumeric() || "-_.+/=:".contains(char);
    let key = SecretForm::Header.secret(text).ok_or_else(|| SecretForm::Header.allowed())?;
    if text.chars().all(is_of_keys) {
        Ok(key)
    } else {
        Err("of letters, digits and - _ . + / = : alone".to_owned())
    }
}

fn interrupted(signal: ErrorCode) -> Error {
    Error::new(signal, format!("{}: nothing was written", signal.as_str()))
}

/// What is going to happen, and where.
fn announcement(plan: &Plan) -> String {
    let folder = absolute(plan.folder()).unwrap_or_else(|_| plan.folder().to_owned());
    let mut text = format!("In {}, these files will be written:\n", visible(&folder.display().to_string()));
    let within = |file: &PlannedFile| {
        let path = file.path.strip_prefix(&plan.folder).unwrap_or(&file.path);
        visible(&path.display().to_string()).into_owned()
    };
    for file in plan.to_write() {
        let note = match file.content {
            Content::Env => "   with a new random JWT_SECRET_KEY",
            Content::Prompt(_) => "",
        };
        text.push_str(&format!("  {}{note}\n", within(file)));
    }
    let kept: Vec<String> = plan.kept().map(within).collect();
    if !kept.is_empty() {
        text.push_str(&format!("Already there, and kept: {}\n", kept.join(", ")));
    }
    text
}
