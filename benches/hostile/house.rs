//! A server with its upstream, and what is known of it.

use std::time::Duration;

use promptchain::simulator::{FaultRule, Pacing, Simulator, SimulatorConfig};
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::support::{Server, discard, free_address};

/// How long anything may take that is to come about.
const PATIENCE: Duration = Duration::from_secs(90);

/// Limits that good clients don't reach. Failed authentication is limited as it is by default, and whoever
/// floods may say where it comes from.
const SETTINGS: [(&str, &str); 3] = [
    ("RATE_LIMIT_CHAT_COMPLETIONS", "1000000/minute"),
    ("RATE_LIMIT_MODELS", "1000000/minute"),
    ("TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
];

pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) simulator: Simulator,
    pub(crate) client: reqwest::Client,
    metrics: String,
}

impl House {
    /// A server with these settings too, and an upstream with these faults.
    pub(crate) async fn open(settings: &[(&str, &str)], faults: &[&str]) -> Result<Self> {
        let faults: Vec<FaultRule> =
            faults.iter().map(|rule| rule.parse()).collect::<std::result::Result<_, _>>()?;
        let simulator = Simulator::start(SimulatorConfig {
            first_token_delay: Duration::from_millis(20),
            pacing: Pacing::AtOnce,
            faults,
            ..SimulatorConfig::default()
        });
        let simulator = simulator.await?;
        let metrics = free_address()?;
        let mut command = Server::command(&simulator.base_url());
        command.env("METRICS_BIND", &metrics).envs(SETTINGS).envs(settings.iter().copied());
        let server = Server::start(&mut command, discard).map_err(|error| error.to_string())?;
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { server, simulator, client, metrics: format!("http://{metrics}/metrics") })
    }

    /// Where raw connections go.
    pub(crate) fn address(&self) -> &str {
        self.server.url.trim_start_matches("http://")
    }

    /// A sample of its metrics; NaN if there is none.
    pub(crate) async fn metric(&self, series: &str) -> Result<f64> {
        let text = self.client.get(&self.metrics).send().await?.error_for_status()?.text().await?;
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok());
        Ok(value.unwrap_or(f64::NAN))
    }

    /// Waits until a sample has that value; how long that took.
    pub(crate) async fn wait_for(&self, series: &str, wanted: f64) -> Result<Duration> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            // Counts, which floats hold exactly.
            if (self.metric(series).await? - wanted).abs() < 0.5 {
                return Ok(began.elapsed());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(format!("{series} isn't {wanted} after {PATIENCE:?}").into())
    }
}
