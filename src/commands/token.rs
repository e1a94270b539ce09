//! `promptchain token`: a token for the API, on stdout.

use std::path::Path;

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{Surroundings, say_on_stderr, setup, write_to_stdout};
use crate::cli::{GlobalArgs, TokenArgs};
use crate::error::{Error, ErrorCode};
use crate::settings::{EnvFile, Jwt, JwtAlgorithm, Settings, Sources};

/// What a token says.
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
}

pub(super) async fn token(args: &TokenArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let sources = Sources {
        overrides: Vec::new(),
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.into_iter().collect(),
        without_credentials: true,
        for_server: true,
    };
    let (settings, warnings) =
        Settings::resolve_to_serve(&sources, &[]).map_err(|problems| setup::settings_error(&problems))?;
    let notice = |text: &str| {
        if !globals.quiet {
            say_on_stderr(text);
        }
    };
    for warning in warnings {
        notice(&format!("warning: {warning}"));
    }
    if args.expires_in.is_none() {
        notice("warning: the token never expires; --expires-in limits what a stolen one is worth");
    }
    let token = sign(args, &settings.server.jwt)?;
    write_to_stdout(&format!("{token}\n")).await
}

fn sign(args: &TokenArgs, jwt: &Jwt) -> Result<String, Error> {
    let algorithm = match jwt.algorithm {
        JwtAlgorithm::Hs256 => Algorithm::HS256,
        JwtAlgorithm::Hs384 => Algorithm::HS384,
        JwtAlgorithm::Hs512 => Algorithm::HS512,
        JwtAlgorithm::Rs256 | JwtAlgorithm::Es256 | JwtAlgorithm::EdDsa => {
            let name = jwt.algorithm.as_str();
            return Err(Error::new(ErrorCode::Configuration, format!("a token for {name} isn't made here"))
                .hint("make it where the private key is: the server has only the public one"));
        }
    };
    let secret = jwt.secret.as_ref().map(|secret| secret.expose_secret().as_bytes()).unwrap_or_default();
    let now = jiff::Timestamp::now().as_second();
    let seconds = |time: std::time::Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let claims = Claims {
        sub: args.subject.trim(),
        iat: now,
        exp: args.expires_in.map(|time| now.saturating_add(seconds(time))),
        iss: jwt.issuer.as_deref(),
        aud: jwt.audience.as_deref(),
    };
    // Fails only if one was installed before, which is as good.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret))
        .map_err(|error| Error::new(ErrorCode::Internal, "the token can't be signed").because(error))
}
