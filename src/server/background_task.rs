//! Recognises what a chat UI asks for by itself: a title, tags, questions that might follow. One message there
//! fires several such requests, and the chain would make three calls for each.
//!
//! Only the beginning of the last user's message is looked at, by patterns that take linear time, so that what
//! anybody sends costs next to nothing. What isn't recognised is the chain's. The patterns ask for how these
//! prompts are laid out, not only for their topic: who asks for a title in their own words gets the chain.

use std::sync::LazyLock;

use crate::settings::{BackgroundTask, BackgroundTasks, TaskPattern};
use crate::telemetry::metrics::TaskLabel;

/// How much of the message is looked at, in bytes.
const LOOKED_AT: usize = 4096;

/// Open WebUI's default prompts are a heading, what is to be done, and the conversation between tags. LibreChat
/// asks for a title in one sentence, above the conversation.
const BUILT_IN: [(BackgroundTask, &str); 6] = [
    (
        BackgroundTask::Title,
        r"(?is)\A\s*###\s*Task:\s+Generate\b[^\n]{0,60}\btitle\b[^\n]*\bchat history\b.*<chat_history>",
    ),
    (
        BackgroundTask::Tags,
        r"(?is)\A\s*###\s*Task:\s+Generate\b[^\n]{0,60}\btags\b[^\n]*\bchat history\b.*<chat_history>",
    ),
    (BackgroundTask::FollowUps, r"(?is)\A\s*###\s*Task:\s+Suggest\b[^\n]{0,60}\bfollow-up\b.*<chat_history>"),
    (
        BackgroundTask::Queries,
        r"(?is)\A\s*###\s*Task:\s+Analyze the chat history\b[^\n]*\bsearch queries\b.*<chat_history>",
    ),
    (BackgroundTask::Autocomplete, r"(?is)\A\s*###\s*Task:\s+You are an autocompletion system\b.*<text>"),
    (
        BackgroundTask::Title,
        r"(?is)\A\s*Provide a concise, 5-word-or-less title for the conversation,.*\bConversation:",
    ),
];

static PATTERNS: LazyLock<Vec<TaskPattern>> = LazyLock::new(|| {
    BUILT_IN.iter().filter_map(|(task, pattern)| TaskPattern::new(*task, pattern)).collect()
});

/// The task that such a request is for; `None` if it is for the chain, as all are where tasks are not told apart.
pub(super) fn recognise(tasks: &BackgroundTasks, request: &str) -> Option<BackgroundTask> {
    if !tasks.bypass {
        return None;
    }
    let beginning = request.get(..request.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
    let patterns = tasks.patterns.as_ref().unwrap_or(&PATTERNS);
    patterns.iter().find(|pattern| pattern.pattern.is_match(beginning)).map(|pattern| pattern.task)
}

impl From<BackgroundTask> for TaskLabel {
    fn from(task: BackgroundTask) -> Self {
        match task {
            BackgroundTask::Title => Self::title,
            BackgroundTask::Tags => Self::tags,
            BackgroundTask::FollowUps => Self::follow_ups,
            BackgroundTask::Queries => Self::queries,
            BackgroundTask::Autocomplete => Self::autocomplete,
            BackgroundTask::Other => Self::other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bypass() -> BackgroundTasks {
        BackgroundTasks { bypass: true, patterns: None }
    }

    fn word(request: &str) -> Option<&'static str> {
        recognise(&bypass(), request).map(BackgroundTask::as_str)
    }

    /// A prompt laid out as Open WebUI lays its own out.
    fn laid_out(task: &str) -> String {
        format!(
            "### Task:\n{task}\n### Guidelines:\n- Be clear.\n### Output:\nJSON format: {{ \"x\": \"y\" }}\n### Chat \
             History:\n<chat_history>\nUSER: hello\n</chat_history>"
        )
    }

    #[test]
    fn all_built_in_patterns_are_patterns() {
        assert_eq!(PATTERNS.len(), BUILT_IN.len());
    }

    #[test]
    fn a_chat_uis_own_requests_are_recognised() {
        for (task, expected) in [
            ("Generate a concise, 3-5 word title with an emoji summarizing the chat history.", "title"),
            ("Generate a concise title summarizing the chat history.", "title"),
            ("Generate 1-3 broad tags for the main themes of the chat history, and subtopic tags.", "tags"),
            (
                "Suggest 3-5 relevant follow-up questions or prompts that the user might ask next.",
                "follow_ups",
            ),
            ("Analyze the chat history to determine the necessity of generating search queries.", "queries"),
        ] {
            assert_eq!(word(&laid_out(task)), Some(expected), "{task}");
            assert_eq!(word(&format!("\n {}", laid_out(task).to_lowercase())), Some(expected));
        }
        let autocomplete =
            "### Task:\nYou are an autocompletion system. Go on with `<text>`.\n<text>hel</text>";
        assert_eq!(word(autocomplete), Some("autocomplete"));
        let title = "Provide a concise, 5-word-or-less title for the conversation, in its language.\n\nConversation:\nhi";
        assert_eq!(word(title), Some("title"));
    }

    #[test]
    fn what_people_ask_for_is_the_chains() {
        for request in [
            "Generate a concise, 3-5 word title summarizing the chat history.",
            "Write me a title for my talk on tags and follow-up questions",
            "### Task:\nWrite an essay.\n### Output:\nText.",
            "### Task:\nGenerate a title for the chat history of Rome.",
            "Suggest 3-5 relevant follow-up questions <chat_history>",
            "What does this prompt do?\n\n### Task:\nGenerate a concise title of the chat history\n<chat_history>",
            "Provide a concise, 5-word-or-less title for the conversation, please",
            "",
        ] {
            assert_eq!(word(request), None, "{request}");
        }
    }

    #[test]
    fn only_the_beginning_is_looked_at_and_none_of_it_where_tasks_are_the_chains() {
        let far =
            laid_out(&format!("Generate a title of the chat history.{}", "\u{1F600}".repeat(LOOKED_AT / 4)));
        assert_eq!(word(&far), None);
        let near = laid_out("Generate a title of the chat history.");
        assert_eq!(word(&near), Some("title"));
        assert_eq!(recognise(&BackgroundTasks::default(), &near), None);
    }

    #[test]
    fn patterns_of_the_operators_stand_in_the_place_of_the_built_in_ones() {
        let pattern = |task, pattern| TaskPattern::new(task, pattern).unwrap();
        let patterns =
            vec![pattern(BackgroundTask::Other, "^Summarize"), pattern(BackgroundTask::Title, "title")];
        let tasks = BackgroundTasks { bypass: true, patterns: Some(patterns) };
        assert_eq!(recognise(&tasks, "Summarize the title"), Some(BackgroundTask::Other));
        assert_eq!(recognise(&tasks, "A title"), Some(BackgroundTask::Title));
        assert_eq!(recognise(&tasks, &laid_out("Generate 1-3 broad tags of the chat history.")), None);
    }
}
