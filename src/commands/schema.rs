//! `promptchain schema`: prints a published JSON Schema.

use super::{output_error, write_to_stdout};
use crate::cli::{SchemaArgs, SchemaName};
use crate::error::Error;
use crate::report::json::{Layout, render};
use crate::report::{SchemaKind, schema as schema_of};

pub(super) async fn schema(args: &SchemaArgs) -> Result<(), Error> {
    let kind = match args.format {
        SchemaName::Run => SchemaKind::Run,
        SchemaName::Events => SchemaKind::Events,
        SchemaName::Error => SchemaKind::Error,
        SchemaName::Batch => SchemaKind::Batch,
        SchemaName::State => SchemaKind::State,
        SchemaName::DryRun => SchemaKind::DryRun,
        SchemaName::Validation => SchemaKind::Validation,
        SchemaName::Config => SchemaKind::Config,
        SchemaName::Token => SchemaKind::Token,
        SchemaName::Inspection => SchemaKind::Inspection,
    };
    let text = render(&schema_of(kind), Layout::Indented).map_err(|error| output_error(&error.into()))?;
    write_to_stdout(&text).await
}
