//! The three prompts of a chain, loaded and rendered together.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{each_once, gather};
use super::problem::did_you_mean;
use super::template::BUILT_IN_VARIABLE;
use super::{Origin, Problem, Prompt, PromptFiles};
use crate::step::PerStep;

/// The largest prompt that a template may become, in bytes: 1 MiB, as for the file itself.
pub const MAX_RENDERED_BYTES: usize = 1 << 20;

/// The prompts of the three steps.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptSet {
    /// Each step's prompt.
    pub prompts: PerStep<Prompt>,
    /// The names of all fields that the steps return.
    fields: BTreeSet<String>,
    /// What is suspicious in where the files were looked for.
    folder_warning: Option<Problem>,
}

impl PromptSet {
    /// Finds, reads and checks the three files. `reserved` are the fields that each step returns
    /// by itself, whose names no prompt may give to a further field.
    ///
    /// Undefined variables aren't looked for: only [`render`](Self::render) knows what is given.
    ///
    /// # Errors
    /// All that is wrong with any of the files.
    pub fn load(files: &PromptFiles, reserved: PerStep<&[&str]>) -> Result<Self, Vec<Problem>> {
        let texts = files.read()?;
        let parsed = texts.zip(reserved).map(|_, (text, reserved)| {
            text.and_then(|(origin, text)| Prompt::parse(origin, &text, reserved))
        });
        let set = Self::new(gather(parsed)?, reserved);
        let origins = set.prompts.as_ref().map(|_, prompt| prompt.origin());
        Ok(Self { folder_warning: files.unused_folder(origins), ..set })
    }

    pub(super) fn new(prompts: PerStep<Prompt>, reserved: PerStep<&[&str]>) -> Self {
        let declared =
            prompts.as_ref().into_array().into_iter().flat_map(|prompt| &prompt.front_matter.fields);
        let declared = declared.map(|field| field.value.name.clone());
        let own = reserved.into_array().into_iter().flatten().map(|name| (*name).to_owned());
        let fields = declared.chain(own).collect();
        Self { prompts, fields, folder_warning: None }
    }

    /// What is suspicious in prompts that can be used, and in a folder that none of them is from.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let of_prompts = self.prompts.as_ref().into_array().into_iter().flat_map(Prompt::warnings);
        each_once(self.folder_warning.iter().cloned().chain(of_prompts))
    }

    /// Renders the three templates. `given` are values for their variables, which win over the
    /// defaults in the files and are read as values of the same type.
    ///
    /// # Errors
    /// All variables that are undefined, given but unknown, or of another type; else the first
    /// failure of each template, such as a result of more than [`MAX_RENDERED_BYTES`].
    pub fn render(&self, given: &BTreeMap<String, String>) -> Result<PerStep<String>, Vec<Problem>> {
        let unknown = self.unknown(given);
        let rendered = self.prompts.as_ref().map(|step, prompt| {
            let text = prompt.render(step.as_str(), given, &self.fields)?;
            if text.len() > MAX_RENDERED_BYTES {
                let message = format!("the rendered prompt is larger than {MAX_RENDERED_BYTES} bytes");
                return Err(vec![Problem::error(prompt.origin().clone(), "template-limit", message)]);
            }
            Ok(text)
        });
        match gather(rendered) {
            Ok(rendered) if unknown.is_empty() => Ok(rendered),
            Ok(_) => Err(unknown),
            Err(problems) => Err(unknown.into_iter().chain(problems).collect()),
        }
    }

    /// The problems with names that no prompt knows.
    fn unknown(&self, given: &BTreeMap<String, String>) -> Vec<Problem> {
        let prompts = self.prompts.as_ref().into_array();
        let mut known: BTreeSet<&str> = prompts.into_iter().flat_map(Prompt::variable_names).collect();
        known.remove(BUILT_IN_VARIABLE);
        let problem = |name: &String| {
            let origin = Origin::Variable(name.clone());
            if name == BUILT_IN_VARIABLE {
                let message = format!("`{BUILT_IN_VARIABLE}` is set by the program");
                return Problem::error(origin, "reserved-name", message);
            }
            let names: Vec<&str> = known.iter().copied().collect();
            let all = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let hint = did_you_mean(name, names).unwrap_or_else(|| format!("the prompts' variables: {all}"));
            let message = format!("no prompt declares or uses a variable `{name}`");
            Problem::error(origin, "unknown-override", message).hint(hint)
        };
        given.keys().filter(|name| !known.contains(name.as_str())).map(problem).collect()
    }
}
