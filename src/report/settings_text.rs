//! The settings in effect as a table for people: name, value, origin, under the headings of the
//! documentation. What they are is for others to find out.

use console::measure_text_width;

use super::terminal_text::visible;
use super::wire::{ConfigReport, OriginReport, SettingReport};

/// Stands for a value that must not be shown.
const MASKED: &str = "[hidden]";

/// Stands for no value.
const UNSET: &str = "(not set)";

/// The widest value that others are aligned to, in columns: one long value must not push all origins
/// out of the window.
const MAX_ALIGNED: usize = 40;

/// One row of the table.
struct Row<'a> {
    section: &'a str,
    cells: [String; 3],
}

/// The table, each of its lines ended. No character in it can do anything to a terminal.
#[must_use]
pub fn settings_text(report: &ConfigReport) -> String {
    let rows: Vec<Row<'_>> = report.settings.iter().map(row).collect();
    let widest = |cell: fn(&Row<'_>) -> usize| rows.iter().map(cell).max().unwrap_or_default();
    let name_width = widest(|Row { cells: [name, ..], .. }| measure_text_width(name));
    let value_width = widest(|Row { cells: [_, value, _], .. }| {
        let width = measure_text_width(value);
        if width > MAX_ALIGNED { 0 } else { width }
    });
    let mut text = String::new();
    let mut section = "";
    for Row { section: own, cells: [name, value, origin] } in &rows {
        if *own != section {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{own}\n"));
            section = own;
        }
        text.push_str(&format!("  {}  {}  {origin}\n", padded(name, name_width), padded(value, value_width)));
    }
    text
}

fn row(setting: &SettingReport) -> Row<'_> {
    let value = match &setting.value {
        Some(value) => shown(value),
        None if setting.masked => MASKED.to_owned(),
        None => UNSET.to_owned(),
    };
    Row { section: &setting.section, cells: [setting.name.clone(), value, origin(&setting.origin)] }
}

fn origin(origin: &OriginReport) -> String {
    use super::wire::OriginKind;
    let OriginReport { kind, flag, file, line } = origin;
    match (kind, flag, file, line) {
        (OriginKind::Default, ..) => "default".to_owned(),
        (OriginKind::Environment, ..) => "environment".to_owned(),
        (_, Some(flag), ..) => shown(flag),
        (_, _, Some(file), Some(line)) => format!("{}:{line}", shown(file)),
        (_, _, file, _) => shown(file.as_deref().unwrap_or_default()),
    }
}

/// On one line, whatever is in it.
fn shown(text: &str) -> String {
    visible(text).replace('\n', "␊").replace('\t', "␉")
}

fn padded(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(measure_text_width(text));
    format!("{text}{}", " ".repeat(gap))
}

/// Settings of every kind of origin.
#[cfg(test)]
pub(super) fn example() -> ConfigReport {
    use super::wire::OriginKind;
    let none = OriginReport { kind: OriginKind::Default, flag: None, file: None, line: None };
    let in_file = |kind, file: &str, line| OriginReport {
        kind,
        file: Some(file.to_owned()),
        line: Some(line),
        ..none.clone()
    };
    let setting =
        |section: &str, name: &str, value: Option<&str>, masked, origin: OriginReport| SettingReport {
            name: name.to_owned(),
            section: section.to_owned(),
            value: value.map(str::to_owned),
            masked,
            default: None,
            reloadable: true,
            origin,
        };
    let [env_file, front_matter] = [OriginKind::EnvFile, OriginKind::FrontMatter];
    let flag = OriginReport { kind: OriginKind::Flag, flag: Some("--model".to_owned()), ..none.clone() };
    let environment = OriginReport { kind: OriginKind::Environment, ..none.clone() };
    let settings = vec![
        setting("One", "KEY", None, true, in_file(env_file, ".env", 3)),
        setting("One", "MODEL", Some("a-model"), false, flag),
        setting("One", "FORGED", Some("a\n\u{1b}[31mb\tc"), false, environment),
        setting("Two", "TIMEOUT", Some("9"), false, in_file(front_matter, "prompts/\u{9b}.md", 2)),
        setting("Two", "LONG", Some(&"x".repeat(MAX_ALIGNED + 1)), false, none.clone()),
        setting("Two", "WIDE", Some("東京"), false, none.clone()),
        setting("Two", "OTHER", None, false, none),
    ];
    ConfigReport::new(settings, vec!["a warning".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_under_their_headings_and_nothing_in_them_reaches_the_terminal() {
        insta::assert_snapshot!(settings_text(&example()), @r"
        One
          KEY      [hidden]    .env:3
          MODEL    a-model     --model
          FORGED   a␊␛[31mb␉c  environment

        Two
          TIMEOUT  9           prompts/\u{9b}.md:2
          LONG     xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  default
          WIDE     東京        default
          OTHER    (not set)   default
        ");
    }

    #[test]
    fn without_settings_there_is_no_text() {
        assert_eq!(settings_text(&ConfigReport::new(Vec::new(), Vec::new())), "");
    }
}
