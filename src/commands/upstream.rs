//! Whom the chain calls: the upstream in the settings, or the simulator within this process.

use std::fmt::Display;
use std::sync::Arc;

use super::setup;
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::{AnthropicClient, ClientConfig, DEFAULT_CONNECT_TIMEOUT};
use crate::model::{CallError, CallErrorKind};
use crate::settings::Settings;
use crate::simulator::{Simulator, SimulatorConfig};

/// Whom the chain calls.
pub(super) struct Upstream {
    pub(super) client: Arc<AnthropicClient>,
    /// The simulator, where there is no other upstream. It lives as long as this.
    pub(super) simulator: Option<Simulator>,
}

impl Upstream {
    /// Makes the client, and starts the simulator if it is to be `offline`. No call is made.
    pub(super) async fn open(settings: &Settings, offline: bool) -> Result<Self, Error> {
        let mut config = ClientConfig {
            base_url: settings.upstream.base_url.clone(),
            credentials: setup::credentials(settings),
            api_version: settings.upstream.version.clone(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            direct: false,
        };
        let internal = |error: &dyn Display| {
            Error::new(ErrorCode::Internal, "the simulator can't be started").because(error)
        };
        let mut simulator = None;
        if offline {
            let started =
                Simulator::start(SimulatorConfig::default()).await.map_err(|error| internal(&error))?;
            config.base_url = started.base_url().parse().map_err(|error| internal(&error))?;
            config.direct = true;
            simulator = Some(started);
        }
        let client = AnthropicClient::new(config).map_err(|error| {
            Error::new(ErrorCode::Configuration, "can't call the upstream").because(error)
        })?;
        Ok(Self { client: Arc::new(client), simulator })
    }
}

/// Whether the upstream misses that model, rather than a way to answer the question.
pub(super) fn misses_model(error: &CallError, model: &str) -> bool {
    matches!(&error.kind, CallErrorKind::Status { message, .. } if message.contains(model))
}
