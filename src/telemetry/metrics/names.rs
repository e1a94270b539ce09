//! What the metrics are called, and what is said of each: the only file that has their names.
//!
//! Names of counters stand here without their ending `_total`, and that of the build without `_info`, which
//! are added as they are written. Units are those of Prometheus: seconds, and US dollars.

/// A metric's name and what it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    pub(super) name: &'static str,
    /// A sentence without its full stop.
    pub(super) help: &'static str,
}

const fn name(name: &'static str, help: &'static str) -> Name {
    Name { name, help }
}

pub(super) const HTTP_DURATION: Name = name(
    "http_server_request_duration_seconds",
    "From a request's arrival to its response's end; the status is none if the client left before there was one",
);
pub(super) const HTTP_ACTIVE: Name = name(
    "http_server_active_requests",
    "Requests that are being answered, their responses under way included",
);

pub(super) const OVERHEAD: Name = name(
    "promptchain_overhead_seconds",
    "Time of a run that went neither into the upstream nor into waiting for the client: until the first \
     request goes upstream, from a step's last reply to the next step's first request, and from the last \
     reply to the end of the answer",
);
pub(super) const REQUEST_DURATION: Name =
    name("promptchain_request_duration_seconds", "How long a run of the chain took, by how it ended");
pub(super) const RUN_ERRORS: Name =
    name("promptchain_run_errors", "Runs that failed, by the error.code that their client is told");
pub(super) const FIRST_TEXT: Name = name(
    "promptchain_first_text_seconds",
    "From a request's arrival to the first text of its streamed answer; the time in which its body was read \
     isn't in it",
);
pub(super) const RUNS_ACTIVE: Name = name("promptchain_runs_active", "Runs that are under way");
pub(super) const PLACES_TAKEN: Name = name(
    "promptchain_run_places_taken",
    "Places of MAX_CONCURRENT_RUNS that are taken: by runs, and by their calls beyond one at a time",
);
pub(super) const PLACES: Name = name("promptchain_run_places", "MAX_CONCURRENT_RUNS");
pub(super) const RUNS_REFUSED: Name = name(
    "promptchain_runs_refused",
    "Requests whose run wasn't begun, because all places were taken or the server was ending",
);
pub(super) const STEP_DURATION: Name =
    name("promptchain_step_duration_seconds", "How long a step took, its attempts and repairs included");
pub(super) const STEP_ATTEMPTS: Name = name(
    "promptchain_step_attempts",
    "Requests to the upstream that have ended, and calls that an open circuit refused",
);

pub(super) const REFUSALS: Name = name(
    "promptchain_refusals",
    "Replies in which the model declined to answer, whether that failed the run or ended its answer",
);

pub(super) const OPERATION_DURATION: Name = name(
    "gen_ai_client_operation_duration_seconds",
    "How long a request to the upstream took, by what went wrong with it, if anything; cancelled ones aren't in it",
);
pub(super) const FIRST_CHUNK: Name = name(
    "gen_ai_client_operation_time_to_first_chunk_seconds",
    "From a request to the upstream to the first content of its reply",
);
pub(super) const TOKENS: Name = name(
    "gen_ai_client_token_usage",
    "Tokens of a request as the upstream counted them, by type: input is what was neither read from a cache \
     nor written to one",
);
pub(super) const COST: Name = name(
    "promptchain_cost_usd",
    "What the tokens cost that were counted and have a known price, in US dollars",
);
pub(super) const COST_UNKNOWN: Name = name(
    "promptchain_cost_unknown",
    "Requests to the upstream whose cost isn't known, or not all of it: their model has no known price, or \
         the upstream hasn't counted what they used",
);

pub(super) const STREAMS_ACTIVE: Name =
    name("promptchain_streams_active", "Streamed responses that are under way");
