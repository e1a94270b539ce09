//! `promptchain batch`: the chain on every line of a file.

mod input;
mod item;
mod journal;
mod lines;
mod pace;
mod results;
mod runs;
mod work;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use self::input::Input;
use self::journal::{Index, Journal, Opened};
use self::lines::Lines;
use self::pace::Pace;
use self::results::{Results, beside};
use self::runs::Runs;
use self::work::Shared;
use super::setup;
use super::signals::Signals;
use super::upstream::{Upstream, replies};
use super::{Surroundings, chain_config, output_error};
use crate::chain::{Budget, Engine};
use crate::cli::{BatchArgs, GlobalArgs};
use crate::error::{Error, ErrorCode};
use crate::report::{BatchProgress, Stderr};
use crate::settings::{EnvFile, Origin, Sources};

/// The ending of a journal's name, unless it is named.
const JOURNAL: &str = ".journal";

pub(super) async fn batch(args: BatchArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let calls_nobody = args.offline || args.recordings.replay.is_some();
    let sources = Sources {
        overrides: args.chain.overrides(),
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.iter().cloned().collect(),
        without_credentials: calls_nobody,
        for_server: false,
    };
    let vars: BTreeMap<String, String> = args.chain.vars.iter().cloned().collect();
    let mut setup = setup::setup(&sources, &vars)?;
    if !calls_nobody {
        setup.settings.upstream.check_credential().map_err(|problem| setup::configuration_error(&problem))?;
    }
    let run_limit = setup::set_run_limit(&mut setup.chain, args.timeout);
    let lines = Lines::open(&args.input).await?;
    let journal_path = journal_path(&args)?;
    let opened = journal_path.map(|path| Journal::open(&path, args.resume, &setup.chain, args.offline));
    let (journal, reader, index, changes) = match opened.transpose()? {
        Some(Opened { journal, reader, index, warnings }) => (Some(journal), Some(reader), index, warnings),
        None => (None, None, Index::default(), Vec::new()),
    };
    let results = Results::open(args.out.as_deref(), args.resume, args.order.is_input())?;
    if !globals.quiet {
        let warnings = setup.warnings.iter().chain(&run_limit).chain(&changes);
        warnings.for_each(|warning| super::warn_on_stderr(warning));
    }
    let logs_are_on = setup.settings.value("LOG_LEVEL").is_some_and(|value| value.origin != Origin::Default);
    if logs_are_on {
        super::install_logs(&setup.settings);
    }
    let signals = Signals::listen().map_err(|error| output_error(&error))?;
    // Lives as long as the batch.
    let upstream = Upstream::open(&setup.settings, args.offline, &args.recordings).await?;
    let replies = replies(args.offline, &args.recordings);
    let max_cost = setup.chain.max_cost;
    let budget = Arc::new(Budget::new(max_cost, index.spent()));
    let engine =
        Engine::new(upstream.client.clone(), chain_config::breakers(&setup.settings)).with_budget(budget);
    let (stop, stopped) = watch::channel(false);
    let shared = Shared {
        engine,
        journal: journal.map(Arc::new),
        pace: Arc::new(Pace::new(args.concurrency)),
        prompts: Arc::new(setup.chain.prompt_hashes()),
        replies,
        stop: stopped,
    };
    let is_live = around.stderr_is_live() && !logs_are_on;
    let stderr = (!globals.quiet).then(|| {
        if is_live {
            Stderr::Terminal(console::Term::buffered_stderr())
        } else {
            Stderr::Stream(Box::new(super::stderr::Stderr))
        }
    });
    let total = if is_live { count_lines(&args.input).await } else { None };
    let color = around.stderr_has_color(globals.color);
    let progress = BatchProgress::new(stderr, total, replies, color);
    let has_journal = shared.journal.is_some();
    let input = Input::new(lines, setup, vars, index, reader);
    let runs = Runs::new(shared, input, results, progress, signals);
    let result = Box::pin(runs.run_all(stop, args.max_failures, has_journal)).await;
    let ended_well = result.is_ok();
    upstream.conclude(result, ended_well)
}

/// Where the journal is; `None` if there is to be none.
fn journal_path(args: &BatchArgs) -> Result<Option<PathBuf>, Error> {
    let is_stdin = args.input == Path::new("-");
    let path = match (&args.journal, &args.out) {
        _ if args.no_journal => None,
        (Some(path), _) => Some(path.clone()),
        (None, Some(out)) => Some(beside(out, JOURNAL)),
        (None, None) if !is_stdin => Some(beside(&args.input, JOURNAL)),
        (None, None) => None,
    };
    if args.resume && path.is_none() {
        return Err(Error::new(ErrorCode::Usage, "there is no journal to go on from")
            .hint("name it with --journal FILE, or name the results' file with -o"));
    }
    Ok(path)
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
