//! Reloads in process.

mod files;
mod house;
mod variables;

use house::BASE;

/// The `.env` of a case.
fn lines(&(name, value, in_place_of, beside): &(&str, &str, &str, &str)) -> String {
    let is_kept = |line: &&str| in_place_of.is_empty() || !line.starts_with(&format!("{in_place_of}="));
    let base: Vec<&str> =
        BASE.lines().filter(is_kept).filter(|line| !line.starts_with(&format!("{name}="))).collect();
    format!("{}\n{beside}{name}={value}\n", base.join("\n"))
}

/// The field of the last line with that message.
fn told(log: &str, message: &str, field: &str) -> Option<String> {
    let mut lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let line = lines.rfind(|line| line["message"] == message)?;
    line[field].as_str().map(str::to_owned)
}
