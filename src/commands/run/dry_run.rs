//! `promptchain run --dry-run`: what the run would send, and what that may cost. No request for a reply is
//! sent; the upstream is asked for counts only where that is wanted.

use std::io;

use tokio::io::AsyncWriteExt;

use super::out_file::OutFile;
use super::state::Resumed;
use crate::chain::{
    AnswerOptions, AttemptFailure, ChainConfig, ChainError, Delivery, PlannedCall, RunInput, StepName,
    preview,
};
use crate::cli::{DryRunArgs, OutputFormat, RecordingArgs, RunArgs};
use crate::commands::signals::Signals;
use crate::commands::upstream::{Upstream, misses_model};
use crate::commands::{Surroundings, output_error, write_to_stdout};
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::{AnthropicClient, RequestBody};
use crate::model::{CallError, ModelRequest};
use crate::report::dry_run_text;
use crate::report::json::{Layout, render};
use crate::report::wire::{DryRunParts, DryRunReport};
use crate::settings::Settings;

/// Checks the flags of a dry run against one another.
pub(super) fn check(args: &RunArgs) -> Result<(), Error> {
    let DryRunArgs { dry_run, count } = args.dry_run;
    if count && !dry_run {
        return Err(Error::new(ErrorCode::Usage, "--count needs --dry-run")
            .hint("a run counts what it uses in any case: --json shows it"));
    }
    let RecordingArgs { record, replay, .. } = &args.recordings;
    if dry_run && (record.is_some() || replay.is_some()) {
        return Err(Error::new(ErrorCode::Usage, "a dry run has nothing to record or to replay")
            .hint("leave out --record and --replay, or --dry-run"));
    }
    if dry_run && args.format() == OutputFormat::Jsonl {
        return Err(Error::new(ErrorCode::Usage, "--dry-run has no events to print a line of")
            .hint("--json prints one object"));
    }
    Ok(())
}

/// A run that is only shown.
pub(super) struct DryRun {
    pub(super) args: RunArgs,
    pub(super) settings: Settings,
    pub(super) chain: ChainConfig,
    pub(super) resumed: Resumed,
    /// What has been said before it starts.
    pub(super) warnings: Vec<String>,
}

impl DryRun {
    pub(super) async fn run(self, around: &Surroundings) -> Result<(), Error> {
        let format = self.args.format();
        let file = self.args.out.as_deref().map(OutFile::create).transpose()?;
        let is_for_people = around.stdout_is_terminal && file.is_none();
        let layout = if is_for_people { Layout::Indented } else { Layout::Line };
        let mut signals = Signals::listen().map_err(|error| output_error(&error))?;
        let work = async {
            let report = self.report().await?;
            let text = match format {
                OutputFormat::Json => render(&report, layout),
                OutputFormat::Text | OutputFormat::Jsonl => dry_run_text(&report),
            };
            let text = text.map_err(|error| output_error(&error.into()))?;
            match file {
                None => write_to_stdout(&text).await,
                Some(file) => write(file, &text).await,
            }
        };
        tokio::select! {
            biased;
            code = signals.next() => Err(Error::new(code, code.as_str())),
            result = work => result,
        }
    }

    async fn report(self) -> Result<DryRunReport, Error> {
        let Self { args, settings, chain, resumed, warnings } = self;
        let input = RunInput {
            conversation: resumed.conversation,
            // It goes into a header, which isn't shown.
            request_id: String::new(),
            trace: None,
            purse: None,
            delivery: Delivery::Held,
            answer: AnswerOptions::default(),
            plan: resumed.plan,
        };
        let mut calls = preview(&chain, &input).map_err(|error| Error::from(&error))?;
        if args.dry_run.count {
            // Lives as long as it is asked.
            let upstream = Upstream::open(&settings, args.offline, &args.recordings).await?;
            count(&mut calls, &upstream.client).await?;
        }
        let parts = DryRunParts {
            calls: &calls,
            config: &chain,
            counted: args.dry_run.count,
            simulated: args.offline,
            warnings,
        };
        let body = |request: &_| serde_json::to_value(RequestBody::of(request)).unwrap_or_default();
        Ok(DryRunReport::new(parts, body))
    }
}

/// Puts the upstream's counts in the place of our estimates.
async fn count(calls: &mut [PlannedCall], client: &AnthropicClient) -> Result<(), Error> {
    for call in calls {
        let step = call.step;
        for measured in call.measured() {
            let counted = client.count_tokens(&measured.request).await;
            measured.tokens = counted.map_err(|error| not_counted(step, &measured.request, error))?;
        }
    }
    Ok(())
}

/// The same error as that of a call for a reply, which this was not.
fn not_counted(step: StepName, request: &ModelRequest, error: CallError) -> Error {
    let cannot_count =
        !misses_model(&error, &request.model) && matches!(error.status(), Some(404 | 405 | 501));
    let failed = Error::from(&ChainError::Upstream {
        step,
        attempts: 1,
        retry_after: error.retry_after,
        failure: AttemptFailure::Call(error),
        wait_did_not_fit: false,
    });
    let message = format!("the tokens of {step} can't be counted");
    if cannot_count {
        let hint = "this upstream may not count tokens: without --count they are estimated";
        return Error { code: ErrorCode::UpstreamError, message, ..failed }.hint(hint);
    }
    Error { message, ..failed }
}

/// Writes the file whole or not at all. A pipe that nobody reads any more is quiet.
async fn write(file: OutFile, text: &str) -> Result<(), Error> {
    let mut out = file.writer()?;
    let written = async {
        out.write_all(text.as_bytes()).await?;
        out.flush().await
    };
    match written.await {
        Ok(()) => file.keep(),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(output_error(&error)),
    }
}
