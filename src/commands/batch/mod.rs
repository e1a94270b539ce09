//! `promptchain batch`: the chain on every line of a file.

mod accounted;
mod ending;
mod files;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod input;
mod item;
mod journal;
mod lines;
mod message_batches;
mod pace;
mod patient;
mod results;
mod runs;
mod work;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use self::files::journal_path;
use self::input::Input;
use self::journal::{Found, Kind, Opened, Opening};
use self::lines::Lines;
use self::message_batches::MessageBatches;
use self::pace::Pace;
use self::results::Results;
use self::runs::{BatchEnd, Runs};
use self::work::Shared;
use super::setup::{self, Setup};
use super::signals::Signals;
use super::traces::{TracedProcess, Traces};
use super::upstream::{Upstream, replies};
use super::{Surroundings, chain_config, output_error};
use crate::chain::{Budget, Engine};
use crate::cli::{BatchArgs, GlobalArgs};
use crate::error::{Error, ErrorCode};
use crate::model::Model;
use crate::report::{BatchProgress, Replies, Stderr};
use crate::settings::{EnvFile, Kept, Origin, Override, Sources};

/// Runs at a time, unless somebody says otherwise.
const AT_ONCE: usize = 4;
/// The most that there may be.
const MOST_AT_ONCE: usize = 500;
/// The same of runs whose calls go out together: each waits in memory.
const IN_BATCHES: usize = 10_000;

pub(super) async fn batch(args: BatchArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let vars: BTreeMap<String, String> = args.chain.vars.iter().cloned().collect();
    let (mut setup, mut warnings) = set_up(&args, globals, &around, &vars)?;
    let concurrency = concurrency(&args)?;
    if args.message_batches {
        patient::make(&mut setup.chain);
    }
    let lines = Lines::open(&args.input).await?;
    let kind = Kind { simulated: args.offline, message_batches: args.message_batches };
    let journal_path = journal_path(&args)?;
    let mut found = match &journal_path {
        Some(path) => {
            let (chain, has_results_file) = (&setup.chain, args.out.is_some());
            Some(Found::look(Opening { path, resume: args.resume, chain, kind, has_results_file })?)
        }
        None => None,
    };
    if let Some(results) = &args.out {
        accounted::check(results, found.as_ref().and_then(Found::begun))?;
    }
    if let Some(Found { index, warnings: changes, .. }) = &found {
        if !changes.is_empty() && index.has_batches() {
            warnings.push(
                "batches under way were sent by what has changed: what isn't asked for again of them is lost"
                    .to_owned(),
            );
        }
        warnings.extend(changes.iter().cloned());
    }
    if !globals.quiet {
        for warning in &warnings {
            super::warn_on_stderr(warning);
        }
    }
    let logs_are_on = setup.settings.value("LOG_LEVEL").is_some_and(|value| value.origin != Origin::Default);
    if logs_are_on {
        super::log::begin(setup.settings.log, globals, &around);
        super::log::push_to_loki(&setup.settings.loki, None)?;
    }
    let signals = Signals::listen().map_err(|error| output_error(&error))?;
    // Lives as long as the batch.
    let upstream = Upstream::open(&setup.settings, args.offline, &args.recordings).await?;
    let traces = Traces::begin(&setup.settings.traces, TracedProcess::Command { quiet: globals.quiet })?;
    let (journal, reader) = match found.as_mut().map(Found::open).transpose()? {
        Some(Opened { journal, reader }) => (Some(Arc::new(journal)), Some(reader)),
        None => (None, None),
    };
    // Last of all, so that whatever is refused has left no trace.
    let results = Results::open(args.out.as_deref(), args.order.is_input()).inspect_err(|_| {
        found.iter().for_each(Found::undo);
    })?;
    let mut index = found.map(|found| found.index).unwrap_or_default();
    let budget = Arc::new(Budget::new(setup.chain.max_cost, index.spent()));
    let batches = journal.as_ref().filter(|_| args.message_batches).map(|journal| {
        let (client, known) = (upstream.client.clone(), index.take_batches());
        MessageBatches::new(client, Arc::clone(journal), Arc::clone(&budget), known)
    });
    let engine = match &batches {
        Some(batches) => Engine::new(batches.model(), patient::breakers()),
        None => Engine::new(upstream.client.clone(), chain_config::breakers(&setup.settings)),
    };
    let (stop, stopped) = watch::channel(false);
    let shared = Shared {
        engine: engine.with_budget(Arc::clone(&budget)),
        pace: Arc::new(Pace::new(concurrency)),
        prompts: Arc::new(setup.chain.prompt_hashes()),
        replies: replies(args.offline, &args.recordings),
        traces,
        upstream: upstream.client.upstream().to_owned(),
        calls_go_on: args.message_batches,
        stop: stopped,
        journal,
    };
    let progress = progress(&args, globals, &around, logs_are_on, shared.replies).await;
    let has_journal = shared.journal.is_some();
    let input = Input::new(lines, setup, vars, index, reader).with_budget(Arc::clone(&budget));
    let mut runs = Runs::new(shared, input, results, progress, signals);
    runs.batches = batches;
    let BatchEnd { result, to_the_end } = Box::pin(runs.run_all(stop, args.max_failures, has_journal)).await;
    upstream.conclude(result, to_the_end)
}

