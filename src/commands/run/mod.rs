//! `promptchain run`: one chain, from the prompt to the printed answer.

mod drive;
mod dry_run;
mod finish;
mod input;
mod messages_file;
mod out_file;
mod sink;
mod state;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{Instrument, Span, field};
use uuid::Uuid;

pub use input::MAX_INPUT_BYTES;

use self::drive::{Drive, End};
use self::dry_run::DryRun;
use self::finish::Finish;
use self::input::InputSources;
use self::sink::Sink;
use self::state::{Resumed, StateFile};
use super::setup::{self, Setup};
use super::signals::Signals;
use super::traces::{TracedProcess, Traces};
use super::upstream::{Upstream, replies};
use super::{Surroundings, chain_config, output_error};
use crate::chain::{AnswerOptions, ChainConfig, Engine, RunInput, Summary};
use crate::cli::{Cli, GlobalArgs, OutputFormat, RecordingArgs, RunArgs};
use crate::error::{Error, ErrorCode};
use crate::model::Model;
use crate::report::{ProgressOptions, Reporter, Stderr, Stdout, progress};
use crate::settings::{EnvFile, Kept, Origin, Settings, Sources};
use crate::telemetry::traces::TracedCalls;
use crate::telemetry::{RunEnd, RunLine};
use crate::trace_context::TraceContext;

/// How long a result may take to be written when the run's own time is over: it has been paid for.
const TIME_TO_WRITE: Duration = Duration::from_secs(30);

/// How long the end of an interrupted stream of text or events may take to be written.
const TIME_TO_BREAK_OFF: Duration = Duration::from_millis(250);

pub(super) async fn run(args: RunArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let quiet = globals.quiet || leaves_stderr_to_the_error(&args, &around);
    let notice = |text: &str| {
        if !quiet {
            super::say_on_stderr(text);
        }
    };
    dry_run::check(&args)?;
    let input = InputSources {
        prompt: args.prompt.clone(),
        files: args.files.clone(),
        messages: args.messages.clone(),
    };
    if args.state.state.is_none() && input.nothing_given() {
        if !quiet {
            super::say_on_stderr(&help());
        }
        return Err(Error::new(ErrorCode::EmptyPrompt, "the prompt is empty"));
    }
    let sources = Sources {
        overrides: args.chain.overrides(),
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.iter().cloned().collect(),
        without_credentials: calls_nobody(&args),
        for_server: false,
        kept: Kept::default(),
    };
    let vars: BTreeMap<String, String> = args.chain.vars.iter().cloned().collect();
    let Setup { settings, mut chain, warnings, .. } = setup::setup(&sources, &vars)?;
    if !calls_nobody(&args) && args.dry_run.needs_upstream() {
        settings.upstream.check_credential().map_err(|problem| setup::configuration_error(&problem))?;
    }
    let warn = |warning: &String| {
        if !quiet {
            super::warn_on_stderr(warning);
        }
    };
    let mut warnings: Vec<String> =
        warnings.into_iter().chain(setup::set_run_limit(&mut chain, args.timeout)).collect();
    warnings.iter().for_each(warn);
    let resumed = Resumed::read(&args.state, &chain, args.offline)?;
    let resumed = if let Some(resumed) = resumed {
        resumed
    } else {
        let conversation = input.read(|text| notice(&format!("note: {text}"))).await?;
        Resumed::nothing(&args.state, conversation)
    };
    resumed.warnings.iter().for_each(warn);
    if args.dry_run.dry_run {
        warnings.extend(resumed.warnings.iter().cloned());
        let dry_run = DryRun { args, settings, chain, resumed, warnings };
        return Box::pin(dry_run.run(&around)).await;
    }
    let state = StateFile::open(&args, &chain, &resumed)?;

    let logs_are_on = begin_log(&settings, globals, &around)?;
    // Before signals are taken over: opening a pipe waits for its reader, and Ctrl-C must end that too.
    let sink = Sink::open(&args, around.stdout_is_terminal)?;
    // Before the first call: from here on a signal must end the call, not only the process.
    let signals = Signals::listen().map_err(|error| output_error(&error))?;
    // What other programs write to the same terminal, and log lines, would tear live lines apart.
    let is_shared = logs_are_on || (is_streamed(&args) && around.stdout_is_pipe);
    let is_live = around.stderr_is_live() && !is_shared && !quiet;
    let request_id = format!("req_{}", Uuid::new_v4().simple());
    let span = tracing::info_span!("run", request_id, trace_id = field::Empty);
    let execution = Execution {
        reporter: reporter(&args, globals, &around, quiet, is_live),
        is_live,
        traces: Traces::begin(&settings.traces, TracedProcess::Command { quiet })?,
        run_input: RunInput {
            conversation: resumed.conversation,
            request_id,
            trace: None,
            purse: None,
            delivery: sink.delivery(),
            answer: AnswerOptions::default(),
            plan: resumed.plan,
        },
        state,
        chain,
        settings,
        offline: args.offline,
        recordings: args.recordings,
        sink,
        signals,
    };
    execution.run().instrument(span).await
}

