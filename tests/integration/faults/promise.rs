//! What was promised for a cell, from the contract's tables alone: which failures pass by themselves, how often
//! a call is tried, what that comes to. Nothing here looks at what the program does.

use promptchain::simulator::{Fault, Step};

use super::cell::{Asked, Cell, Strikes};

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Promise {
    /// How the run fails; `None` if there is an answer.
    pub(super) failure: Option<Failure>,
    /// Calls for the step that is struck. Each step before it has one, and so has each after it, if it comes to
    /// that.
    pub(super) calls: usize,
    /// The `finish_reason`, where there is an answer.
    pub(super) finish: &'static str,
    /// Whether the answer is the one of a run in which nothing goes wrong.
    pub(super) is_usual: bool,
}

/// How a run fails: exit code, status, `error.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) exit: i32,
    pub(super) status: u16,
    pub(super) code: &'static str,
}

const fn failure(exit: i32, status: u16, code: &'static str) -> Failure {
    Failure { exit, status, code }
}

const RATE_LIMITED: Failure = failure(8, 429, "rate_limited");
const OVERLOADED: Failure = failure(8, 503, "overloaded");
const UPSTREAM: Failure = failure(4, 502, "upstream_error");
const CREDENTIALS: Failure = failure(7, 502, "upstream_credentials");
const MODEL: Failure = failure(3, 502, "model_not_found");
const TIMEOUT: Failure = failure(6, 504, "timeout");
const REJECTED: Failure = failure(5, 422, "gate_rejected");
const REFUSED: Failure = failure(5, 422, "refusal");

/// What a fault is to the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// The call fails before any text, and is tried again.
    Passing(Failure),
    /// The call fails amid the text, and is tried again unless some has left.
    Broken(Failure),
    /// The call fails, and trying again wouldn't help.
    Lasting(Failure),
    /// Nothing comes any more, before any text or amid it.
    Silent { amid_text: bool },
    /// The request is made anew at once, in another way.
    Adapted,
    /// A gate finds something, which a repair may put right.
    Faulty,
    /// The same, of which the first text has left before it is found.
    FaultyAtItsEnd,
    /// There is nothing in the reply. No gate lets that pass.
    Empty,
    /// The reply is cut, which no repair helps.
    Cut,
    /// The model declines.
    Refusal,
    /// It is put up with.
    Fine,
}

pub(super) fn nature(fault: Fault) -> Nature {
    use Fault as F;
    use Nature as N;
    match fault {
        F::RateLimit => N::Passing(RATE_LIMITED),
        F::Overloaded | F::Unavailable | F::ErrorEvent => N::Passing(OVERLOADED),
        F::ServerError | F::RequestTimeout | F::ResetBeforeHead => N::Passing(UPSTREAM),
        F::ErrorEventMidReply => N::Broken(OVERLOADED),
        F::ResetMidReply | F::CloseMidReply | F::Truncated => N::Broken(UPSTREAM),
        F::BadRequest | F::WrongContentType | F::InvalidSseJson | F::HugeEvent | F::HugeReply => {
            N::Lasting(UPSTREAM)
        }
        F::Unauthorized | F::Forbidden => N::Lasting(CREDENTIALS),
        F::NotFound => N::Lasting(MODEL),
        F::HangBeforeHead | F::PingsOnly => N::Silent { amid_text: false },
        F::HangMidReply => N::Silent { amid_text: true },
        F::StructuredOutputRefused => N::Adapted,
        F::NotJson
        | F::MissingField
        | F::WrongJsonType
        | F::ConfidenceOutOfRange
        | F::LowConfidence
        | F::BlankIntent
        | F::BlankContent
        | F::BlankText => N::Faulty,
        F::BadEscape => N::FaultyAtItsEnd,
        F::EmptyReply => N::Empty,
        F::MaxTokens => N::Cut,
        F::Refusal | F::RefusalMidText => N::Refusal,
        F::SlowDrip
        | F::JsonInsteadOfStream
        | F::MissingUsage
        | F::FencedJson
        | F::ProseAroundJson
        | F::ReorderedFields => N::Fine,
        F::Expired | F::Canceled => panic!("{fault} is for batches"),
    }
}

/// How often a call is tried, at most.
const ATTEMPTS: usize = 3;
/// The longest silence is half the step's time: there is room for two.
const ATTEMPTS_IN_SILENCE: usize = 2;

impl Promise {
    pub(super) fn of(cell: &Cell) -> Self {
        use Nature as N;
        let live = cell.is_live() && cell.step == Step::Synthesize;
        let (once, strict) = (cell.strikes == Strikes::Once, cell.strikes == Strikes::Strictly);
        match nature(cell.fault) {
            // A wait that doesn't fit into the step's time isn't begun: try later.
            N::Passing(failure) if cell.parameter.is_some() => {
                Self::failed(if failure == RATE_LIMITED { RATE_LIMITED } else { OVERLOADED }, 1)
            }
            N::Broken(failure) if live => Self::failed(failure, 1),
            N::Silent { amid_text: true } if live => Self::failed(TIMEOUT, 1),
            N::Passing(_) | N::Broken(_) | N::Silent { .. } if once => Self::usual(2),
            N::Passing(failure) | N::Broken(failure) => Self::failed(failure, ATTEMPTS),
            N::Silent { .. } => Self::failed(TIMEOUT, ATTEMPTS_IN_SILENCE),
            N::Lasting(failure) => Self::failed(failure, 1),
            N::Adapted => Self::usual(2),
            N::FaultyAtItsEnd if live => Self::failed(REJECTED, 1),
            N::Faulty | N::FaultyAtItsEnd | N::Empty if once => Self::usual(2),
            N::Empty => Self::failed(REJECTED, 2),
            N::Faulty | N::FaultyAtItsEnd if strict => Self::failed(REJECTED, 2),
            N::Faulty | N::FaultyAtItsEnd => Self { is_usual: false, ..Self::usual(2) },
            N::Cut if strict => Self::failed(REJECTED, 1),
            N::Cut if cell.step == Step::Synthesize => Self::unusual("length"),
            N::Cut => Self::unusual("stop"),
            N::Refusal if cell.step == Step::Synthesize && cell.asked != Asked::Terminal => {
                Self::unusual("content_filter")
            }
            N::Refusal => Self::failed(REFUSED, 1),
            N::Fine => Self::usual(1),
        }
    }

    fn usual(calls: usize) -> Self {
        Self { failure: None, calls, finish: "stop", is_usual: true }
    }

    fn unusual(finish: &'static str) -> Self {
        Self { failure: None, calls: 1, finish, is_usual: false }
    }

    fn failed(failure: Failure, calls: usize) -> Self {
        Self { failure: Some(failure), calls, finish: "", is_usual: false }
    }

    /// Whether a stream that fails does so before its head has left, and has a status of its own: in the first
    /// step, and soon.
    pub(super) fn has_status(cell: &Cell) -> bool {
        cell.step == Step::Analyze && !matches!(nature(cell.fault), Nature::Silent { .. })
    }

    /// The calls for that step.
    pub(super) fn calls_for(&self, step: Step, struck: Step) -> usize {
        let place = |step: Step| Step::ALL.iter().position(|it| *it == step);
        if step == struck {
            self.calls
        } else {
            usize::from(place(step) < place(struck) || self.failure.is_none())
        }
    }
}
