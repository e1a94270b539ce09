//! What the caller has said: the input of a run.

use thiserror::Error;

/// The most messages a conversation may have.
pub const MAX_MESSAGES: usize = 1000;

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: MessageRole,
    /// What they say.
    pub content: String,
}

/// Who speaks in a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageRole {
    /// The caller's program, on content and style.
    System,
    /// The same, in the newer word.
    Developer,
    /// The person asking.
    User,
    /// An earlier answer, or a step's reply.
    Assistant,
}

impl MessageRole {
    /// `system`, `developer`, `user`, `assistant`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::System, Self::Developer, Self::User, Self::Assistant]
            .into_iter()
            .find(|role| role.as_str() == name)
    }
}

/// A conversation that a run can start from: it ends in a user's turn that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    messages: Vec<Message>,
}

/// Why a conversation can't be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ConversationError {
    /// There is no message.
    #[error("the conversation has no message")]
    Empty,
    /// There are more than [`MAX_MESSAGES`].
    #[error("the conversation has {0} messages; the most is {MAX_MESSAGES}")]
    TooLong(usize),
    /// The last message isn't a user's.
    #[error("the conversation must end in a user message")]
    NotUser,
    /// The last user's message is blank.
    #[error("the prompt is empty")]
    BlankRequest,
}

impl Conversation {
    /// A conversation of one user's turn.
    ///
    /// # Errors
    /// If `prompt` is blank.
    pub fn from_prompt(prompt: impl Into<String>) -> Result<Self, ConversationError> {
        Self::new(vec![Message { role: MessageRole::User, content: prompt.into() }])
    }

    /// A conversation of these messages.
    ///
    /// # Errors
    /// If there is none or too many, or the last isn't a user's that says something.
    pub fn new(messages: Vec<Message>) -> Result<Self, ConversationError> {
        if messages.len() > MAX_MESSAGES {
            return Err(ConversationError::TooLong(messages.len()));
        }
        let last = messages.last().ok_or(ConversationError::Empty)?;
        if last.role != MessageRole::User {
            return Err(ConversationError::NotUser);
        }
        if last.content.trim().is_empty() {
            return Err(ConversationError::BlankRequest);
        }
        Ok(Self { messages })
    }

    /// All messages.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The last user's turn: what is asked for.
    #[must_use]
    pub fn request(&self) -> &str {
        self.messages.last().map_or("", |message| &message.content)
    }

    /// The turns before it, by user and assistant, blank ones left out.
    pub fn earlier_turns(&self) -> impl Iterator<Item = &Message> {
        let before_request = self.messages.split_last().map_or(&[][..], |(_, before)| before);
        before_request
            .iter()
            .filter(|message| matches!(message.role, MessageRole::User | MessageRole::Assistant))
            .filter(|message| !message.content.trim().is_empty())
    }

    /// The system and developer turns, wherever they stand, blank ones left out.
    pub fn instructions(&self) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter(|message| matches!(message.role, MessageRole::System | MessageRole::Developer))
            .map(|message| message.content.as_str())
            .filter(|content| !content.trim().is_empty())
    }
}
