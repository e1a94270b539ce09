//! Values that are free, of which some are offered where a shell completes them.
//!
//! What is offered is found out only when it is asked for: an ordinary start reads no catalog.

use std::ffi::OsStr;
use std::sync::Arc;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};

use super::parsers;
use crate::model::Catalog;
use crate::rule::Rule;
use crate::settings::{Override, sections};
use crate::simulator::{BatchEndpoint, Fault, FaultRule, Step};

/// Reads a value with `read`, and has some to offer.
#[derive(Clone)]
pub(super) struct Offered<T> {
    read: fn(&str) -> Result<T, String>,
    offer: Arc<dyn Fn() -> Vec<PossibleValue> + Send + Sync>,
}

impl<T> Offered<T> {
    pub(super) fn new(
        read: fn(&str) -> Result<T, String>,
        offer: impl Fn() -> Vec<PossibleValue> + Send + Sync + 'static,
    ) -> Self {
        Self { read, offer: Arc::new(offer) }
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Offered<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        self.read.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.offer)().into_iter()))
    }
}

/// A model: any; those of the built-in catalog are offered.
pub(super) fn model() -> Offered<String> {
    Offered::new(parsers::said, || {
        let catalog = Catalog::built_in();
        let names = catalog.models().flat_map(|model| [&model.id].into_iter().chain(&model.aliases));
        names.map(PossibleValue::new).collect()
    })
}

/// `step.key=value`: up to the sign, there are only so many.
pub(super) fn step_setting() -> Offered<Override> {
    Offered::new(parsers::step_setting, || {
        Override::set_flag_targets().map(|target| PossibleValue::new(format!("{target}="))).collect()
    })
}

/// A fault, and perhaps the step or the endpoint of batches whose calls it strikes. The calls and a parameter are left to the user.
pub(super) fn fault_rule() -> Offered<FaultRule> {
    Offered::new(parsers::fault_rule, || {
        let alone = Fault::all().iter().map(|fault| PossibleValue::new(fault.name()));
        let of_step = Step::ALL.into_iter().flat_map(|step| {
            let strikes = move |fault: &&Fault| fault.step().is_none_or(|only| only == step);
            Fault::all().iter().filter(strikes).map(move |fault| format!("{}:{fault}", step.name()))
        });
        let of_endpoint = BatchEndpoint::ALL.into_iter().flat_map(|endpoint| {
            let strikes = |fault: &&Fault| fault.strikes_endpoint();
            Fault::all().iter().filter(strikes).map(move |fault| format!("{endpoint}:{fault}"))
        });
        alone.chain(of_step.chain(of_endpoint).map(PossibleValue::new)).collect()
    })
}

/// The name of a rule.
pub(super) fn rule() -> Offered<Rule> {
    Offered::new(parsers::rule, || Rule::all().map(|rule| PossibleValue::new(rule.name())).collect())
}

/// The name of a variable.
pub(super) fn variable_name() -> Offered<String> {
    Offered::new(parsers::variable_name, || {
        let variables = sections().iter().flat_map(|section| section.variables);
        variables.map(|variable| PossibleValue::new(variable.name)).collect()
    })
}

/// One of the words, or any other: what is wrong with that is told by whoever looks it up.
pub(super) fn word(offered: Vec<PossibleValue>) -> Offered<String> {
    Offered::new(parsers::said, move || offered.clone())
}
