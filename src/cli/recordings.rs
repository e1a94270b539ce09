//! `--record` and `--replay`, of `run`, `batch` and `serve`.

use std::path::PathBuf;

use clap::Args;

use super::parsers;

/// What becomes of the exchanges with the upstream.
#[derive(Debug, Clone, Default, Args)]
pub struct RecordingArgs {
    /// Write every exchange with the upstream to a file of its own in this folder, without keys
    #[arg(long, value_name = "DIR", value_parser = parsers::path(), help_heading = "Recordings")]
    pub record: Option<PathBuf>,
    /// Answer from the files in this folder instead of Claude: no key, no network; what wasn't recorded is an
    /// error
    #[arg(
        long,
        value_name = "DIR",
        value_parser = parsers::path(),
        conflicts_with_all = ["record", "offline"],
        help_heading = "Recordings"
    )]
    pub replay: Option<PathBuf>,
    /// Replay in real time: 1 is as fast as recorded, 2 twice as fast [default: at once]
    #[arg(
        long,
        value_name = "N",
        value_parser = parsers::speed,
        requires = "replay",
        allow_negative_numbers = true,
        help_heading = "Recordings"
    )]
    pub replay_speed: Option<f64>,
}
