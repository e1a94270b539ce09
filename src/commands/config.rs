//! `promptchain config`: prints the settings in effect, and where each came from.

use std::path::Path;

use super::setup;
use super::{Surroundings, output_error, say_on_stderr, warn_on_stderr, write_to_stdout};
use crate::cli::{ConfigArgs, GlobalArgs};
use crate::error::Error;
use crate::report::json::{Layout, render};
use crate::report::settings_text;
use crate::report::wire::{ConfigReport, OriginKind, OriginReport, SettingReport};
use crate::settings::{EnvFile, Kept, Origin, SettingValue, Settings, Sources, sections};

pub(super) async fn config(
    args: ConfigArgs,
    globals: &GlobalArgs,
    around: Surroundings,
) -> Result<(), Error> {
    let sources = Sources {
        overrides: args.chain.overrides(),
        env_file: EnvFile::find(globals.env_file.as_deref(), Path::new("")),
        environment: around.environment.into_iter().collect(),
        without_credentials: args.offline,
        for_server: true,
        kept: Kept::default(),
    };
    let vars = args.chain.vars.iter().cloned().collect();
    let (settings, warnings) = setup::settings_to_show(&sources, &vars)?;
    let report = ConfigReport::new(shown(&args, &settings), warnings);
    if args.json {
        let json = render(&report, Layout::Indented).map_err(|error| output_error(&error.into()))?;
        return write_to_stdout(&json).await;
    }
    if !globals.quiet {
        for warning in &report.warnings {
            warn_on_stderr(warning);
        }
        if report.settings.is_empty() {
            say_on_stderr("all of them are the defaults");
        }
    }
    write_to_stdout(&settings_text(&report)).await
}

/// What was asked for, in the order of the table.
fn shown(args: &ConfigArgs, settings: &Settings) -> Vec<SettingReport> {
    let of_section = sections().iter().flat_map(|section| {
        section.variables.iter().map(|variable| (section.title, settings.value(variable.name)))
    });
    of_section
        .filter_map(|(title, value)| Some((title, value?)))
        .filter(|(_, value)| args.names.is_empty() || args.names.iter().any(|it| it == value.variable.name))
        .filter(|(_, value)| !args.changed || value.origin != Origin::Default)
        .map(|(title, value)| setting(title, value))
        .collect()
}

fn setting(section: &str, value: &SettingValue) -> SettingReport {
    SettingReport {
        name: value.variable.name.to_owned(),
        section: section.to_owned(),
        value: value.value.clone(),
        masked: value.is_masked(),
        default: value.variable.default().map(str::to_owned),
        reloadable: value.variable.is_reloadable(),
        origin: origin(&value.origin),
    }
}

fn origin(origin: &Origin) -> OriginReport {
    let (kind, flag, place) = match origin {
        Origin::Flag(flag) => (OriginKind::Flag, Some(flag), None),
        Origin::Environment => (OriginKind::Environment, None, None),
        Origin::EnvFile { path, line } => (OriginKind::EnvFile, None, Some((path, *line))),
        Origin::FrontMatter { path, line } => (OriginKind::FrontMatter, None, Some((path, *line))),
        Origin::Default => (OriginKind::Default, None, None),
    };
    OriginReport {
        kind,
        flag: flag.cloned(),
        file: place.map(|(path, _)| path.display().to_string()),
        line: place.map(|(_, line)| line),
    }
}
