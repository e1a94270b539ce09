//! `promptchain serve`: the chain behind an OpenAI-compatible API, until a signal ends it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::setup::{self, Setup};
use super::signals::{LevelSignals, Signals};
use super::upstream::{Upstream, replies};
use super::{
    Surroundings, chain_config, log, output_error, say_on_stderr, tracked_secrets, warn_on_stderr,
    write_to_stdout,
};
use crate::chain::{ChainConfig, Engine};
use crate::cli::{GlobalArgs, ServeArgs};
use crate::error::{Error, ErrorCode};
use crate::model::Model;
use crate::profile::Profile;
use crate::report::Replies;
use crate::server::{
    CantListen, CantOpen, Lifecycle, Listening, Parts, ServedModel, ServedModels, Server, StoreHealth,
};
use crate::settings::{EnvFile, LogLevel, ServerSettings, Settings, Sources};

/// What the time to drain is longer than the longest run, if nobody says otherwise.
const FURTHER_GRACE: Duration = Duration::from_secs(5);

/// How long the start waits for the store that replicas share.
const STORE_PATIENCE: Duration = Duration::from_secs(1);

pub(super) async fn serve(args: ServeArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let sources = Sources {
        overrides: args.overrides(),
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.iter().cloned().collect(),
        without_credentials: args.offline || args.recordings.replay.is_some(),
        for_server: true,
    };
    if !args.check {
        log::tell_panics();
        let mut log = sources.log();
        if globals.quiet {
            log.level = log.level.max(LogLevel::Error);
        }
        log::begin(log, globals, &around);
    }
    let level_signals = LevelSignals::listen().map_err(|error| output_error(&error))?;
    let Setup { settings, chain, warnings, .. } = setup::setup(&sources, &BTreeMap::new())?;
    let profiles = profiles(&settings.server, &chain)?;
    if !args.check {
        log::push_to_loki(&settings.loki, Some(settings.server.environment.as_str()))?;
    }
    for warning in &warnings {
        match args.check {
            true if globals.quiet => {}
            true => warn_on_stderr(warning),
            false => tracing::warn!("{warning}"),
        }
    }
    if args.check
        && !globals.quiet
        && let Some(warning) = tracked_secrets::check(sources.env_file.as_ref()).await
    {
        warn_on_stderr(&warning.to_string());
    }
    let upstream = Upstream::open(&settings, args.offline, &args.recordings).await?;
    let lifecycle = Lifecycle::new();
    let server = server(&settings, chain, profiles, &upstream, &lifecycle)?;
    if args.check {
        if !globals.quiet {
            say_on_stderr("settings and prompts are fine; no key was tried, and no port");
            tell_store_health(&server).await;
        }
        return Ok(());
    }
    raise_file_limit();
    // The first requests are to be counted where all are. It is no reason not to start.
    drop(timeout(STORE_PATIENCE, server.store_health()).await);
    let signals = Signals::listen().map_err(|error| output_error(&error))?;
    let listening = listen(server).await?;
    announce(&listening, &settings, replies(args.offline, &args.recordings)).await?;
    log::has_started();
    let end = tokio::select! {
        end = serve_until_end(listening, signals, &lifecycle) => end,
        never = change_levels(level_signals) => match never {},
    };
    let has_drained = end.is_ok();
    upstream.conclude(end, has_drained)
}

/// Says whether the store answers that replicas share.
async fn tell_store_health(server: &Server) {
    let Some(StoreHealth { address, problem }) = server.store_health().await else { return };
    match problem {
        None => say_on_stderr(&format!("the shared store answers: {address}")),
        Some(problem) => warn_on_stderr(&format!(
            "the shared store doesn't answer: {address}: {problem}; the server starts without it"
        )),
    }
}

/// Does what the signals about the log's level ask for.
async fn change_levels(mut signals: LevelSignals) -> Infallible {
    loop {
        signals.next().await;
        log::turn_level();
    }
}

/// Until a signal asks for the end, and until what is under way then has ended, or a second signal comes.
async fn serve_until_end(
    listening: Listening,
    mut signals: Signals,
    lifecycle: &Lifecycle,
) -> Result<(), Error> {
    let mut serving = pin!(listening.serve());
    tokio::select! {
        () = &mut serving => return Ok(()),
        _ = signals.next() => lifecycle.drain(),
    }
    tokio::select! {
        () = &mut serving => Ok(()),
        signal = signals.next() => Err(Error::new(signal, signal.as_str())),
    }
}

