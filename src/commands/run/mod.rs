//! `promptchain run`: one chain, from the prompt to the printed answer.

mod drive;
mod input;
mod messages_file;
mod out_file;
mod sink;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::CommandFactory;
use tracing::Instrument;
use uuid::Uuid;

pub use input::MAX_INPUT_BYTES;

use self::drive::{Drive, End};
use self::input::InputSources;
use self::sink::Sink;
use super::setup::{self, Setup};
use super::signals::Signals;
use super::{Surroundings, config, output_error};
use crate::chain::{ChainConfig, Engine, RunInput, Summary};
use crate::cli::{Cli, GlobalArgs, OutputFormat, RunArgs};
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::{AnthropicClient, ClientConfig, DEFAULT_CONNECT_TIMEOUT};
use crate::report::{ProgressOptions, Reporter, Stderr, Stdout, progress};
use crate::settings::{EnvFile, Origin, Settings, Sources};
use crate::simulator::{Simulator, SimulatorConfig};
use crate::telemetry::{RunLog, logs};

pub(super) async fn run(args: RunArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let notice = |text: &str| {
        if !globals.quiet {
            super::say_on_stderr(text);
        }
    };
    let input = InputSources {
        prompt: args.prompt.clone(),
        files: args.files.clone(),
        messages: args.messages.clone(),
    };
    if input.nothing_given() {
        super::say_on_stderr(&help());
        return Err(Error::new(ErrorCode::EmptyPrompt, "there is nothing to run"));
    }
    let sources = Sources {
        overrides: args.overrides(),
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.iter().cloned().collect(),
        without_credentials: args.offline,
    };
    let vars: BTreeMap<String, String> = args.vars.iter().cloned().collect();
    let Setup { settings, mut chain, warnings } = setup::setup(&sources, &vars)?;
    chain.limits.run = args.timeout;
    if !args.offline {
        settings.upstream.check_credential().map_err(|problem| setup::configuration_error(&problem))?;
    }
    for warning in &warnings {
        notice(&format!("warning: {warning}"));
    }
    let conversation = input.read(|text| notice(&format!("note: {text}"))).await?;

    let logs_are_on = install_logs(&settings);
    // Before the first call: from here on a signal must end the call, not only the process.
    let signals = Signals::listen().map_err(|error| output_error(&error))?;
    let sink = Sink::open(&args, around.stdout_is_terminal)?;
    let request_id = format!("req_{}", Uuid::new_v4().simple());
    let span = tracing::info_span!("run", request_id);
    let execution = Execution {
        reporter: reporter(&args, globals, &around, logs_are_on),
        run_input: RunInput {
            conversation,
            request_id,
            delivery: sink.delivery(),
            answer_cap: None,
            refusal_ends_answer: false,
        },
        chain,
        settings,
        offline: args.offline,
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
    offline: bool,
    reporter: Box<dyn Reporter + Send>,
    sink: Sink,
    signals: Signals,
}

impl Execution {
    async fn run(self) -> Result<(), Error> {
        let Self { settings, chain, run_input, offline, mut reporter, mut sink, mut signals } = self;
        // Lives as long as the run.
        let (_simulator, client) = client(&settings, offline).await?;
        let log = RunLog { content: settings.log.content };
        log.input(&run_input.conversation);
        let mut summary = Summary::new(&run_input.conversation);
        let run =
            Engine::new(Arc::new(client), config::breakers(&settings)).start(Arc::new(chain), run_input);
        let drive = Drive { run, summary: &mut summary, reporter: reporter.as_mut(), sink: &mut sink, log };
        let end = tokio::select! {
            biased;
            signal = signals.next() => End::Signal(signal),
            end = drive.until_end() => end,
        };
        let result = finish(end, &summary, reporter.as_mut(), sink).await;
        RunLog::finished(&summary, "Run", result.as_ref().err().map(|error| error.code.as_str()));
        result
    }
}

/// The run has ended, or was dropped: tells what it came to, in the order in which that reads well.
async fn finish(
    end: End,
    summary: &Summary,
    reporter: &mut dyn Reporter,
    mut sink: Sink,
) -> Result<(), Error> {
    let error = match (&end, &summary.outcome) {
        (End::Signal(code), _) => Some(Error::new(*code, code.as_str())),
        (End::ReaderIsSlow, _) => Some(
            Error::new(
                ErrorCode::Timeout,
                "timed out: the reader of stdout took nothing until the run's limit",
            )
            .hint("read faster, or write to a file with -o"),
        ),
        (End::OutputFailed(error), _) => Some(output_error(error)),
        (End::Finished, Some(Err(error))) => Some(error.into()),
        (End::Finished | End::ReaderLeft, _) => None,
    };
    let error = error.map(|mut error| {
        error.spend = Some(summary.spend());
        error
    });
    if matches!(end, End::Finished) {
        // What of the text has been written is a line of its own, even if more was to come.
        drop(sink.end_text().await);
    }
    reporter.finish(summary);
    match (end, error) {
        (End::ReaderLeft, _) => Ok(()),
        (End::Finished, None) => sink.succeed(summary).await,
        (End::Finished | End::Signal(_), Some(error)) => {
            sink.fail(summary, &error).await;
            Err(error)
        }
        (_, error) => error.map_or(Ok(()), Err),
    }
}

/// The client, and the simulator that it calls where there is no upstream.
async fn client(settings: &Settings, offline: bool) -> Result<(Option<Simulator>, AnthropicClient), Error> {
    let mut client = ClientConfig {
        base_url: settings.upstream.base_url.clone(),
        credentials: setup::credentials(settings),
        api_version: settings.upstream.version.clone(),
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        direct: false,
    };
    let internal = |error: &dyn std::fmt::Display| {
        Error::new(ErrorCode::Internal, "the simulator can't be started").because(error)
    };
    let simulator = if offline {
        let simulator =
            Simulator::start(SimulatorConfig::default()).await.map_err(|error| internal(&error))?;
        client.base_url = simulator.base_url().parse().map_err(|error| internal(&error))?;
        client.direct = true;
        Some(simulator)
    } else {
        None
    };
    let client = AnthropicClient::new(client)
        .map_err(|error| Error::new(ErrorCode::Configuration, "can't call the upstream").because(error))?;
    Ok((simulator, client))
}

fn reporter(
    args: &RunArgs,
    globals: &GlobalArgs,
    around: &Surroundings,
    logs_are_on: bool,
) -> Box<dyn Reporter + Send> {
    let stdout = match args.format() {
        _ if !around.stdout_is_terminal || args.out.is_some() => Stdout::Apart,
        OutputFormat::Text => Stdout::TerminalText,
        OutputFormat::Jsonl => Stdout::TerminalEvents,
        OutputFormat::Json => Stdout::Apart,
    };
    let options = ProgressOptions {
        quiet: globals.quiet,
        verbose: globals.verbose,
        color: around.stderr_has_color(globals.color),
        simulated: args.offline,
        stdout,
    };
    // Log lines would tear live ones apart.
    let stderr = if around.stderr_is_live() && !logs_are_on {
        Stderr::Terminal(console::Term::buffered_stderr())
    } else {
        Stderr::Stream(Box::new(std::io::stderr()))
    };
    progress(stderr, options)
}

/// A run at a terminal speaks through its progress; log lines come only where a level was asked for.
fn install_logs(settings: &Settings) -> bool {
    let asked_for = settings.value("LOG_LEVEL").is_some_and(|value| value.origin != Origin::Default);
    if asked_for {
        let sink: logs::LogSink = Arc::new(super::write_to_stderr);
        let subscriber = logs::subscriber(config::logs(settings), sink);
        // Fails only if there is one already, which then goes on.
        drop(tracing::subscriber::set_global_default(subscriber));
    }
    asked_for
}

fn help() -> String {
    let mut command = Cli::command();
    command.build();
    let run = command.find_subcommand_mut("run");
    run.map(|run| run.render_help().to_string()).unwrap_or_default()
}
