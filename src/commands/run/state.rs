//! What is kept of a run, and what is taken from an earlier one.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::chain::{ChainConfig, Conversation, PerStep, Plan, StepName, Summary};
use crate::cli::{RunArgs, StateArgs};
use crate::commands::new_file::{self, NewFile};
use crate::commands::same_file::check_apart;
use crate::commands::tell::code_of;
use crate::error::{Error, ErrorCode};
use crate::report::json::{Layout, render};
use crate::report::wire::StateParts;
use crate::report::{MAX_STATE_BYTES, SavedState, StateReport};
use crate::small_file::read_small_file;

/// What a run goes on from.
pub(super) struct Resumed {
    pub(super) conversation: Conversation,
    pub(super) plan: Plan,
    /// The finished steps as their file has them.
    kept: PerStep<Option<Value>>,
    /// What should be said before it starts.
    pub(super) warnings: Vec<String>,
}

impl Resumed {
    /// Reads the state that the flags name; `None` if they name none.
    pub(super) fn read(
        args: &StateArgs,
        chain: &ChainConfig,
        simulated: bool,
    ) -> Result<Option<Self>, Error> {
        let Some(path) = &args.state else {
            // Left to the parser, this would go unsaid beside a prompt, which --state can't have.
            return match args.from {
                Some(_) => Err(Error::new(ErrorCode::Usage, "--from needs --state")
                    .hint("--state FILE names the steps that are finished, as --save has written them")),
                None => Ok(None),
            };
        };
        let state = read(path)?;
        let Some(from) = args.from.or_else(|| state.first_unfinished()) else {
            let message = format!("{}: all steps are finished already", path.display());
            return Err(Error::new(ErrorCode::StateFile, message).hint(format!(
                "name the first step to run again, such as --from {}",
                args.until.unwrap_or(StepName::Synthesize)
            )));
        };
        let until = check_order(from, args.until)?;
        let hashes = chain.prompt_hashes();
        let mut resumed = Self {
            conversation: state.conversation,
            plan: Plan { until, ..Plan::default() },
            kept: PerStep::default(),
            warnings: Vec::new(),
        };
        if state.simulated != simulated {
            let whose = if state.simulated { "the simulator" } else { "a model" };
            resumed.warnings.push(format!("the steps in {} were run by {whose}", path.display()));
        }
        for ((step, saved), (hash, config)) in StepName::ALL
            .into_iter()
            .zip(state.steps.into_array())
            .zip(hashes.into_array().iter().zip(chain.steps.as_ref().into_array()))
            .take_while(|((step, _), _)| *step < from)
        {
            let Some(saved) = saved else { return Err(missing(path, step, from)) };
            if saved.prompt_sha256 != *hash {
                resumed
                    .warnings
                    .push(format!("{step} isn't run again, although its prompt has changed since"));
            }
            let then = &saved.finished.metadata.model;
            if *then != config.model {
                let now = &config.model;
                resumed
                    .warnings
                    .push(format!("{step} isn't run again: its model was {then}, and is {now} now"));
            }
            *resumed.kept.get_mut(step) = Some(saved.raw);
            *resumed.plan.earlier.get_mut(step) = Some(Box::new(saved.finished));
        }
        Ok(Some(resumed))
    }

    /// What a run from the beginning goes on from: nothing.
    pub(super) fn nothing(args: &StateArgs, conversation: Conversation) -> Self {
        let plan = Plan { until: args.until.unwrap_or(StepName::Synthesize), ..Plan::default() };
        Self { conversation, plan, kept: PerStep::default(), warnings: Vec::new() }
    }
}

/// The last step, which must not come before the first.
fn check_order(from: StepName, until: Option<StepName>) -> Result<StepName, Error> {
    match until {
        Some(until) if until < from => {
            let message = format!("nothing would be run: --until {until} comes before {from}");
            Err(Error::new(ErrorCode::Usage, message).hint("--from names the first step, --until the last"))
        }
        until => Ok(until.unwrap_or(StepName::Synthesize)),
    }
}

