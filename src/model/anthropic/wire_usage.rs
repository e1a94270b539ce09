//! What the Messages API says of the tokens a call used. Prices are none of its business.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{count, read_alone};
use crate::model::Usage;

/// `usage`, in a message or in `message_delta`. A figure that isn't a whole number from 0 up counts as
/// not given, and so does what isn't an object.
#[derive(Deserialize, Default, Clone, Copy)]
pub(super) struct WireUsage<'a> {
    #[serde(borrow)]
    input_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    output_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_read_input_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_creation_input_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_creation: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct CacheCreation<'a> {
    #[serde(borrow)]
    ephemeral_5m_input_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    ephemeral_1h_input_tokens: Option<&'a RawValue>,
}

impl WireUsage<'_> {
    /// Replaces in `usage` whatever is said here.
    ///
    /// Cache writes are taken by lifetime where the upstream tells them apart. Of a bare total,
    /// what isn't known to live an hour lives five minutes, which is the API's default.
    pub(super) fn update(self, usage: &mut Usage) {
        let written: CacheCreation<'_> = read_alone(self.cache_creation).unwrap_or_default();
        let for_an_hour = count(written.ephemeral_1h_input_tokens).or(usage.cache_write_1h);
        let the_rest = count(self.cache_creation_input_tokens)
            .map(|total| total.saturating_sub(for_an_hour.unwrap_or(0)));
        usage.replace_with(Usage {
            input: count(self.input_tokens),
            output: count(self.output_tokens),
            cache_read: count(self.cache_read_input_tokens),
            cache_write_5m: count(written.ephemeral_5m_input_tokens).or(the_rest),
            cache_write_1h: for_an_hour,
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn usage(said: &[Value]) -> Usage {
        let mut usage = Usage::default();
        for said in said {
            let said = said.to_string();
            serde_json::from_str::<WireUsage<'_>>(&said).unwrap().update(&mut usage);
        }
        usage
    }

    #[test]
    fn a_figure_that_is_not_said_is_not_zero() {
        assert_eq!(usage(&[json!({})]), Usage::default());
        let odd = json!({ "input_tokens": null, "output_tokens": -1, "cache_read_input_tokens": "many" });
        assert_eq!(usage(&[odd]), Usage::default());
        let zero = json!({ "input_tokens": 0 });
        assert_eq!(usage(&[zero]), Usage { input: Some(0), ..Usage::default() });
    }

    #[test]
    fn later_figures_replace_earlier_ones() {
        let both = usage(&[json!({ "input_tokens": 9, "output_tokens": 1 }), json!({ "output_tokens": 40 })]);
        assert_eq!(both, Usage { input: Some(9), output: Some(40), ..Usage::default() });
    }

    #[test]
    fn cache_writes_are_told_apart_by_their_lifetime() {
        let split = |five: u64, hour: u64| json!({ "cache_creation": { "ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour } });
        let total = json!({ "cache_creation_input_tokens": 12 });
        let both = json!({ "cache_creation_input_tokens": 99, "cache_creation": { "ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 7 } });
        for (said, five, hour) in [
            (vec![split(5, 7)], Some(5), Some(7)),
            (vec![both], Some(5), Some(7)),
            (vec![total.clone()], Some(12), None),
            (vec![split(5, 7), total.clone()], Some(5), Some(7)),
            (vec![json!({ "cache_creation": null }), total.clone()], Some(12), None),
            (vec![json!({ "cache_creation": "some" }), total], Some(12), None),
        ] {
            let usage = usage(&said);
            assert_eq!((usage.cache_write_5m, usage.cache_write_1h), (five, hour), "{said:?}");
        }
    }
}
