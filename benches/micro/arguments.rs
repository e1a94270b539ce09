//! What the bench is told.

use std::error::Error;

/// What it is to do.
pub(crate) enum Arguments {
    /// To measure the times of operations whose name has `only` in it.
    Times { is_json: bool, only: String },
    /// To count their instructions.
    Instructions { is_json: bool, only: String },
    /// To be the process in which the times of one are measured.
    Sample { name: String },
    /// To be the process whose instructions are counted.
    Repeat { name: String, times: u32 },
}

impl Arguments {
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut is_json, mut counts, mut only) = (false, false, String::new());
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} what?"));
            match argument.as_str() {
                "--json" => is_json = true,
                "--instructions" => counts = true,
                "sample" => return Ok(Self::Sample { name: value()? }),
                "repeat" => return Ok(Self::Repeat { name: value()?, times: value()?.parse()? }),
                _ if !argument.starts_with('-') && only.is_empty() => only = argument,
                _ => {
                    let known = "there are --json, --instructions, and a part of operations' names";
                    return Err(format!("unknown argument {argument}; {known}").into());
                }
            }
        }
        Ok(if counts { Self::Instructions { is_json, only } } else { Self::Times { is_json, only } })
    }
}
