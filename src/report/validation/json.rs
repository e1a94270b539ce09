//! One versioned object, for programs: its type is in [`wire`](crate::report::wire).

use std::io;

use super::ValidationReport;
use crate::report::json::{self, Layout};
use crate::report::wire::ValidationDocument;

pub(super) fn render(report: &ValidationReport) -> io::Result<String> {
    Ok(json::render(&ValidationDocument::new(report), Layout::Indented)?)
}
