//! `promptchain simulate`: serves the simulator until a signal ends it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::signals::Signals;
use super::{output_error, say_on_stderr, write_to_stdout};
use crate::cli::{GlobalArgs, SimulateArgs};
use crate::error::{Error, ErrorCode};
use crate::simulator::{LogEntry, Pacing, Simulator, SimulatorConfig, SimulatorLog};

pub(super) async fn simulate(args: SimulateArgs, globals: &GlobalArgs) -> Result<(), Error> {
    // Before signals are taken over: opening a pipe waits for its reader, and Ctrl-C must end that too.
    let log_file = match &args.log {
        Some(path) => Some(open_log(path).await?),
        None => None,
    };
    let mut signals = Signals::listen().map_err(|error| output_error(&error))?;
    let (on_end, ended) = mpsc::unbounded_channel();
    let bind = SocketAddr::new(args.host, args.port);
    let config = SimulatorConfig {
        bind,
        latency: args.latency,
        first_token_delay: args.first_token_delay,
        pacing: match (args.pacing, args.tokens_per_second) {
            (Some(delay), _) => Pacing::PerDelta(delay),
            (None, Some(rate)) => Pacing::TokensPerSecond(rate),
            (None, None) => Pacing::AtOnce,
        },
        batch_time: args.batch_time,
        faults: args.faults,
        on_end: log_file.is_some().then_some(on_end),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.map_err(|error| {
        Error::new(ErrorCode::Usage, format!("can't listen on {bind}"))
            .because(error)
            .hint("choose another --port, or 0 for a free one")
    })?;
    announce(&simulator, globals.quiet).await?;
    let serve = async {
        match log_file {
            Some(file) => write_log(file, ended, simulator.log()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = signals.next() => Ok(()),
        error = serve => Err(error),
    }
}

/// The address is the only line on stdout, for scripts to read.
async fn announce(simulator: &Simulator, quiet: bool) -> Result<(), Error> {
    write_to_stdout(&format!("{}\n", simulator.base_url())).await?;
    if !quiet {
        say_on_stderr(&format!(
            "simulating the Messages API; set ANTHROPIC_BASE_URL={}",
            simulator.base_url()
        ));
    }
    Ok(())
}

async fn open_log(path: &Path) -> Result<File, Error> {
    File::options().create(true).append(true).open(path).await.map_err(|error| {
        Error::new(ErrorCode::Usage, format!("can't write to {}", path.display())).because(error)
    })
}

/// Writes a line for each request that ends; returns when that fails.
async fn write_log(mut file: File, mut ended: UnboundedReceiver<LogEntry>, log: &Arc<SimulatorLog>) -> Error {
    loop {
        let Some(entry) = ended.recv().await else { std::future::pending().await };
        let written = async {
            file.write_all(format!("{}\n", log.json_line(&entry)).as_bytes()).await?;
            file.flush().await
        };
        if let Err(error) = written.await {
            return output_error(&error);
        }
    }
}
