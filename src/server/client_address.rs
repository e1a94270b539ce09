//! Whose request it is, where proxies pass requests on.
//!
//! `X-Forwarded-For` grows to the right: each proxy adds whom it got the request from. So only what a
//! trusted proxy has added is true, and whatever stands left of that may be made up.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderValue;
use ipnet::IpNet;

/// The address of the client: of the peer, unless that is a trusted proxy; then of whom the outermost
/// trusted proxy in an unbroken row got the request from.
///
/// `forwarded_for` are all `X-Forwarded-For` headers, in order. An entry that isn't an address ends the
/// row: nobody vouches for what is left of it. An IPv4 address never comes back as IPv6.
#[must_use]
pub fn client_address<'a>(
    peer: IpAddr,
    forwarded_for: impl DoubleEndedIterator<Item = &'a HeaderValue>,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut client = peer.to_canonical();
    let mut entries = forwarded_for.rev().flat_map(|header| header.as_bytes().rsplit(|byte| *byte == b','));
    while is_trusted(client) {
        let Some(next) = entries.next().and_then(address) else { break };
        client = next;
    }
    client
}

/// `ip`, `ip:port`, `[ipv6]` or `[ipv6]:port`.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry.trim_ascii()).ok()?;
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trusts `10.0.0.0/8`, `192.0.2.1` and `fd00::/8`. The headers are separated by `|`.
    #[track_caller]
    fn check(peer: &str, headers: &str, expected: &str) {
        let trusted = ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"].map(|net| net.parse().unwrap());
        let headers: Vec<_> =
            headers.split_terminator('|').map(|header| HeaderValue::from_str(header).unwrap()).collect();
        let client = client_address(peer.parse().unwrap(), headers.iter(), &trusted);
        assert_eq!(client, expected.parse::<IpAddr>().unwrap(), "{peer} forwards {headers:?}");
    }

    #[test]
    fn who_is_not_trusted_speaks_for_nobody_else() {
        check("198.51.100.7", "", "198.51.100.7");
        check("198.51.100.7", "203.0.113.9", "198.51.100.7");
        check("198.51.100.7", "203.0.113.9, 10.0.0.1", "198.51.100.7");
        check("192.0.2.2", "203.0.113.9", "192.0.2.2");
        check("2001:db8::1", "203.0.113.9", "2001:db8::1");
    }

    #[test]
    fn without_trusted_proxies_the_peer_is_the_client() {
        let header = HeaderValue::from_static("203.0.113.9");
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(client_address(peer, [&header].into_iter(), &[]), peer);
    }

    #[test]
    fn trusted_proxies_are_skipped_from_the_right() {
        check("10.0.0.1", "203.0.113.9", "203.0.113.9");
        check("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9");
        check("10.0.0.1", "203.0.113.9,192.0.2.1 ,\t10.0.0.2", "203.0.113.9");
        check("fd00::1", "2001:db8::9, fd00::2", "2001:db8::9");
    }

    #[test]
    fn several_headers_are_one_list() {
        check("10.0.0.1", "203.0.113.9|10.0.0.2", "203.0.113.9");
        check("10.0.0.1", "198.51.100.1, 203.0.113.9|10.0.0.3, 10.0.0.2", "203.0.113.9");
        check("10.0.0.1", "10.0.0.2|203.0.113.9", "203.0.113.9");
    }

    #[test]
    fn what_a_client_made_up_is_not_reached() {
        check("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9");
        check("10.0.0.1", "10.0.0.9, 203.0.113.9, 10.0.0.2", "203.0.113.9");
        check("10.0.0.1", "1.1.1.1|203.0.113.9", "203.0.113.9");
        check("10.0.0.1", "127.0.0.1, 10.0.0.1, 203.0.113.9", "203.0.113.9");
    }

    #[test]
    fn among_trusted_ones_only_the_leftmost_is_the_client() {
        check("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3");
        check("10.0.0.1", "", "10.0.0.1");
    }

    #[test]
    fn what_is_no_address_ends_the_row() {
        for entry in
            ["unknown", "_hidden", "", " ", "1.2.3", "1.2.3.4:99999", "[::1", "1.2.3.4/8", "\"1.2.3.4\""]
        {
            check("10.0.0.1", &format!("203.0.113.9, {entry}, 10.0.0.2"), "10.0.0.2");
            check("10.0.0.1", &format!("203.0.113.9, {entry}"), "10.0.0.1");
        }
        check("10.0.0.1", "203.0.113.9| |10.0.0.2", "10.0.0.2");
        let not_utf8 = HeaderValue::from_bytes(b"203.0.113.9, \xff").unwrap();
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(client_address(peer, [&not_utf8].into_iter(), &trusted), peer);
    }

    #[test]
    fn ports_and_brackets_are_taken_off() {
        check("10.0.0.1", "203.0.113.9:4711", "203.0.113.9");
        check("10.0.0.1", "[2001:db8::9]:4711", "2001:db8::9");
        check("10.0.0.1", "[2001:db8::9]", "2001:db8::9");
        check("10.0.0.1", "203.0.113.9, 10.0.0.2:4711", "203.0.113.9");
    }

    #[test]
    fn ipv4_in_ipv6_is_ipv4() {
        check("::ffff:198.51.100.7", "203.0.113.9", "198.51.100.7");
        check("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9");
        check("10.0.0.1", "203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9");
        check("10.0.0.1", "[::ffff:203.0.113.9]:4711", "203.0.113.9");
    }
}
