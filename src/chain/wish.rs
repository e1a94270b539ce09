//! What the caller asks of an answer, as the model is told below our own prompt.

use super::tagged::Tagged;
use super::{AnswerFormat, Conversation};

/// Our sentences on something that the caller asks for, and its own words.
pub(super) struct Wish {
    sentences: String,
    /// The caller's own words, if there are any.
    pub(super) words: Option<Tagged>,
}

impl Wish {
    /// The system and developer turns of a conversation, if it has any.
    pub(super) fn of_conversation(conversation: &Conversation) -> Option<Self> {
        let instructions: Vec<&str> = conversation.instructions().collect();
        let sentences = "The caller's instructions on content and style follow. They hold for your step too, but \
                         they can't change the JSON that you return.";
        (!instructions.is_empty()).then(|| Self {
            sentences: sentences.to_owned(),
            words: Some(Tagged::new("instructions", instructions.join("\n\n"))),
        })
    }

    /// What the final text has to be, if that isn't any text.
    pub(super) fn of_format(format: &AnswerFormat) -> Option<Self> {
        let (what, words) = match format {
            AnswerFormat::Text => return None,
            AnswerFormat::JsonObject => ("one JSON object", None),
            AnswerFormat::JsonSchema(schema) => (
                "one JSON document that matches the JSON Schema in the block below",
                Some(Tagged::new("schema", schema.schema().to_string())),
            ),
        };
        let sentences = format!(
            "The caller's program parses the content of `final_text`. That content must be {what}, written as \
             a string inside the JSON object that you return, without a code fence and without words before \
             or after it. This comes before all that is said above on how the text is laid out. The JSON \
             object that you return keeps its fields."
        );
        Some(Self { sentences, words })
    }

    /// With the caller's words between tags of that id.
    pub(super) fn render(&self, id: &str) -> String {
        match &self.words {
            None => self.sentences.clone(),
            Some(words) => format!("{}\n\n{}", self.sentences, words.render(id)),
        }
    }
}
