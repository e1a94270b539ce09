//! Makes what others wrote fit to be shown: no credentials, no control characters, no more than a
//! few lines. Every error leaves the client through here, and every event: of a reply, only the model's
//! own text is passed on as it is. An error that is about a request doesn't quote it either.

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use super::quoted_prompt::without_prompt;
use crate::model::{CallError, CallErrorKind, ReplyEvent, StopReason};
use crate::own_secret::without_secrets;

/// The longest text of an error that is passed on, in characters; the API's own fit.
pub(super) const MAX_ERROR_CHARS: usize = 1000;

/// The longest explanation of a refusal that is passed on, in characters.
const MAX_EXPLANATION_CHARS: usize = 300;

/// The longest name or id that is passed on, in characters.
pub(super) const MAX_WORD_CHARS: usize = 100;

/// A shorter secret isn't one (local servers take any word for a key), and removing it would
/// tear ordinary text.
const MIN_SECRET_BYTES: usize = 8;

/// Cleans texts, and knows the one word that may never stand in them: gateways have been seen to
/// quote the key they refuse.
#[derive(Debug)]
pub(super) struct ErrorText {
    secret: Option<SecretString>,
    /// The body of the request that the texts are about, if they are about one.
    request: Option<Bytes>,
}

impl ErrorText {
    pub(super) fn new(secret: Option<SecretString>) -> Self {
        let secret = secret.filter(|secret| secret.expose_secret().len() >= MIN_SECRET_BYTES);
        Self { secret, request: None }
    }

    /// The same for what is said about a request with that body.
    pub(super) fn about(&self, request: Bytes) -> Self {
        Self { secret: self.secret.clone(), request: Some(request) }
    }

    /// The secret, if there is one.
    pub(super) fn secret(&self) -> Option<SecretString> {
        self.secret.clone()
    }

    /// `text` on one line, without the secret, cut to that many characters.
    pub(super) fn clean(&self, text: &str, max_chars: usize) -> String {
        // It may be escaped: what is quoted may be JSON.
        let text = without_secrets(text, &self.secret);
        let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let line = words.collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(max_chars) {
            Some((end, _)) => format!("{}…", line.split_at(end).0),
            None => line,
        }
    }

    /// The same for a text that may quote the request.
    fn clean_complaint(&self, text: &str) -> String {
        self.without_prompt(self.clean(text, MAX_ERROR_CHARS))
    }

    fn without_prompt(&self, text: String) -> String {
        match &self.request {
            Some(request) => without_prompt(&text, request),
            None => text,
        }
    }

    /// `event` with every text in it cleaned that isn't the model's.
    pub(super) fn clean_event(&self, mut event: ReplyEvent) -> ReplyEvent {
        let clean = |text: &mut String| *text = self.clean(text, MAX_WORD_CHARS);
        match &mut event {
            ReplyEvent::Started { id, model, request_id, usage: _ } => {
                id.as_mut().map(clean);
                model.as_mut().map(clean);
                request_id.as_mut().map(clean);
            }
            ReplyEvent::Stopped { reason: StopReason::Refusal { category, explanation }, usage: _ } => {
                // Both are logged, and may quote the prompt.
                for (text, most) in [(category, MAX_WORD_CHARS), (explanation, MAX_EXPLANATION_CHARS)] {
                    if let Some(text) = text {
                        *text = self.without_prompt(self.clean(text, most));
                    }
                }
            }
            ReplyEvent::Stopped { reason: StopReason::Other(word), usage: _ } => clean(word),
            ReplyEvent::Stopped { .. }
            | ReplyEvent::Text(_)
            | ReplyEvent::Counted { .. }
            | ReplyEvent::Activity
            | ReplyEvent::Finished => {}
        }
        event
    }

    /// `error` with every text in it cleaned.
    pub(super) fn clean_error(&self, mut error: CallError) -> CallError {
        let clean = |text: &mut String| *text = self.clean(text, MAX_ERROR_CHARS);
        let clean_complaint = |text: &mut String| *text = self.clean_complaint(text);
        error.request_id.as_mut().map(clean_complaint);
        match &mut error.kind {
            CallErrorKind::Connect { upstream: _, reason: text }
            | CallErrorKind::Interrupted(text)
            | CallErrorKind::Malformed(text) => clean(text),
            CallErrorKind::Status { status: _, error_type, message } => {
                error_type.as_mut().map(clean_complaint);
                clean_complaint(message);
            }
            CallErrorKind::ErrorEvent { error_type, message } => {
                clean_complaint(error_type);
                clean_complaint(message);
            }
            // What differs is quoted on purpose, and is for whoever has asked alone.
            CallErrorKind::Unrecorded(unrecorded) => {
                clean(&mut unrecorded.summary);
                unrecorded.differences.iter_mut().for_each(clean);
            }
            CallErrorKind::Truncated
            | CallErrorKind::TooLarge { .. }
            | CallErrorKind::TooManyValues { .. }
            | CallErrorKind::TimedOut { .. } => {}
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_never_stands_in_a_text_whole_or_cut() {
        let texts = ErrorText::new(Some("sk-ant-0123456789".into()));
        assert_eq!(texts.clean("bad key sk-ant-0123456789!", 100), "bad key [secret]!");
        assert_eq!(texts.clean("bad key sk-ant-0123456789!", 12), "bad key [sec…");
    }

    #[test]
    fn a_secret_that_json_has_escaped_is_the_secret_all_the_same() {
        let texts = ErrorText::new(Some("key-0123456789/abc+def".into()));
        assert_eq!(texts.clean(r#"{"said":"key-0123456789\/abc+def"}"#, 100), r#"{"said":"[secret]"}"#);
        assert_eq!(texts.clean(r#"\"key-0123456789\\\/abc\u002Bdef\""#, 100), r#"\"[secret]\""#);
    }

    #[test]
    fn a_word_that_is_no_secret_is_left_alone() {
        assert_eq!(
            ErrorText::new(Some("ollama".into())).clean("ollama is starting", 100),
            "ollama is starting"
        );
    }

    #[test]
    fn control_characters_and_line_breaks_become_spaces() {
        let texts = ErrorText::new(None);
        assert_eq!(texts.clean("\u{1b}[2Jgone\r\n\n and\u{9b}\tback\0", 100), "[2Jgone and back");
    }

    #[test]
    fn a_text_is_cut_by_characters_not_bytes() {
        let texts = ErrorText::new(None);
        assert_eq!(texts.clean("äöü", 3), "äöü");
        assert_eq!(texts.clean("äöüß", 3), "äöü…");
    }
}
