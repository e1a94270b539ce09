//! The kinds of failure, each with its word, its exit code and what it means: one exhaustive table.

/// What kind of failure it is. The words and the exit codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// What was to be checked is not as it should be.
    CheckFailed,
    /// Some runs of a batch failed.
    BatchFailed,
    /// The command line is wrong, or what it names can't be read.
    Usage,
    /// There is nothing to run.
    EmptyPrompt,
    /// The input doesn't fit into the model's context.
    ContextLengthExceeded,
    /// Settings are wrong or missing.
    Configuration,
    /// A prompt file is wrong.
    PromptFile,
    /// A state file is damaged, or doesn't fit.
    StateFile,
    /// A recording is damaged, or isn't of what is asked.
    Recording,
    /// The upstream doesn't know the model.
    ModelNotFound,
    /// There is a cost cap, but no known price.
    UnknownPrice,
    /// The upstream failed, or refused the request.
    UpstreamError,
    /// A gate rejected a reply.
    GateRejected,
    /// The model declined to answer.
    Refusal,
    /// A time limit was reached.
    Timeout,
    /// The upstream refused the credentials.
    UpstreamCredentials,
    /// The upstream limits our rate.
    RateLimited,
    /// The upstream is overloaded.
    Overloaded,
    /// The upstream has failed so often that it isn't asked for a while.
    CircuitOpen,
    /// The next call could have crossed the cost cap.
    MaxCostExceeded,
    /// What the caller may spend in a day is spent.
    BudgetSpent,
    /// What the caller may still spend is set aside for calls under way.
    BudgetReserved,
    /// What the caller may still spend can't be found out.
    BudgetUnavailable,
    /// The result couldn't be written.
    Output,
    /// A bug.
    Internal,
    /// Interrupted from the keyboard.
    Interrupted,
    /// Terminated by a signal.
    Terminated,
}

impl ErrorCode {
    /// All of them, in the order of their exit codes.
    pub const ALL: [Self; 27] = [
        Self::CheckFailed,
        Self::BatchFailed,
        Self::Usage,
        Self::EmptyPrompt,
        Self::ContextLengthExceeded,
        Self::Configuration,
        Self::PromptFile,
        Self::StateFile,
        Self::Recording,
        Self::ModelNotFound,
        Self::UnknownPrice,
        Self::UpstreamError,
        Self::GateRejected,
        Self::Refusal,
        Self::Timeout,
        Self::UpstreamCredentials,
        Self::RateLimited,
        Self::Overloaded,
        Self::CircuitOpen,
        Self::BudgetReserved,
        Self::BudgetUnavailable,
        Self::MaxCostExceeded,
        Self::BudgetSpent,
        Self::Internal,
        Self::Output,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::CheckFailed | Self::BatchFailed => 1,
            Self::Usage | Self::EmptyPrompt | Self::ContextLengthExceeded => 2,
            Self::Configuration
            | Self::PromptFile
            | Self::StateFile
            | Self::Recording
            | Self::ModelNotFound
            | Self::UnknownPrice => 3,
            Self::UpstreamError => 4,
            Self::GateRejected | Self::Refusal => 5,
            Self::Timeout => 6,
            Self::UpstreamCredentials => 7,
            Self::RateLimited
            | Self::Overloaded
            | Self::CircuitOpen
            | Self::BudgetReserved
            | Self::BudgetUnavailable => 8,
            Self::MaxCostExceeded | Self::BudgetSpent => 9,
            Self::Internal => 70,
            Self::Output => 74,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The word in the JSON error.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CheckFailed => "check_failed",
            Self::BatchFailed => "batch_failed",
            Self::Usage => "usage",
            Self::EmptyPrompt => "empty_prompt",
            Self::ContextLengthExceeded => "context_length_exceeded",
            Self::Configuration => "configuration",
            Self::PromptFile => "prompt_file",
            Self::StateFile => "state_file",
            Self::Recording => "recording",
            Self::ModelNotFound => "model_not_found",
            Self::UnknownPrice => "unknown_price",
            Self::UpstreamError => "upstream_error",
            Self::GateRejected => "gate_rejected",
            Self::Refusal => "refusal",
            Self::Timeout => "timeout",
            Self::UpstreamCredentials => "upstream_credentials",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::CircuitOpen => "circuit_open",
            Self::MaxCostExceeded => "max_cost_exceeded",
            Self::BudgetSpent => "budget_spent",
            Self::BudgetReserved => "budget_reserved",
            Self::BudgetUnavailable => "budget_unavailable",
            Self::Internal => "internal",
            Self::Output => "output",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }

