//! Reloads the configuration of a server that runs: all of it or nothing, one reload after the other.
//!
//! What is new is read and checked as at the start, off the threads that serve. Only when nothing is wrong is
//! it taken, at once and whole; else every problem is logged and the server goes on by what it has.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::configuration::{Configuration, Origins, Surviving};
use super::settled::read_settled;
use crate::chain::Engine;
use crate::commands::signals::ServerSignal;
use crate::commands::upstream::Upstream;
use crate::commands::{Surroundings, chain_config, log};
use crate::error::{Error, ErrorCode};
use crate::server::{KeyError, Reloads};
use crate::settings::{Kept, LogLevel, Variable};

/// How long the files may take to be read, wherever they are.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Reloads the configuration of one server.
pub(super) struct Reloader<'a> {
    pub(super) origins: Arc<Origins>,
    /// What the server doesn't take anew.
    pub(super) kept: Kept,
    pub(super) at_start: Arc<Configuration>,
    /// What the server goes by.
    pub(super) current: Arc<Configuration>,
    /// Runs the chains. It is the same as long as nothing changes in how the upstream is called: it knows what
    /// that has refused, and keeps connections to it.
    pub(super) engine: Engine,
    pub(super) upstream: &'a Upstream,
    pub(super) surviving: Surviving,
    pub(super) reloads: Reloads,
    /// The least level that is logged whatever the settings say.
    pub(super) least_level: LogLevel,
}

/// A configuration that can be taken.
struct Candidate {
    configuration: Configuration,
    /// Variables with a new value, which the server goes by then.
    changed: Vec<&'static Variable>,
    /// Those that need a restart.
    kept: Vec<&'static Variable>,
}

impl Reloader<'_> {
    /// Reloads for ever, whenever it is asked to. What comes meanwhile is one request for another reload.
    pub(super) async fn run(mut self, mut signal: ServerSignal, around: &Surroundings) -> Infallible {
        loop {
            signal.next().await;
            if around.terminal_is_gone() {
                tracing::info!("The terminal has been closed");
                self.surviving.lifecycle.drain();
            } else if let Err(error) = self.reload().await {
                self.reloads.refused();
                log::reload_refused(&error);
            }
        }
    }

    /// # Errors
    /// Everything that keeps the new configuration from being taken.
    pub(super) async fn reload(&mut self) -> Result<(), Error> {
        self.expect_to_serve()?;
        let candidate = timeout(READ_TIMEOUT, self.read()).await.map_err(|_| too_slow())??;
        self.expect_to_serve()?;
        self.take(candidate)
    }

    async fn read(&self) -> Result<Candidate, Error> {
        // What is missing for that would be told as if it had never been set.
        self.expect_env_file().await?;
        // As a start would, so that what is taken now doesn't fail then.
        let all_new = read_settled(&self.origins, &Kept::default()).await?;
        expect_files(&all_new.gone_since(&self.current))?;
        let mut kept = all_new.changed_since(&self.at_start);
        kept.retain(|variable| !variable.is_reloadable());
        let configuration =
            if kept.is_empty() { all_new } else { read_settled(&self.origins, &self.kept).await? };
        let mut changed = configuration.changed_since(&self.current);
        changed.retain(|variable| variable.is_reloadable());
        Ok(Candidate { configuration, changed, kept })
    }

    async fn expect_env_file(&self) -> Result<(), Error> {
        let Some(path) = self.current.env_file() else { return Ok(()) };
        let is_there = tokio::fs::try_exists(path).await.unwrap_or(false);
        if is_there { Ok(()) } else { expect_files(&[path]) }
    }

    fn take(&mut self, candidate: Candidate) -> Result<(), Error> {
        let Candidate { configuration, changed, kept } = candidate;
        let is_new_client = changed.iter().any(|variable| variable.is_about_client());
        let engine = if is_new_client {
            self.surviving.engine(&self.upstream.client_by(&configuration.settings)?)
        } else {
            self.engine.clone()
        };
        let parts = configuration.parts(engine.clone(), &self.surviving);
        self.reloads.take(parts, configuration.grace()).map_err(|error| unverifiable(&error))?;
        self.surviving.breakers.reconfigure(chain_config::breaker(&configuration.settings));
        self.engine = engine;
        tell(&configuration, &changed, &kept, self.least_level);
        self.current = Arc::new(configuration);
        Ok(())
    }

    fn expect_to_serve(&self) -> Result<(), Error> {
        if self.surviving.lifecycle.is_draining() {
            return Err(Error::new(
                ErrorCode::Configuration,
                "the server is ending, and begins nothing further",
            ));
        }
        Ok(())
    }
}

/// A file that was there and isn't is rather one that is being replaced than one that nobody wants any more:
/// the built-in prompt, or the defaults, would silently take its place.
fn expect_files(gone: &[&Path]) -> Result<(), Error> {
    let told = |path: &&Path| format!("{}: it was read before, and isn't there any more", path.display());
    let gone: Vec<String> = gone.iter().map(told).collect();
    let hint = "put it back, or start the server anew to go on without it";
    match gone.as_slice() {
        [] => Ok(()),
        [only] => Err(Error::new(ErrorCode::Configuration, only.clone()).hint(hint)),
        _ => Err(Error {
            causes: gone,
            is_list: true,
            ..Error::new(ErrorCode::Configuration, "files are gone").hint(hint)
        }),
    }
}

/// Says what has changed, by name: values may be secrets.
fn tell(new: &Configuration, changed: &[&Variable], kept: &[&Variable], least_level: LogLevel) {
    let names = |variables: &[&Variable]| {
        let names: Vec<&str> = variables.iter().map(|variable| variable.name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let say = || {
        for warning in &new.warnings {
            tracing::warn!("{warning}");
        }
        if let Some(variables) = names(kept) {
            tracing::warn!(variables, "Changes that need a restart weren't taken");
        }
        tracing::info!(changed = names(changed), "Configuration reloaded");
    };
    if changed.iter().any(|variable| variable.name == "LOG_LEVEL") {
        log::tell_and_set_level(new.settings.log.level.max(least_level), say);
    } else {
        say();
    }
}

fn too_slow() -> Error {
    let seconds = READ_TIMEOUT.as_secs();
    Error::new(
        ErrorCode::Configuration,
        format!("the configuration's files couldn't be read within {seconds}s"),
    )
}

/// Why no token could be verified.
pub(super) fn unverifiable(error: &KeyError) -> Error {
    Error::new(ErrorCode::Configuration, "tokens can't be verified").because(error)
}