/// The chain with each profile's models.
fn profiles(settings: &ServerSettings, chain: &ChainConfig) -> Result<Vec<ServedModel>, Error> {
    let mut profiles = Vec::new();
    for profile in Profile::ALL {
        let chain = chain.with_models(|step| profile.model(step));
        let name = profile_name(settings, profile);
        if let Some(problem) = chain.problems().into_iter().next() {
            return Err(Error::new(ErrorCode::Configuration, format!("{name}: {problem}")));
        }
        profiles.push(ServedModel { name, chain: Arc::new(chain) });
    }
    Ok(profiles)
}

fn profile_name(settings: &ServerSettings, profile: Profile) -> String {
    format!("{}-{}", settings.service_model, profile.as_str())
}

fn server(
    settings: &Settings,
    chain: ChainConfig,
    profiles: Vec<ServedModel>,
    upstream: &Upstream,
    lifecycle: &Lifecycle,
) -> Result<Server, Error> {
    let breakers = chain_config::breakers(settings);
    let grace = settings.server.shutdown_grace.unwrap_or_else(|| chain.limits.whole_run() + FURTHER_GRACE);
    let service_model = &settings.server.service_model;
    let aliases = settings.server.model_aliases.iter().map(|alias| {
        let profile = alias.profile;
        let model = profile.map_or_else(|| service_model.clone(), |it| profile_name(&settings.server, it));
        (alias.alias.clone(), model)
    });
    let parts = Parts {
        engine: Engine::new(upstream.client.clone(), Arc::clone(&breakers)),
        breakers,
        upstream: upstream.client.upstream().to_owned(),
        models: ServedModels {
            default: ServedModel { name: service_model.clone(), chain: Arc::new(chain) },
            profiles,
            aliases: aliases.collect(),
            created: jiff::Timestamp::now().as_second().unsigned_abs(),
        },
        settings: settings.server.clone(),
        stall: settings.stream.timeout,
        lifecycle: lifecycle.clone(),
    };
    Server::new(parts, grace).map_err(|error| {
        let configuration = |message: &str| Error::new(ErrorCode::Configuration, message);
        match error {
            CantOpen::Keys(error) => configuration("tokens can't be verified").because(error),
            CantOpen::Store(_) => configuration(&error.to_string())
                .hint("REDIS_CA_FILE must hold the certificates of those who vouch for the store's, as PEM"),
        }
    })
}

async fn listen(server: Server) -> Result<Listening, Error> {
    server.listen().await.map_err(|failures| {
        let hints: Vec<&str> = failures.iter().map(hint_to_listen).collect();
        let error = |message: String| Error::new(ErrorCode::Configuration, message).hint(hints.join("; "));
        if let [only] = failures.as_slice() {
            return error(only.to_string()).because(&only.error);
        }
        let causes = failures.iter().map(|failure| format!("{failure}: {}", failure.error)).collect();
        Error { causes, is_list: true, ..error("the server can't listen".to_owned()) }
    })
}

fn hint_to_listen(failure: &CantListen) -> &'static str {
    if failure.is_for_metrics {
        "choose another METRICS_BIND; port 0 takes a free one"
    } else {
        "choose another API_HOST or API_PORT; port 0 takes a free one"
    }
}

/// The address is the only line on stdout, for scripts to read.
async fn announce(listening: &Listening, settings: &Settings, replies: Replies) -> Result<(), Error> {
    let address = format!("http://{}", listening.address());
    tracing::info!(
        address,
        version = env!("CARGO_PKG_VERSION"),
        environment = settings.server.environment.as_str(),
        service_model = settings.server.service_model,
        upstream = match replies {
            Replies::Upstream => settings.upstream.base_url.as_str(),
            Replies::Simulated => "simulator",
            Replies::Replayed => "recordings",
        },
        "Listening"
    );
    if let Some(address) = listening.metrics_address() {
        tracing::info!(address = format!("http://{address}/metrics"), "Metrics are served without a token");
    }
    write_to_stdout(&format!("{address}\n")).await
}

/// Each run needs two files, its client's connection and the upstream's, and systems allow fewer by default
/// than a server needs. Where that can't be changed, connections wait for one another.
fn raise_file_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "Files that may be open"),
        Err(error) => tracing::warn!(%error, "The limit on open files can't be raised"),
    }
}
