//! One prompt file: its front matter and its template. Doesn't read from disk, and doesn't know
//! the other steps' prompts.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::Parts;
use super::problem::did_you_mean;
use super::source_text::SourceText;
use super::template::{self, BUILT_IN_VARIABLE, FreeVariable, TemplateError};
use super::{FrontMatter, Origin, Problem, front_matter_reader};

/// A prompt file that has been read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The settings at its top.
    pub front_matter: FrontMatter,
    source: SourceText,
    /// The byte at which the template begins.
    template_start: usize,
    free_variables: Vec<FreeVariable>,
}

impl Prompt {
    /// Reads `text`, a prompt file's. No field that it adds may have a name of `reserved`.
    ///
    /// # Errors
    /// All that is wrong with the front matter, and what is wrong with the template.
    pub fn parse(origin: Origin, text: &str, reserved: &[&str]) -> Result<Self, Vec<Problem>> {
        let source = SourceText::new(origin, text);
        let Parts { front_matter, template_start } = Parts::of(&source).map_err(|problem| vec![problem])?;
        let (front_matter, mut problems) = front_matter_reader::read(&source, front_matter, reserved);
        let prompt = Self { front_matter, source, template_start, free_variables: Vec::new() };
        match prompt.check_template() {
            Ok(free_variables) if problems.is_empty() => Ok(Self { free_variables, ..prompt }),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    /// Where it was read from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.source.origin
    }

    /// What is rendered: all that follows the front matter.
    pub(super) fn template(&self) -> &str {
        self.source.text.get(self.template_start..).unwrap_or_default()
    }

    /// The names that the file declares or its template looks up.
    pub(super) fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.front_matter
            .vars
            .keys()
            .chain(self.free_variables.iter().map(|free| &free.name))
            .map(String::as_str)
    }

    /// What can be used but likely isn't what the author meant.
    pub(super) fn warnings(&self) -> Vec<Problem> {
        let is_used = |name: &String| self.free_variables.iter().any(|free| free.name == *name);
        let unused = self.front_matter.vars.iter().filter(|(name, _)| !is_used(name));
        unused
            .map(|(name, default)| {
                let free = self.free_variables.iter().map(|free| free.name.as_str());
                let message = format!("the template doesn't use the variable `{name}`");
                Problem::error(self.origin().clone(), "unused-variable", message)
                    .at(default.place)
                    .maybe_hint(did_you_mean(name, free))
                    .warning()
            })
            .collect()
    }

    /// Renders the template for `step`, with `given` values in place of the file's defaults. `fields`
    /// are what the steps return, which is no variable.
    pub(super) fn render(
        &self,
        step: &str,
        given: &BTreeMap<String, String>,
        fields: &BTreeSet<String>,
    ) -> Result<String, Vec<Problem>> {
        let (variables, mut problems) = self.variables(step, given);
        let defined = |name: &str| variables.contains_key(name) || self.front_matter.vars.contains_key(name);
        let missing = self.free_variables.iter().filter(|free| !free.optional && !defined(&free.name));
        problems.extend(missing.map(|free| self.undefined(free, fields)));
        if !problems.is_empty() {
            return Err(problems);
        }
        let rendered = template::render(self.template(), &variables);
        let rendered = rendered.map_err(|error| vec![self.template_problem(error)])?;
        if rendered.is_empty() { Err(vec![self.empty()]) } else { Ok(rendered) }
    }

    /// The variables of the template, and the problems with what was given for them.
    fn variables<'a>(
        &'a self,
        step: &'a str,
        given: &'a BTreeMap<String, String>,
    ) -> (BTreeMap<&'a str, minijinja::Value>, Vec<Problem>) {
        let mut variables = BTreeMap::from([(BUILT_IN_VARIABLE, minijinja::Value::from(step))]);
        let mut problems = Vec::new();
        for (name, text) in given {
            if !self.front_matter.vars.contains_key(name) {
                variables.entry(name).or_insert_with(|| minijinja::Value::from(text.as_str()));
            }
        }
        for (name, default) in &self.front_matter.vars {
            match given
                .get(name)
                .map_or_else(|| Ok(default.value.clone()), |text| default.value.parse_alike(text))
            {
                Ok(value) => {
                    variables.insert(name, value.to_template_value());
                }
                Err(expected) => {
                    let message = format!("`{name}` must be {expected}");
                    let at = &default.place;
                    let hint = format!("as is its default at {}:{}:{}", self.origin(), at.line, at.col);
                    let origin = Origin::Variable(name.clone());
                    problems.push(Problem::error(origin, "override-type", message).hint(hint));
                }
            }
        }
        (variables, problems)
    }

    fn check_template(&self) -> Result<Vec<FreeVariable>, Problem> {
        if self.template().trim().is_empty() {
            return Err(self.empty());
        }
        let declared = |name: &str| self.front_matter.vars.contains_key(name);
        template::free_variables(self.template(), declared).map_err(|error| self.template_problem(error))
    }

    fn empty(&self) -> Problem {
        let end = self.source.text.len();
        self.source
            .error(&(end..end), "empty-prompt", "the prompt is empty")
            .hint("say what the model is to do in this step")
    }

    fn undefined(&self, free: &FreeVariable, fields: &BTreeSet<String>) -> Problem {
        let name = &free.name;
        let known = self.front_matter.vars.keys().map(String::as_str).chain([BUILT_IN_VARIABLE]);
        let hint = if fields.contains(name) {
            format!("the field `{name}` comes in the block of the analysis or the draft, not as a variable")
        } else {
            did_you_mean(name, known)
                .unwrap_or_else(|| format!("give it a default under [vars], or a value with --var {name}=…"))
        };
        self.template_problem(TemplateError {
            range: free.range.clone(),
            rule: "undefined-variable",
            message: format!("undefined variable `{name}`"),
            hint: Some(hint),
        })
    }

    fn template_problem(&self, error: TemplateError) -> Problem {
        let problem = match error.range {
            Some(range) => {
                let within_file = range.start + self.template_start..range.end + self.template_start;
                self.source.error(&within_file, error.rule, error.message)
            }
            None => Problem::error(self.origin().clone(), error.rule, error.message),
        };
        problem.maybe_hint(error.hint)
    }
}
