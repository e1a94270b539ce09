//! Makes a token: the only thing on stdout, and only if a server would accept it.

use std::time::Duration;

use jiff::Timestamp;

use super::claims::Claims;
use super::signing_key::SigningKey;
use super::{Setup, private_key};
use crate::cli::SignArgs;
use crate::commands::{output_error, setup, write_to_stdout};
use crate::error::{Error, ErrorCode};
use crate::report::TokenReport;
use crate::report::json::{Layout, render};
use crate::server::auth::{AuthFailure, KeyError, MAX_TOKEN_BYTES, TokenVerifier};
use crate::settings::{Jwt, JwtAlgorithm, Origin, Settings};

/// What is good for longer should be good for a reason.
const LONG: Duration = Duration::from_hours(24);

pub(super) async fn sign(args: SignArgs, mut setup: Setup) -> Result<(), Error> {
    check_key_flags(&args, &setup.settings)?;
    let key = signing_key(&args, &mut setup)?;
    let jwt = &setup.settings.server.jwt;
    let claims = Claims::new(&args, jwt, Timestamp::now())?;
    let token = key.sign(jwt.algorithm, &claims.members)?;
    verify(&token, &claims, key, jwt)?;

    let algorithm = jwt.algorithm.as_str();
    match args.expires_in {
        None => setup.warn("the token never expires; --expires-in limits what a stolen one is worth".into()),
        Some(time) if time > LONG => {
            setup.say("hint: the token is good for more than 24h; less limits what a stolen one is worth");
        }
        Some(_) => {}
    }
    if !args.json {
        return write_to_stdout(&format!("{token}\n")).await;
    }
    let report = TokenReport::new(token, algorithm, claims.members, claims.expires, setup.warnings);
    let report = render(&report, Layout::Line).map_err(|error| output_error(&error.into()))?;
    write_to_stdout(&report).await
}

/// A key that the algorithm can't use is a mistake, though another one may be set.
fn check_key_flags(args: &SignArgs, settings: &Settings) -> Result<(), Error> {
    let algorithm = settings.server.jwt.algorithm;
    let (name, is_symmetric) = (algorithm.as_str(), algorithm.is_symmetric());
    let origin = settings.value("JWT_ALGORITHM").map(|value| value.origin.to_string()).unwrap_or_default();
    let secret_file = settings.value("JWT_SECRET_KEY_FILE").map(|value| &value.origin);
    let has_secret_flag = matches!(secret_file, Some(Origin::Flag(_)));
    let usage = |what: &str| Error::new(ErrorCode::Usage, format!("{what} {name} ({origin})"));
    match args.private_key_file {
        Some(_) if is_symmetric => Err(usage("--private-key-file can't be used with")
            .hint("add --algorithm RS256, ES256 or EdDSA, as the key is")),
        _ if has_secret_flag && !is_symmetric => Err(usage("--secret-file can't be used with")
            .hint("name the private key by --private-key-file, or add --algorithm HS256")),
        None if !is_symmetric => {
            Err(usage("there is no private key for").hint("name its file by --private-key-file"))
        }
        _ => Ok(()),
    }
}

fn signing_key(args: &SignArgs, setup: &mut Setup) -> Result<SigningKey, Error> {
    let Setup { settings, .. } = &setup;
    let jwt = &settings.server.jwt;
    match (&args.private_key_file, &jwt.secret) {
        (Some(file), _) => {
            let key = private_key::read(file, jwt.algorithm)?;
            if let Some(warning) = private_key::exposure(file) {
                setup.warn(warning);
            }
            Ok(key)
        }
        (None, Some(secret)) => {
            let checked = settings.check_signing_secret();
            checked.map_err(|problem| setup::configuration_error(&problem))?;
            Ok(SigningKey::from_secret(secret))
        }
        (None, None) => {
            settings.server.check_key().map_err(|problem| setup::configuration_error(&problem))?;
            Err(Error::new(ErrorCode::Internal, "there is a key, but none to sign with"))
        }
    }
}

/// Whether a server accepts the token as soon as it is valid.
fn verify(token: &str, claims: &Claims, key: SigningKey, jwt: &Jwt) -> Result<(), Error> {
    // Where the server's public key isn't here, that of the private key stands for it.
    let verifier = match jwt.public_key {
        None if !jwt.algorithm.is_symmetric() => TokenVerifier::with_keys(vec![key.public], jwt),
        _ => TokenVerifier::new(jwt).map_err(|error| unfit_key(&error))?,
    };
    let accepted = verifier.verify_token(token.as_bytes(), claims.valid_from);
    accepted.map(drop).map_err(|failure| refused(failure, token, jwt.algorithm))
}

/// A key that tokens can't be verified with.
pub(super) fn unfit_key(error: &KeyError) -> Error {
    Error::new(ErrorCode::Configuration, "tokens can't be verified").because(error)
}

fn refused(failure: AuthFailure, token: &str, algorithm: JwtAlgorithm) -> Error {
    match failure {
        AuthFailure::TooLarge => {
            let message =
                format!("the token has {} bytes, and servers take at most {MAX_TOKEN_BYTES}", token.len());
            Error::new(ErrorCode::Usage, message).hint("leave claims out, or shorten them")
        }
        AuthFailure::Expired => {
            Error::new(ErrorCode::Usage, "the token would expire before the time in its `nbf`")
                .hint("raise --expires-in, which counts from now")
        }
        AuthFailure::Signature => {
            let message = "the private key doesn't belong to the public key of JWT_PUBLIC_KEY_FILE";
            Error::new(ErrorCode::Configuration, message)
                .because(format!("a server with that {} key would refuse the token", algorithm.as_str()))
                .hint("name the private key that belongs to it, or make the public key anew from this one")
        }
        // It was made a moment ago, so all else about its form is right.
        AuthFailure::Malformed => {
            Error::new(ErrorCode::Usage, "budget_usd isn't an amount, or a claim is nested too deeply")
                .hint("budget_usd is a number of US dollars, at least 0: --claim budget_usd=0.5")
        }
        _ => Error::new(ErrorCode::Usage, "a server would refuse the token").because(failure),
    }
}
