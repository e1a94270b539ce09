//! How much sooner an answer is there when process is divided, and what that costs: the whole chain through
//! the engine and the real client, against a simulator of a realistic pace, for several numbers of workers.
//!
//! `cargo bench --bench workers` prints a table, with `-- --json` a JSON object a line. The README beside this
//! says how to read it.

#[path = "support/chain.rs"]
mod chain;

use std::error::Error;
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use promptchain::chain::{AnswerOptions, Conversation, Delivery, Engine, Plan, RunInput, Summary};
use promptchain::model::anthropic::{AnthropicClient, ClientConfig, DEFAULT_CONNECT_TIMEOUT};
use promptchain::resilience::BreakerRegistry;
use promptchain::simulator::{Pacing, Simulator, SimulatorConfig};
use serde_json::json;

use self::chain::{API_VERSION, breaker, chain};

/// The numbers of workers that are compared; the first is what the others are compared with.
const WORKERS: [u32; 4] = [1, 2, 4, 8];
/// From a request to the first token of its reply.
const FIRST_TOKEN: Duration = Duration::from_millis(600);
const TOKENS_PER_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// Tokens of the draft, all its parts together.
const DRAFT_TOKENS: NonZeroU32 = NonZeroU32::new(2000).unwrap();
/// Falls apart into eight parts.
const REQUEST: &str = "What is ownership in Rust? What is borrowing? What are lifetimes? What are traits? \
    What are generics? What are closures? What are iterators? What are macros?";

const HEAD: &str = "\
workers | process s |  chain s | calls | tokens in | tokens out |  cost USD | process × | chain ×
------: | --------: | -------: | ----: | --------: | ---------: | --------: | --------: | ------:";

/// One run.
struct Row {
    workers: u32,
    process: Duration,
    chain: Duration,
    calls: usize,
    input_tokens: u64,
    output_tokens: u64,
    cost_usd: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself adds `--bench`.
    let is_json = match std::env::args().skip(1).filter(|argument| argument != "--bench").collect::<Vec<_>>()
    {
        arguments if arguments.is_empty() => false,
        arguments if arguments == ["--json"] => true,
        arguments => return Err(format!("unknown arguments {arguments:?}; there is only --json").into()),
    };
    let mut first = None;
    for workers in WORKERS {
        let row = measure(workers).await?;
        let first = first.get_or_insert((row.process, row.chain));
        let mut stdout = io::stdout().lock();
        if is_json {
            writeln!(stdout, "{}", row.json(*first))?;
        } else {
            if workers == WORKERS[0] {
                writeln!(stdout, "{HEAD}")?;
            }
            writeln!(stdout, "{}", row.text(*first))?;
        }
        stdout.flush()?;
    }
    Ok(())
}

/// One run, against a simulator of its own.
async fn measure(workers: u32) -> Result<Row, Box<dyn Error>> {
    let simulator = Simulator::start(SimulatorConfig {
        first_token_delay: FIRST_TOKEN,
        pacing: Pacing::TokensPerSecond(TOKENS_PER_SECOND),
        draft_tokens: Some(DRAFT_TOKENS),
        ..SimulatorConfig::default()
    })
    .await?;
    let client = AnthropicClient::new(ClientConfig {
        base_url: simulator.base_url().parse()?,
        credentials: None,
        api_version: API_VERSION.to_owned(),
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        direct: true,
    })?;
    let engine = Engine::new(Arc::new(client), Arc::new(BreakerRegistry::new(breaker())));
    let conversation = Conversation::from_prompt(REQUEST)?;
    let mut summary = Summary::new(&conversation);
    let input = RunInput {
        plan: Plan::default(),
        conversation,
        request_id: format!("bench_{workers}"),
        trace: None,
        purse: None,
        delivery: Delivery::Live,
        answer: AnswerOptions::default(),
    };
    let mut run = engine.start(Arc::new(chain(workers)?), input);
    while let Some(event) = run.next_event().await {
        summary.apply(&event);
    }
    row(workers, &summary)
}

fn row(workers: u32, summary: &Summary) -> Result<Row, Box<dyn Error>> {
    summary.outcome.clone().ok_or("the run hasn't ended")??;
    let process = summary.state.step_metadata.process.as_ref().ok_or("process hasn't ended")?;
    let parts = usize::try_from(workers)?;
    // Otherwise something else would be measured.
    if process.attempts != workers || summary.attempts.len() != parts + 2 {
        return Err(format!("{workers} workers made {} calls", summary.attempts.len()).into());
    }
    let spend = summary.spend();
    Ok(Row {
        workers,
        process: process.elapsed,
        chain: summary.elapsed.ok_or("the run hasn't ended")?,
        calls: summary.attempts.len(),
        input_tokens: spend.usage.prompt_tokens().ok_or("no count of tokens")?,
        output_tokens: spend.usage.output.ok_or("no count of tokens")?,
        cost_usd: spend.cost.ok_or("no price")?.usd(),
    })
}

impl Row {
    /// How many times faster than the first run process and the chain were.
    fn speed_up(&self, (process, chain): (Duration, Duration)) -> (f64, f64) {
        (process.as_secs_f64() / self.process.as_secs_f64(), chain.as_secs_f64() / self.chain.as_secs_f64())
    }

    fn text(&self, first: (Duration, Duration)) -> String {
        let Self { workers, process, chain, calls, input_tokens, output_tokens, cost_usd } = self;
        let (process, chain) = (process.as_secs_f64(), chain.as_secs_f64());
        let (of_process, of_chain) = self.speed_up(first);
        format!(
            "{workers:>7} | {process:>9.2} | {chain:>8.2} | {calls:>5} | {input_tokens:>9} | {output_tokens:>10} \
             | {cost_usd:>9.6} | {of_process:>9.2} | {of_chain:>7.2}"
        )
    }

    fn json(&self, first: (Duration, Duration)) -> serde_json::Value {
        let (of_process, of_chain) = self.speed_up(first);
        json!({
            "workers": self.workers,
            "process_seconds": self.process.as_secs_f64(),
            "chain_seconds": self.chain.as_secs_f64(),
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": self.cost_usd,
            "process_speed_up": of_process,
            "chain_speed_up": of_chain,
        })
    }
}
