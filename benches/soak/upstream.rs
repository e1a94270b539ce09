//! The upstream: a simulator that fails now and then, in every way that it knows, and sometimes for a while.

use std::error::Error;
use std::time::Duration;

use promptchain::simulator::{Fault, FaultRule, Pacing, SimulatorConfig};

/// Every so many calls one fails.
const EVERY: usize = 29;
/// Every so many calls so many fail one after the other, so that circuits open.
const OUTAGE_EVERY: usize = 4000;
const OUTAGE: usize = 60;
/// More calls than there can be in a minute; those beyond don't fail.
const CALLS_PER_MINUTE: f64 = 15_000.0;

pub(crate) fn config(minutes: f64) -> Result<SimulatorConfig, Box<dyn Error>> {
    Ok(SimulatorConfig {
        latency: Duration::from_millis(5),
        first_token_delay: Duration::from_millis(10),
        pacing: Pacing::PerDelta(Duration::from_millis(1)),
        faults: faults(minutes)?,
        log_capacity: 1,
        ..SimulatorConfig::default()
    })
}

fn faults(minutes: f64) -> Result<Vec<FaultRule>, Box<dyn Error>> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "millions, above 0")]
    let calls = (minutes * CALLS_PER_MINUTE) as usize;
    // What only batches have.
    let is_ours = |fault: &&Fault| !matches!(fault, Fault::Expired | Fault::Canceled);
    let kinds = Fault::all().iter().filter(is_ours).cycle();
    let one_by_one = (EVERY..calls).step_by(EVERY).zip(kinds).map(|(call, fault)| {
        // Of a fault that is one step's, that step's calls are counted.
        let call = if fault.step().is_some() { call / 3 + 1 } else { call };
        format!("{fault}@{call}")
    });
    let outages = (OUTAGE_EVERY..calls).step_by(OUTAGE_EVERY);
    let outages = outages.map(|from| format!("server-error@{from}-{}", from + OUTAGE));
    one_by_one.chain(outages).map(|rule| rule.parse().map_err(Box::from)).collect()
}
