//! Each example of the step's reply must decode as what the step returns, by the chain's own decoding.

use std::ops::Range;

use super::example::{Example, ExampleKind, NamedMember, Object};
use super::step_fields::StepFields;
use super::step_prompt::StepPrompt;
use crate::chain::{self, Complexity, Finding, StepName};
use crate::diagnostic::Diagnostic;
use crate::nearest::nearest;
use crate::rule::Rule;

/// The chain's finding that a reply lacks a field.
const MISSING: &str = "missing-field";

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
    let missing = findings.iter().filter(|finding| finding.rule == MISSING);
    let missing: Vec<&str> = missing.filter_map(Finding::field).collect();
    let mut found = missing_fields(prompt, example, object, &missing);
    let say = |finding: &Finding| {
        let field = finding.field()?;
        let is_value = |member: &&NamedMember| !prompt.layout.has_values_in(&member.at.value);
        let member = object.members.iter().find(|member| member.name == field).filter(is_value);
        let problem = |member: &NamedMember| mismatch(prompt, &member.at.value, &finding.to_string());
        match finding.rule {
            "wrong-type" | "confidence-out-of-range" => {
                let description = describe(prompt.step, fields, field);
                Some(problem(member?).hint(format!("`{field}`: {description}")))
            }
            "unknown-complexity" => {
                let word = object.map.get(field)?.as_str()?;
                let hint = "several are written as simple|moderate|complex";
                (!stands_for_words(word)).then_some(problem(member?).hint(hint))
            }
            _ => None,
        }
    };
    found.extend(findings.iter().filter_map(say));
    found
}

fn mismatch(prompt: &StepPrompt<'_>, range: &Range<usize>, what: &str) -> Diagnostic {
    let message = format!("the example isn't what {} returns: {what}", prompt.step);
    prompt.diagnostic(range, Rule::ExampleMismatch, message)
}

/// Each misspelt name by itself, where it stands; what else is missing together, where the object begins.
fn missing_fields(
    prompt: &StepPrompt<'_>,
    example: &Example,
    object: &Object,
    missing: &[&str],
) -> Vec<Diagnostic> {
    if object.members.iter().any(|member| prompt.layout.has_values_in(&member.at.key)) {
        return Vec::new();
    }
    let fields = prompt.fields();
    let misspelt =
        |field: &str| object.members.iter().find(|member| meant(&member.name, object, fields) == Some(field));
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for field in fields.names().filter(|field| missing.contains(field)) {
        match misspelt(field) {
            Some(member) => found.push(
                mismatch(prompt, &member.at.key, &format!("`{field}` is missing"))
                    .hint(format!("did you mean `{field}`?")),
            ),
            None => absent.push(field),
        }
    }
    let names: Vec<String> = absent.iter().map(|field| format!("`{field}`")).collect();
    let what = match names.as_slice() {
        [] => return found,
        [name] => format!("{name} is missing"),
        [firsts @ .., last] => format!("{} and {last} are missing", firsts.join(", ")),
    };
    let describe = |field| format!("`{field}`: {}", describe(prompt.step, fields, field));
    let hint = format!("add {}", absent.into_iter().map(describe).collect::<Vec<_>>().join("; "));
    let brace = example.range.start..example.range.start + 1;
    found.push(mismatch(prompt, &brace, &what).hint(hint));
    found
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
        matches!(&example.kind, ExampleKind::Own(_) | ExampleKind::Broken(_, true) | ExampleKind::Types)
            || matches!(&example.kind, ExampleKind::Passed) && prompt.layout.has_values_in(&example.range)
    };
    if examples.iter().any(is_own) {
        return None;
    }
    let stranger = |example: &&Example| example.is_by_itself && matches!(example.kind, ExampleKind::Foreign);
    let stranger = examples.iter().find(stranger)?;
    let message = format!("the example has none of the fields of {}", prompt.step);
    let names: Vec<String> = prompt.fields().required().map(|name| format!("`{name}`")).collect();
    let hint = format!("{} returns {}", prompt.step, names.join(", "));
    Some(prompt.diagnostic(&stranger.range, Rule::ExampleMismatch, message).hint(hint))
}
