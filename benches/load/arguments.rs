//! What the bench is told.

use std::error::Error;
use std::net::SocketAddr;

/// What it is to do.
pub(crate) enum Arguments {
    /// To measure.
    Measure { is_json: bool, windows: usize },
    /// To be the bare server, with the bodies of its calls on stdin.
    Bare { upstream: SocketAddr },
}

impl Arguments {
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut is_json, mut windows) = (false, 7);
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} what?"));
            match argument.as_str() {
                "--json" => is_json = true,
                "--windows" => windows = value()?.parse()?,
                "bare" => return Ok(Self::Bare { upstream: value()?.parse()? }),
                _ => {
                    return Err(
                        format!("unknown argument {argument}; there are --json and --windows N").into()
                    );
                }
            }
        }
        Ok(Self::Measure { is_json, windows })
    }
}
