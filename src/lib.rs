//! promptchain runs a three-step prompt chain against Claude: analyze → gate → process → gate →
//! synthesize → gate. This page is its architecture.
//!
//! # Bird's eye
//!
//! One engine, one stream of events, many readers. The engine is given values and a [`model::Model`],
//! and gives back [`chain::Event`]s. The terminal's progress, the text on stdout, the JSON result, an
//! HTTP response, the log and the exit code are all readers of the same events; none of them knows the others.
//!
//! ```text
//!  flags, environment, .env ─▶ settings ─┐                          ┌─▶ report::progress   stderr
//!  prompts/*.md ─────────────▶ prompts ──┼─▶ commands ─▶ chain ─────┼─▶ report::text|json   stdout
//!  models.toml ──────────────▶ model ────┘                │ Event   ├─▶ server             HTTP
//!                                                         │         ├─▶ telemetry          logs, metrics, traces
//!                                                         ▼         └─▶ chain::Summary     exit code
//!                                     resilience ◀─ model::Model
//!                                                         │
//!                                      model::anthropic ──┴─▶ the API, the simulator, or recordings
//! ```
//!
//! # Map
//!
//! | module | what it is | what it must not do |
//! |---|---|---|
//! | [`chain`] | the engine: steps, gates, repairs, limits, events | know of HTTP, terminals, files, the environment |
//! | [`model`] | the provider seam, usage, cost, the catalog | know of steps or retries |
//! | [`model::anthropic`] | the only code that knows the Messages API | retry |
//! | [`model::anthropic::recording`] | exchanges to files and from files, below the client | know what bodies mean |
//! | [`resilience`] | circuit breaker and waits between attempts | sleep, or call anything |
//! | [`prompts`] | prompt files: front matter, templates, problems with their place | see the user's words |
//! | [`settings`] | every variable, declared once; sources resolved into plain structs | read the environment |
//! | [`report`] | events and diagnostics → terminal and stdout, in wire types of their own | decide where output goes |
//! | [`validation`] | settings, prompts and models against one another: all that is wrong, as diagnostics | call anybody |
//! | [`server`] | events → HTTP: the onion, connections, OpenAI's dialect | know of commands or reports |
//! | [`telemetry`] | events → log lines, on stderr and in Loki; metrics; spans of traces, for a collector | wait for whoever takes them, or let what clients send become a series |
//! | [`simulator`] | a Messages API server with faults on demand | share code with the client |
//! | [`commands`] | one file a subcommand: the only place that wires the rest together | |
//! | [`manual`] | help, man pages and completions, made from the tables and clap's tree of commands | write anything |
//! | [`cli`] | clap types | read or write anything |
//! | [`error`] | the program's error: message, causes, hint, exit code, in one table | |
//! | [`step`], [`profile`], [`rule`], [`diagnostic`], [`nearest`], [`trace_context`] | words and a guess that everybody may use | |
//! | [`own_secret`] | finds a client's own secret in what others wrote | know whose it is |
//! | `sync` | one way to take a lock, of whose orders tests go through all | |
//! | [`small_file`] | reads the files that the user names for settings | wait, or read without end |
//!
//! Dependencies point downwards in this order, which a test keeps: `commands` → `manual` → `cli`; `commands` → `report`,
//! `server` → `telemetry` → `chain` → `model`, `prompts`, `resilience`; `commands` → `validation` → `chain`, `settings`.
//! `settings`, `prompts`, `resilience` and `simulator` use nothing of ours but the vocabulary and the reader of small
//! files.
//!
//! # Invariants
//!
//! - **Dropping cancels.** A [`chain::Run`] is driven by whoever reads its events, in the reader's own
//!   task. There is no task behind it: dropping it drops the call in flight, and the connection with it.
//!   Ctrl-C, a closed pipe and a deadline are the same thing. The connection to the upstream is driven by the same
//!   task, too (`model::anthropic::connection`): what comes over it goes through no other, and its socket is closed
//!   as the call is dropped. Only connections that wait for the next call have a task: one, which closes them in time.
//! - **Where nobody reads, nothing is read.** The same makes back-pressure: an unread run reads nothing
//!   from the upstream. Time in which the reader was elsewhere is never the upstream's silence.
//! - **Nothing is tried again once text has left**, and what has left is always a prefix of the final text.
//! - **Every attempt is an event**, admitted by the breaker and accounted for however it ended. Unknown is
//!   `None`, never 0; money is whole picodollars.
//! - **A step begins only when the reader has come back** from the end of the one before: what is to be kept of
//!   it is kept by then, and a crash in between pays for nothing twice.
//! - **A run ends exactly once**, with [`chain::Event::RunFinished`].
//! - **Values in, values out.** Only `main` reads the environment; `.env` is read into a map.
//!
//! # Walkthroughs
//!
//! *A run in which all goes well.* `main` parses the command line; [`commands`] has [`validation`] resolve settings,
//! load and render the prompts and check all of it, reads the input, and starts the engine. `chain::engine` runs three steps; each is a
//! `step_run`, which composes a request (`compose`), makes a call (`call`), which is one `attempt`; the
//! reply is decoded and judged (`judge`) and accepted. In the last step `live_text` decodes the growing JSON
//! of the reply, and the characters leave as [`chain::Event::OutputDelta`] while the model still writes; where
//! a stop text of the caller's turns up in them, the call is dropped there.
//!
//! *An attempt that fails.* `attempt` reads the reply under the time limits (`limits`) and returns a failure and
//! an account of what was used. `call` asks whether it may be tried again: not if text has left, if it was
//! a probe of the breaker, or if the failure wouldn't pass by itself. Otherwise [`resilience`] names a wait; one
//! that doesn't fit into the step's time isn't begun. The permit is settled once for the call, after its
//! last attempt. If the call fails for good, `step_run` returns the [`chain::ChainError`], the run ends with it,
//! and [`error`] makes of it what the user reads.
//!
//! *A background task.* What a chat UI asks for by itself, where the server recognises it, is a run of one call
//! (`Plan::direct`): the step `Direct` stands in the place of all three, has the client's own messages and returns
//! plain text. Call, attempt, limits, breaker and events are those of every step.
//!
//! *A reload.* On SIGHUP `commands::serve` reads and checks a whole new configuration, as at the start. The server
//! makes a new generation of it: settings, chains, keys, limits and routes, with the counts, places, circuits and
//! metrics that all generations share. It is put in the place of the current one at once. A request looks once
//! which is current, and holds it until its answer has ended.
//!
//! *A caller's budget.* What a call may cost is set aside in the run's own [`chain::Budget`] and, where its caller has
//! one for the day, out of a [`chain::Purse`], of which the engine knows no more: `server::spending` keeps what each
//! subject has spent, in memory or in the shared store. A call that was sent and is dropped without being settled counts at its worst.
//!
//! *A repeat.* A request with an `Idempotency-Key` claims what was kept of an earlier one (`server::repeats`): its
//! finished steps become the run's [`chain::Plan`], and each further one is kept before the next begins. A task behind
//! the claim renews its lease, and gives it back when the run is dropped. A repeat that comes meanwhile waits, as a
//! run that has no events yet.
//!
//! *A dry run.* [`chain::preview()`] makes the requests with the same `compose` and checks of them what `call`
//! would, with [`chain::PlannedCall::forecast`] of what they may use; placeholders stand for what no step has
//! returned yet. Nothing is started.
//!
//! *A chat completion.* [`server`] drives each connection in a task of its own. A request passes through the onion
//! (`server::router`), where the rate limit asks the store that replicas share (`server::shared_store`), if there
//! is one, and decides without it if it doesn't answer in time. It is read by [`server::openai`] and starts a run in
//! the handler's own future: nothing is spawned. A streamed response waits for analyze, and is then a body that the connection polls: it polls the run,
//! and events become chunks. When the client leaves, the connection's task ends, and all of that is dropped. A
//! client that takes nothing leaves the body unpolled; then the connection's watch, which the same task looks
//! at, ends it in time.

// For tests and fuzzers only: see fuzz/README.md.
#[cfg(any(test, fuzzing))]
pub mod fuzzing;

pub mod chain;
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod error;
pub mod excerpt;
pub mod manual;
pub mod model;
pub mod most_told;
pub mod nearest;
pub mod own_secret;
pub mod profile;
pub mod prompts;
pub mod report;
pub mod resilience;
pub mod rule;
pub mod server;
pub mod settings;
pub mod simulator;
pub mod small_file;
pub mod step;
mod sync;
pub mod telemetry;
pub mod trace_context;
pub mod validation;
