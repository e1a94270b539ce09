//! What a prompt file can set besides its template. How it is read stands in
//! `front_matter_reader.rs`; which values are sensible is for the settings to say.

use std::collections::BTreeMap;

use super::VariableValue;
use crate::diagnostic::Place;

/// The settings at the top of a prompt file. All are optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// What the prompt is for, for those who choose among prompts.
    pub description: Option<Located<String>>,
    /// The model's id or alias.
    pub model: Option<Located<String>>,
    /// Tokens a reply may have; any whole number.
    pub max_tokens: Option<Located<i64>>,
    /// The temperature; any finite number.
    pub temperature: Option<Located<f64>>,
    /// The limit of the whole step in seconds; any finite number.
    pub timeout: Option<Located<f64>>,
    /// The most calls at a time; any whole number.
    pub workers: Option<Located<i64>>,
    /// Defaults of the template's variables, by name.
    pub vars: BTreeMap<String, Located<VariableValue>>,
    /// Further fields that the step is to return, in the order of the file.
    pub fields: Vec<Located<Field>>,
}

/// A value and where the file sets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A field that a step returns beyond its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the reply: an identifier, and none of the step's own fields.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list of texts.
    Strings,
}

impl FieldKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::String, Self::Number, Self::Boolean, Self::Strings];

    /// What prompt files call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Strings => "string[]",
        }
    }
}
