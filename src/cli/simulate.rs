//! `promptchain simulate`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::offered::fault_rule;
use super::parsers::duration;
use crate::simulator::{BatchEndpoint, Fault, FaultRule};

const EXAMPLES: &str = "\
Examples:
  promptchain simulate --port 9000
  promptchain simulate --port 9000 --latency 800ms --pacing 60ms
  promptchain simulate --port 9000 --fault process:rate-limit=2@1
  ANTHROPIC_BASE_URL=http://127.0.0.1:9000 promptchain run \"Hello\"";

/// Serve an imitation of the Messages API on loopback, to test against.
///
/// Replies are made from the request, and the same each time. The address is the first line on stdout.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_long_help = fault_help())]
pub struct SimulateArgs {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Time before the head of each answer, such as 200ms
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "0ms", help_heading = "Pace")]
    pub latency: Duration,
    /// Time from the head to the first piece of text
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "0ms", help_heading = "Pace")]
    pub first_token_delay: Duration,
    /// Time from one piece of text to the next
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Pace")]
    pub pacing: Option<Duration>,
    /// Tokens a second, instead of a fixed time between pieces
    #[arg(long, value_name = "NUMBER", conflicts_with = "pacing", help_heading = "Pace")]
    pub tokens_per_second: Option<NonZeroU32>,
    /// Time from the creation of a batch to its end; its requests are done evenly over it
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "100ms", help_heading = "Pace")]
    pub batch_time: Duration,
    /// Make something go wrong: [STEP:]FAULT[=PARAMETER][@CALLS] (repeatable; --help lists the faults)
    #[arg(long = "fault", value_name = "RULE", value_parser = fault_rule(), hide_possible_values = true, help_heading = "Faults")]
    pub faults: Vec<FaultRule>,
    /// Append a JSON line for each request, those within batches too, to this file when it has ended
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub log: Option<PathBuf>,
}

/// The faults that can be asked for: each with its description below, as the flags have it. Lines are
/// wrapped by clap, which indents the rest of a line as its beginning.
fn fault_help() -> String {
    let mut help = "\
Faults:
  A rule is [STEP:]FAULT[=PARAMETER][@CALLS].

  STEP is analyze, process or synthesize; without it, all of them are meant.
  Of process, one part can be meant: process/2 is the second, and its calls are counted by themselves.

  CALLS says which calls of that step are meant: @2, @2-4 or @2-; without it, all of them.

  The requests within a batch are calls like others: an HTTP error comes back as their error. What is about \
the connection passes them by.

  In the place of STEP can stand an endpoint of batches, whose requests are counted by themselves: \
ENDPOINTS. It can be struck by an HTTP error, which leaves everything as it was, or by what is about the \
connection, which only spoils the answer: batch-create:reset-before-head creates a batch of which its client \
doesn't hear. Of results, DELTAS counts lines.

  A client can ask for faults itself, in the header x-simulate-fault, several joined by commas.

"
    .replace("ENDPOINTS", &BatchEndpoint::ALL.map(BatchEndpoint::name).join(", "));
    for fault in Fault::all() {
        let parameter = fault.parameter().map(|parameter| format!("[={parameter}]")).unwrap_or_default();
        help.push_str(&format!("  {}{parameter}\n          {}\n", fault.name(), fault.description()));
    }
    help
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use crate::cli::Command;
    use crate::simulator::{BatchEndpoint, DEFAULT_BATCH_TIME, Fault};

    fn help(width: usize) -> String {
        let mut cli = Cli::command().term_width(width);
        cli.build();
        cli.find_subcommand_mut("simulate").unwrap().render_long_help().to_string()
    }

    #[test]
    fn a_batch_takes_as_long_as_in_a_simulator_that_was_told_nothing() {
        let Command::Simulate(args) = Cli::try_parse_from(["promptchain", "simulate"]).unwrap().command
        else {
            panic!("it isn't the subcommand that was typed");
        };
        assert_eq!(args.batch_time, DEFAULT_BATCH_TIME);
    }

    #[test]
    fn the_help_names_the_endpoints_of_batches() {
        let help = help(1000);
        for endpoint in BatchEndpoint::ALL {
            assert!(help.contains(endpoint.name()), "{endpoint}");
        }
    }

    #[test]
    fn the_help_fits_its_terminal_and_describes_each_fault_below_its_name() {
        for width in [60, 80, 100] {
            let help = help(width);
            let lines: Vec<&str> = help.lines().collect();
            for line in &lines {
                assert!(line.len() <= width, "{} columns of {width}: {line}", line.len());
            }
            let faults = lines.iter().rposition(|line| *line == "Faults:").unwrap();
            for fault in Fault::all() {
                let at = lines.iter().skip(faults).position(|line| {
                    line.strip_prefix("  ").and_then(|line| line.split('[').next()) == Some(fault.name())
                });
                let below = lines[faults + at.unwrap_or_else(|| panic!("{fault} isn't listed")) + 1..].iter();
                let described: Vec<&str> =
                    below.map_while(|line| line.strip_prefix("          ")).map(str::trim).collect();
                assert_eq!(described.join(" "), fault.description(), "at {width}");
            }
        }
    }
}