/// Settings, prompts and chain, and what should be said of them.
fn set_up(
    args: &BatchArgs,
    globals: &GlobalArgs,
    around: &Surroundings,
    vars: &BTreeMap<String, String>,
) -> Result<(Setup, Vec<String>), Error> {
    let calls_nobody = args.offline || args.recordings.replay.is_some();
    let mut overrides = args.chain.overrides();
    // Parts that are written at the same time save nothing here, and cost the prompt once more each.
    overrides.extend(args.message_batches.then(|| Override {
        variable: "CHAIN_PROCESS_WORKERS".to_owned(),
        value: "1".into(),
        flag: "--message-batches".to_owned(),
    }));
    let sources = Sources {
        overrides,
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.iter().cloned().collect(),
        without_credentials: calls_nobody,
        for_server: false,
        kept: Kept::default(),
    };
    let mut setup = setup::setup(&sources, vars)?;
    if !calls_nobody {
        setup.settings.upstream.check_credential().map_err(|problem| setup::configuration_error(&problem))?;
    }
    let run_limit = setup::set_run_limit(&mut setup.chain, args.timeout);
    let warnings = setup.warnings.iter().cloned().chain(run_limit).collect();
    Ok((setup, warnings))
}

/// How many runs there may be at a time.
fn concurrency(args: &BatchArgs) -> Result<usize, Error> {
    match args.concurrency {
        Some(most) if most > MOST_AT_ONCE && !args.message_batches => {
            Err(Error::new(ErrorCode::Usage, format!("--concurrency {most}: at most {MOST_AT_ONCE}"))
                .hint("more runs than that need --message-batches"))
        }
        Some(most) => Ok(most),
        None if args.message_batches => Ok(IN_BATCHES),
        None => Ok(AT_ONCE),
    }
}

async fn progress(
    args: &BatchArgs,
    globals: &GlobalArgs,
    around: &Surroundings,
    logs_are_on: bool,
    replies: Replies,
) -> BatchProgress {
    let is_live = around.stderr_is_live() && !logs_are_on;
    let stderr = (!globals.quiet).then(|| {
        if is_live {
            Stderr::Terminal(console::Term::buffered_stderr())
        } else {
            Stderr::Stream(Box::new(super::stderr::Stderr))
        }
    });
    let total = if is_live { count_lines(&args.input).await } else { None };
    BatchProgress::new(stderr, total, replies, around.stderr_has_color(globals.color))
}

/// How many lines the file has, where that can be found out.
async fn count_lines(path: &Path) -> Option<u64> {
    let path = path.to_owned();
    if !path.is_file() {
        return None;
    }
    let mut lines = Lines::open(&path).await.ok()?;
    let mut count = 0;
    while let Ok(Some(line)) = lines.next().await {
        count += u64::from(!line.is_blank());
    }
    Some(count)
}
