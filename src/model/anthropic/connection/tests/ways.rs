//! Which way connections go: straight or by a proxy, plain or by TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper_util::client::proxy::matcher::{Builder, Matcher};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tokio::join;

use super::*;
use crate::model::anthropic::connection::tls;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn by(upstream: &str, proxies: Builder, roots: RootCertStore) -> Connections {
    let config = ClientConfig {
        base_url: Url::parse(upstream).unwrap(),
        credentials: None,
        api_version: String::new(),
        connect_timeout: PATIENCE,
        direct: false,
    };
    let tls = tls::config(Some(roots)).unwrap();
    let connector = Connector::with(&config, Some(&proxies.build()), tls).unwrap();
    Connections { connector, pool: Arc::default() }
}

#[tokio::test]
async fn a_proxy_passes_requests_on_that_say_where_to_and_who_asks() {
    let proxy = Upstream::start().await;
    let at = proxy.origin().replace("http://", "http://ada:p%40ss@");
    let connections = by("http://upstream.invalid:8080", Matcher::builder().all(at), RootCertStore::empty());
    let server = async {
        let mut connection = proxy.accept().await;
        for text in ["one", "two"] {
            let head = connection.request().await.head;
            assert!(
                head.starts_with("POST http://upstream.invalid:8080/v1/messages?x=y HTTP/1.1\n"),
                "{head}"
            );
            assert!(head.contains("\nproxy-authorization: Basic YWRhOnBAc3M="), "{head}");
            connection.send(&answer(text)).await;
        }
    };
    let client = async {
        for expected in ["one", "two"] {
            let answer = connections.exchange(request("http://upstream.invalid:8080")).await;
            assert_eq!(body(answer.unwrap()).await, expected);
        }
    };
    join!(client, server);
}

#[tokio::test]
async fn an_upstream_that_no_proxy_is_for_is_reached_straight_by_its_path() {
    let upstream = Upstream::start().await;
    for proxies in [
        Matcher::builder().https("http://127.0.0.1:1"),
        Matcher::builder().all("http://127.0.0.1:1").no("127.0.0.1"),
    ] {
        let connections = by(&upstream.origin(), proxies, RootCertStore::empty());
        let server = async {
            let mut connection = upstream.accept().await;
            let head = connection.request().await.head;
            assert_eq!(head, "POST /v1/messages?x=y HTTP/1.1");
            connection.send(&answer("one")).await;
        };
        assert_eq!(join!(call(&connections, &upstream), server).0, "one");
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_spoken_to_is_no_connection() {
    let proxies = Matcher::builder().all("socks5://127.0.0.1:1");
    let connections = by("http://upstream.invalid", proxies, RootCertStore::empty());
    let failure = connections.exchange(request("http://upstream.invalid")).await.unwrap_err();
    assert_eq!(failure, NoAnswer::NotConnected("unsupported scheme socks5".into()));
}

#[tokio::test]
async fn an_upstream_by_tls_is_known_by_its_certificate() {
    let (mut server, root) = Secure::start("127.0.0.1", false);
    let upstream = format!("https://{}", server.address);
    let connections = by(&upstream, Matcher::builder(), root);
    let response = connections.exchange(request(&upstream)).await.unwrap();
    assert_eq!(body(response).await, "one");
    let saw = server.saw();
    assert_eq!(saw.protocol, b"http/1.1");
    assert!(saw.head.starts_with("POST /v1/messages?x=y HTTP/1.1\r\n"), "{}", saw.head);
    assert!(saw.head.contains(&format!("host: {}\r\n", server.address)), "{}", saw.head);
}

#[tokio::test]
async fn an_upstream_with_another_certificate_is_no_connection() {
    let (server, _) = Secure::start("127.0.0.1", false);
    let upstream = format!("https://{}", server.address);
    let connections = by(&upstream, Matcher::builder(), RootCertStore::empty());
    let failure = connections.exchange(request(&upstream)).await.unwrap_err();
    let NoAnswer::NotConnected(reason) = failure else { panic!("{failure:?}") };
    assert!(reason.contains("certificate"), "{reason}");
}

#[tokio::test]
async fn a_proxy_makes_a_tunnel_to_an_upstream_by_tls_and_is_told_who_asks() {
    let (mut server, root) = Secure::start("upstream.invalid", true);
    let proxies = Matcher::builder().https(format!("http://ada:p%40ss@{}", server.address));
    let connections = by("https://upstream.invalid", proxies, root);
    let response = connections.exchange(request("https://upstream.invalid")).await.unwrap();
    assert_eq!(body(response).await, "one");
    let saw = server.saw();
    assert!(saw.tunnel.starts_with("CONNECT upstream.invalid:443 HTTP/1.1\r\n"), "{}", saw.tunnel);
    assert!(saw.tunnel.contains("proxy-authorization: Basic YWRhOnBAc3M=\r\n"), "{}", saw.tunnel);
    assert!(saw.tunnel.contains("user-agent: promptchain/"), "{}", saw.tunnel);
    assert!(saw.head.starts_with("POST /v1/messages?x=y HTTP/1.1\r\n"), "{}", saw.head);
    assert!(saw.head.contains("host: upstream.invalid\r\n"), "{}", saw.head);
    assert!(!saw.head.contains("proxy-authorization"), "{}", saw.head);
}

#[tokio::test]
async fn a_proxy_that_makes_no_tunnel_is_no_connection() {
    let proxy = Upstream::start().await;
    let proxies = Matcher::builder().https(proxy.origin());
    let connections = by("https://upstream.invalid", proxies, RootCertStore::empty());
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let (answer, request) =
        join!(connections.exchange(request("https://upstream.invalid")), proxy.answer(refusal));
    assert!(request.head.starts_with("CONNECT upstream.invalid:443 HTTP/1.1"), "{}", request.head);
    let reason = "tunnel error: proxy authorization required".to_owned();
    assert_eq!(answer.unwrap_err(), NoAnswer::NotConnected(reason));
}

/// A server that speaks TLS, behind a proxy of its own if asked to, and answers one request. It runs on a thread.
struct Secure {
    address: SocketAddr,
    server: Option<JoinHandle<std::io::Result<Saw>>>,
}

/// What has come to it.
struct Saw {
    tunnel: String,
    protocol: Vec<u8>,
    head: String,
}

impl Secure {
    /// It, by that name, and what to trust.
    fn start(name: &str, is_tunnelled: bool) -> (Self, RootCertStore) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = made.cert.der().clone();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider().into();
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.unwrap().with_no_client_auth();
        let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || serve_one(&listener, config, is_tunnelled));
        (Self { address, server: Some(server) }, roots)
    }

    fn saw(&mut self) -> Saw {
        self.server.take().unwrap().join().unwrap().unwrap()
    }
}

fn serve_one(listener: &TcpListener, config: ServerConfig, is_tunnelled: bool) -> std::io::Result<Saw> {
    let (mut tcp, _) = listener.accept()?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tunnel = String::new();
    if is_tunnelled {
        tunnel = head(&mut tcp)?;
        tcp.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    }
    let connection = ServerConnection::new(Arc::new(config)).map_err(std::io::Error::other)?;
    let mut tls: StreamOwned<ServerConnection, TcpStream> = StreamOwned::new(connection, tcp);
    let head = head(&mut tls)?;
    let protocol = tls.conn.alpn_protocol().unwrap_or_default().to_vec();
    tls.write_all(answer("one").as_bytes())?;
    Ok(Saw { tunnel, protocol, head })
}

/// What comes, up to an empty line.
fn head(from: &mut impl Read) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
