//! Compiles and renders templates. The only file that names the template engine's environment;
//! knows neither files nor front matter.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::mention::{Tag, tags};
use super::unclosed::{open_block, unclosed};
use crate::rule::Rule;

/// The variables that every template has: the name of its step, and how many workers there may be.
pub(super) const BUILT_IN_VARIABLES: [&str; 2] = ["step", "workers"];

/// How much work a template may make: about a million instructions, or 64 MB of text on the way
/// to its result. Ample for prose, and over within a fraction of a second.
const FUEL: u64 = 1_000_000;

/// How long that may take. Not all the work costs fuel: to find the place of a character in a long text costs
/// none, however often it is done.
const MOST_TIME: Duration = Duration::from_secs(5);

/// How many names and marks one tag may have, and how many `elif` a template. The engine follows
/// both by recursion without a limit of its own, and overflows the stack from about 1000.
const MAX_TAG_LEN: usize = 300;
const MAX_ELIFS: usize = 100;

/// How many characters a line may have: the engine counts them in 16 bits, and where it finds an error adds
/// one more without looking.
const MAX_LINE_CHARS: usize = 65_534;

/// Something wrong with a template.
#[derive(Debug)]
pub(super) struct TemplateError {
    /// The bytes of the template it is about; `None` if the engine can't say.
    pub(super) range: Option<Range<usize>>,
    pub(super) rule: Rule,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// A variable that a template looks up without defining it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FreeVariable {
    pub(super) name: String,
    /// The bytes of its first mention; `None` in the rare case that it isn't found.
    pub(super) range: Option<Range<usize>>,
    /// Whether the template may provide for its absence; then only rendering can tell.
    pub(super) optional: bool,
}

/// The variables that `template` needs from outside, in the order of their first mention.
/// The engine's own functions, such as `range`, are none, unless a variable is `declared` so.
pub(super) fn free_variables(
    template: &str,
    declared: impl Fn(&str) -> bool,
) -> Result<Vec<FreeVariable>, TemplateError> {
    let tags = tags(template);
    check_lines(template)?;
    check_size(&tags)?;
    let environment = environment();
    let compiled = environment.template_from_str(template).map_err(|error| syntax_error(&error, template))?;
    let functions: BTreeSet<&str> = environment.globals().map(|(name, _)| name).collect();
    let names: BTreeSet<String> = compiled.undeclared_variables(false).into_iter().collect();
    let mentions = mentions(&tags);
    let free = names.into_iter().filter(|name| declared(name) || !functions.contains(name.as_str()));
    let mut free: Vec<_> = free
        .map(|name| match mentions.get(name.as_str()) {
            Some((range, optional)) => FreeVariable { range: Some(range.clone()), optional: *optional, name },
            None => FreeVariable { range: None, optional: false, name },
        })
        .collect();
    free.sort_by_key(|free| free.range.as_ref().map(|range| range.start));
    Ok(free)
}

/// For each name, where the tags first mention it, and whether any mention is optional.
fn mentions<'t>(tags: &[Tag<'t>]) -> BTreeMap<&'t str, (Range<usize>, bool)> {
    let mut found = BTreeMap::new();
    for mention in tags.iter().flat_map(Tag::mentions) {
        let (_, optional) = found.entry(mention.name).or_insert((mention.range, false));
        *optional |= mention.optional;
    }
    found
}

/// Refuses lines whose columns the engine can't count.
fn check_lines(template: &str) -> Result<(), TemplateError> {
    let mut start = 0;
    for line in template.split_inclusive('\n') {
        if line.len() > MAX_LINE_CHARS && line.trim_end_matches('\n').chars().count() > MAX_LINE_CHARS {
            return Err(TemplateError {
                range: Some(start..start),
                rule: Rule::TemplateLimit,
                message: format!("the line has more than {MAX_LINE_CHARS} characters"),
                hint: Some("break it into several lines".to_owned()),
            });
        }
        start += line.len();
    }
    Ok(())
}

