//! From lines to what is to be done with each: run it, run the rest of it, print it again, or say why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::item::{Item, Unfit};
use super::journal::{Index, Reader};
use super::lines::{Line, Lines};
use crate::chain::{AnswerOptions, Budget, ChainConfig, Delivery, RunInput, preview};
use crate::commands::setup::Setup;
use crate::error::Error;

/// What is to be done with a line.
pub(super) enum Next {
    /// Run what isn't finished of it.
    Run(Box<Item>, Arc<ChainConfig>),
    /// It is done: this is its result.
    Done { line: u64, result: String },
    /// There is nothing on it.
    Blank { line: u64 },
    /// It can't be run.
    Unfit { line: Line, unfit: Unfit },
}

/// The input, and what an earlier batch has made of it.
pub(super) struct Input {
    lines: Lines,
    setup: Setup,
    /// The chain for lines without variables of their own.
    chain: Arc<ChainConfig>,
    vars: BTreeMap<String, String>,
    index: Index,
    reader: Option<Reader>,
    /// What all lines together may spend.
    budget: Option<Arc<Budget>>,
}

impl Input {
    pub(super) fn new(
        lines: Lines,
        setup: Setup,
        vars: BTreeMap<String, String>,
        index: Index,
        reader: Option<Reader>,
    ) -> Self {
        let chain = Arc::new(setup.chain.clone());
        Self { lines, setup, chain, vars, index, reader, budget: None }
    }

    /// The same, where calls of which nobody knows what they came to count at their worst.
    pub(super) fn with_budget(self, budget: Arc<Budget>) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// The next line; `None` at the end. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Option<Next>, Error> {
        match self.lines.next().await? {
            Some(line) => self.judge(line).map(Some),
            None => Ok(None),
        }
    }

    /// How many lines the journal tells of beyond that one.
    pub(super) fn lines_missing(&self, last_line: u64) -> u64 {
        self.index.last_line().saturating_sub(last_line)
    }

    fn judge(&mut self, line: Line) -> Result<Next, Error> {
        if line.is_blank() {
            return Ok(Next::Blank { line: line.number });
        }
        if let (Some(at), Some(reader)) = (self.index.result_of(line.number), &mut self.reader) {
            let result = reader.result(at, line.number, &line.hash)?;
            return Ok(Next::Done { line: line.number, result });
        }
        let mut item = match Item::parse(&line) {
            Ok(item) => item,
            Err(unfit) => return Ok(Next::Unfit { line, unfit }),
        };
        if let (Some(open), Some(reader)) = (self.index.open(line.number), &mut self.reader) {
            item.carried = open.spend;
            for finished in reader.steps(&item, open)? {
                let step = finished.step;
                *item.plan.earlier.get_mut(step) = Some(Box::new(finished));
            }
        }
        match self.chain_for(&item) {
            Ok(chain) => {
                self.charge(&item, &chain);
                Ok(Next::Run(Box::new(item), chain))
            }
            Err(error) => {
                let reason =
                    std::iter::once(error.message).chain(error.causes).collect::<Vec<_>>().join(": ");
                Ok(Next::Unfit { line, unfit: Unfit { id: item.id, reason } })
            }
        }
    }

    /// A call that was in flight when an earlier batch ended may have cost what the one in its place can.
    fn charge(&self, item: &Item, chain: &ChainConfig) {
        let uncounted = item.carried.uncounted_attempts;
        let Some(budget) = self.budget.as_ref().filter(|_| uncounted > 0) else { return };
        let input = RunInput {
            purse: None,
            conversation: item.conversation.clone(),
            request_id: String::new(),
            trace: None,
            delivery: Delivery::Held,
            answer: AnswerOptions::default(),
            plan: item.plan.clone(),
        };
        // What can't be foreseen is refused by the run itself.
        let calls = preview(&ChainConfig { max_cost: None, ..chain.clone() }, &input).unwrap_or_default();
        let worst = calls.first().and_then(|call| call.forecast(chain).cost).map(|cost| cost.high);
        budget.charge(worst.unwrap_or_default() * uncounted);
    }

    /// The chain with the line's variables.
    fn chain_for(&self, item: &Item) -> Result<Arc<ChainConfig>, Error> {
        if item.vars.is_empty() {
            return Ok(Arc::clone(&self.chain));
        }
        let mut vars = self.vars.clone();
        vars.extend(item.vars.clone());
        self.setup.chain_with(&vars).map(Arc::new)
    }
}
