//! Times, as criterion takes them. Each operation is measured in a process of its own: what others have left in
//! memory doesn't show, and criterion's own report goes where it isn't taken for ours.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use criterion::Criterion;
use serde_json::{Value, json};

use super::operation::{Operation, Prepared, chosen};

const WARM_UP: Duration = Duration::from_millis(500);
const MEASURE: Duration = Duration::from_secs(2);
const SAMPLES: usize = 50;

const HEAD: &str = "\
operation           |     item |     ns/item (low–high, 95 %) |    items/s |    MB/s
:------------------ | -------: | ---------------------------: | ---------: | ------:";

/// Measures one operation.
pub(crate) fn sample(operation: &Operation) -> Result<(), Box<dyn Error>> {
    let Prepared { mut pass, .. } = (operation.prepare)()?;
    Criterion::default()
        .output_directory(&folder())
        .warm_up_time(WARM_UP)
        .measurement_time(MEASURE)
        .sample_size(SAMPLES)
        .bench_function(operation.name, |bencher| bencher.iter(&mut pass));
    Ok(())
}

/// Measures operations, and prints what one item of each takes.
pub(crate) fn measure(only: &str, is_json: bool) -> Result<(), Box<dyn Error>> {
    let operations = chosen(only)?;
    if !is_json {
        println!("{HEAD}");
    }
    for operation in operations {
        let mut sample = Command::new(std::env::current_exe()?);
        let status = sample.args(["sample", operation.name]).stdout(io::stderr()).status()?;
        if !status.success() {
            return Err(format!("{} couldn't be measured: {status}", operation.name).into());
        }
        let time = Time::read(operation)?;
        println!("{}", if is_json { time.json().to_string() } else { time.text() });
    }
    Ok(())
}

/// Where criterion keeps what it measured, to compare it with the next time.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("criterion")
}

/// What one item takes.
struct Time {
    operation: &'static Operation,
    /// Nanoseconds: the median of the samples, and within what it lies with a confidence of 95 %.
    median: f64,
    low: f64,
    high: f64,
    /// Of one item; `None` where bytes aren't what counts.
    bytes: Option<f64>,
}

impl Time {
    #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
    fn read(operation: &'static Operation) -> Result<Self, Box<dyn Error>> {
        let Prepared { items, bytes, .. } = (operation.prepare)()?;
        let items = items as f64;
        let file = std::fs::read(folder().join(operation.name).join("new/estimates.json"))?;
        let estimates: Value = serde_json::from_slice(&file)?;
        let read = |place: &str| {
            let nanoseconds = estimates.pointer(place).and_then(Value::as_f64);
            nanoseconds.map(|pass| pass / items).ok_or_else(|| format!("criterion doesn't say {place}"))
        };
        Ok(Self {
            operation,
            median: read("/median/point_estimate")?,
            low: read("/median/confidence_interval/lower_bound")?,
            high: read("/median/confidence_interval/upper_bound")?,
            bytes: bytes.map(|bytes| bytes as f64 / items),
        })
    }

    fn items_per_second(&self) -> f64 {
        1e9 / self.median
    }

    fn megabytes_per_second(&self) -> Option<f64> {
        self.bytes.map(|bytes| bytes * self.items_per_second() / 1e6)
    }

    fn text(&self) -> String {
        let Operation { name, item, .. } = self.operation;
        let Self { median, low, high, .. } = self;
        let times = format!("{median:.1} ({low:.1}–{high:.1})");
        let speed = self.megabytes_per_second().map(|speed| format!("{speed:.0}")).unwrap_or_default();
        format!("{name:<19} | {item:>8} | {times:>28} | {:>10.0} | {speed:>7}", self.items_per_second())
    }

    fn json(&self) -> Value {
        json!({
            "operation": self.operation.name,
            "item": self.operation.item,
            "nanoseconds": self.median,
            "low_nanoseconds": self.low,
            "high_nanoseconds": self.high,
            "items_per_second": self.items_per_second(),
            "megabytes_per_second": self.megabytes_per_second(),
        })
    }
}
