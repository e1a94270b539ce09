//! The three prompts of a chain, loaded and rendered together.

use std::collections::{BTreeMap, BTreeSet};

use super::template::BUILT_IN_VARIABLE;
use super::{Prompt, PromptFiles};
use crate::diagnostic::{Diagnostic, Source};
use crate::nearest::did_you_mean;
use crate::rule::Rule;
use crate::step::PerStep;

/// The largest prompt that a template may become, in bytes: 1 MiB, as for the file itself.
pub const MAX_RENDERED_BYTES: usize = 1 << 20;

/// The prompts of the three steps, as far as they can be read, and what is wrong with them.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptSet {
    /// Each step's prompt; `None` if its file can't be read or taken apart.
    pub prompts: PerStep<Option<Prompt>>,
    /// What is wrong with the files or suspicious in them, each once: two steps may share a file.
    pub diagnostics: Vec<Diagnostic>,
    /// The names of all fields that the steps return.
    fields: BTreeSet<String>,
}

/// What templates became, and what was wrong.
#[derive(Debug)]
pub struct Rendered {
    /// Each step's text; `None` if its prompt couldn't be rendered.
    pub texts: PerStep<Option<String>>,
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
        let texts = files.read();
        let sources = texts.as_ref().map(|_, text| text.as_ref().ok().map(|(source, _)| source));
        let mut diagnostics: Vec<Diagnostic> = files.unused_folder(sources).into_iter().collect();
        let prompts = texts.zip(reserved).map(|_, (text, reserved)| {
            let (prompt, found) = match text {
                Ok((source, text)) => Prompt::parse(source, &text, reserved),
                Err(problem) => (None, vec![problem]),
            };
            diagnostics.extend(found);
            prompt
        });
        Self::new(prompts, reserved, diagnostics)
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
        Self { prompts, diagnostics, fields }
    }

    /// Renders the three templates. `given` are values for their variables, which win over the
    /// defaults in the files and are read as values of the same type.
    #[must_use]
    pub fn render(&self, given: &BTreeMap<String, String>) -> Rendered {
        let mut diagnostics = self.unknown(given);
        let texts = self.prompts.as_ref().map(|step, prompt| {
            match prompt.as_ref()?.render(step.as_str(), given, &self.fields) {
                Ok(text) => text,
                Err(found) => {
                    diagnostics.extend(found);
                    None
                }
            }
        });
        keep_each_once(&mut diagnostics);
        Rendered { texts, diagnostics }
    }

    /// The problems with names that no prompt knows.
    fn unknown(&self, given: &BTreeMap<String, String>) -> Vec<Diagnostic> {
        let prompts = self.prompts.as_ref().map(|_, prompt| prompt.as_ref().filter(|it| it.is_whole()));
        if prompts.as_ref().into_array().into_iter().any(Option::is_none) {
            // One that can't be understood might know them.
            return Vec::new();
        }
        let prompts = prompts.into_array().into_iter().flatten();
        let mut known: BTreeSet<&str> = prompts.flat_map(Prompt::variable_names).collect();
        known.remove(BUILT_IN_VARIABLE);
        let problem = |name: &String| {
            let source = Source::Variable(name.clone());
            if name == BUILT_IN_VARIABLE {
                let message = format!("`{BUILT_IN_VARIABLE}` is set by the program");
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
    let mut kept: Vec<Diagnostic> = Vec::new();
    for diagnostic in diagnostics.drain(..) {
        if !kept.contains(&diagnostic) {
            kept.push(diagnostic);
        }
    }
    *diagnostics = kept;
}
