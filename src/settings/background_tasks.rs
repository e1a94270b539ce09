//! What a chat UI asks for by itself, and by what it is recognised.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// The most bytes that a compiled pattern may take.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// What becomes of a chat UI's own requests.
#[derive(Debug, Clone, Default)]
pub struct BackgroundTasks {
    /// Whether they are answered by one call, rather than by the chain.
    pub bypass: bool,
    /// How they are recognised; `None` for the patterns that are part of the program.
    pub patterns: Option<Vec<TaskPattern>>,
}

/// How a task is recognised.
#[derive(Clone)]
pub struct TaskPattern {
    /// The task.
    pub task: BackgroundTask,
    /// What the beginning of the last user's message matches.
    pub pattern: Regex,
}

impl fmt::Debug for TaskPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.task.as_str(), self.pattern)
    }
}

/// Something that a chat UI asks for by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackgroundTask {
    /// A title for the conversation.
    Title,
    /// Tags for it.
    Tags,
    /// Questions that its user might ask next.
    FollowUps,
    /// What to search for.
    Queries,
    /// How a message that its user is typing may go on.
    Autocomplete,
    /// Anything else.
    Other,
}

impl BackgroundTask {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Title, Self::Tags, Self::FollowUps, Self::Queries, Self::Autocomplete, Self::Other];

    /// `title`, `tags`, `follow_ups`, `queries`, `autocomplete`, `other`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Tags => "tags",
            Self::FollowUps => "follow_ups",
            Self::Queries => "queries",
            Self::Autocomplete => "autocomplete",
            Self::Other => "other",
        }
    }
}

impl TaskPattern {
    /// Reads `TASK=PATTERN`; `None` if there is no such task, or the pattern is none.
    pub(super) fn parse(item: &str) -> Option<Self> {
        let (task, pattern) = item.split_once('=')?;
        let task = BackgroundTask::ALL.into_iter().find(|known| known.as_str() == task.trim())?;
        let pattern = pattern.trim();
        (!pattern.is_empty()).then(|| Self::new(task, pattern)).flatten()
    }

    /// `None` if the pattern is none.
    #[must_use]
    pub fn new(task: BackgroundTask, pattern: &str) -> Option<Self> {
        let pattern = RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build().ok()?;
        Some(Self { task, pattern })
    }
}
