//! One cell of the matrix: what goes wrong, in which step, how often, and who asked.

use promptchain::simulator::{Fault, Step};

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub(super) fault: Fault,
    /// The number after the fault's `=`.
    pub(super) parameter: Option<u32>,
    /// Whose calls are struck.
    pub(super) step: Step,
    pub(super) strikes: Strikes,
    pub(super) asked: Asked,
}

/// Which of the step's calls are struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strikes {
    /// The first.
    Once,
    /// Every one.
    Always,
    /// Every one, of a run with strict gates.
    Strictly,
}

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// `promptchain run`, whose text is streamed to stdout.
    Terminal,
    /// A client of `promptchain serve`, for a stream.
    Stream,
    /// A client of `promptchain serve`, for one JSON object.
    Whole,
}

/// The faults with a number of their own that are looked at beside those without one.
const WITH_NUMBERS: [(Fault, u32); 2] = [(Fault::RateLimit, 3600), (Fault::ServerError, 3600)];

/// All cells, fault by fault.
pub(super) fn all() -> Vec<Cell> {
    let mut cells = Vec::new();
    for (fault, parameter) in faults() {
        for step in Step::ALL.into_iter().filter(|step| fault.step().is_none_or(|only| only == *step)) {
            for strikes in strikes(fault, step) {
                for asked in [Asked::Terminal, Asked::Stream, Asked::Whole] {
                    cells.push(Cell { fault, parameter, step, strikes, asked });
                }
            }
        }
    }
    cells
}

/// What is worth telling apart. A call that comes to no reply is the same to strict gates, but for that of the
/// last step, whose text they hold back; and what is put up with is the same however often it comes.
fn strikes(fault: Fault, step: Step) -> Vec<Strikes> {
    use Fault as F;
    if fault == F::SlowDrip {
        return vec![Strikes::Always];
    }
    let has_no_reply =
        fault as usize <= F::InvalidSseJson as usize || matches!(fault, F::HugeEvent | F::HugeReply);
    let all = [Strikes::Once, Strikes::Always, Strikes::Strictly];
    let told_apart = if has_no_reply && step != Step::Synthesize { &all[..2] } else { &all[..] };
    told_apart.to_vec()
}

/// The faults that can strike a call on a connection of its own, each as the page has a table of it.
pub(super) fn faults() -> impl Iterator<Item = (Fault, Option<u32>)> {
    let of_calls = Fault::all().iter().filter(|fault| !matches!(fault, Fault::Expired | Fault::Canceled));
    of_calls.flat_map(|&fault| {
        let numbers = WITH_NUMBERS.into_iter().filter(move |(with, _)| *with == fault);
        std::iter::once(usual(fault))
            .chain(numbers.map(|(_, number)| Some(number)))
            .map(move |it| (fault, it))
    })
}

/// Bytes are dripped as fast as the clock can tell, so that a whole reply fits into its step's time.
fn usual(fault: Fault) -> Option<u32> {
    (fault == Fault::SlowDrip).then_some(1)
}

/// As the simulator's flag has it, without step and calls.
pub(super) fn written(fault: Fault, parameter: Option<u32>) -> String {
    parameter.map_or_else(|| fault.to_string(), |parameter| format!("{fault}={parameter}"))
}

impl Cell {
    /// The simulator's rule.
    pub(super) fn rule(&self) -> String {
        let calls = if self.strikes == Strikes::Once { "@1" } else { "" };
        format!("{}:{}{calls}", self.step, written(self.fault, self.parameter))
    }

    /// Whether the final text leaves while the model still writes it.
    pub(super) fn is_live(&self) -> bool {
        self.strikes != Strikes::Strictly && self.asked != Asked::Whole
    }

    /// Whether what has to be waited for is silence: long, and without any work.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.fault, Fault::HangBeforeHead | Fault::HangMidReply | Fault::PingsOnly)
    }
}

impl Strikes {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Always => "always",
            Self::Strictly => "always, strict",
        }
    }
}

impl Asked {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "`run`",
            Self::Stream => "stream",
            Self::Whole => "no stream",
        }
    }
}
