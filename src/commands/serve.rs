//! `promptchain serve`: the chain behind an OpenAI-compatible API, until a signal ends it.

mod configuration;
mod reload;
mod settled;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use self::configuration::{Configuration, Origins, Surviving};
use self::reload::{Reloader, unverifiable};
use super::signals::{ServerSignal, Signals};
use super::traces::{TracedProcess, Traces};
use super::upstream::{Upstream, replies};
use super::{
    Surroundings, chain_config, log, output_error, say_on_stderr, tracked_secrets, warn_on_stderr,
    write_to_stdout,
};
use crate::cli::{GlobalArgs, ServeArgs};
use crate::error::{Error, ErrorCode};
use crate::model::Model as _;
use crate::report::Replies;
use crate::server::{CantListen, CantOpen, Lifecycle, Listening, Server, StoreHealth};
use crate::settings::{Kept, LogLevel, Settings};
use crate::telemetry::metrics::Deliveries;

/// How long the start waits for the store that replicas share.
const STORE_PATIENCE: Duration = Duration::from_secs(1);

/// How long a server may take that is to end at once.
const END_AT_ONCE: Duration = Duration::from_secs(1);

pub(super) async fn serve(args: ServeArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let origins = Arc::new(Origins {
        overrides: args.overrides(),
        env_file: globals.env_file.clone(),
        environment: around.environment.clone(),
        without_credentials: args.offline || args.recordings.replay.is_some(),
    });
    let sources = origins.sources(Kept::default());
    let least_level = if globals.quiet { LogLevel::Error } else { LogLevel::Debug };
    if !args.check {
        log::tell_panics();
        let mut log = sources.log();
        log.level = log.level.max(least_level);
        log::begin(log, globals, &around);
    }
    let level_signal = ServerSignal::to_change_level().map_err(|error| output_error(&error))?;
    // One that comes before the server listens is done then.
    let reload_signal = ServerSignal::to_reload().map_err(|error| output_error(&error))?;
    let configuration = Configuration::read(&sources)?;
    let settings = &configuration.settings;
    let environment = settings.server.environment.as_str();
    let loki = if args.check { None } else { log::push_to_loki(&settings.loki, Some(environment))? };
    for warning in &configuration.warnings {
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
    let upstream = Upstream::open(settings, args.offline, &args.recordings).await?;
    let traces = Traces::begin(&settings.traces, TracedProcess::Server { environment })?;
    let surviving = Surviving {
        breakers: chain_config::breakers(settings),
        lifecycle: Lifecycle::new(),
        upstream: upstream.client.upstream().to_owned(),
        tracer: traces.tracer().cloned(),
        deliveries: Deliveries { lines: loki, spans: traces.counts() },
        created: jiff::Timestamp::now().as_second().unsigned_abs(),
    };
    let engine = surviving.engine(&upstream.client);
    let parts = configuration.parts(engine.clone(), &surviving);
    let server = Server::new(parts, configuration.grace()).map_err(|error| cant_open(&error))?;
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
    let reloads = server.reloads();
    let listening = listen(server).await?;
    announce(&listening, settings, replies(args.offline, &args.recordings)).await?;
    log::has_started();
    let lifecycle = surviving.lifecycle.clone();
    let configuration = Arc::new(configuration);
    let reloader = Reloader {
        kept: Kept::of(&sources),
        origins,
        at_start: Arc::clone(&configuration),
        current: configuration,
        engine,
        upstream: &upstream,
        surviving,
        reloads,
        least_level,
    };
    let end = tokio::select! {
        end = serve_until_end(listening, signals, &lifecycle) => end,
        never = change_levels(level_signal) => match never {},
        never = reloader.run(reload_signal, &around) => match never {},
    };
    let has_drained = end.is_ok();
    upstream.conclude(end, has_drained)
}

fn cant_open(error: &CantOpen) -> Error {
    match error {
        CantOpen::Keys(error) => unverifiable(error),
        CantOpen::Store(_) => Error::new(ErrorCode::Configuration, error.to_string())
            .hint("REDIS_CA_FILE must hold the certificates of those who vouch for the store's, as PEM"),
    }
}

/// Says whether the stores answer that replicas share.
async fn tell_store_health(server: &Server) {
    for StoreHealth { address, problem } in server.store_health().await {
        match problem {
            None => say_on_stderr(&format!("the shared store answers: {address}")),
            Some(problem) => warn_on_stderr(&format!(
                "the shared store doesn't answer: {address}: {problem}; the server starts without it"
            )),
        }
    }
}

/// Does what the signals about the log's level ask for.
async fn change_levels(mut signal: ServerSignal) -> Infallible {
    loop {
        signal.next().await;
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
    let signal = tokio::select! {
        () = &mut serving => return Ok(()),
        signal = signals.next() => signal,
    };
    // Who is cut is to be told, and the log too. Neither a third signal nor a client waits for that.
    lifecycle.end_at_once();
    tokio::select! {
        () = serving => {}
        _ = signals.next() => {}
        () = sleep(END_AT_ONCE) => {}
    }
    Err(Error::new(signal, signal.as_str()))
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
