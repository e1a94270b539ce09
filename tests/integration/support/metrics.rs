//! What a server counts, as Prometheus reads it.

use std::collections::BTreeMap;

use super::{Request, Response, Served, token};

/// Series and their values.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) text: String,
    series: BTreeMap<String, f64>,
}

impl Metrics {
    /// Those of that server, asked for on the API's own port.
    #[track_caller]
    pub(crate) fn of(served: &Served) -> Self {
        Self::read(&served.ask(&Request::get("/metrics").by(token())))
    }

    #[track_caller]
    pub(crate) fn read(response: &Response) -> Self {
        assert_eq!(response.status, 200, "{response:?}");
        let text = response.text().to_owned();
        let series = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
            (series.to_owned(), value.parse().unwrap_or_else(|error| panic!("{error}: {line}")))
        });
        Self { series: series.collect(), text }
    }

    /// The sum over a metric's series whose labels have that one among them, such as `step="analyze"`; over all
    /// of them if it is empty.
    pub(crate) fn sum(&self, metric: &str, label: &str) -> f64 {
        let of_metric = self.series.iter().filter(|(name, _)| {
            name.split_once('{').map_or(name.as_str(), |(metric, _)| metric) == metric && name.contains(label)
        });
        of_metric.map(|(_, value)| value).sum()
    }

    /// The same of what is counted in whole numbers.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a count")]
    pub(crate) fn count(&self, metric: &str, label: &str) -> u64 {
        self.sum(metric, label) as u64
    }

    /// The value of that label in the one series of a metric that isn't 0; `None` if all are.
    #[track_caller]
    pub(crate) fn only(&self, metric: &str, label: &str) -> Option<&str> {
        let counted = self.series.iter().filter(|(name, value)| name.starts_with(metric) && **value > 0.0);
        let mut counted = counted.map(|(name, _)| {
            let (_, rest) =
                name.split_once(&format!("{label}=\"")).unwrap_or_else(|| panic!("no {label}: {name}"));
            rest.split('"').next().unwrap_or_default()
        });
        let only = counted.next();
        assert_eq!(counted.next(), None, "{metric} has been counted under several labels");
        only
    }
}
