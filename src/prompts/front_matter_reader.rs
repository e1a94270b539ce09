//! Reads front matter from TOML and collects all that is wrong with it. Finds neither its borders
//! in the file nor anything in the template.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::source_text::SourceText;
use super::template::BUILT_IN_VARIABLES;
use super::variable::is_identifier;
use super::{Field, FieldKind, FrontMatter, Located, VariableValue};
use crate::diagnostic::{Diagnostic, Place};
use crate::nearest::did_you_mean;
use crate::rule::Rule;

const KEYS: [&str; 8] =
    ["description", "model", "max_tokens", "temperature", "timeout", "workers", "vars", "fields"];

/// The most characters that a message quotes of what a file says.
const MOST_QUOTED: usize = 60;

type Key<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Value<'t> = Spanned<DeValue<'t>>;

/// Reads the front matter that `range` of `source` holds. No field may have a name of `reserved`.
pub(super) fn read(
    source: &SourceText,
    range: Range<usize>,
    reserved: &[&str],
) -> (FrontMatter, Vec<Diagnostic>) {
    let mut reader =
        Reader { source, offset: range.start, problems: Vec::new(), unreadable_lines: BTreeSet::new() };
    let toml = source.text.get(range).unwrap_or_default();
    let (table, errors) = DeTable::parse_recoverable(toml);
    for error in errors {
        reader.syntax(toml, &error);
    }
    let read = reader.table(table.get_ref(), reserved);
    reader.problems.sort_by_key(|problem| problem.place.map(|place| (place.line, place.col)));
    (read, reader.problems)
}