/// Everything that a run needs, ready to go.
struct Execution {
    settings: Settings,
    chain: ChainConfig,
    run_input: RunInput,
    state: Option<StateFile>,
    offline: bool,
    recordings: RecordingArgs,
    reporter: Box<dyn Reporter + Send>,
    /// Whether the progress consists of live lines.
    is_live: bool,
    traces: Traces,
    sink: Sink,
    signals: Signals,
}

impl Execution {
    async fn run(self) -> Result<(), Error> {
        let Self { settings, chain, mut run_input, mut state, offline, recordings, .. } = self;
        let Self { mut reporter, is_live, traces, mut sink, mut signals, .. } = self;
        // Lives as long as the run.
        let upstream = Upstream::open(&settings, offline, &recordings).await?;
        let time_to_write = Instant::now() + chain.limits.whole_run();
        let mut summary = Summary::new(&run_input.conversation);
        let engine = Engine::new(upstream.client.clone(), chain_config::breakers(&settings));
        let (mut telemetry, place) = traces.run(&chain, upstream.client.upstream(), TracedCalls::Own);
        Span::current().record("trace_id", place.as_ref().map(TraceContext::trace_id));
        run_input.trace = place;
        let run = engine.start(Arc::new(chain), run_input);
        let mut drive = Drive {
            run,
            summary: &mut summary,
            telemetry: &mut telemetry,
            state: state.as_mut(),
            reporter: reporter.as_mut(),
            sink: &mut sink,
        };
        let end = tokio::select! {
            biased;
            signal = signals.next() => End::Signal(signal),
            end = drive.until_end() => end,
        };
        // A run that has ended has nothing left to tell.
        let last_events = drive.cancel(&end);
        let finish = Finish { summary: &summary, reporter: reporter.as_mut(), sink, ends_text: !is_live };
        let result = tokio::select! {
            biased;
            result = finish.run(end, &last_events, time_to_write) => result,
            signal = signals.next() => Err(finish::interrupted(signal, &summary)),
        };
        let ended_well = matches!(summary.outcome, Some(Ok(_)));
        let result =
            upstream.conclude(result, ended_well).map_err(|error| finish::identified(error, &summary));
        // Of several things that went wrong the run's own failure is told.
        let result = result.map_err(|error| match &state {
            Some(state) => state.hint(error, &summary),
            None => error,
        });
        let result = result.and_then(|()| state.and_then(StateFile::failure).map_or(Ok(()), Err));
        let line = RunLine { subject: "Run", model: None, elapsed: None };
        telemetry.end(&summary, line, run_end(&summary, result.as_ref().err()));
        result
    }
}

fn run_end(summary: &Summary, error: Option<&Error>) -> RunEnd {
    match (error, &summary.outcome) {
        (Some(error), _) => RunEnd::Failed { error_code: error.code.as_str() },
        (None, Some(Ok(_))) => RunEnd::Completed,
        (None, _) => RunEnd::Cancelled,
    }
}

/// Whether a program is to read an error from stderr, so that nothing else may stand there.
fn leaves_stderr_to_the_error(args: &RunArgs, around: &Surroundings) -> bool {
    args.format() != OutputFormat::Text && !around.stderr_is_terminal
}

/// Whether no upstream is called, so that no key is needed.
fn calls_nobody(args: &RunArgs) -> bool {
    args.offline || args.recordings.replay.is_some()
}

/// Whether stdout is written to while the run is under way.
fn is_streamed(args: &RunArgs) -> bool {
    args.out.is_none() && args.format() != OutputFormat::Json
}

fn reporter(
    args: &RunArgs,
    globals: &GlobalArgs,
    around: &Surroundings,
    quiet: bool,
    is_live: bool,
) -> Box<dyn Reporter + Send> {
    let stdout = match args.format() {
        _ if !around.stdout_is_terminal || !is_streamed(args) => Stdout::Apart,
        OutputFormat::Jsonl => Stdout::TerminalEvents,
        OutputFormat::Text | OutputFormat::Json => Stdout::TerminalText,
    };
    let options = ProgressOptions {
        quiet,
        verbose: globals.verbose,
        color: around.stderr_has_color(globals.color),
        replies: replies(args.offline, &args.recordings),
        stdout,
    };
    let stderr = if is_live {
        Stderr::Terminal(console::Term::buffered_stderr())
    } else {
        Stderr::Stream(Box::new(super::stderr::Stderr))
    };
    progress(stderr, options)
}

/// A run at a terminal speaks through its progress; log lines come only where a level was asked for.
fn begin_log(settings: &Settings, globals: &GlobalArgs, around: &Surroundings) -> Result<bool, Error> {
    let asked_for = settings.value("LOG_LEVEL").is_some_and(|value| value.origin != Origin::Default);
    if asked_for {
        super::log::begin(settings.log, globals, around);
        super::log::push_to_loki(&settings.loki, None)?;
    }
    Ok(asked_for)
}

fn help() -> String {
    let mut command = Cli::command();
    command.build();
    let run = command.find_subcommand_mut("run");
    run.map(|run| run.render_help().to_string()).unwrap_or_default()
}
