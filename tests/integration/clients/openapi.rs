//! The API's document.

use super::script::passes;
use super::server::Server;
use crate::support::Upstream;

const ONE_ATTEMPT: (&str, &str) = ("RETRY_MAX_ATTEMPTS", "1");

#[test]
fn the_server_keeps_to_its_openapi_document() {
    let good = Upstream::good();
    let unsure = Upstream::with_faults(&["low-confidence"]);
    let failing = Upstream::with_faults(&["server-error"]);
    let silent = Upstream::with_faults(&["hang-before-head"]);
    let limit = [("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_CHAT_COMPLETIONS", "1/hour")];
    let uncounted = [
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_STORAGE_URI", "redis://127.0.0.1:1"),
        ("RATE_LIMIT_ON_STORAGE_ERROR", "deny"),
    ];
    let servers = [
        ("good", &Server::start(&good, &[])),
        ("shows its steps", &Server::start(&good, &[("CHAIN_EXPOSE_STEPS", "reasoning")])),
        ("can't count", &Server::start(&good, &uncounted)),
        ("spent", &Server::start(&good, &[("BUDGET_USD_PER_DAY", "0.001")])),
        ("limited", &Server::start(&good, &limit)),
        ("strict", &Server::start(&unsure, &[("CHAIN_STRICT_VALIDATION", "true")])),
        ("broken", &Server::start(&failing, &[ONE_ATTEMPT, ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1")])),
        ("hangs", &Server::start(&silent, &[ONE_ATTEMPT, ("CHAIN_ANALYZE_TIMEOUT", "1")])),
    ];
    passes("openapi_document.py", &servers);
}
