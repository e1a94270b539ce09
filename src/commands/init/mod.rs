//! `promptchain init`: writes a `.env` and prompt files to start from.

mod escape;
mod keyboard;
mod line;
mod next_steps;
mod plan;
mod questions;
mod readiness;
mod work_tree;

use secrecy::{ExposeSecret, SecretString};

use self::plan::{Content, PROMPTS_FOLDER, Plan};
use self::questions::{Answers, ask};
use self::readiness::Readiness;
use super::new_file::{NewFile, write_all};
use super::signals::Signals;
use super::{Surroundings, list_on_stdout, output_error, say_on_stderr};
use crate::cli::{GlobalArgs, InitArgs};
use crate::error::{Error, ErrorCode};
use crate::settings::env_to_start;

/// Random bytes of the secret that signs tokens.
const SECRET_BYTES: usize = 32;

/// The variables of which one is needed to call the default upstream.
const CREDENTIALS: [&str; 3] = ["ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY_FILE", "ANTHROPIC_AUTH_TOKEN"];

pub(super) async fn init(args: InitArgs, globals: &GlobalArgs, around: Surroundings) -> Result<(), Error> {
    if globals.env_file.is_some() {
        return Err(Error::new(ErrorCode::Usage, "init writes a .env, and reads no other")
            .hint("leave out --env-file"));
    }
    if !args.yes && !around.can_be_asked() {
        return Err(Error::new(ErrorCode::Usage, "init asks before it writes, and there is no terminal")
            .hint("add --yes to write without being asked"));
    }
    // The environment wins over the .env: a key beside that one would only lie about.
    let has_credential = CREDENTIALS.iter().any(|name| around.value(name).is_some());
    let plan = Plan::make(args.dir.unwrap_or_default())?;
    // From here on a signal may only end the program where nothing is left behind.
    let mut signals = Signals::listen().map_err(|error| output_error(&error))?;
    let answers = if args.yes || plan.to_write().next().is_none() {
        Some(Answers::default())
    } else {
        ask(&plan, has_credential, &mut signals).await?
    };
    let Some(answers) = answers else {
        say_on_stderr("nothing was written");
        return Ok(());
    };
    write_all(new_files(&plan, answers.api_key.as_ref())?)?;
    let mut written = String::new();
    for file in plan.to_write() {
        written.push_str(&format!("{}\n", file.path.display()));
    }
    list_on_stdout(&written, &around).await?;
    if !globals.quiet {
        say_on_stderr(&next_steps::text(&plan, &Readiness::look(&plan, &around)));
    }
    Ok(())
}

fn new_files(plan: &Plan, api_key: Option<&SecretString>) -> Result<Vec<NewFile>, Error> {
    let files = plan.to_write().map(|file| {
        let (text, is_secret) = match file.content {
            Content::Env => (env(api_key)?, true),
            Content::Prompt(text) => (SecretString::from(text), false),
        };
        Ok(NewFile { path: file.path.clone(), text, is_secret })
    });
    files.collect()
}

/// The text of the `.env`, with a secret that nobody has seen.
fn env(api_key: Option<&SecretString>) -> Result<SecretString, Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorCode::Output, "no secret can be made: the system gives no random bytes")
            .because(error)
    })?;
    let mut secret = String::new();
    for byte in bytes {
        secret.push_str(&format!("{byte:02x}"));
    }
    let api_key = api_key.map(ExposeSecret::expose_secret).unwrap_or_default();
    let values =
        [("ANTHROPIC_API_KEY", api_key), ("JWT_SECRET_KEY", &secret), ("CHAIN_PROMPTS_DIR", PROMPTS_FOLDER)];
    Ok(SecretString::from(env_to_start(&values)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_env_has_a_secret_of_its_own_of_64_hexadecimal_digits() {
        let secret = || {
            let env = env(None).unwrap();
            let line = env.expose_secret().lines().find_map(|line| line.strip_prefix("JWT_SECRET_KEY="));
            line.unwrap().to_owned()
        };
        let (one, other) = (secret(), secret());
        assert!(one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(one != other);
    }
}
