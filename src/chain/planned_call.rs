//! A call that a run would make: its request, and what is known beforehand of its tokens and its cost.

use std::iter::Sum;
use std::ops::Add;

use super::StepName;
use super::budget::{highest_cost, lowest_cost};
use super::config::ChainConfig;
use crate::model::{Cost, ModelRequest};

/// From the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range<T> {
    /// The least.
    pub low: T,
    /// The most.
    pub high: T,
}

/// A request, and how many input tokens it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The request.
    pub request: ModelRequest,
    /// Its input tokens: our estimate, until the upstream's count is put in its place.
    pub tokens: u64,
}

/// A call that a run would make.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCall {
    /// The step.
    pub step: StepName,
    /// Which part of a divided step, from 1; `None` for a whole step.
    pub part: Option<u32>,
    /// The request without what isn't known yet.
    pub(super) known: Measured,
    /// The request with placeholders for it; `None` if all is known.
    pub(super) with_placeholders: Option<ModelRequest>,
    /// Input tokens that what isn't known yet may have at most.
    pub(super) further: u64,
    /// What the step may be divided into instead.
    pub(super) division: Option<Division>,
}

/// The calls of a step that is divided, of which there may be so many.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Division {
    /// One of them, without what isn't known yet.
    pub(super) part: Measured,
    /// The most calls that there may be.
    pub(super) parts: u32,
    /// Input tokens that what isn't known yet may have at most, in each of them.
    pub(super) further: u64,
}

/// What one or more calls may use and cost, if none is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Input tokens.
    pub input_tokens: Range<u64>,
    /// The most output tokens.
    pub max_output_tokens: u64,
    /// From the input alone, at its cheapest, to the input at its dearest with replies of full length; `None`
    /// if a price isn't known.
    pub cost: Option<Range<Cost>>,
}

impl PlannedCall {
    /// The request, with placeholders for what isn't known yet.
    #[must_use]
    pub fn request(&self) -> &ModelRequest {
        self.with_placeholders.as_ref().unwrap_or(&self.known.request)
    }

    /// Whether the request is sent as it stands.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.with_placeholders.is_none()
    }

    /// The most calls that may be made in its place.
    #[must_use]
    pub fn max_calls(&self) -> u32 {
        self.division.as_ref().map_or(1, |division| division.parts)
    }

    /// The requests whose tokens the figures rest on, for the upstream's count to be put in.
    pub fn measured(&mut self) -> impl Iterator<Item = &mut Measured> {
        let part = self.division.as_mut().map(|division| &mut division.part);
        std::iter::once(&mut self.known).chain(part)
    }

    /// The most input tokens that a single one of its requests may have.
    #[must_use]
    pub fn largest_input(&self) -> u64 {
        let of_part = self.division.as_ref().map_or(0, Division::tokens_of_part);
        of_part.max(self.known.tokens + self.further)
    }

    /// What it may use and cost.
    #[must_use]
    pub fn forecast(&self, config: &ChainConfig) -> Forecast {
        let (request, low) = (&self.known.request, self.known.tokens);
        let whole = Forecast {
            input_tokens: Range { low, high: low + self.further },
            max_output_tokens: u64::from(request.max_tokens),
            cost: Range::known(
                lowest_cost(config, request, low),
                highest_cost(config, request, low + self.further),
            ),
        };
        match &self.division {
            None => whole,
            Some(division) => whole.up_to(&division.forecast(config)),
        }
    }
}

impl Division {
    fn tokens_of_part(&self) -> u64 {
        self.part.tokens + self.further
    }

    fn forecast(&self, config: &ChainConfig) -> Forecast {
        let request = &self.part.request;
        let of_part = Forecast {
            input_tokens: Range { low: self.part.tokens, high: self.tokens_of_part() },
            max_output_tokens: u64::from(request.max_tokens),
            cost: Range::known(
                lowest_cost(config, request, self.part.tokens),
                highest_cost(config, request, self.tokens_of_part()),
            ),
        };
        (0..self.parts).map(|_| of_part).sum()
    }
}

impl Forecast {
    /// What it may come to if it may also be the other.
    fn up_to(self, other: &Self) -> Self {
        let high = self.input_tokens.high.max(other.input_tokens.high);
        let cost = self.cost.zip(other.cost);
        Self {
            input_tokens: Range { high, ..self.input_tokens },
            max_output_tokens: self.max_output_tokens.max(other.max_output_tokens),
            cost: cost.map(|(own, other)| Range { high: own.high.max(other.high), ..own }),
        }
    }
}

impl Sum for Forecast {
    /// One cost that isn't known makes the sum unknown.
    fn sum<I: Iterator<Item = Self>>(forecasts: I) -> Self {
        let nothing =
            Self { input_tokens: Range::default(), max_output_tokens: 0, cost: Some(Range::default()) };
        forecasts.fold(nothing, |sum, further| Self {
            input_tokens: sum.input_tokens + further.input_tokens,
            max_output_tokens: sum.max_output_tokens + further.max_output_tokens,
            cost: sum.cost.zip(further.cost).map(|(sum, further)| sum + further),
        })
    }
}

impl<T: Add<Output = T>> Add for Range<T> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }
}

impl<T> Range<T> {
    /// `None` if one end isn't known.
    fn known(low: Option<T>, high: Option<T>) -> Option<Self> {
        Some(Self { low: low?, high: high? })
    }
}
