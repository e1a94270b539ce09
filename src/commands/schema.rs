//! `promptchain schema`: prints a published JSON Schema.

use tokio::io::AsyncWriteExt;

use super::output_error;
use crate::cli::{SchemaArgs, SchemaName};
use crate::error::Error;
use crate::report::json::{Layout, render};
use crate::report::{SchemaKind, schema as schema_of};

pub(super) async fn schema(args: &SchemaArgs) -> Result<(), Error> {
    let kind = match args.format {
        SchemaName::Run => SchemaKind::Run,
        SchemaName::Events => SchemaKind::Events,
        SchemaName::Error => SchemaKind::Error,
    };
    let text = render(&schema_of(kind), Layout::Indented).map_err(|error| output_error(&error.into()))?;
    let mut stdout = tokio::io::stdout();
    let written = async {
        stdout.write_all(text.as_bytes()).await?;
        stdout.flush().await
    };
    written.await.map_err(|error| output_error(&error))
}