pub(super) const HEARTBEATS: Name = name(
    "promptchain_stream_heartbeats",
    "Chunks without content that were sent because nothing else had been for a while",
);
pub(super) const STREAM_END: Name = name(
    "promptchain_stream_end",
    "Streamed responses that have ended: stalled is a client that took nothing, rejected the chain's own \
     verdict, such as a gate's",
);
pub(super) const BACKGROUND_TASKS: Name = name(
    "promptchain_background_tasks",
    "Requests of a chat UI's own that were answered by one call; their calls have the step background_task",
);
pub(super) const BUDGET_DECISIONS: Name = name(
    "promptchain_budget_decisions",
    "Calls to the upstream that were to be paid out of their caller's budget for the day; degraded is true while the \
     store that replicas share is gone",
);
pub(super) const BUDGET_SETTLED: Name = name(
    "promptchain_budget_settled_usd",
    "What was booked on callers' budgets, in US dollars: calls of unknown cost at their worst case",
);
pub(super) const CHECKPOINT_REQUESTS: Name = name(
    "promptchain_checkpoint_requests",
    "Requests with an Idempotency-Key, by what was reused for them; an unreadable one is counted as new too",
);
pub(super) const CHECKPOINT_REUSED: Name = name(
    "promptchain_checkpoint_reused_steps",
    "Steps that weren't run, because a request's earlier run had finished them",
);
pub(super) const CHECKPOINT_WRITES: Name = name(
    "promptchain_checkpoint_writes",
    "Finished steps that were to be kept for a repeat, by what became of that",
);
pub(super) const CHECKPOINTS: Name = name(
    "promptchain_checkpoints_in_memory",
    "Requests with an Idempotency-Key that this process remembers; none where replicas share a store",
);
pub(super) const UPSTREAM_CANCEL: Name = name(
    "promptchain_upstream_cancel_seconds",
    "How long it took to drop a call to the upstream once its run was cancelled, by what had come of the reply",
);

pub(super) const RATE_LIMIT_DECISIONS: Name = name(
    "promptchain_rate_limit_decisions",
    "What the rate limiter decided on requests, and where it counts them; degraded is true while the store that \
     replicas share is gone",
);
pub(super) const RATE_LIMITER_KEYS: Name = name(
    "promptchain_rate_limiter_keys",
    "Subjects and addresses whose windows the rate limiter remembers, summed over the kinds of routes",
);
pub(super) const AUTH_FAILURES: Name =
    name("promptchain_auth_failures", "Requests without a token that holds, by what was wrong with it");

pub(super) const STORE_UP: Name =
    name("promptchain_shared_store_up", "1 while the store that replicas share is there, else 0");
pub(super) const STORE_ERRORS: Name = name(
    "promptchain_shared_store_errors",
    "Calls to the store that replicas share that failed, and failed attempts to connect to it",
);
pub(super) const STORE_ROUND_TRIP: Name = name(
    "promptchain_shared_store_round_trip_seconds",
    "How long a call to the store that replicas share took until its answer",
);

pub(super) const BREAKER_STATE: Name =
    name("promptchain_breaker_state", "Where the circuit of a model stands: 0 closed, 1 half-open, 2 open");
pub(super) const BREAKER_TRANSITIONS: Name =
    name("promptchain_breaker_transitions", "Changes of a circuit's state, by the state that it came to");

pub(super) const DRAINING: Name =
    name("promptchain_draining", "1 once the server was asked to end and begins nothing further, else 0");
pub(super) const CONFIG_RELOAD: Name =
    name("promptchain_config_reload", "Reloads of the configuration, by whether it was taken");
pub(super) const CONFIG_TIME: Name = name(
    "promptchain_config_last_reload_success_timestamp_seconds",
    "When the configuration in effect was taken, in seconds of unix time: at the start, or by a reload",
);
pub(super) const BUILD: Name = name("promptchain_build", "The program's version");

pub(super) const LOKI_PUSHED: Name =
    name("promptchain_loki_lines_pushed", "Lines of the log that Loki has taken");
pub(super) const LOKI_DROPPED: Name =
    name("promptchain_loki_lines_dropped", "Lines of the log that won't reach Loki, by why they won't");
pub(super) const SPANS_EXPORTED: Name =
    name("promptchain_spans_exported", "Spans of traces that the collector has taken");
pub(super) const SPANS_DROPPED: Name =
    name("promptchain_spans_dropped", "Spans of traces that won't reach the collector, by why they won't");

// What Prometheus's own client libraries say of a process, in the same words.
pub(super) const PROCESS_CPU: Name =
    name("process_cpu_seconds", "Total user and system CPU time spent in seconds");
pub(super) const PROCESS_MEMORY: Name =
    name("process_resident_memory_bytes", "Resident memory size in bytes");
pub(super) const PROCESS_OPEN_FILES: Name = name("process_open_fds", "Number of open file descriptors");
pub(super) const PROCESS_MAX_FILES: Name = name("process_max_fds", "Maximum number of open file descriptors");
pub(super) const RUNTIME_TASKS: Name = name(
    "promptchain_runtime_tasks",
    "Tasks of the async runtime that haven't ended: one for each connection, its calls, and a few besides",
);
pub(super) const PROCESS_START: Name =
    name("process_start_time_seconds", "Start time of the process since unix epoch in seconds");
