//! Lists in the value of one variable: `a, b`, or `["a", "b"]`.

use super::problem::printable;

/// What is allowed, to come after the words for an item.
pub(super) const LIST: &str = "separated by commas or as a JSON list of strings";

/// The items of a list, white space round them dropped. `None` if `text` is no list.
pub(super) fn split_list(text: &str) -> Option<Vec<String>> {
    if text.starts_with('[') {
        let items: Vec<String> = serde_json::from_str(text).ok()?;
        return Some(items.iter().map(|item| item.trim().to_owned()).collect());
    }
    let items: Vec<String> =
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
    (!items.is_empty()).then_some(items)
}

/// Every item read by `parse`.
///
/// # Errors
/// The first item that isn't allowed, in words that follow what is.
pub(super) fn parse_all<T>(items: &[String], parse: fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    items.iter().map(|item| parse(item).ok_or_else(|| not_allowed(item))).collect()
}

/// As [`parse_all`], for lists in which `*` stands for everything, and then stands alone.
pub(super) fn parse_all_or_any(
    items: &[String],
    parse: fn(&str) -> Option<String>,
) -> Result<Vec<String>, String> {
    let (any, named): (Vec<String>, Vec<String>) = items.iter().cloned().partition(|item| item == ANY);
    let named = parse_all(&named, parse)?;
    Ok(if any.is_empty() { named } else { vec![ANY.to_owned()] })
}

/// Stands for everything in a list.
pub(super) const ANY: &str = "*";

fn not_allowed(item: &str) -> String {
    format!("\"{}\" isn't one", printable(item.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_json_or_separated_by_commas() {
        for (text, items) in [
            ("a", &["a"][..]),
            ("a,b", &["a", "b"]),
            (" a , b ,", &["a", "b"]),
            (r#"["a"]"#, &["a"]),
            (r#"[ "a", " b " ]"#, &["a", "b"]),
            (r#"["a,b"]"#, &["a,b"]),
            ("[]", &[]),
        ] {
            assert_eq!(split_list(text).unwrap(), items, "{text}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in [",", " , ", "[", "[a]", "['a']", "[1]", r#"["a""#, r#"["a"],"b""#, r#"["a",]"#] {
            assert_eq!(split_list(text), None, "{text}");
        }
    }

    #[test]
    fn the_item_that_is_not_allowed_is_named_on_one_line() {
        let parse = |item: &str| item.parse::<u8>().ok();
        let items = ["1", "2\n", "x"].map(str::to_owned);
        assert_eq!(parse_all(&items, parse).unwrap_err(), r#""2\n" isn't one"#);
        assert_eq!(parse_all(&items[..1], parse), Ok(vec![1]));
    }

    #[test]
    fn a_star_among_others_stands_for_all_and_excuses_nothing() {
        let parse = |item: &str| (item == "a").then(|| item.to_owned());
        let parsed = |items: &[&str]| {
            parse_all_or_any(&items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>(), parse)
        };
        assert_eq!(parsed(&["a", "a"]).unwrap(), ["a", "a"]);
        assert_eq!(parsed(&["a", "*"]).unwrap(), ["*"]);
        assert!(parsed(&["*", "b"]).is_err());
    }
}
