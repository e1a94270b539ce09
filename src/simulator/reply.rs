//! A reply as a value: what it says, why it stops, what it costs. How it travels is decided later.

use serde_json::{Value, json};

use super::cache::PromptTokens;
use super::tokens::{self, TokenCount};

/// The most characters of an ordinary delta; most are one word.
const MAX_DELTA: usize = 8;
/// The characters of a delta of a very long reply.
const LONG_DELTA: usize = 4096;

/// A reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) id: String,
    pub(super) model: String,
    /// Tokens of a thinking block before the content; there is no such block if 0.
    pub(super) thinking_tokens: u64,
    pub(super) content: Content,
    pub(super) stop: Stop,
    pub(super) prompt: PromptTokens,
    /// Whether token counts are told at all.
    pub(super) tells_usage: bool,
    pub(super) delta_size: DeltaSize,
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// No block at all.
    Nothing,
    /// A block of text.
    Text(String),
    /// A call of a tool, with its input as JSON text.
    ToolCall { name: String, input: String },
}

/// Why a reply stops.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stop {
    pub(super) reason: &'static str,
    pub(super) details: Option<Value>,
}

impl Stop {
    pub(super) fn because(reason: &'static str) -> Self {
        Self { reason, details: None }
    }
}

/// How a reply's text is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeltaSize {
    /// About a word each.
    Word,
    /// Some kilobytes each.
    Long,
    /// All in one.
    Whole,
}

impl Content {
    /// What is streamed of it.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Text(text) | Self::ToolCall { input: text, .. } => text,
        }
    }

    /// Cuts it to at most so many tokens; says whether that took anything away.
    pub(super) fn cut(&mut self, limit: u64) -> bool {
        let (Self::Text(text) | Self::ToolCall { input: text, .. }) = self else { return false };
        let kept = tokens::first(text, limit).len();
        let is_cut = kept < text.len();
        text.truncate(kept);
        if is_cut && text.is_empty() {
            *self = Self::Nothing;
        }
        is_cut
    }
}

impl Reply {
    /// All tokens of the reply, thinking included; at least 1, as the API counts.
    pub(super) fn output_tokens(&self) -> u64 {
        (self.thinking_tokens + tokens::count(self.content.text())).max(1)
    }

    /// The text in the pieces that are streamed, each with the tokens of the reply up to its end.
    pub(super) fn deltas(&self) -> Vec<(&str, u64)> {
        let mut count = TokenCount::default();
        let pieces = divide(self.content.text(), self.delta_size);
        pieces
            .into_iter()
            .map(|piece| {
                piece.chars().for_each(|character| count.push(character));
                (piece, self.thinking_tokens + count.total())
            })
            .collect()
    }

    /// The `usage` of this reply with so many output tokens.
    pub(super) fn usage(&self, output_tokens: u64) -> Value {
        let prompt = self.prompt;
        json!({
            "input_tokens": prompt.uncached,
            "cache_creation_input_tokens": prompt.written_5m + prompt.written_1h,
            "cache_read_input_tokens": prompt.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": prompt.written_5m,
                "ephemeral_1h_input_tokens": prompt.written_1h,
            },
            "output_tokens": output_tokens,
            "service_tier": "standard",
        })
    }

    /// The whole message, as a request without `stream` gets it.
    pub(super) fn to_json(&self) -> Value {
        let thinking = (self.thinking_tokens > 0)
            .then(|| json!({"type": "thinking", "thinking": "", "signature": SIGNATURE}));
        let said = match &self.content {
            Content::Nothing => None,
            Content::Text(text) => Some(json!({"type": "text", "text": text})),
            Content::ToolCall { name, input } => {
                // The input of a call that was cut short has no form.
                let input: Value = serde_json::from_str(input).unwrap_or_else(|_| json!({}));
                Some(json!({"type": "tool_use", "id": self.tool_id(), "name": name, "input": input}))
            }
        };
        let blocks: Vec<Value> = thinking.into_iter().chain(said).collect();
        let message = json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": blocks,
            "stop_reason": self.stop.reason,
            "stop_sequence": null,
        });
        let usage = self.tells_usage.then(|| self.usage(self.output_tokens()));
        with(with(message, "stop_details", self.stop.details.clone()), "usage", usage)
    }

    /// The id of its tool call.
    pub(super) fn tool_id(&self) -> String {
        self.id.replacen("msg", "toolu", 1)
    }
}

/// `object` with that member, if there is one to add.
pub(super) fn with(mut object: Value, name: &str, member: Option<Value>) -> Value {
    if let (Some(members), Some(member)) = (object.as_object_mut(), member) {
        members.insert(name.to_owned(), member);
    }
    object
}

/// Stands for the signature that thinking blocks carry.
pub(super) const SIGNATURE: &str = "c2ltdWxhdGVk";

/// Divides `text`. Words keep the space before them, and every other backslash ends a piece, so
/// that escapes are met whole and split.
fn divide(text: &str, size: DeltaSize) -> Vec<&str> {
    let most = match size {
        DeltaSize::Word => MAX_DELTA,
        DeltaSize::Long => LONG_DELTA,
        DeltaSize::Whole => usize::MAX,
    };
    let mut pieces = Vec::new();
    let (mut start, mut length, mut backslashes) = (0, 0, 0_u32);
    let mut piece_to = |end: usize, start: &mut usize, length: &mut usize| {
        pieces.extend(text.get(*start..end).filter(|piece| !piece.is_empty()));
        (*start, *length) = (end, 0);
    };
    for (at, character) in text.char_indices() {
        let new_word = size == DeltaSize::Word && character.is_whitespace();
        if new_word || length >= most {
            piece_to(at, &mut start, &mut length);
        }
        length += 1;
        if size == DeltaSize::Word && character == '\\' {
            backslashes += 1;
            if backslashes % 2 == 1 {
                piece_to(at + 1, &mut start, &mut length);
            }
        }
    }
    piece_to(text.len(), &mut start, &mut length);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_divided_into_words_and_some_escapes_are_split() {
        let text = r#"{"a":"one two\nthree\nfour"}"#;
        let pieces = divide(text, DeltaSize::Word);
        assert_eq!(pieces.concat(), text);
        assert_eq!(pieces, ["{\"a\":\"on", "e", " two\\", "nthree\\n", "four\"}"]);
    }

    #[test]
    fn long_and_whole_texts_have_few_pieces() {
        let text = "word ".repeat(2000);
        assert_eq!(divide(&text, DeltaSize::Long).len(), 3);
        assert_eq!(divide(&text, DeltaSize::Whole), [text.as_str()]);
        assert_eq!(divide("", DeltaSize::Whole), [""; 0]);
    }

    #[test]
    fn content_is_cut_to_its_limit() {
        let mut content = Content::Text("abcdefgh".to_owned());
        assert!(!content.cut(2));
        assert!(content.cut(1));
        assert_eq!(content, Content::Text("abcd".to_owned()));
        assert!(content.cut(0));
        assert_eq!(content, Content::Nothing);
    }
}
