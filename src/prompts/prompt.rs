//! One prompt file: its front matter and its template. Doesn't read from disk, and doesn't know
//! the other steps' prompts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Facts;
use super::parts::Parts;
use super::prompt_set::MAX_RENDERED_BYTES;
use super::source_text::SourceText;
use super::template::{self, BUILT_IN_VARIABLES, FreeVariable, TemplateError};
use super::template_tag::{self, TemplateTag};
use super::{FrontMatter, front_matter_reader};
use crate::diagnostic::{Diagnostic, Source};
use crate::most_told::tell_most;
use crate::nearest::did_you_mean;
use crate::rule::Rule;

/// A prompt file that has been read and checked. What is wrong with it is told apart: what could be read
/// of it is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The settings at its top.
    pub front_matter: FrontMatter,
    source: SourceText,
    /// The byte at which the template begins.
    template_start: usize,
    /// `None` if the template can't be compiled.
    free_variables: Option<Vec<FreeVariable>>,
    /// Whether the front matter could be read as a whole, so that it says which variables there are.
    has_all_vars: bool,
    /// The same of the fields.
    has_all_fields: bool,
}

/// Names that other programs' templates have for what here comes in blocks beside the template.
const IN_BLOCKS: [&str; 8] =
    ["analysis", "draft", "request", "prompt", "conversation", "messages", "input", "question"];

/// The tables of the front matter.
const VARS: &str = "vars";
const FIELDS: &str = "fields";

/// Whether it is known what `table` of the front matter has in it, whatever else is wrong.
fn leaves_known(problem: &Diagnostic, table: &str) -> bool {
    match problem.rule {
        Rule::FrontMatterDuplicateKey => true,
        Rule::FrontMatterFieldType => table != FIELDS,
        Rule::FrontMatterUnknownKey => {
            !problem.hint.as_ref().is_some_and(|hint| hint.contains(&format!("`{table}`")))
        }
        _ => false,
    }
}

impl Prompt {
    /// Reads `text`, a prompt file's. No field that it adds may have a name of `reserved`.
    ///
    /// Beside the prompt, `None` if its parts can't be told apart, come all that is wrong with the front
    /// matter, what is wrong with the template, and what can be used but likely isn't meant so.
    #[must_use]
    pub fn parse(source: Source, text: &str, reserved: &[&str]) -> (Option<Self>, Vec<Diagnostic>) {
        let source = SourceText::new(source, text);
        let Parts { front_matter, template_start } = match Parts::of(&source) {
            Ok(parts) => parts,
            Err(problem) => return (None, vec![problem]),
        };
        let (front_matter, found) = front_matter_reader::read(&source, front_matter, reserved);
        let [has_all_vars, has_all_fields] =
            [VARS, FIELDS].map(|table| found.iter().all(|problem| leaves_known(problem, table)));
        let mut found = tell_most(found);
        let mut prompt =
            Self { front_matter, source, template_start, free_variables: None, has_all_vars, has_all_fields };
        match prompt.check_template() {
            Ok(free_variables) => {
                found.extend(prompt.unused_variables(&free_variables));
                prompt.free_variables = Some(free_variables);
            }
            Err(problem) => found.push(problem),
        }
        (Some(prompt), found)
    }

