//! Whether a server stays as it is under a mixed load for a long time: memory, files, tasks, threads and what
//! it remembers, while clients ask well and badly, leave and never read, the upstream fails in every way that
//! the simulator knows, and the configuration is reloaded.
//!
//! `cargo bench --bench soak` takes twenty minutes and prints a table; `-- --minutes N` says for how long,
//! `-- --json` prints an object a line, `-- --seed N` has the clients choose otherwise. It ends with an error
//! if anything grows, or if an answer is none that is expected. The README beside this says how to read it.

#![expect(clippy::indexing_slicing, reason = "JSON has null where there is nothing, and a bench may end")]

#[path = "../support/mod.rs"]
mod support;

mod arguments;
mod chat;
mod clients;
mod house;
mod raw;
mod reading;
mod refused;
mod report;
mod tally;
mod trend;
mod upstream;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use promptchain::simulator::Simulator;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use self::arguments::Arguments;
use self::clients::Clients;
use self::house::House;
use self::reading::Reading;
use self::report::Report;
use self::tally::Tally;

/// How often it is looked how the server is.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long the server is left alone at the end, before it is looked what has stayed: longer than any run
/// takes, and any connection that says nothing.
const REST: Duration = Duration::from_secs(40);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let simulator = Simulator::start(upstream::config(arguments.minutes)?).await?;
    let tally = Arc::new(Tally::default());
    let house = Arc::new(House::open(&simulator.base_url(), Arc::clone(&tally))?);
    let clients = Clients::new(Arc::clone(&house), Arc::clone(&tally), arguments.seed)?;
    let end = Instant::now() + Duration::from_secs_f64(arguments.minutes * 60.0);

    let mut report = Report::new(Reading::now(&house, &tally).await?);
    let mut load = JoinSet::new();
    clients.begin(&mut load, end);
    load.spawn(house::reload_again_and_again(Arc::clone(&house), end));
    let mut next = Instant::now() + LOOK_EVERY;
    while next < end {
        sleep_until(next).await;
        report.add(Reading::now(&house, &tally).await?);
        next += LOOK_EVERY;
    }
    while let Some(ended) = load.join_next().await {
        ended?;
    }
    drop(clients);
    sleep(REST).await;
    report.rest(Reading::now(&house, &tally).await?);
    let house = Arc::into_inner(house).ok_or("somebody is still there")?;
    house.close()?;
    report.print(&tally, arguments.is_json)
}