fn read(path: &Path) -> Result<SavedState, Error> {
    let shown = path.display();
    let text = read_small_file(path, MAX_STATE_BYTES)
        .map_err(|error| Error::new(ErrorCode::StateFile, format!("{shown} {error}")))?;
    SavedState::parse(&text).map_err(|error| {
        Error::new(ErrorCode::StateFile, format!("{shown} {error}"))
            .hint("--state takes a file that run --save has written")
    })
}

fn missing(path: &Path, step: StepName, from: StepName) -> Error {
    let message = format!("{}: {step} isn't finished, which {from} needs", path.display());
    Error::new(ErrorCode::StateFile, message).hint(format!("run it from there: --from {step}"))
}

/// Keeps what a run comes to.
pub(super) struct StateFile {
    path: PathBuf,
    asked: usize,
    simulated: bool,
    prompts: PerStep<String>,
    kept: PerStep<Option<Value>>,
    failure: Option<Error>,
    /// Whether it holds, or is to hold, what this run has come to.
    is_begun: bool,
}

impl StateFile {
    /// The file that the flags name; `None` if they name none.
    ///
    /// # Errors
    /// If it can't be written: nothing is paid for before that is known.
    pub(super) fn open(
        args: &RunArgs,
        chain: &ChainConfig,
        resumed: &Resumed,
    ) -> Result<Option<Self>, Error> {
        let simulated = args.offline;
        let Some(path) = args.state.save.clone() else { return Ok(None) };
        let out = args.out.as_deref();
        let read = args.files.iter().chain(&args.messages).filter(|file| *file != Path::new("-"));
        let read = read.map(|file| ("what is read", Some(file.as_path())));
        for other in read.chain([("the answer", out)]) {
            check_apart(&[("the run's state", Some(&path)), other])?;
        }
        new_file::check_replaceable(&path)?;
        Ok(Some(Self {
            path,
            asked: resumed.conversation.messages().len(),
            simulated,
            prompts: chain.prompt_hashes(),
            kept: resumed.kept.clone(),
            failure: None,
            is_begun: false,
        }))
    }

    /// The run has ended: writes how. What an earlier run has kept there is worth more than that nothing has
    /// been finished since.
    pub(super) fn end(&mut self, summary: &Summary) {
        if self.is_begun || !self.path.exists() {
            self.write(summary);
        }
    }

    /// Writes what the run has come to. That it can't is told in the end: the run is worth more than its
    /// state.
    pub(super) fn write(&mut self, summary: &Summary) {
        self.is_begun = true;
        self.failure = self.try_write(summary).err();
    }

    fn try_write(&self, summary: &Summary) -> Result<(), Error> {
        let Self { asked, simulated, prompts, kept, .. } = self;
        let parts = StateParts { asked: *asked, simulated: *simulated, prompts, kept };
        let text =
            StateReport::new(summary, &parts, code_of).and_then(|report| render(&report, Layout::Indented));
        let text = text.map_err(|error| crate::commands::output_error(&error.into()))?;
        new_file::replace_all(vec![NewFile { path: self.path.clone(), text: text.into(), is_secret: true }])
    }

    /// The error, with how to go on from what is kept.
    pub(super) fn hint(&self, error: Error, summary: &Summary) -> Error {
        let has_steps = summary.state.outputs.iter().any(|(_, output)| output.is_some());
        if self.failure.is_some() || !has_steps {
            return error;
        }
        let goes_on = format!("--state {} goes on from here", self.path.display());
        let hint = error.hint.map_or(goes_on.clone(), |own| format!("{own}; {goes_on}"));
        Error { hint: Some(hint), ..error }
    }

    /// Why what was written last isn't there, if it isn't.
    pub(super) fn failure(self) -> Option<Error> {
        self.failure
    }
}
