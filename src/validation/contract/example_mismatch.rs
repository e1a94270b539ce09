//! Each example of the step's reply must decode as what the step returns, by the chain's own decoding.

use super::example::{Example, ExampleKind, NamedMember, Object};
use super::step_fields::StepFields;
use super::step_prompt::StepPrompt;
use crate::chain::{self, Complexity, Finding, StepName};
use crate::diagnostic::Diagnostic;
use crate::nearest::nearest;
use crate::rule::Rule;

pub(super) fn check(prompt: &StepPrompt<'_>, examples: &[Example]) -> Vec<Diagnostic> {
    let own = examples.iter().filter_map(|example| match &example.kind {
        ExampleKind::Own(object) => Some((example, object)),
        _ => None,
    });
    let mut found: Vec<Diagnostic> = own
        .flat_map(|(example, object)| mismatches(prompt, example, object))
        .take(super::MOST_OF_A_RULE)
        .collect();
    found.extend(stranger(prompt, examples));
    found
}

/// What is wrong with an example, but not what a sample may leave open: no text, no certainty.
fn mismatches(prompt: &StepPrompt<'_>, example: &Example, object: &Object) -> Vec<Diagnostic> {
    let fields = prompt.fields();
    let findings = chain::check_reply(prompt.step, object.map.clone(), &fields.declared);
    let say = |finding: Finding| {
        let field = finding.field()?.to_owned();
        let member = object.members.iter().find(|member| member.name == field);
        let is_value = |member: &&NamedMember| !prompt.layout.has_values_in(&member.at.value);
        let message = format!("the example isn't what {} returns: {finding}", prompt.step);
        let problem = |range| prompt.diagnostic(range, Rule::ExampleMismatch, message.as_str());
        match finding.rule {
            "missing-field" => {
                if object.members.iter().any(|member| prompt.layout.has_values_in(&member.at.key)) {
                    return None;
                }
                let misspelt =
                    object.members.iter().find(|member| meant(&member.name, object, fields) == Some(&field));
                Some(match misspelt {
                    Some(member) => problem(&member.at.key).hint(format!("did you mean `{field}`?")),
                    None => problem(&example.range)
                        .hint(format!("add `{field}`: {}", describe(prompt.step, fields, &field))),
                })
            }
            "wrong-type" | "confidence-out-of-range" => {
                let member = member.filter(is_value)?;
                let description = describe(prompt.step, fields, &field);
                Some(problem(&member.at.value).hint(format!("`{field}`: {description}")))
            }
            "unknown-complexity" => {
                let member = member.filter(is_value)?;
                let word = object.map.get(&field)?.as_str()?;
                let hint = "several are written as simple|moderate|complex";
                (!stands_for_words(word)).then(|| problem(&member.at.value).hint(hint))
            }
            _ => None,
        }
    };
    findings.into_iter().filter_map(say).collect()
}

/// The step's field that the unknown `name` in `object` was meant as: one that is missing there.
pub(super) fn meant<'f>(name: &str, object: &Object, fields: &'f StepFields) -> Option<&'f str> {
    if fields.has(name) {
        return None;
    }
    nearest(name, fields.names().filter(|field| !object.map.contains_key(*field)))
}

/// What the step's field of that name holds: in words, or as its prompt declares it.
pub(super) fn describe(step: StepName, fields: &StepFields, name: &str) -> String {
    let declared = fields.declared.iter().find(|field| field.name == name);
    let declared = || declared.map(|field| format!("… ({})", field.kind.name()));
    let description = chain::describe_field(step, name).or_else(declared).unwrap_or_default();
    description.trim_end_matches('.').to_owned()
}

/// Whether the complexity of a sample leaves the word open: `simple|complex`, `…` or `<complexity>`.
fn stands_for_words(sample: &str) -> bool {
    let mut words = sample.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_word = |word: &str| !matches!(Complexity::from(word.to_owned()), Complexity::Other(_));
    let is_placeholder = sample.starts_with('<') && sample.ends_with('>');
    is_placeholder || words.all(|word| is_word(word) || matches!(word, "or" | "one" | "of"))
}

/// An object that stands there as the example, and is one of something else.
fn stranger(prompt: &StepPrompt<'_>, examples: &[Example]) -> Option<Diagnostic> {
    let is_own = |example: &Example| {
        matches!(&example.kind, ExampleKind::Own(_) | ExampleKind::Broken(_, true))
            || matches!(&example.kind, ExampleKind::Passed) && prompt.layout.has_values_in(&example.range)
    };
    if examples.iter().any(is_own) {
        return None;
    }
    let stranger = |example: &&Example| example.is_by_itself && matches!(example.kind, ExampleKind::Foreign);
    let stranger = examples.iter().find(stranger)?;
    let message = format!("the example has none of the fields of {}", prompt.step);
    let names: Vec<String> = prompt.fields().names().map(|name| format!("`{name}`")).collect();
    let hint = format!("{} returns {}", prompt.step, names.join(", "));
    Some(prompt.diagnostic(&stranger.range, Rule::ExampleMismatch, message).hint(hint))
}
