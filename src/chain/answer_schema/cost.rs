//! What checking a text by a schema can cost, seen from the schema alone.
//!
//! Two references to a definition, which refers twice to the next, and so on, make a short schema that
//! is checked for years; a long row of them exhausts the stack. References are therefore followed here
//! first, and counted, as often as a check may follow them.

use serde_json::Value;

/// The most values of a schema, with every reference replaced by what it refers to.
const MOST_VALUES: usize = 20_000;

/// How deep they may nest.
const MOST_LEVELS: usize = 200;

/// How deep a check may nest, in levels of the schema: more could exhaust the stack.
const MOST_NESTED: usize = 1000;

/// How often one value of a text may be looked at by way of references that lead back to themselves, before
/// the faults aren't named one by one any more.
const MOST_RETURNS: usize = 1000;

/// The most values of a schema times those of a text for which faults are named: each pair may make one, of
/// about a kilobyte.
const MOST_PAIRS: usize = 100_000;

/// What checking by a schema can cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// The schema's values, with every reference replaced by what it refers to.
    values: usize,
    /// How deep they nest.
    levels: usize,
    /// The references among them that lead back to where they stand in, and are replaced by nothing.
    returns: usize,
}

impl Cost {
    /// Counts what `schema` costs.
    ///
    /// # Errors
    /// If that is too much or can't be told, in words for the caller.
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        let is_draft_4 =
            schema.get("$schema").and_then(Value::as_str).is_some_and(|it| it.contains("draft-04"));
        let mut count = Count { root: schema, is_draft_4, open: Vec::new(), cost: Self::default() };
        count.target("", 0)?;
        Ok(count.cost)
    }

    /// Whether a value can be checked that nests so deep.
    pub(super) fn can_check(self, depth: usize) -> bool {
        self.returns == 0 || self.levels.saturating_mul(depth) <= MOST_NESTED
    }

    /// Whether the faults in a value of so many parts that nests so deep can be named: a check that needn't
    /// name them remembers where it has been, one that does looks again for every way that leads there, and
    /// all faults are made before the first is told.
    pub(super) fn can_name_faults(self, depth: usize, parts: usize) -> bool {
        self.values.saturating_mul(parts) <= MOST_PAIRS
            && self.returns.saturating_pow(u32::try_from(depth).unwrap_or(u32::MAX)) <= MOST_RETURNS
    }
}

/// A count under way.
struct Count<'s> {
    root: &'s Value,
    is_draft_4: bool,
    /// The references that are being followed.
    open: Vec<&'s str>,
    cost: Cost,
}

impl<'s> Count<'s> {
    /// Counts what the reference leads to, unless it leads back.
    fn target(&mut self, pointer: &'s str, level: usize) -> Result<(), String> {
        if self.open.contains(&pointer) {
            self.cost.returns += 1;
            return Ok(());
        }
        let root = self.root;
        let value = root.pointer(pointer).ok_or("a $ref refers to nothing")?;
        self.open.push(pointer);
        self.value(value, level)?;
        self.open.pop();
        Ok(())
    }

    fn value(&mut self, value: &'s Value, level: usize) -> Result<(), String> {
        let level = level + 1;
        self.cost.values += 1;
        self.cost.levels = self.cost.levels.max(level);
        if self.cost.values > MOST_VALUES {
            return Err(format!("with its references followed it has more than {MOST_VALUES} values"));
        }
        if level > MOST_LEVELS {
            return Err(format!("with its references followed it nests deeper than {MOST_LEVELS} levels"));
        }
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.value(item, level)),
            Value::Object(members) => {
                let is_root = std::ptr::eq(value, self.root);
                members.iter().try_for_each(|(name, member)| self.member(name, member, is_root, level))
            }
            _ => Ok(()),
        }
    }

    fn member(&mut self, name: &str, value: &'s Value, of_root: bool, level: usize) -> Result<(), String> {
        match (name, value) {
            ("$ref", Value::String(reference)) => {
                match reference.strip_prefix('#') {
                    // It would be looked up decoded: what is counted must be what is followed.
                    Some(pointer) if pointer.contains('%') => {
                        Err("a $ref must not have percent signs".to_owned())
                    }
                    Some(pointer) if pointer.is_empty() || pointer.starts_with('/') => {
                        self.target(pointer, level)
                    }
                    _ => Err("a $ref must be a JSON pointer within the schema, such as \"#/$defs/name\""
                        .to_owned()),
                }
            }
            ("$dynamicRef" | "$recursiveRef", Value::String(_)) => Err(format!("{name} isn't supported")),
            // References would count from there.
            ("$id", Value::String(_)) if !of_root => Err("only the whole may have an $id".to_owned()),
            ("id", Value::String(_)) if !of_root && self.is_draft_4 => {
                Err("only the whole may have an id".to_owned())
            }
            // They cost where they are referred to.
            ("$defs" | "definitions", Value::Object(_)) if of_root => Ok(()),
            _ => self.value(value, level),
        }
    }
}

/// How deep objects and arrays nest in a value.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// How many values there are in a value, itself included.
pub(super) fn parts(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(parts).sum::<usize>(),
        _ => 1,
    }
}
