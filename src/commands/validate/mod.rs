//! `promptchain validate`: all that is wrong with prompts and settings, before anything is paid for.

mod keys;
mod live;
mod pass;
mod prompt_path;
mod rules;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Zoned;

use self::targets::Targets;
use super::{Surroundings, output_error, say_on_stderr, tracked_secrets, write_to_stdout};
use crate::cli::{GlobalArgs, ValidateArgs, ValidateFormat};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, ErrorCode};
use crate::report::validation::{ReportFormat, ValidationReport, render, summary};
use crate::validation::Findings;

pub(super) async fn validate(
    args: ValidateArgs,
    globals: &GlobalArgs,
    around: Surroundings,
) -> Result<(), Error> {
    if args.list_rules {
        return write_to_stdout(&rules::list()).await;
    }
    let targets = Targets::sort(&args.paths, globals.env_file.as_deref())?;
    let vars: BTreeMap<String, String> = args.vars.iter().cloned().collect();
    let today = Zoned::now().date();
    let mut findings = Findings::default();
    let mut prompts = BTreeSet::new();
    let mut asked_git = BTreeSet::new();
    findings.extend(targets.missing());
    let passes = targets.passes(&around);
    for pass in &passes {
        let validation = pass.validate(&vars, today);
        if let Some(file) = pass.env_file().filter(|file| asked_git.insert(file.path().to_owned())) {
            findings.extend(tracked_secrets::check(Some(file)).await);
        }
        findings.extend(keys::check(&validation, pass.sources()));
        if args.live {
            findings.extend(live::check(&validation, pass.sources(), today).await);
        }
        prompts.extend(pass.checked_prompts(&validation));
        findings.extend(pass.pick(validation));
    }
    let report = ValidationReport {
        diagnostics: judged(findings.in_order(), &args),
        prompts: prompts.into_iter().collect(),
        settings: !passes.is_empty(),
    };
    let color = around.stdout_has_color(globals.color);
    let text = render(&report, format(args.format), color).map_err(|error| output_error(&error))?;
    write_to_stdout(&text).await?;
    let summary = summary(&report);
    if report.errors() > 0 {
        return Err(Error::new(ErrorCode::CheckFailed, summary));
    }
    if !globals.quiet {
        say_on_stderr(&summary);
    }
    Ok(())
}

/// As severe as the flags say.
fn judged(diagnostics: Vec<Diagnostic>, args: &ValidateArgs) -> Vec<Diagnostic> {
    let counts = |diagnostic: &Diagnostic| !args.allow.contains(&diagnostic.rule);
    let judge = |diagnostic: Diagnostic| {
        let is_denied = args.strict || args.deny.contains(&diagnostic.rule);
        let severity = if is_denied { Severity::Error } else { diagnostic.severity };
        Diagnostic { severity, ..diagnostic }
    };
    diagnostics.into_iter().filter(counts).map(judge).collect()
}

fn format(format: ValidateFormat) -> ReportFormat {
    match format {
        ValidateFormat::Text => ReportFormat::Text,
        ValidateFormat::Json => ReportFormat::Json,
        ValidateFormat::Github => ReportFormat::Github,
        ValidateFormat::Sarif => ReportFormat::Sarif,
        ValidateFormat::Junit => ReportFormat::Junit,
    }
}
