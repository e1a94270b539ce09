//! What a chain says upstream: the three bodies that one run has sent, for those who send them again and again.

use std::error::Error;

use bytes::Bytes;
use promptchain::simulator::LogEntry;
use serde_json::Value;

/// The bodies of a run's three calls, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    pub(crate) bodies: [Bytes; 3],
}

impl Calls {
    /// Of a run that the simulator has seen, and nothing but it.
    pub(crate) fn of(entries: &[LogEntry]) -> Result<Self, Box<dyn Error>> {
        Self::three(entries.iter().map(|entry| entry.body.to_string().into()).collect())
    }

    /// From what [`to_line`](Self::to_line) has written.
    pub(crate) fn from_line(line: &str) -> Result<Self, Box<dyn Error>> {
        let bodies: Vec<Value> = serde_json::from_str(line)?;
        Self::three(bodies.iter().map(|body| body.to_string().into()).collect())
    }

    /// For another process.
    pub(crate) fn to_line(&self) -> String {
        let bodies: Vec<_> = self.bodies.iter().map(|body| String::from_utf8_lossy(body)).collect();
        format!("[{}]\n", bodies.join(","))
    }

    fn three(bodies: Vec<Bytes>) -> Result<Self, Box<dyn Error>> {
        let bodies =
            bodies.try_into().map_err(|bodies: Vec<Bytes>| format!("{} calls instead of 3", bodies.len()))?;
        Ok(Self { bodies })
    }
}
