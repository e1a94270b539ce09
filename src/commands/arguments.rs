//! Arguments as they can be quoted: without what a terminal would obey, and without keys. A script may pass
//! what it has from elsewhere, or a key where the path of its file belongs.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::error::{Error, ErrorCode};
use crate::report::terminal_text::visible;

/// What a key in PEM, private or not, begins with.
pub(super) const PEM: &str = "-----BEGIN";

/// What to do about a key that was an argument.
pub(super) const KEY_WAS_SEEN: &str = "make a new key: others may have seen this one on the command line";

/// What to say about arguments that clap has refused.
pub(super) enum Complaint {
    /// In clap's words, in which no argument does harm.
    Clap(clap::Error),
    /// In our own.
    Own(Error),
}

/// The complaint that `error`, about these arguments, comes to.
pub(super) fn complaint(error: clap::Error, arguments: &[OsString]) -> Complaint {
    let quotable: Vec<Cow<'_, OsStr>> = arguments.iter().map(|argument| quotable(argument)).collect();
    if quotable.iter().all(|argument| matches!(argument, Cow::Borrowed(_))) {
        return Complaint::Clap(error);
    }
    // Clap quotes arguments in many places, and in parts: so it is to judge others instead, which mean the
    // same to it.
    match Cli::try_parse_from(&quotable) {
        Err(same) if same.use_stderr() && same.kind() == error.kind() => Complaint::Clap(same),
        _ => Complaint::Own(unquoted(error.kind())),
    }
}

/// That there is something wrong with an argument, without saying with which.
fn unquoted(kind: ErrorKind) -> Error {
    let what = kind.as_str().unwrap_or("an argument is wrong");
    Error::new(ErrorCode::Usage, what).hint("an argument has control characters or a key in it")
}

/// The argument itself, if it can be quoted.
fn quotable(argument: &OsStr) -> Cow<'_, OsStr> {
    let text = argument.to_string_lossy();
    let shown = match text.split_once(PEM) {
        Some((before, _)) => Cow::Owned(format!("{}{PEM} [hidden]", visible(before))),
        None => visible(&text),
    };
    match shown {
        Cow::Borrowed(_) if !text.contains(['\n', '\t']) => Cow::Borrowed(argument),
        shown => Cow::Owned(shown.replace('\n', "␊").replace('\t', "␉").into()),
    }
}

/// Whether one of them is a key.
pub(super) fn have_key(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument.to_string_lossy().contains(PEM))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CANARYAwBQ=CANARY\n-----END PRIVATE KEY-----";

    /// What is said of these arguments, in clap's colours too.
    fn said(arguments: &[&str]) -> String {
        let arguments: Vec<OsString> =
            std::iter::once(&"promptchain").chain(arguments).map(Into::into).collect();
        let error = Cli::try_parse_from(&arguments).unwrap_err();
        match complaint(error, &arguments) {
            Complaint::Clap(error) => format!("{}\n{}", error.render().ansi(), error.render()),
            Complaint::Own(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn a_key_that_is_an_argument_is_never_quoted() {
        let joined = format!("--private-key-file={KEY}");
        for arguments in [
            &["token", "--subject", "a", "--private-key-file", KEY][..],
            &["token", "inspect", "--public-key-file", KEY, "x"],
            &["token", "--subject", "a", "--wrong", &joined],
            &["token", "--subject", "a", &format!("--wrong={KEY}")],
            &["token", "--subject", "a", "--expires-in", KEY],
            &["run", "--set", KEY],
            &[KEY],
        ] {
            let said = said(arguments);
            assert!(!said.contains("CANARY") && said.contains("rror"), "{said}");
        }
    }

    #[test]
    fn no_argument_reaches_the_terminal_with_what_it_would_obey() {
        let hostile = "\u{1b}]0;pwn\u{7}\u{9b}31m\u{202e}\u{1b}[8m\nerror: forged";
        for arguments in [
            &["validate", "--format", hostile][..],
            &["run", &format!("--{hostile}")],
            &["run", "--set", hostile],
            &[hostile],
        ] {
            let said = said(arguments);
            let obeyed = ["\u{1b}]", "\u{7}", "\u{9b}", "\u{202e}", "\u{1b}[8m", "\nerror: forged"];
            assert!(!obeyed.iter().any(|obeyed| said.contains(obeyed)), "{said:?}");
            assert!(said.contains("␛]0;pwn␇"), "{said:?}");
        }
    }

    #[test]
    fn what_is_harmless_stays_as_it_is() {
        let argument = OsStr::new("--prompt=naïve 東京");
        assert!(matches!(quotable(argument), Cow::Borrowed(same) if same == argument));
    }
}
