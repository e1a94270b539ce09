//! Whose request it is, where no token says so.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::Request;
use axum::http::HeaderName;

use crate::server::app::App;
use crate::server::client_address::client_address;
use crate::server::connection::Peer;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of whoever sent the request.
pub(super) fn address_of(app: &App, request: &Request) -> IpAddr {
    let peer =
        request.extensions().get::<Peer>().map_or(Ipv4Addr::LOCALHOST.into(), |peer| peer.address.ip());
    let forwarded_for = request.headers().get_all(X_FORWARDED_FOR);
    client_address(peer, forwarded_for.iter(), &app.settings.trusted_proxies)
}
