//! `promptchain token inspect`: whether a server would accept a token, and what it says.

use std::io::IsTerminal;
use std::time::SystemTime;

use jiff::Timestamp;
use tokio::io::AsyncReadExt;

use super::Setup;
use super::sign::unfit_key;
use super::unverified::Unverified;
use crate::cli::InspectArgs;
use crate::commands::{output_error, setup, write_to_stdout};
use crate::error::{Error, ErrorCode};
use crate::report::json::{Layout, render};
use crate::report::{InspectionReport, inspection_text};
use crate::server::auth::{AuthFailure, TokenVerifier};
use crate::settings::JwtAlgorithm;

/// The most that is read from stdin, in bytes: more than any server takes, so that it can be said why.
const MAX_STDIN_BYTES: u64 = 64 * 1024;

const SCHEME: &[u8] = b"Bearer";

pub(super) async fn inspect(args: InspectArgs, setup: Setup) -> Result<(), Error> {
    let server = &setup.settings.server;
    server.check_key().map_err(|problem| setup::configuration_error(&problem))?;
    let verifier = TokenVerifier::new(&server.jwt).map_err(|error| unfit_key(&error))?;
    let given = match args.token {
        Some(token) if token != "-" => token.into_bytes(),
        dash => from_stdin(dash.is_some()).await?,
    };
    let token = bare(&given);
    if token.is_empty() {
        return Err(Error::new(ErrorCode::Usage, "there is no token to inspect").hint(HOW_TO_GIVE_ONE));
    }

    let now = SystemTime::now();
    let failure = verifier.verify_token(token, now).err();
    let Unverified { header, claims } = Unverified::read(token);
    let told = failure.map(|failure| (failure.reason(), failure.to_string()));
    let report = InspectionReport::new(told, header, claims, setup.warnings);
    let text = if args.json {
        render(&report, Layout::Line).map_err(|error| output_error(&error.into()))?
    } else {
        inspection_text(&report, Timestamp::try_from(now).unwrap_or_default())
    };
    write_to_stdout(&text).await?;
    failure.map_or(Ok(()), |failure| Err(not_valid(failure, server.jwt.algorithm)))
}

const HOW_TO_GIVE_ONE: &str = "give it as an argument, or on stdin";

/// What stdin holds. At a terminal it is read only if it was `asked_for`.
async fn from_stdin(asked_for: bool) -> Result<Vec<u8>, Error> {
    if !asked_for && std::io::stdin().is_terminal() {
        return Err(Error::new(ErrorCode::Usage, "there is no token to inspect").hint(HOW_TO_GIVE_ONE));
    }
    let mut bytes = Vec::new();
    let mut stdin = tokio::io::stdin().take(MAX_STDIN_BYTES + 1);
    let read = stdin.read_to_end(&mut bytes).await;
    let read = read.map_err(|error| Error::new(ErrorCode::Usage, "can't read stdin").because(error))?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_STDIN_BYTES) {
        return Err(Error::new(ErrorCode::Usage, format!("stdin has more than {MAX_STDIN_BYTES} bytes"))
            .hint("a token is far shorter: give it one alone"));
    }
    Ok(bytes)
}

/// The token without white space and `Bearer` round it, as it stands in a header.
fn bare(given: &[u8]) -> &[u8] {
    let given = given.trim_ascii();
    match given.split_at_checked(SCHEME.len()) {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case(SCHEME) && token.first().is_none_or(u8::is_ascii_whitespace) =>
        {
            token.trim_ascii_start()
        }
        _ => given,
    }
}

fn not_valid(failure: AuthFailure, algorithm: JwtAlgorithm) -> Error {
    let error = Error::new(ErrorCode::CheckFailed, "the token is not valid").because(failure);
    match failure {
        AuthFailure::Algorithm => {
            let accepted = algorithm.as_str();
            error.hint(format!("{accepted} is accepted; --algorithm or JWT_ALGORITHM names another"))
        }
        AuthFailure::Signature if algorithm.is_symmetric() => {
            error.hint("check that JWT_SECRET_KEY, or the file of --secret-file, is what it was signed with")
        }
        AuthFailure::Signature => error
            .hint("check that JWT_PUBLIC_KEY_FILE, or --public-key-file, belongs to the key that signed it"),
        AuthFailure::Issuer => error.hint("--issuer or JWT_ISSUER says which issuer is accepted"),
        AuthFailure::Audience => error.hint("--audience or JWT_AUDIENCE says which audience is accepted"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_out_of_what_stands_round_it() {
        for given in ["a.b.c", " a.b.c\n", "Bearer a.b.c", "bearer   a.b.c\r\n", "\tBEARER a.b.c"] {
            assert_eq!(bare(given.as_bytes()), b"a.b.c", "{given:?}");
        }
        for (given, token) in [("Bearer", ""), (" bearer \n", ""), ("Bearera.b.c", "Bearera.b.c"), ("", "")] {
            assert_eq!(bare(given.as_bytes()), token.as_bytes(), "{given:?}");
        }
    }
}
