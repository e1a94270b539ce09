//! Where the result of a run goes: stdout or a file, as text, an object, or lines of events.

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::super::tell::{code_of, error_report};
use super::super::upstream::replies;
use super::out_file::OutFile;
use super::output_error;
use crate::chain::{Delivery, Event, Summary};
use crate::cli::{OutputFormat, RunArgs};
use crate::error::Error;
use crate::report::json::{Layout, render};
use crate::report::{JsonLines, Replies, RunReport, TextOutput};

type Out = Pin<Box<dyn AsyncWrite + Send>>;

/// Where the result goes, and in which form.
pub(super) struct Sink {
    form: Form,
    file: Option<OutFile>,
    replies: Replies,
}

enum Form {
    Text(TextOutput<Out>),
    Json { out: Out, layout: Layout },
    JsonLines(JsonLines<Out>),
}

impl Sink {
    /// Opens what the flags ask for.
    pub(super) fn open(args: &RunArgs, stdout_is_terminal: bool) -> Result<Self, Error> {
        let replies = replies(args.offline, &args.recordings);
        let file = args.out.as_deref().map(OutFile::create).transpose()?;
        let out: Out = match &file {
            Some(file) => Box::pin(file.writer()?),
            None => Box::pin(tokio::io::stdout()),
        };
        let on_terminal = stdout_is_terminal && file.is_none();
        let form = match args.format() {
            OutputFormat::Text => Form::Text(TextOutput::new(out, on_terminal)),
            OutputFormat::Json => {
                Form::Json { out, layout: if on_terminal { Layout::Indented } else { Layout::Line } }
            }
            OutputFormat::Jsonl => Form::JsonLines(JsonLines::new(out, replies, code_of)),
        };
        Ok(Self { form, file, replies })
    }

    /// When the text is to leave: what is written as a whole is held until the last gate has passed.
    pub(super) fn delivery(&self) -> Delivery {
        match (&self.form, &self.file) {
            (Form::Json { .. }, _) | (_, Some(_)) => Delivery::Held,
            (Form::Text(_) | Form::JsonLines(_), None) => Delivery::Live,
        }
    }

    pub(super) async fn event(&mut self, event: &Event) -> io::Result<()> {
        match &mut self.form {
            Form::Text(text) => text.event(event).await,
            Form::Json { .. } => Ok(()),
            Form::JsonLines(lines) => lines.event(event).await,
        }
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Text(text) => text.flush().await,
            Form::Json { .. } => Ok(()),
            Form::JsonLines(lines) => lines.flush().await,
        }
    }

    /// Ends the line that text is on.
    pub(super) async fn end_text(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Text(text) => text.finish().await,
            Form::Json { .. } | Form::JsonLines(_) => Ok(()),
        }
    }

    /// The run has ended well: writes what was held until now.
    pub(super) async fn succeed(mut self, summary: &Summary) -> Result<(), Error> {
        let written = match &mut self.form {
            Form::Text(text) => text.last_step(&summary.state).await,
            Form::Json { out, layout } => {
                let report = render(&RunReport::new(summary, self.replies, None, code_of), *layout);
                write_all(out, report).await
            }
            Form::JsonLines(lines) => lines.finish(summary, None).await,
        };
        match written {
            Ok(()) => self.file.map_or(Ok(()), OutFile::keep),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(output_error(&error)),
        }
    }

    /// The run has failed: ends the stream of events with the reason. Everything else stays unwritten.
    pub(super) async fn fail(mut self, summary: &Summary, error: &Error) {
        if let Form::JsonLines(lines) = &mut self.form {
            // The error itself is told on stderr; there is no third place.
            drop(lines.finish(summary, Some(error_report(error))).await);
        }
    }
}

async fn write_all(out: &mut Out, text: serde_json::Result<String>) -> io::Result<()> {
    out.write_all(text?.as_bytes()).await?;
    out.flush().await
}
