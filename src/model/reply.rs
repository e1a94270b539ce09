//! What a model answers, piece by piece, in no provider's dialect.

use super::Usage;

/// A piece of a reply. The order is: [`Started`](Self::Started) once, any number of
/// [`Text`](Self::Text), [`Activity`](Self::Activity) and [`Counted`](Self::Counted), [`Stopped`](Self::Stopped) once,
/// [`Finished`](Self::Finished) once. Keep-alives are not reported.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyEvent {
    /// The reply has begun.
    Started {
        /// The upstream's id of the message.
        id: Option<String>,
        /// The model that answers, as the upstream names it.
        model: Option<String>,
        /// The upstream's own id of the request.
        request_id: Option<String>,
        /// What the upstream has counted so far: the input, as a rule. An `output` is a placeholder.
        usage: Usage,
    },
    /// A piece of the reply's text.
    Text(String),
    /// Content that isn't text of the reply, such as thinking: the upstream is at work.
    Activity,
    /// What the upstream has counted by now; the figures replace earlier ones.
    Counted {
        /// The figures; an `output` is what has been written so far.
        usage: Usage,
    },
    /// Why the reply stopped, and what was counted in all. The reply isn't complete before
    /// [`Finished`](Self::Finished).
    Stopped {
        /// Why the reply stopped.
        reason: StopReason,
        /// The figures for the whole call; they replace earlier ones and are never added to them.
        /// There is an `output` only if the upstream gave the final one: without it, the figures
        /// aren't final.
        usage: Usage,
    },
    /// The reply is complete.
    Finished,
}

/// Why a reply stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The model had said all it wanted to.
    EndTurn,
    /// `max_tokens` was reached.
    MaxTokens,
    /// The model's context window was full.
    ContextWindow,
    /// A stop sequence was met.
    StopSequence,
    /// The model declined to answer.
    Refusal {
        /// The upstream's category, where it names one.
        category: Option<String>,
        /// The upstream's explanation, where it gives one.
        explanation: Option<String>,
    },
    /// Any other reason, in the upstream's word.
    Other(String),
}

impl StopReason {
    /// The reason of that word, without what a refusal explains.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "end_turn" => Self::EndTurn,
            "max_tokens" => Self::MaxTokens,
            "model_context_window_exceeded" => Self::ContextWindow,
            "stop_sequence" => Self::StopSequence,
            "refusal" => Self::Refusal { category: None, explanation: None },
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether the reply was cut short by a limit on its length.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        matches!(self, Self::MaxTokens | Self::ContextWindow)
    }

    /// The word for logs and JSON: the Messages API's own `stop_reason`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::EndTurn => "end_turn",
            Self::MaxTokens => "max_tokens",
            Self::ContextWindow => "model_context_window_exceeded",
            Self::StopSequence => "stop_sequence",
            Self::Refusal { .. } => "refusal",
            Self::Other(word) => word,
        }
    }
}