/// Refuses what would overflow the engine's stack. The nesting of tags it limits by itself.
fn check_size(tags: &[Tag<'_>]) -> Result<(), TemplateError> {
    let too_long = tags.iter().find(|tag| tag.len() > MAX_TAG_LEN);
    let elif = tags.iter().filter(|tag| tag.keyword() == Some("elif")).nth(MAX_ELIFS);
    let (tag, message) = match (too_long, elif) {
        (Some(tag), _) => (tag, format!("the tag has more than {MAX_TAG_LEN} parts")),
        (None, Some(tag)) => (tag, format!("the template has more than {MAX_ELIFS} `elif`")),
        (None, None) => return Ok(()),
    };
    Err(TemplateError { range: Some(tag.range.clone()), rule: Rule::TemplateLimit, message, hint: None })
}

/// Renders `template`, without the empty lines around it.
pub(super) fn render(template: &str, variables: &BTreeMap<&str, Value>) -> Result<String, TemplateError> {
    let (template, variables) = (template.to_owned(), Value::from(variables.clone()));
    let rendered = within(MOST_TIME, move || {
        let environment = environment();
        environment.template_from_str(&template)?.render(variables)
    });
    let rendered = rendered.unwrap_or_else(|| Err(Error::from(ErrorKind::OutOfFuel)));
    let rendered = rendered.map_err(|error| template_error(&error))?;
    Ok(rendered.trim_end().trim_start_matches('\n').to_owned())
}

/// What `work` returns; `None` if that takes longer than `limit`. It can't be stopped then, and goes on to its
/// end in the background: the fuel sees to it that there is one.
fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || {
        // Where nobody waits any more, nobody misses it.
        let _ = sender.send(work());
    });
    match receiver.recv_timeout(limit) {
        Ok(done) => Some(done),
        Err(RecvTimeoutError::Timeout) => None,
        // It has panicked, as it would have in this thread.
        Err(RecvTimeoutError::Disconnected) => {
            worker.join().map_or_else(|panic| resume_unwind(panic), |()| None)
        }
    }
}

/// Without a loader: a template is one file.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    // For the place of an error.
    environment.set_debug(true);
    // A line with nothing but a tag leaves no empty line in the prompt.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment
}

/// An error of compiling `template`, at what is to be changed rather than where the engine gave up.
fn syntax_error(error: &Error, template: &str) -> TemplateError {
    let told = template_error(error);
    let Some(mut at) = told.range.as_ref().map(|range| range.start) else { return told };
    if error.kind() != ErrorKind::SyntaxError {
        return told;
    }
    if told.message.starts_with("unexpected end of input") {
        // Which the engine places at the end of the last tag.
        at = template.len();
    }
    let unclosed = if told.message.starts_with("unknown statement end") {
        // An end that isn't that of the innermost block.
        template.get(..at).and_then(open_block)
    } else {
        unclosed(template, at)
    };
    if let Some(found) = unclosed {
        let (range, message, hint) = (Some(found.range), found.message, Some(found.hint));
        return TemplateError { range, rule: told.rule, message, hint };
    }
    let is_of_name = |char: char| char.is_alphanumeric() || char == '_';
    let (before, rest) = template.split_at_checked(at).unwrap_or((template, ""));
    let start = before.trim_end_matches(is_of_name).len();
    let end = template.len() - rest.trim_start_matches(is_of_name).len();
    match template.get(start..end) {
        Some(name) if !name.is_ascii() => TemplateError {
            range: Some(start..end),
            message: format!("`{name}` isn't a name"),
            hint: Some("names have letters a–z, digits and _".to_owned()),
            ..told
        },
        _ => told,
    }
}

fn template_error(error: &Error) -> TemplateError {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let (rule, message, hint) = match error.kind() {
        ErrorKind::SyntaxError if detail.starts_with("unknown statement") => {
            (Rule::TemplateSyntax, detail, Some("the tags are if, for, set, with, filter and raw"))
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape => (
            Rule::TemplateSyntax,
            detail,
            Some("text that has {{, {% or {# in it goes between {% raw %} and {% endraw %}"),
        ),
        ErrorKind::UndefinedError => (Rule::UndefinedVariable, detail, None),
        ErrorKind::OutOfFuel => (
            Rule::TemplateLimit,
            "the template works for too long".to_owned(),
            Some("make its loops shorter"),
        ),
        _ => (Rule::TemplateRender, detail, None),
    };
    TemplateError { range: error.range(), rule, message, hint: hint.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_takes_too_long_is_not_waited_for() {
        let (keep, kept) = mpsc::channel::<()>();
        assert_eq!(within(Duration::from_millis(1), move || kept.recv().is_err()), None);
        drop(keep);
        assert_eq!(within(Duration::from_mins(1), || 7), Some(7));
    }
}
