//! The metrics of a server, read.

use std::collections::BTreeMap;

use super::*;

/// The series and their values.
pub(in crate::server::tests) struct Scraped {
    pub(in crate::server::tests) text: String,
    pub(in crate::server::tests) series: BTreeMap<String, f64>,
}

impl Scraped {
    pub(in crate::server::tests) async fn of(api: &Api) -> Self {
        let answer = api.ask(scrape()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let series = answer.body.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        });
        Self { series: series.collect(), text: answer.body }
    }

    #[track_caller]
    pub(in crate::server::tests) fn value(&self, series: &str) -> f64 {
        *self.series.get(series).unwrap_or_else(|| panic!("no {series} in {}", self.text))
    }

    /// The sum over all series that begin like that.
    pub(in crate::server::tests) fn sum(&self, beginning: &str) -> f64 {
        self.series.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, value)| value).sum()
    }

    /// The labels of those series of a metric that aren't 0.
    pub(in crate::server::tests) fn counted(&self, metric: &str) -> Vec<String> {
        let of_metric = |(name, value): (&String, &f64)| {
            let labels = name.strip_prefix(metric)?.strip_prefix('{')?;
            (*value != 0.0).then(|| format!("{} {value}", labels.trim_end_matches('}').replace('"', "")))
        };
        self.series.iter().filter_map(of_metric).collect()
    }
}
