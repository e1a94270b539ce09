//! A prompt must name each field that its step returns by itself. Those that its front matter declares are
//! named to the model by the program.

use super::example_mismatch::describe;
use super::mask::blank;
use super::step_prompt::StepPrompt;
use super::words::names;
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;

pub(super) fn check(prompt: &StepPrompt<'_>) -> Vec<Diagnostic> {
    let template = prompt.prompt.template();
    // In a template that can't be compiled, what is a comment isn't certain.
    let without_comments = if prompt.prompt.compiles() {
        blank(template, prompt.layout.comments())
    } else {
        template.to_owned()
    };
    let start = template.len() - template.trim_start().len();
    let fields = prompt.fields();
    let unnamed = fields.own.iter().filter(|name| !names(&without_comments, name));
    unnamed
        .map(|name| {
            let message =
                format!("the prompt doesn't name the field `{name}`, which {} returns", prompt.step);
            let hint = format!("add a line such as - `{name}`: {}", describe(prompt.step, fields, name));
            prompt.diagnostic(&(start..start), Rule::FieldNotNamed, message).hint(hint)
        })
        .collect()
}