    /// What it means, in a line: the text of help, manual and README.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::CheckFailed => "validate found errors, or token inspect a token that is not valid",
            Self::BatchFailed => "some runs of batch failed",
            Self::Usage => "the command line or the input is wrong, or a file can't be read or written",
            Self::EmptyPrompt => "there is nothing to run",
            Self::ContextLengthExceeded => "the input is too large for the model",
            Self::Configuration => "settings are wrong or missing",
            Self::PromptFile => "a prompt file is wrong",
            Self::StateFile => "a state file or a journal is damaged, of another version, or doesn't fit",
            Self::Recording => "a recording is damaged, isn't of what is asked, or was never asked for",
            Self::ModelNotFound => "the upstream doesn't know the model",
            Self::UnknownPrice => "there is a cost cap, but the model's price isn't known",
            Self::UpstreamError => "the upstream failed, after retries, or refused the request",
            Self::GateRejected => "a gate rejected a reply (with --strict, or an empty one)",
            Self::Refusal => "the model declined to answer",
            Self::Timeout => "a time limit was reached, or the upstream stayed silent",
            Self::UpstreamCredentials => "the upstream refused the key (401, 403)",
            Self::RateLimited => "the upstream limits our rate; try later",
            Self::Overloaded => "the upstream is overloaded; try later",
            Self::CircuitOpen => "the upstream has failed so often that it is left alone; try later",
            Self::MaxCostExceeded => "the next call could have cost more than is left",
            Self::BudgetSpent => "what a caller of serve may spend in a day is spent",
            Self::BudgetReserved => "what a caller of serve may still spend is set aside; try later",
            Self::BudgetUnavailable => "what a caller of serve has spent isn't known; try later",
            Self::Internal => "a bug in promptchain",
            Self::Output => "the result, a recording or a file of init couldn't be written: a full disk?",
            Self::Interrupted => "Ctrl-C in run, batch or init, or a second one while serve drains",
            Self::Terminated => "SIGTERM in run, batch or init, or a second signal while serve drains",
        }
    }

    /// What to do about it, where that can be said without knowing more.
    pub(super) fn hint(self) -> Option<&'static str> {
        match self {
            Self::EmptyPrompt => Some("give a prompt as an argument, with -f FILE, or on stdin"),
            Self::ContextLengthExceeded => {
                Some("shorten the input, lower max_tokens, or choose a model with a larger context")
            }
            Self::Recording => Some("undo what has changed, or record again with --record into a new folder"),
            Self::ModelNotFound => Some("check the model's id, and ANTHROPIC_BASE_URL"),
            Self::UnknownPrice => {
                Some("add the model's price to a file named by CHAIN_MODELS_FILE, or drop the cap")
            }
            Self::GateRejected => {
                Some("try again; without --strict, what can be used is used with a warning")
            }
            Self::Refusal => Some("rephrase the request"),
            Self::Timeout => Some("raise the limit that was reached, or ask for less"),
            Self::UpstreamCredentials => {
                Some("check ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN, and what the key may do")
            }
            Self::CircuitOpen => Some(
                "the upstream is unwell: try again in a while; a new process begins with a closed circuit",
            ),
            Self::MaxCostExceeded => Some("raise --max-cost, or lower max_tokens"),
            Self::Internal => {
                Some("this is a bug in promptchain: please report it with the command that led to it")
            }
            Self::CheckFailed
            | Self::BatchFailed
            | Self::Usage
            | Self::Configuration
            | Self::PromptFile
            | Self::StateFile
            | Self::UpstreamError
            | Self::RateLimited
            | Self::Overloaded
            | Self::BudgetSpent
            | Self::BudgetReserved
            | Self::BudgetUnavailable
            | Self::Output
            | Self::Interrupted
            | Self::Terminated => None,
        }
    }
}
