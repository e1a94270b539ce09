//! Whether something grows.

use crate::reading::Reading;

/// A straight line through what was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trend {
    /// By how much it grows in a minute.
    pub(crate) per_minute: f64,
    /// How far that may be from the truth, as far as what was read lies off the line: its standard error.
    pub(crate) error: f64,
}

impl Trend {
    /// Of one of what is watched: least squares. `None` of less than three readings.
    pub(crate) fn of(readings: &[Reading], watched: usize) -> Option<Self> {
        let first = readings.first()?;
        let points: Vec<(f64, f64)> = readings
            .iter()
            .filter_map(|it| Some((it.minutes_after(first), *it.watched.get(watched)?)))
            .collect();
        if points.len() < 3 {
            return None;
        }
        let number = crate::reading::whole(points.len() as u64);
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / number;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / number;
        let spread = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
        let per_minute = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
        let off_line = |(x, y): &(f64, f64)| (y - mean_y - per_minute * (x - mean_x)).powi(2);
        let rest = points.iter().map(off_line).sum::<f64>() / (number - 2.0);
        Some(Self { per_minute, error: (rest / spread).sqrt() })
    }

    /// Whether it certainly grows by more than that in a minute: by two standard errors.
    pub(crate) fn exceeds(self, per_minute: f64) -> bool {
        self.per_minute - 2.0 * self.error > per_minute
    }
}
