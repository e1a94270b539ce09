//! The three prompts of a chain, loaded and rendered together.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::template::BUILT_IN_VARIABLES;
use super::{Prompt, PromptFiles};
use crate::diagnostic::{Diagnostic, Source};
use crate::nearest::did_you_mean;
use crate::rule::Rule;
use crate::step::{PerStep, StepName};

/// The largest prompt that a template may become, in bytes: 1 MiB, as for the file itself.
pub const MAX_RENDERED_BYTES: usize = 1 << 20;

/// The prompts of the three steps, as far as they can be read, and what is wrong with them.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptSet {
    /// Each step's prompt; `None` if its file can't be read or taken apart.
    pub prompts: PerStep<Option<Prompt>>,
    /// The prompt for a part of process.
    pub worker: Option<Prompt>,
    /// What is wrong with the files or suspicious in them, each once: two steps may share a file.
    pub diagnostics: Vec<Diagnostic>,
    /// The names of all fields that the steps return.
    fields: BTreeSet<String>,
}

/// What templates are told by the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) step: &'a str,
    /// The most calls of process at a time.
    pub(super) workers: u32,
}

/// What templates became, and what was wrong.
#[derive(Debug)]
pub struct Rendered {
    /// Each step's text; `None` if its prompt couldn't be rendered.
    pub texts: PerStep<Option<String>>,
    /// The text for a part of process.
    pub worker: Option<String>,
    /// Variables that are undefined, given but unknown, or of another type, and the first failure of each
    /// template, such as a result of more than [`MAX_RENDERED_BYTES`].
    pub diagnostics: Vec<Diagnostic>,
}

impl PromptSet {
    /// Finds, reads and checks the three files. `reserved` are the fields that each step returns
    /// by itself, whose names no prompt may give to a further field.
    ///
    /// Undefined variables aren't looked for: only [`render`](Self::render) knows what is given.
    #[must_use]
    pub fn load(files: &PromptFiles, reserved: PerStep<&[&str]>) -> Self {
        let (texts, of_worker) = (files.read(), files.read_worker());
        let sources = texts.as_ref().into_array().into_iter().chain([&of_worker]);
        let sources = sources.map(|text| text.as_ref().ok().map(|(source, _)| source));
        let mut diagnostics: Vec<Diagnostic> = files.unused_folder(sources).into_iter().collect();
        let prompts = texts.zip(reserved).map(|_, (text, reserved)| {
            let (prompt, found) = match text {
                Ok((source, text)) => Prompt::parse(source, &text, reserved),
                Err(problem) => (None, vec![problem]),
            };
            diagnostics.extend(found);
            prompt
        });
        let (worker, found) = match of_worker {
            Ok((source, text)) => Prompt::parse(source, &text, reserved.process),
            // Of a folder that isn't there it has been told.
            Err(problem) if diagnostics.contains(&problem) => (None, Vec::new()),
            Err(problem) => (None, vec![problem]),
        };
        diagnostics.extend(found);
        Self { worker, ..Self::new(prompts, reserved, diagnostics) }
    }

    pub(super) fn new(
        prompts: PerStep<Option<Prompt>>,
        reserved: PerStep<&[&str]>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let all = prompts.as_ref().into_array().into_iter().flatten();
        let declared = all.flat_map(|prompt| &prompt.front_matter.fields);
        let declared = declared.map(|field| field.value.name.clone());
        let own = reserved.into_array().into_iter().flatten().map(|name| (*name).to_owned());
        let fields = declared.chain(own).collect();
        keep_each_once(&mut diagnostics);
        Self { prompts, worker: None, diagnostics, fields }
    }

    /// Renders the three templates. `given` are values for their variables, which win over the
    /// defaults in the files and are read as values of the same type. `workers` is how many calls of process
    /// there may be at a time.
    #[must_use]
    pub fn render(&self, given: &BTreeMap<String, String>, workers: u32) -> Rendered {
        let mut diagnostics = self.unknown(given);
        let mut render = |step: StepName, prompt: Option<&Prompt>| match prompt?.render(
            Facts { step: step.as_str(), workers },
            given,
            &self.fields,
        ) {
            Ok(text) => text,
            Err(found) => {
                diagnostics.extend(found);
                None
            }
        };
        let texts = self.prompts.as_ref().map(|step, prompt| render(step, prompt.as_ref()));
        let worker = render(StepName::Process, self.worker.as_ref());
        keep_each_once(&mut diagnostics);
        Rendered { texts, worker, diagnostics }
    }

    /// The problems with names that no prompt knows.
    fn unknown(&self, given: &BTreeMap<String, String>) -> Vec<Diagnostic> {
        let prompts = self.prompts.as_ref().map(|_, prompt| prompt.as_ref().filter(|it| it.is_whole()));
        if prompts.as_ref().into_array().into_iter().any(Option::is_none) {
            // One that can't be understood might know them.
            return Vec::new();
        }
        let prompts = prompts.into_array().into_iter().flatten().chain(&self.worker);
        let mut known: BTreeSet<&str> = prompts.flat_map(Prompt::variable_names).collect();
        known.retain(|name| !BUILT_IN_VARIABLES.contains(name));
        let problem = |name: &String| {
            let source = Source::Variable(name.clone());
            if BUILT_IN_VARIABLES.contains(&name.as_str()) {
                let message = format!("`{name}` is set by the program");
                return Diagnostic::new(Rule::ReservedName, source, message);
            }
            let names: Vec<&str> = known.iter().copied().collect();
            let all = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let hint = did_you_mean(name, names).unwrap_or_else(|| format!("the prompts' variables: {all}"));
            let message = format!("no prompt declares or uses a variable `{name}`");
            Diagnostic::new(Rule::UnknownOverride, source, message).hint(hint)
        };
        given.keys().filter(|name| !known.contains(name.as_str())).map(problem).collect()
    }
}

/// Drops what is there already.
fn keep_each_once(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    diagnostics.retain(|diagnostic| seen.insert(diagnostic.clone()));
}
