//! Whom the chain calls: the upstream in the settings, the simulator within this process, or nobody, where
//! recordings are replayed.

use std::fmt::Display;
use std::sync::Arc;

use super::setup;
use crate::cli::RecordingArgs;
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::recording::{FolderError, Leftover, Recorder, RecorderError, Replayer};
use crate::model::anthropic::{AnthropicClient, ClientConfig, DEFAULT_CONNECT_TIMEOUT, Tape};
use crate::model::{CallError, CallErrorKind};
use crate::report::Replies;
use crate::settings::Settings;
use crate::simulator::{Simulator, SimulatorConfig};

/// The most recordings that are named one by one.
const MAX_NAMED: usize = 10;

/// Whom the chain calls.
pub(super) struct Upstream {
    pub(super) client: Arc<AnthropicClient>,
    config: ClientConfig,
    tape: Tape,
    /// The simulator, where there is no other upstream. It lives as long as this.
    _simulator: Option<Simulator>,
}

impl Upstream {
    /// Makes the client, starts the simulator if it is to be `offline`, and opens the folder of recordings
    /// if there is to be one. No call is made.
    pub(super) async fn open(
        settings: &Settings,
        offline: bool,
        recordings: &RecordingArgs,
    ) -> Result<Self, Error> {
        let tape = tape(recordings)?;
        let mut config = ClientConfig {
            base_url: settings.upstream.base_url.clone(),
            credentials: setup::credentials(settings),
            api_version: settings.upstream.version.clone(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            direct: false,
        };
        let internal = |error: &dyn Display| {
            Error::new(ErrorCode::Internal, "the simulator can't be started").because(error)
        };
        let mut simulator = None;
        if offline {
            // Nobody asks what it has seen.
            let config_of_simulator = SimulatorConfig { log_capacity: 1, ..SimulatorConfig::default() };
            let started = Simulator::start(config_of_simulator).await.map_err(|error| internal(&error))?;
            config.base_url = started.base_url().parse().map_err(|error| internal(&error))?;
            config.direct = true;
            simulator = Some(started);
        }
        let client = client(config.clone(), &tape)?;
        Ok(Self { client, config, tape, _simulator: simulator })
    }

    /// Another client of the same upstream: with the credential and the version in those settings. No call is
    /// made.
    pub(super) fn client_by(&self, settings: &Settings) -> Result<Arc<AnthropicClient>, Error> {
        let config = ClientConfig {
            credentials: setup::credentials(settings),
            api_version: settings.upstream.version.clone(),
            ..self.config.clone()
        };
        client(config, &self.tape)
    }

    /// `result`, or what the recordings have to say against it: some couldn't be written, or what was asked
    /// for `to_the_end` isn't what was recorded. A batch of which lines have failed has come to its end all the
    /// same. To be called when no call is in flight any more.
    pub(super) fn conclude(&self, result: Result<(), Error>, to_the_end: bool) -> Result<(), Error> {
        match (&self.tape, result) {
            (Tape::Record(recorder), result) => match (recorder.failure(), result) {
                (None, result) => result,
                (Some(failure), Ok(())) => {
                    Err(Error::new(ErrorCode::Output, "not all exchanges could be recorded").because(failure))
                }
                (Some(failure), Err(mut error)) => {
                    error.causes.push(format!("not all exchanges could be recorded either: {failure}"));
                    Err(error)
                }
            },
            (Tape::Replay(replayer), result) => against(replayer, result, to_the_end),
            (Tape::None, result) => result,
        }
    }
}

fn client(config: ClientConfig, tape: &Tape) -> Result<Arc<AnthropicClient>, Error> {
    let client = AnthropicClient::with_tape(config, tape.clone());
    let error = |error| Error::new(ErrorCode::Configuration, "can't call the upstream").because(error);
    client.map(Arc::new).map_err(error)
}

/// Where the replies come from.
pub(super) fn replies(offline: bool, recordings: &RecordingArgs) -> Replies {
    match recordings.replay {
        Some(_) => Replies::Replayed,
        None if offline => Replies::Simulated,
        None => Replies::Upstream,
    }
}

fn tape(recordings: &RecordingArgs) -> Result<Tape, Error> {
    if let Some(folder) = &recordings.record {
        let recorder = Recorder::create(folder).map_err(|error| recorder_error(&error))?;
        return Ok(Tape::Record(Arc::new(recorder)));
    }
    match &recordings.replay {
        Some(folder) => {
            let replayer = Replayer::open(folder, recordings.replay_speed);
            Ok(Tape::Replay(Arc::new(replayer.map_err(folder_error)?)))
        }
        None => Ok(Tape::None),
    }
}

fn recorder_error(error: &RecorderError) -> Error {
    let hint = match error {
        RecorderError::Io { .. } => "choose a folder that you may write to",
        RecorderError::Taken(_) => "name a new folder, or move the old recordings away",
        RecorderError::Busy(_) => "name another folder, or wait until it has ended",
    };
    Error::new(ErrorCode::Usage, error.to_string()).hint(hint)
}

fn folder_error(error: FolderError) -> Error {
    let report = Error::new(ErrorCode::Recording, error.to_string());
    match error {
        FolderError::Io { .. } | FolderError::Empty(_) => {
            report.hint("name a folder that --record has written to")
        }
        FolderError::Damaged { files, .. } => Error {
            causes: files,
            is_list: true,
            ..report.hint("record again with --record into a new folder")
        },
    }
}

/// `result`, unless what was asked for isn't what was recorded. What else went wrong has its own code, and
/// tells more; but that lines of a batch have failed may come of just this.
fn against(replayer: &Replayer, result: Result<(), Error>, to_the_end: bool) -> Result<(), Error> {
    let failed = match result {
        Ok(()) if !to_the_end => return Ok(()),
        Ok(()) => None,
        Err(error) if error.code == ErrorCode::BatchFailed => Some(error),
        Err(error) => return Err(error),
    };
    let mut leftover = replayer.leftover();
    if let Some(leftover) = leftover.as_mut().filter(|_| !to_the_end) {
        // The rest may be what wasn't begun.
        leftover.unused.clear();
    }
    match (leftover.filter(|leftover| leftover.unmatched > 0 || !leftover.unused.is_empty()), failed) {
        (Some(leftover), None) => Err(mismatch(replayer, leftover)),
        (Some(leftover), Some(failed)) => {
            let mut error = mismatch(replayer, leftover);
            error.causes.push(failed.message);
            Err(Error { spend: failed.spend, ..error })
        }
        (None, Some(failed)) => Err(failed),
        (None, None) => Ok(()),
    }
}

fn mismatch(replayer: &Replayer, leftover: Leftover) -> Error {
    let Leftover { unmatched, unused } = leftover;
    let folder = replayer.folder().display();
    let message = match (unmatched, unused.len()) {
        (0, 1) => format!("a recording in {folder} was never asked for"),
        (0, unused) => format!("{unused} recordings in {folder} were never asked for"),
        (1, _) => format!("a request isn't among the recordings in {folder}"),
        (unmatched, _) => format!("{unmatched} requests aren't among the recordings in {folder}"),
    };
    let rest = unused.len().saturating_sub(MAX_NAMED);
    let mut causes: Vec<String> =
        unused.into_iter().take(MAX_NAMED).map(|name| format!("{name} is unused")).collect();
    if rest > 0 {
        causes.push(format!("and {rest} more"));
    }
    Error { causes, is_list: true, ..Error::new(ErrorCode::Recording, message) }
}

/// Whether the upstream misses that model, rather than a way to answer the question.
pub(super) fn misses_model(error: &CallError, model: &str) -> bool {
    matches!(&error.kind, CallErrorKind::Status { message, .. } if message.contains(model))
}
