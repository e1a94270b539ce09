//! The values of template variables.

use minijinja::Value;

/// The value of a template variable.
#[derive(Debug, Clone, PartialEq)]
pub enum VariableValue {
    /// A text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A finite number with a fraction.
    Float(f64),
    /// True or false.
    Boolean(bool),
}

impl VariableValue {
    /// Reads `text`, given outside of the file, as a value of the same type as this one, so that
    /// `false` for a boolean isn't the text "false", which a template takes for true.
    ///
    /// # Errors
    /// What `text` should have been.
    pub(super) fn parse_alike(&self, text: &str) -> Result<Self, &'static str> {
        match self {
            Self::String(_) => Ok(Self::String(text.to_owned())),
            Self::Boolean(_) => text.parse().map(Self::Boolean).map_err(|_| "`true` or `false`"),
            Self::Integer(_) | Self::Float(_) => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Ok(Self::Integer(whole)),
                (Err(_), Ok(number)) if number.is_finite() => Ok(Self::Float(number)),
                _ => Err("a number"),
            },
        }
    }

    /// The value as templates see it.
    pub(super) fn to_template_value(&self) -> Value {
        match self {
            Self::String(text) => Value::from(text.as_str()),
            Self::Integer(number) => Value::from(*number),
            Self::Float(number) => Value::from(*number),
            Self::Boolean(truth) => Value::from(*truth),
        }
    }
}

/// Whether a template and a reply can call something `name`: ASCII letters, digits and `_`, not
/// beginning with a digit.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_takes_the_type_of_the_default() {
        let (text, number, truth) =
            (VariableValue::String("x".into()), VariableValue::Float(0.5), VariableValue::Boolean(true));
        assert_eq!(text.parse_alike("7"), Ok(VariableValue::String("7".into())));
        assert_eq!(number.parse_alike("7"), Ok(VariableValue::Integer(7)));
        assert_eq!(number.parse_alike("7.5"), Ok(VariableValue::Float(7.5)));
        assert_eq!(number.parse_alike("NaN"), Err("a number"));
        assert_eq!(truth.parse_alike("false"), Ok(VariableValue::Boolean(false)));
        assert_eq!(truth.parse_alike("no"), Err("`true` or `false`"));
    }

    #[test]
    fn identifiers_are_what_templates_can_say() {
        assert!(["a", "_a1", "Tone_2"].iter().all(|name| is_identifier(name)));
        assert!(!["", "1a", "a-b", "é", "a b"].iter().any(|name| is_identifier(name)));
    }
}
