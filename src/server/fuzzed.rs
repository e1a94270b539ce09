//! What must hold of what the server takes from headers, whatever the client sends.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use super::client_address::client_address;
use super::layers::RequestId;
use super::repeats::IdempotencyKey;

/// Each line is a header's value, for every header that is read: ids have their form, and an address that isn't
/// vouched for is nobody's.
pub(crate) fn headers(data: &[u8]) {
    let values: Vec<HeaderValue> =
        data.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    if let Some(first) = values.first() {
        request_id(first);
        idempotency_key(first);
    }
    addresses(&values);
}

fn request_id(value: &HeaderValue) {
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-request-id"), value.clone())]);
    let id = RequestId::of(&headers);
    let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    assert!((1..=128).contains(&id.as_str().len()) && is_visible(id.as_str()));
    let is_ours = id.as_str().as_bytes() != value.as_bytes();
    let is_usable = value.to_str().is_ok_and(|text| (1..=128).contains(&text.len()) && is_visible(text));
    assert_eq!(is_ours, !is_usable, "{value:?}");
}

fn idempotency_key(value: &HeaderValue) {
    let mut headers = HeaderMap::new();
    headers.append("idempotency-key", value.clone());
    match IdempotencyKey::of(&headers) {
        Ok(key) => assert!(key.is_some_and(|key| (1..=255).contains(&key.as_str().len()))),
        Err(error) => assert_eq!(error.status.as_u16(), 400),
    }
    headers.append("idempotency-key", value.clone());
    assert!(IdempotencyKey::of(&headers).is_err(), "of two keys neither counts");
}

fn addresses(values: &[HeaderValue]) {
    let trusted: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"].iter().filter_map(|net| net.parse().ok()).collect();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    assert_eq!(client_address(stranger, values.iter(), &trusted), stranger, "a stranger speaks for itself");
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let client = client_address(proxy, values.iter(), &trusted);
    assert_eq!(client, client.to_canonical());
    // Nothing that is said left of a stranger counts.
    if !is_trusted(&client) {
        let made_up = [HeaderValue::from_static("198.51.100.7")];
        let more: Vec<HeaderValue> = made_up.iter().chain(values).cloned().collect();
        assert_eq!(client_address(proxy, more.iter(), &trusted), client);
    }
}
