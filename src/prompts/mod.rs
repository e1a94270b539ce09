//! Prompt files: embedded, overridden, with front matter and template variables.
