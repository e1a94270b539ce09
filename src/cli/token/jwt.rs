//! The flags for what makes a token valid: those of variables that begin with `JWT_`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::cli::parsers::{path, said};
use crate::settings::{JwtAlgorithm, Override};

/// What makes a token valid.
#[derive(Debug, Args)]
pub struct JwtArgs {
    /// Who issues it: its `iss` [env: JWT_ISSUER]
    #[arg(long, value_name = "NAME", value_parser = said, help_heading = "Claims")]
    pub issuer: Option<String>,
    /// Whom it is meant for: its `aud` [env: JWT_AUDIENCE]
    #[arg(long, value_name = "NAME", value_parser = said, help_heading = "Claims")]
    pub audience: Option<String>,
    /// The algorithm of its signature [env: JWT_ALGORITHM] [default: HS256]
    #[arg(long, value_name = "NAME", value_enum, ignore_case = true, help_heading = "Keys")]
    pub algorithm: Option<JwtAlgorithm>,
    /// A file that holds the secret for HS256, HS384 and HS512 [env: JWT_SECRET_KEY_FILE]
    #[arg(long, value_name = "FILE", value_parser = path(), help_heading = "Keys")]
    pub secret_file: Option<PathBuf>,
}

impl ValueEnum for JwtAlgorithm {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

impl JwtArgs {
    /// The variables that the flags set.
    #[must_use]
    pub fn overrides(&self) -> Vec<Override> {
        let given: [(&str, &str, Option<OsString>); 4] = [
            ("JWT_ISSUER", "--issuer", self.issuer.as_ref().map(Into::into)),
            ("JWT_AUDIENCE", "--audience", self.audience.as_ref().map(Into::into)),
            ("JWT_ALGORITHM", "--algorithm", self.algorithm.map(|algorithm| algorithm.as_str().into())),
            ("JWT_SECRET_KEY_FILE", "--secret-file", self.secret_file.as_ref().map(Into::into)),
        ];
        given
            .into_iter()
            .filter_map(|(variable, flag, value)| {
                Some(Override { variable: variable.to_owned(), value: value?, flag: flag.to_owned() })
            })
            .collect()
    }
}