struct Reader<'s> {
    source: &'s SourceText,
    /// Where the TOML begins within the source.
    offset: usize,
    problems: Vec<Diagnostic>,
    /// Lines that aren't TOML: what the parser made of them is a guess, so no more is said of them.
    unreadable_lines: BTreeSet<u32>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, reserved: &[&str]) -> FrontMatter {
        let mut front_matter = FrontMatter::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "description" => front_matter.description = self.string(key, value),
                "model" => front_matter.model = self.string(key, value),
                "max_tokens" => front_matter.max_tokens = self.integer(key, value),
                "temperature" => front_matter.temperature = self.number(key, value),
                "timeout" => front_matter.timeout = self.number(key, value),
                "workers" => front_matter.workers = self.integer(key, value),
                "vars" => front_matter.vars = self.vars(key, value),
                "fields" => front_matter.fields = self.fields(key, value, reserved),
                unknown => {
                    let hint = did_you_mean(unknown, KEYS)
                        .unwrap_or_else(|| format!("the keys are {}", KEYS.join(", ")));
                    self.report(
                        key.span(),
                        Rule::FrontMatterUnknownKey,
                        format!("unknown key {}", quoted(unknown)),
                        Some(hint),
                    );
                }
            }
        }
        front_matter
    }

    fn vars(&mut self, key: &Key<'_>, value: &Value<'_>) -> BTreeMap<String, Located<VariableValue>> {
        let mut vars = BTreeMap::new();
        for (name, value) in self.entries(key, value, "default values") {
            if BUILT_IN_VARIABLES.contains(&name.get_ref().as_ref()) {
                let message = format!("the variable {} is set by the program", quoted(name.get_ref()));
                self.report(name.span(), Rule::ReservedName, message, None);
            } else if self.is_good_name(name)
                && let Some(default) = self.default_value(name, value)
            {
                vars.insert(name.get_ref().to_string(), default);
            }
        }
        vars
    }

    fn fields(&mut self, key: &Key<'_>, value: &Value<'_>, reserved: &[&str]) -> Vec<Located<Field>> {
        let mut entries: Vec<_> = self.entries(key, value, "types").collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let mut fields = Vec::new();
        for (name, value) in entries {
            if reserved.contains(&name.get_ref().as_ref()) {
                let message = format!("the step returns {} by itself", quoted(name.get_ref()));
                self.report(
                    name.span(),
                    Rule::ReservedName,
                    message,
                    Some("give the further field another name".into()),
                );
            } else if self.is_good_name(name)
                && let Some(kind) = self.field_kind(name, value)
            {
                let field = Field { name: name.get_ref().to_string(), kind };
                fields.push(Located { value: field, place: self.place(&name.span()) });
            }
        }
        fields
    }

    /// The entries of a table; none, and a problem, if `value` is something else.
    fn entries<'v, 't>(
        &mut self,
        key: &Key<'_>,
        value: &'v Value<'t>,
        what: &str,
    ) -> impl Iterator<Item = (&'v Key<'t>, &'v Value<'t>)> + use<'v, 't> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, value, &format!("a table of names and {what}"));
        }
        table.into_iter().flatten()
    }

    fn is_good_name(&mut self, name: &Key<'_>) -> bool {
        let good = is_identifier(name.get_ref());
        if !good {
            let message = format!("{} isn't a name", quoted(name.get_ref()));
            let hint = "a name has letters a–z, digits and _, and doesn't begin with a digit";
            self.report(name.span(), Rule::FrontMatterName, message, Some(hint.into()));
        }
        good
    }

    fn field_kind(&mut self, name: &Key<'_>, value: &Value<'_>) -> Option<FieldKind> {
        let typed = self.string(name, value)?;
        let kind = FieldKind::ALL.into_iter().find(|kind| kind.name() == typed.value);
        if kind.is_none() {
            let names = FieldKind::ALL.map(FieldKind::name);
            let hint = did_you_mean(&typed.value, names)
                .unwrap_or_else(|| format!("the types are {}", names.join(", ")));
            let message = format!("{} isn't a type of field", quoted(&typed.value));
            self.report(value.span(), Rule::FrontMatterFieldType, message, Some(hint));
        }
        kind
    }

    fn string(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Located<String>> {
        let read = value.get_ref().as_str().map(str::to_owned);
        self.expect(read, key, value, "a string")
    }

    fn integer(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Located<i64>> {
        let read = value.get_ref().as_integer().and_then(whole);
        self.expect(read, key, value, "a whole number")
    }

    fn number(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Located<f64>> {
        let read = match value.get_ref() {
            DeValue::Integer(number) => {
                whole(number).and_then(|number| i32::try_from(number).ok()).map(f64::from)
            }
            other => finite(other),
        };
        self.expect(read, key, value, "a number")
    }

    fn default_value(&mut self, name: &Key<'_>, value: &Value<'_>) -> Option<Located<VariableValue>> {
        let read = match value.get_ref() {
            DeValue::String(text) => Some(VariableValue::String(text.to_string())),
            DeValue::Integer(number) => whole(number).map(VariableValue::Integer),
            DeValue::Boolean(truth) => Some(VariableValue::Boolean(*truth)),
            other => finite(other).map(VariableValue::Float),
        };
        self.expect(read, name, value, "a string, a number, true or false")
    }

    /// Gives `read` its place, or reports that `value` isn't `expected`.
    fn expect<T>(
        &mut self,
        read: Option<T>,
        key: &Key<'_>,
        value: &Value<'_>,
        expected: &str,
    ) -> Option<Located<T>> {
        if read.is_none() {
            self.wrong_type(key, value, expected);
        }
        read.map(|read| Located { value: read, place: self.place(&value.span()) })
    }

    fn wrong_type(&mut self, key: &Key<'_>, value: &Value<'_>, expected: &str) {
        let message = format!("{} must be {expected}", quoted(key.get_ref()));
        self.report(value.span(), Rule::FrontMatterType, message, None);
    }

    fn syntax(&mut self, toml: &str, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        if error.message() == "duplicate key" {
            let key = toml.get(span.clone()).unwrap_or_default();
            let hint = "keep one of the two".to_owned();
            self.report(
                span,
                Rule::FrontMatterDuplicateKey,
                format!("{} is set twice", quoted(key)),
                Some(hint),
            );
        } else {
            let place = self.place(&span);
            self.report(span, Rule::FrontMatterSyntax, error.message().to_owned(), None);
            self.unreadable_lines.insert(place.line);
        }
    }

    fn report(&mut self, span: Range<usize>, rule: Rule, message: String, hint: Option<String>) {
        let place = self.place(&span);
        if !self.unreadable_lines.contains(&place.line) {
            self.problems.push(self.source.diagnostic_at(place, rule, message).maybe_hint(hint));
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        self.source.place(&(span.start + self.offset..span.end + self.offset))
    }
}

/// What a file says, in a message of one line: it may be anything.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("`");
    for char in text.chars().take(MOST_QUOTED) {
        if char.is_control() {
            quoted.extend(char.escape_default());
        } else {
            quoted.push(char);
        }
    }
    quoted.push_str(if text.chars().nth(MOST_QUOTED).is_some() { "…`" } else { "`" });
    quoted
}

fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn finite(value: &DeValue<'_>) -> Option<f64> {
    value.as_float()?.as_str().parse().ok().filter(|number: &f64| number.is_finite())
}
