//! How TLS connections are made: what certificates are trusted, and what is spoken over them.

use hyper_rustls::ConfigBuilderExt;
use rustls::{ClientConfig, RootCertStore};

/// HTTP/1.1 over TLS, where those `roots` are trusted, or else those that the system trusts.
///
/// # Errors
/// If the system's certificates can't be read.
pub(super) fn config(roots: Option<RootCertStore>) -> Result<ClientConfig, rustls::Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match roots {
        Some(roots) => builder.with_root_certificates(roots),
        None => builder.try_with_platform_verifier()?,
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
