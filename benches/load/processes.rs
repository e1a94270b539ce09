//! Who takes part, each a process of its own, so that its processor time can be told: the simulator, the server, the
//! bare server. Nothing is pinned; all share the machine's processors with the clients, which are this process.

use std::error::Error;
use std::io::{BufRead, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use promptchain::simulator::{Simulator, SimulatorConfig};
use serde_json::json;

use super::calls::Calls;
use super::exchange::{Connection, post};
use super::support::{Server, discard, token};

/// What is asked: its answer has about 64 deltas.
const QUESTION: &str = "What makes a good commit message?";

/// How the simulator sends its replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// All at once.
    Bursts,
    /// Each delta in a write of its own.
    EachAlone,
}

impl Pace {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bursts => "bursts",
            Self::EachAlone => "each delta alone",
        }
    }
}

/// A process that says where it listens. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    fn start(command: &mut Command, stdin: &str) -> Result<Self, Box<dyn Error>> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        child.stdin.take().ok_or("no stdin")?.write_all(stdin.as_bytes())?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut url)?;
        let address = address_of(&url)?;
        Ok(Self { child, address })
    }

    /// The simulator.
    pub(crate) fn simulator(pace: Pace) -> Result<Self, Box<dyn Error>> {
        Self::simulate(match pace {
            Pace::Bursts => &[],
            Pace::EachAlone => &["--pacing", "0ms"],
        })
    }

    /// The simulator, with these arguments too.
    pub(crate) fn simulate(arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptchain"));
        command.args(["simulate", "--port", "0"]).args(arguments);
        Self::start(&mut command, "")
    }

    /// The bare server, which makes these calls.
    pub(crate) fn bare(upstream: SocketAddr, calls: &Calls) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", &upstream.to_string()]);
        Self::start(&mut command, &calls.to_line())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `promptchain serve`, as it is but for the limits that a single caller would meet.
pub(crate) fn serve(upstream: &str) -> Result<Server, Box<dyn Error>> {
    let mut command = Server::command(upstream);
    command.env("RATE_LIMIT_CHAT_COMPLETIONS", "100000000/hour");
    Server::start(&mut command, discard)
}

/// Where it listens.
pub(crate) fn address_of(url: &str) -> Result<SocketAddr, Box<dyn Error>> {
    Ok(url.trim().strip_prefix("http://").ok_or_else(|| format!("no address: {url}"))?.parse()?)
}

/// What is asked of the servers.
pub(crate) fn chat() -> Result<Vec<u8>, Box<dyn Error>> {
    let body = json!({
        "model": "prompt-chaining", "stream": true,
        "messages": [{"role": "user", "content": QUESTION}],
    });
    let authorization = format!("Bearer {}", token("bench")?);
    Ok(post("/v1/chat/completions", &[("authorization", &authorization)], &body.to_string()))
}

/// The calls that a chain makes for what is asked.
pub(crate) async fn calls_of_a_chain() -> Result<Calls, Box<dyn Error>> {
    let simulator = Simulator::start(SimulatorConfig::default()).await?;
    let server = serve(&simulator.base_url())?;
    Connection::open(address_of(&server.url)?).await?.ask(&chat()?, b"").await?;
    Calls::of(&simulator.log().entries())
}
