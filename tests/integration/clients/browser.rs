//! The pages, in headless Chromium.

use std::time::Duration;

use promptchain::simulator::End;

use super::script::passes;
use super::server::Server;
use crate::support::{Upstream, has_program};

const HOW_TO_GET_IT: &str = "apt-get install chromium chromium-driver";

fn has_browser() -> bool {
    has_program("chromium", HOW_TO_GET_IT) && has_program("chromedriver", HOW_TO_GET_IT)
}

#[test]
fn the_playground_shows_a_run_in_a_browser() {
    if !has_browser() {
        return;
    }
    let good = Upstream::good();
    let steady = Upstream::paced(Duration::from_millis(10));
    let slow = Upstream::paced(Duration::from_millis(50));
    let breaking = Upstream::with_faults(&["synthesize:error-event-mid-reply=12"]);
    let failing = Upstream::with_faults(&["bad-request"]);
    let servers = [
        ("good", &Server::start(&good, &[])),
        ("steady", &Server::start(&steady, &[])),
        ("slow", &Server::start(&slow, &[])),
        ("breaks off", &Server::start(&breaking, &[])),
        ("fails", &Server::start(&failing, &[])),
    ];
    if passes("playground.py", &servers) {
        let has_left = |end| matches!(end, Some(End::ClientLeft { .. }));
        slow.wait_for(|calls| calls.last().is_some_and(|call| has_left(call.end)));
    }
}

#[test]
fn the_documentation_opens_in_a_browser_and_asks_nobody_else() {
    if has_browser() {
        let upstream = Upstream::good();
        passes("docs_page.py", &[("good", &Server::start(&upstream, &[]))]);
    }
}