    /// Where it was read from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source.source
    }

    /// What is rendered: all that follows the front matter.
    #[must_use]
    pub fn template(&self) -> &str {
        self.source.text.get(self.template_start..).unwrap_or_default()
    }

    /// The tags of the template, in order.
    #[must_use]
    pub fn tags(&self) -> Vec<TemplateTag> {
        template_tag::template_tags(self.template())
    }

    /// Whether the template can be compiled, so that its tags are certain.
    #[must_use]
    pub fn compiles(&self) -> bool {
        self.free_variables.is_some()
    }

    /// Whether all the fields that the front matter declares could be read.
    #[must_use]
    pub fn has_all_fields(&self) -> bool {
        self.has_all_fields
    }

    /// A diagnostic about the bytes of `range` within the [`template`](Self::template).
    #[must_use]
    pub fn diagnostic(&self, range: &Range<usize>, rule: Rule, message: impl Into<String>) -> Diagnostic {
        let within_file = range.start + self.template_start..range.end + self.template_start;
        self.source.diagnostic(&within_file, rule, message)
    }

    /// The line of the file of that number, from 1.
    #[must_use]
    pub fn line(&self, number: u32) -> &str {
        self.source.line(number)
    }

    /// Whether both its parts could be understood, so that its variables are known.
    pub(super) fn is_whole(&self) -> bool {
        self.has_all_vars && self.free_variables.is_some()
    }

    /// The names that the file declares or its template looks up.
    pub(super) fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.front_matter
            .vars
            .keys()
            .chain(self.free_variables.iter().flatten().map(|free| &free.name))
            .map(String::as_str)
    }

    fn unused_variables(&self, free: &[FreeVariable]) -> Vec<Diagnostic> {
        let used: BTreeSet<&String> = free.iter().map(|free| &free.name).collect();
        let unused = self.front_matter.vars.iter().filter(|(name, _)| !used.contains(name));
        tell_most(unused.map(|(name, default)| {
            let undeclared = free.iter().map(|free| free.name.as_str());
            let undeclared = undeclared.filter(|name| !self.front_matter.vars.contains_key(*name));
            let message = format!("the template doesn't use the variable `{name}`");
            self.source
                .diagnostic_at(default.place, Rule::UnusedVariable, message)
                .maybe_hint(did_you_mean(name, undeclared))
        }))
    }

    /// Renders the template, with `given` values in place of the file's defaults. `fields`
    /// are what the steps return, which is no variable. `None` if that can't be tried, for a reason that
    /// [`parse`](Self::parse) has told.
    pub(super) fn render(
        &self,
        facts: Facts<'_>,
        given: &BTreeMap<String, String>,
        fields: &BTreeSet<String>,
    ) -> Result<Option<String>, Vec<Diagnostic>> {
        let Some(free_variables) = self.free_variables.as_ref().filter(|_| self.has_all_vars) else {
            return Ok(None);
        };
        let (variables, mut problems) = self.variables(facts, given);
        let defined = |name: &str| variables.contains_key(name) || self.front_matter.vars.contains_key(name);
        let missing = free_variables.iter().filter(|free| !free.optional && !defined(&free.name));
        problems.extend(tell_most(missing.map(|free| self.undefined(free, fields))));
        if !problems.is_empty() {
            return Err(problems);
        }
        let rendered = template::render(self.template(), &variables);
        let rendered = rendered.map_err(|error| vec![self.template_problem(error)])?;
        if rendered.is_empty() {
            return Err(vec![self.empty()]);
        }
        if rendered.len() > MAX_RENDERED_BYTES {
            let message = format!("the rendered prompt is larger than {MAX_RENDERED_BYTES} bytes");
            return Err(vec![Diagnostic::new(Rule::TemplateLimit, self.source().clone(), message)]);
        }
        Ok(Some(rendered))
    }

    /// The variables of the template, and the problems with what was given for them.
    fn variables<'a>(
        &'a self,
        facts: Facts<'a>,
        given: &'a BTreeMap<String, String>,
    ) -> (BTreeMap<&'a str, minijinja::Value>, Vec<Diagnostic>) {
        let [step, workers] = BUILT_IN_VARIABLES;
        let mut variables = BTreeMap::from([
            (step, minijinja::Value::from(facts.step)),
            (workers, minijinja::Value::from(facts.workers)),
        ]);
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
                    let hint = format!("as is its default at {}:{}:{}", self.source(), at.line, at.col);
                    let source = Source::Variable(name.clone());
                    problems.push(Diagnostic::new(Rule::OverrideType, source, message).hint(hint));
                }
            }
        }
        (variables, problems)
    }

    fn check_template(&self) -> Result<Vec<FreeVariable>, Diagnostic> {
        if self.template().trim().is_empty() {
            return Err(self.empty());
        }
        let declared = |name: &str| self.front_matter.vars.contains_key(name);
        template::free_variables(self.template(), declared).map_err(|error| self.template_problem(error))
    }

    fn empty(&self) -> Diagnostic {
        let end = self.source.text.len();
        self.source
            .diagnostic(&(end..end), Rule::EmptyPrompt, "the prompt is empty")
            .hint("say what the model is to do in this step")
    }

    fn undefined(&self, free: &FreeVariable, fields: &BTreeSet<String>) -> Diagnostic {
        let name = &free.name;
        let known = self.front_matter.vars.keys().map(String::as_str).chain(BUILT_IN_VARIABLES);
        let hint = if fields.contains(name) {
            format!("the field `{name}` comes in the block of the analysis or the draft, not as a variable")
        } else {
            did_you_mean(name, known).unwrap_or_else(|| {
                if IN_BLOCKS.contains(&name.as_str()) {
                    "the request and what earlier steps return reach the model in blocks of their own, not \
                     through the template: drop it"
                        .to_owned()
                } else {
                    format!("give it a default under [vars], or a value with --var {name}=…")
                }
            })
        };
        self.template_problem(TemplateError {
            range: free.range.clone(),
            rule: Rule::UndefinedVariable,
            message: format!("undefined variable `{name}`"),
            hint: Some(hint),
        })
    }

    fn template_problem(&self, error: TemplateError) -> Diagnostic {
        let problem = match error.range {
            Some(range) => self.diagnostic(&range, error.rule, error.message),
            None => Diagnostic::new(error.rule, self.source().clone(), error.message),
        };
        problem.maybe_hint(error.hint)
    }
}
