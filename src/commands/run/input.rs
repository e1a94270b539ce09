//! What a run is asked: from the argument, files, stdin, and a file of messages.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::messages_file;
use crate::chain::{Conversation, Message, MessageRole};
use crate::error::{Error, ErrorCode};

/// The most bytes that the prompt, or a file of messages, may have: 1 MiB.
pub const MAX_INPUT_BYTES: usize = 1 << 20;

/// How long stdin may say nothing before the user is told that it is waited for.
const STDIN_PATIENCE: Duration = Duration::from_secs(2);

/// Where the prompt comes from.
#[derive(Debug, Default)]
pub(super) struct InputSources {
    /// The argument; `-` is stdin.
    pub(super) prompt: Option<String>,
    /// Files; `-` is stdin.
    pub(super) files: Vec<PathBuf>,
    /// A file with the messages that come before the prompt, or end in it; `-` is stdin.
    pub(super) messages: Option<PathBuf>,
}

impl InputSources {
    /// Whether nothing was given at all, and stdin is a terminal: nothing to run.
    pub(super) fn nothing_given(&self) -> bool {
        self.prompt.is_none()
            && self.files.is_empty()
            && self.messages.is_none()
            && std::io::stdin().is_terminal()
    }

    /// Reads it all: the messages, then the argument, the files and stdin, in this order, with a blank
    /// line between. `notice` is called if stdin lets us wait.
    pub(super) async fn read(self, notice: impl Fn(&str)) -> Result<Conversation, Error> {
        let mut stdin = Stdin { taken: false, notice };
        let mut messages = match &self.messages {
            Some(path) => messages_file::parse(&stdin.or_file(path).await?, path)?,
            None => Vec::new(),
        };
        let mut parts = Vec::new();
        match self.prompt.as_deref() {
            Some("-") => parts.push(stdin.read().await?),
            Some(prompt) => parts.push(prompt.to_owned()),
            None => {}
        }
        for path in &self.files {
            parts.push(stdin.or_file(path).await?);
        }
        if !stdin.taken && !std::io::stdin().is_terminal() {
            parts.push(stdin.read().await?);
        }
        parts.retain(|part| !part.trim().is_empty());
        let prompt =
            parts.iter().map(|part| part.trim_end_matches(['\r', '\n'])).collect::<Vec<_>>().join("\n\n");
        if prompt.len() > MAX_INPUT_BYTES {
            return Err(too_large("the prompt"));
        }
        if !prompt.is_empty() {
            messages.push(Message { role: MessageRole::User, content: prompt });
        } else if messages.is_empty() {
            return Err(Error::new(ErrorCode::EmptyPrompt, "the prompt is empty"));
        }
        Ok(Conversation::new(messages)?)
    }
}

/// Stdin, which can be read once.
struct Stdin<N> {
    taken: bool,
    notice: N,
}

impl<N: Fn(&str)> Stdin<N> {
    async fn or_file(&mut self, path: &Path) -> Result<String, Error> {
        if path == Path::new("-") { self.read().await } else { read_file(path).await }
    }

    async fn read(&mut self) -> Result<String, Error> {
        if std::mem::replace(&mut self.taken, true) {
            return Err(Error::new(ErrorCode::Usage, "stdin can only be read once")
                .hint("give `-` once, as the prompt, with -f or with --messages"));
        }
        let mut reading = std::pin::pin!(read_capped(tokio::io::stdin(), "stdin"));
        if let Ok(read) = tokio::time::timeout(STDIN_PATIENCE, &mut reading).await {
            return read;
        }
        (self.notice)("waiting for stdin to end; without anything to read, add </dev/null");
        reading.await
    }
}

async fn read_file(path: &Path) -> Result<String, Error> {
    let shown = path.display();
    let unreadable = |error| Error::new(ErrorCode::Usage, format!("can't read {shown}")).because(error);
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    if file.metadata().await.is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Error::new(ErrorCode::Usage, format!("{shown} is a folder, not a file")));
    }
    read_capped(file, &shown.to_string()).await
}

async fn read_capped(reader: impl AsyncRead + Unpin, name: &str) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let cap = MAX_INPUT_BYTES as u64 + 1;
    reader
        .take(cap)
        .read_to_end(&mut bytes)
        .await
        .map_err(|error| Error::new(ErrorCode::Usage, format!("can't read {name}")).because(error))?;
    if bytes.len() > MAX_INPUT_BYTES {
        return Err(too_large(name));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        Error::new(ErrorCode::Usage, format!("{name} isn't UTF-8 text"))
            .because(error.utf8_error())
            .hint("convert it first, for example with iconv -t UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn too_large(what: &str) -> Error {
    Error::new(ErrorCode::Usage, format!("{what} is larger than {MAX_INPUT_BYTES} bytes"))
        .hint("shorten the input, or split it over several runs")
}
