//! The faults that leave an answer without its head, or with another one.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::cut::Cut;
use super::fault::Fault;
use super::log::End;
use super::playback::Wire;

/// What goes out in the answer's place; `None` if the fault is another one. Never returns for a fault that
/// sends nothing.
pub(super) async fn instead(fault: Fault, wire: &Wire) -> Option<Response> {
    match fault {
        Fault::HangBeforeHead => std::future::pending().await,
        Fault::ResetBeforeHead => {
            wire.exchange.end(End::AbortedByFault);
            wire.order.cut(Cut::Reset).await
        }
        Fault::WrongContentType => Some(page()),
        _ => None,
    }
}

/// What a proxy or a login page answers in the API's place.
fn page() -> Response {
    let html = "<!doctype html><title>Welcome</title><p>This is not the API (simulated).</p>\n";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}
