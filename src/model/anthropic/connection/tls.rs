//! How TLS connections are made: what certificates are trusted, and what is spoken over them.

use hyper_rustls::ConfigBuilderExt;
use rustls::{ClientConfig, RootCertStore};

/// HTTP/1.1 over TLS. With `is_used`, the certificates that the system trusts are trusted; without it none are:
/// reading them takes time, and nothing asks for them then but a proxy that is itself reached by https, which is not
/// worth the wait at each start.
///
/// # Errors
/// If the system's certificates can't be read.
pub(super) fn config(is_used: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = if is_used {
        builder.try_with_platform_verifier()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The same, not saying what is spoken.
pub(super) fn without_protocol(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols.clear();
    config
}
