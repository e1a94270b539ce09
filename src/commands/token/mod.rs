//! `promptchain token`: makes tokens for the API, and looks at them.

mod claims;
mod inspect;
mod private_key;
mod sign;
mod signing_key;
mod unverified;

use std::path::Path;

use super::{Surroundings, say_on_stderr, setup, warn_on_stderr};
use crate::cli::{GlobalArgs, TokenArgs, TokenCommand};
use crate::error::{Error, ErrorCode};
use crate::settings::{EnvFile, Kept, Override, Settings, Sources};

pub(super) async fn token(args: TokenArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    let quiet = globals.quiet || (args.wants_json() && !around.stderr_is_terminal);
    let setting_up = |overrides| Setup::new(overrides, globals, around, quiet);
    let TokenArgs { command, sign, jwt } = args;
    match (command, sign) {
        (Some(TokenCommand::Inspect(args)), _) => {
            let setup = setting_up(args.overrides())?;
            inspect::inspect(args, setup).await
        }
        (None, Some(args)) => {
            let setup = setting_up(jwt.overrides())?;
            sign::sign(args, setup).await
        }
        (None, None) => Err(Error::new(ErrorCode::Usage, "there is nothing to do")),
    }
}

/// What a token is made or verified by.
struct Setup {
    settings: Settings,
    /// What should be said with the result.
    warnings: Vec<String>,
    /// Whether nothing but an error may stand on stderr.
    quiet: bool,
}

impl Setup {
    fn new(
        overrides: Vec<Override>,
        globals: &GlobalArgs,
        around: Surroundings,
        quiet: bool,
    ) -> Result<Self, Error> {
        let sources = Sources {
            overrides,
            env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
            environment: around.environment.into_iter().collect(),
            without_credentials: true,
            for_server: true,
            kept: Kept::default(),
        };
        let (settings, warnings) =
            Settings::resolve(&sources, &[]).map_err(|problems| setup::settings_error(&problems))?;
        let mut this = Self { settings, warnings: Vec::new(), quiet };
        for warning in warnings {
            this.warn(setup::warning_text(&warning));
        }
        Ok(this)
    }

    fn warn(&mut self, warning: String) {
        if !self.quiet {
            warn_on_stderr(&warning);
        }
        self.warnings.push(warning);
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            say_on_stderr(text);
        }
    }
}
