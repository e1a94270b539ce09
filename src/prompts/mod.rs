//! Prompt files: the Markdown texts that tell the model what each step is to do.
//!
//! A file is found (in the user's folder, else built in), read, split into TOML front matter and
//! a template, checked, and later rendered with variables. Whatever is wrong with any of the three
//! files is collected as [`Diagnostic`]s with their place, never just the first.
//!
//! [`Diagnostic`]: crate::diagnostic::Diagnostic
//!
//! Nothing here knows what the steps return, how settings are resolved, or what the user asks the
//! model: the user's words are never part of a template.

mod front_matter;
mod front_matter_reader;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod mention;
mod parts;
mod prompt;
mod prompt_files;
mod prompt_set;
mod source_text;
mod template;
mod template_tag;
#[cfg(test)]
mod tests;
mod unclosed;
mod variable;

pub use front_matter::{Field, FieldKind, FrontMatter, Located};
pub use prompt::Prompt;
pub use prompt_files::{MAX_FILE_BYTES, PromptFiles, built_in_files};
use prompt_set::Facts;
pub use prompt_set::{MAX_RENDERED_BYTES, PromptSet, Rendered};
pub use template_tag::{TagKind, TemplateTag};
pub use variable::VariableValue;
