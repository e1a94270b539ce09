//! The signals that commands listen to: those that end them, and those that ask a server for something.

use std::io;

use crate::error::ErrorCode;

/// From now on a write beyond the limit on the size of files fails, as one to a full disk does, and doesn't end the
/// process: what was paid for may still have another way out.
#[cfg(unix)]
pub(super) fn let_long_files_fail() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    // A signal that is listened to once has lost its own effect for good.
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).map(drop)
}

/// There is no such limit.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn let_long_files_fail() -> io::Result<()> {
    Ok(())
}

/// Waits for the first signal that asks the program to end.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on signals no longer end the process by themselves.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> ErrorCode {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => ErrorCode::Interrupted,
            _ = self.terminate.recv() => ErrorCode::Terminated,
        }
    }

    /// From now on Ctrl-C no longer ends the process by itself.
    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> ErrorCode {
        // Without a handler there is nothing that could be waited for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        ErrorCode::Interrupted
    }
}

/// Waits for a signal that asks a server for something, where there is such a thing.
pub(super) struct ServerSignal {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl ServerSignal {
    /// Listens to the one that changes the log's level, SIGUSR1. From now on it no longer ends the process.
    #[cfg(unix)]
    pub(super) fn to_change_level() -> io::Result<Self> {
        Self::listen(tokio::signal::unix::SignalKind::user_defined1())
    }

    /// Listens to the one that has the configuration reloaded, SIGHUP. From now on it no longer ends the
    /// process.
    #[cfg(unix)]
    pub(super) fn to_reload() -> io::Result<Self> {
        Self::listen(tokio::signal::unix::SignalKind::hangup())
    }

    #[cfg(unix)]
    fn listen(kind: tokio::signal::unix::SignalKind) -> io::Result<Self> {
        Ok(Self { signal: tokio::signal::unix::signal(kind)? })
    }

    /// Waits for the next one. Of those that have come since the last, all are one.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Nothing to listen to.
    #[cfg(not(unix))]
    pub(super) fn to_change_level() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Nothing to listen to.
    #[cfg(not(unix))]
    pub(super) fn to_reload() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Never.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
