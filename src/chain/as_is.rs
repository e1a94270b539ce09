//! A conversation as the model gets it where no step of ours stands between: the caller's own messages.

use super::{AnswerFormat, Conversation, MessageRole};
use crate::model::{Role, Turn};

/// What a model reads first where a conversation begins with its own words: the API wants a user's turn there.
const BEFORE_THE_FIRST: &str = "(The assistant speaks first.)";

/// The turns of the conversation. Those of one role that follow each other are one, as the API takes them.
pub(super) fn turns(conversation: &Conversation) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let said = conversation.messages().iter().filter(|message| !message.content.trim().is_empty());
    for message in said {
        let role = match message.role {
            MessageRole::User => Role::User,
            MessageRole::Assistant => Role::Assistant,
            MessageRole::System | MessageRole::Developer => continue,
        };
        match turns.last_mut() {
            Some(last) if last.role == role => {
                last.text.push_str("\n\n");
                last.text.push_str(&message.content);
            }
            None if role == Role::Assistant => {
                turns.push(Turn { role: Role::User, text: BEFORE_THE_FIRST.to_owned() });
                turns.push(Turn { role, text: message.content.clone() });
            }
            _ => turns.push(Turn { role, text: message.content.clone() }),
        }
    }
    turns
}

/// The system prompt: the caller's instructions, and the form of the answer if it isn't any text.
pub(super) fn system(conversation: &Conversation, format: &AnswerFormat) -> Vec<String> {
    let instructions: Vec<&str> = conversation.instructions().collect();
    let instructions = (!instructions.is_empty()).then(|| instructions.join("\n\n"));
    let form = match format {
        AnswerFormat::Text => None,
        AnswerFormat::JsonObject => Some("Answer with one JSON object and nothing else.".to_owned()),
        AnswerFormat::JsonSchema(schema) => Some(format!(
            "Answer with one JSON document that matches this JSON Schema, and nothing else:\n{}",
            schema.schema()
        )),
    };
    instructions.into_iter().chain(form).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Message;
    use super::*;

    fn conversation(messages: &[(MessageRole, &str)]) -> Conversation {
        let message =
            |(role, content): &(MessageRole, &str)| Message { role: *role, content: (*content).to_owned() };
        Conversation::new(messages.iter().map(message).collect()).unwrap()
    }

    #[test]
    fn turns_alternate_from_a_users_to_a_users_and_no_word_is_lost_but_blank_ones() {
        use MessageRole::{Assistant, Developer, System, User};
        let said = conversation(&[
            (Assistant, "Hello!"),
            (System, "Be brief."),
            (User, "a"),
            (User, "b"),
            (Assistant, " "),
            (Developer, "In verse."),
            (User, "c"),
        ]);
        let turns: Vec<_> = turns(&said).into_iter().map(|turn| (turn.role, turn.text)).collect();
        let expected =
            [(Role::User, BEFORE_THE_FIRST), (Role::Assistant, "Hello!"), (Role::User, "a\n\nb\n\nc")];
        assert_eq!(turns, expected.map(|(role, text)| (role, text.to_owned())));
        assert_eq!(system(&said, &AnswerFormat::Text), ["Be brief.\n\nIn verse."]);
        assert_eq!(system(&conversation(&[(User, "a")]), &AnswerFormat::Text), [""; 0]);
        assert_eq!(system(&said, &AnswerFormat::JsonObject).len(), 2);
    }
}
