//! Reads a catalog of models from TOML, and refuses what can't be true. What the figures are for is for
//! [`Catalog`](super::Catalog) to know.

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

use super::{ModelEntry, Prices, RetiredModel, ThinkingSupport, TokenPrices};
use crate::diagnostic::Place;
use crate::small_file::SmallFileError;

/// A catalog file that can't be used.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// It can't be read.
    #[error("it {0}")]
    File(#[from] SmallFileError),
    /// It isn't TOML of the documented form. The lines aren't quoted: if it is a file of another kind,
    /// they may hold a secret.
    #[error("{}:{}: {message}", place.line, place.col)]
    Syntax {
        /// Where.
        place: Place,
        /// What is wrong there.
        message: String,
    },
    /// The factor of batches is impossible.
    #[error("batch_factor must be within 0 and 1, and is {0}")]
    BatchFactor(f64),
    /// A figure in it is impossible.
    #[error("model {id}: {what}")]
    Value {
        /// The model.
        id: String,
        /// What is wrong with it.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "says how old the figures are, to whoever reads the file")]
    as_of: Option<toml::value::Datetime>,
    batch_factor: Option<f64>,
    #[serde(default)]
    model: Vec<Entry>,
    #[serde(default)]
    retired: Vec<Retired>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retired {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    on: Option<toml::value::Datetime>,
    successor: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    context: u64,
    max_output: u32,
    #[serde(default)]
    cache_min: u64,
    #[serde(default = "one")]
    tokens_per_estimate: f64,
    #[serde(default)]
    temperature: bool,
    #[serde(default = "optional")]
    thinking: ThinkingSupport,
    #[serde(default)]
    structured_output: bool,
    deprecated: Option<toml::value::Datetime>,
    retires: Option<toml::value::Datetime>,
    price: Option<TokenPrices>,
    long_prompt: Option<LongPrompt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongPrompt {
    above: u64,
    price: TokenPrices,
}

fn one() -> f64 {
    1.0
}

fn optional() -> ThinkingSupport {
    ThinkingSupport::Optional
}

/// What a catalog file says.
pub(super) struct Read {
    /// The models, in its order.
    pub(super) models: Vec<ModelEntry>,
    /// Those that are gone.
    pub(super) retired: Vec<RetiredModel>,
    /// What a request within a batch costs, of the price of one that comes alone; 0.0–1.0.
    pub(super) batch_factor: Option<f64>,
}

/// What `text` says.
pub(super) fn read(text: &str) -> Result<Read, CatalogError> {
    let file: File = toml::from_str(text).map_err(|error| syntax(&error, text))?;
    let models = file.model.into_iter().map(ModelEntry::try_from).collect::<Result<_, _>>()?;
    let retired = file.retired.into_iter().map(RetiredModel::try_from).collect::<Result<_, _>>()?;
    let batch_factor = file.batch_factor;
    if let Some(factor) = batch_factor.filter(|factor| !(0.0..=1.0).contains(factor)) {
        return Err(CatalogError::BatchFactor(factor));
    }
    Ok(Read { models, retired, batch_factor })
}

fn date(id: &str, name: &str, value: Option<&toml::value::Datetime>) -> Result<Option<Date>, CatalogError> {
    let date = value.map(|value| value.to_string().parse()).transpose();
    date.map_err(|_| CatalogError::Value {
        id: id.to_owned(),
        what: format!("{name} isn't a date such as 2027-01-31"),
    })
}

impl TryFrom<Retired> for RetiredModel {
    type Error = CatalogError;

    fn try_from(Retired { id, aliases, on, successor }: Retired) -> Result<Self, CatalogError> {
        Ok(Self { on: date(&id, "on", on.as_ref())?, id, aliases, successor })
    }
}

fn syntax(error: &toml::de::Error, text: &str) -> CatalogError {
    let start = error.span().map_or(0, |span| text.floor_char_boundary(span.start));
    let before = text.get(..start).unwrap_or_default();
    let line_so_far = before.rsplit('\n').next().unwrap_or_default();
    let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX - 1);
    let line = small(before.matches('\n').count()) + 1;
    let place = Place { line, col: small(line_so_far.chars().count()) + 1, len: 0 };
    CatalogError::Syntax { place, message: without_value(error.message()) }
}

/// What is wrong, without the text that isn't of the type it should be.
fn without_value(message: &str) -> String {
    match (message.split_once(" \""), message.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) if message.starts_with("invalid ") => {
            format!("{before}{after}")
        }
        _ => message.to_owned(),
    }
}

impl TryFrom<Entry> for ModelEntry {
    type Error = CatalogError;

    fn try_from(entry: Entry) -> Result<Self, CatalogError> {
        let wrong = |what: &str| CatalogError::Value { id: entry.id.clone(), what: what.to_owned() };
        if entry.id.is_empty() || entry.context == 0 || entry.max_output == 0 {
            return Err(wrong("id, context and max_output can't be empty or 0"));
        }
        if !(0.1..=10.0).contains(&entry.tokens_per_estimate) {
            return Err(wrong("tokens_per_estimate must be within 0.1 and 10"));
        }
        let all_prices = entry.price.iter().chain(entry.long_prompt.iter().map(|long| &long.price));
        if all_prices.flat_map(TokenPrices::all).any(|price| !(0.0..=100_000.0).contains(&price)) {
            return Err(wrong("a price must be within 0 and 100000 US dollars per million tokens"));
        }
        let prices = match (entry.price, &entry.long_prompt) {
            (Some(base), long) => {
                Some(Prices { base, long_prompt: long.as_ref().map(|long| (long.above, long.price)) })
            }
            (None, Some(_)) => return Err(wrong("long_prompt has a price, but the model has none")),
            (None, None) => None,
        };
        let (deprecated, retires) = (
            date(&entry.id, "deprecated", entry.deprecated.as_ref())?,
            date(&entry.id, "retires", entry.retires.as_ref())?,
        );
        Ok(Self {
            id: entry.id,
            aliases: entry.aliases,
            context: entry.context,
            max_output: entry.max_output,
            cache_min: entry.cache_min,
            tokens_per_estimate: entry.tokens_per_estimate,
            temperature: entry.temperature,
            thinking: entry.thinking,
            structured_output: entry.structured_output,
            deprecated,
            retires,
            prices,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::model::Catalog;

    fn refused(text: &str) -> String {
        Catalog::built_in().extend(text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_with_an_impossible_figure_is_refused_by_name() {
        assert!(
            refused("[[model]]\nid='m'\ncontext=1\nmax_output=1\nprize={}").contains("unknown field `prize`")
        );
        assert_eq!(
            refused("[[model]]\nid='m'\ncontext=1\nmax_output=1\nprice={input=-1,output=1}"),
            "model m: a price must be within 0 and 100000 US dollars per million tokens"
        );
        assert_eq!(refused("batch_factor = 1.5"), "batch_factor must be within 0 and 1, and is 1.5");
        assert_eq!(refused("batch_factor = nan"), "batch_factor must be within 0 and 1, and is NaN");
        assert!(refused("[[model]]\nid='m'\ncontext=0\nmax_output=1").contains("can't be empty or 0"));
    }

    #[test]
    fn what_is_no_catalog_is_refused_by_place_without_being_quoted() {
        for (text, place) in [
            ("sk-ant-secret\n", "1:14: "),
            ("\n sk+secret/x==\n", "2:14: "),
            ("ANTHROPIC_API_KEY=sk-ant-secret\n", "1:19: "),
            ("# \u{fc}\nANTHROPIC_API_KEY = 'sk-ant-secret'\n", "2:1: unknown field"),
            ("model = 'sk-ant-secret'\n", "1:9: invalid type: string, expected a sequence"),
            ("{\"key\": \"sk-ant-secret\"}", "1:1: "),
        ] {
            let refused = refused(text);
            assert!(refused.starts_with(place), "{refused}");
            assert!(!refused.contains("secret") && !refused.contains('\n'), "{refused}");
        }
    }

    #[test]
    fn what_is_no_file_is_refused_rather_than_read_without_end() {
        let refused =
            |path: &str| Catalog::built_in().extend_from_file(Path::new(path)).unwrap_err().to_string();
        assert_eq!(refused("/dev/zero"), "it is a device, a pipe or a socket");
        assert_eq!(refused("/nowhere"), "it can't be read: No such file or directory (os error 2)");
    }

    #[test]
    fn a_file_is_read_as_its_text_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[[model]]\nid = 'llama3.2'\ncontext = 8192\nmax_output = 4096\n")
            .unwrap();
        let mut catalog = Catalog::built_in();
        catalog.extend_from_file(file.path()).unwrap();
        assert_eq!(catalog.find("llama3.2").unwrap().context, 8192);
    }
}
