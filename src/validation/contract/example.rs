//! The examples of a prompt: the objects in it that are meant as the reply of its step, or of one before.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};

use super::broken_json::{Break, parse};
use super::candidate::{Candidate, candidates};
use super::loose_key::loose_keys;
use super::members::{Member, members};
use super::step_fields::StepFields;
use super::step_prompt::StepPrompt;
use super::type_word::holds_types;
use crate::prompts::TagKind;

/// The keys of an entry of a free-form field, and of a turn of a conversation: no reply.
const OTHER_OBJECTS: [[&str; 2]; 2] = [["key", "value"], ["role", "content"]];

/// An object in a template.
#[derive(Debug)]
pub(super) struct Example {
    /// Its bytes within the template.
    pub(super) range: Range<usize>,
    /// Whether nothing else stands on its lines.
    pub(super) is_by_itself: bool,
    pub(super) kind: ExampleKind,
}

/// What an object is an example of.
#[derive(Debug)]
pub(super) enum ExampleKind {
    /// What the step replies.
    Own(Object),
    /// One or the other, and it isn't JSON. Whether it has a field of the step itself.
    Broken(Break, bool),
    /// What the step replies, with types in place of values.
    Types,
    /// Something else.
    Foreign,
    /// What can't be told, what is none of the chain's business, or what an earlier step replies.
    Passed,
}

/// An object that is JSON.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) map: Map<String, Value>,
    pub(super) members: Vec<NamedMember>,
}

/// A member of an object; its bytes are within the template.
#[derive(Debug)]
pub(super) struct NamedMember {
    pub(super) name: String,
    pub(super) at: Member,
}

/// All objects that may be examples.
pub(super) fn examples(prompt: &StepPrompt<'_>) -> Vec<Example> {
    let candidates = candidates(&prompt.layout);
    candidates
        .into_iter()
        .map(|candidate| {
            let kind = kind(prompt, &candidate);
            Example { range: candidate.range, is_by_itself: candidate.is_by_itself, kind }
        })
        .collect()
}

fn kind(prompt: &StepPrompt<'_>, candidate: &Candidate) -> ExampleKind {
    // Without certain tags there is no certain text between them.
    if candidate.is_wrong_on_purpose || !prompt.prompt.compiles() {
        return ExampleKind::Passed;
    }
    let text = prompt.layout.get(&candidate.range);
    let map = match parse(text) {
        Ok(map) => map,
        Err(fault) => return broken(prompt, candidate, text, fault),
    };
    let is_other = |keys: &[&str; 2]| !map.is_empty() && map.keys().all(|key| keys.contains(&key.as_str()));
    if OTHER_OBJECTS.iter().any(is_other) && map.len() == 2 {
        return ExampleKind::Passed;
    }
    if prompt.fields().make_up(&map.keys().map(String::as_str).collect()) {
        return ExampleKind::Own(Object { members: named_members(text, candidate.range.start), map });
    }
    // An object that shares but a name with a reply may be anything.
    let is_known = |key: &String| prompt.fields().has(key) || prompt.earlier().any(|fields| fields.has(key));
    if map.keys().any(is_known) || prompt.layout.has_values_in(&candidate.range) {
        return ExampleKind::Passed;
    }
    ExampleKind::Foreign
}

fn broken(prompt: &StepPrompt<'_>, candidate: &Candidate, text: &str, fault: Break) -> ExampleKind {
    let tags = prompt.layout.tags_in(&candidate.range);
    // What a statement makes of the object isn't known, and a value may be more than a value.
    let at = candidate.range.start + fault.range.start;
    let may_be_whole = tags.iter().any(|tag| match tag.kind {
        TagKind::Statement => true,
        TagKind::Value => is_at(&prompt.layout.text, &tag.range, at),
        TagKind::Comment | TagKind::Raw => false,
    });
    if may_be_whole {
        return ExampleKind::Passed;
    }
    let keys = loose_keys(text);
    let is_meant_as = |fields: &StepFields| {
        let is_quoted = |name: &&str| text.contains(&format!("\"{name}\""));
        let mut names: BTreeSet<&str> = fields.names().filter(is_quoted).collect();
        let has_quoted = !names.is_empty();
        names.extend(keys.iter().map(|key| key.name));
        // A single name without JSON's quotes is enough only where nothing but JSON stands.
        (has_quoted || candidate.is_in_json_fence || names.len() > 1) && fields.make_up(&names)
    };
    let is_own = is_meant_as(prompt.fields());
    if !is_own && !prompt.earlier().any(is_meant_as) {
        return ExampleKind::Passed;
    }
    match (holds_types(&keys), is_own) {
        (false, _) => ExampleKind::Broken(fault, is_own),
        (true, true) => ExampleKind::Types,
        (true, false) => ExampleKind::Passed,
    }
}

/// Whether the byte `at` is in `tag` or, but for blanks and a comma, next to it.
fn is_at(text: &str, tag: &Range<usize>, at: usize) -> bool {
    let between = if at < tag.start { at + 1..tag.start } else { tag.end..at };
    let between = text.get(between).unwrap_or_default();
    tag.contains(&at) || between.chars().all(|c| c.is_whitespace() || c == ',')
}

fn named_members(text: &str, start: usize) -> Vec<NamedMember> {
    let within = |range: Range<usize>| range.start + start..range.end + start;
    members(text)
        .into_iter()
        .filter_map(|Member { key, value }| {
            let name = serde_json::from_str(text.get(key.clone())?).ok()?;
            Some(NamedMember { name, at: Member { key: within(key), value: within(value) } })
        })
        .collect()
}
