//! What the answer has to be.

use std::sync::Arc;

use super::request_error::{invalid_value, missing, unsupported};
use super::wire_request::{Object, ResponseFormat};
use crate::chain::{AnswerFormat, AnswerSchema};
use crate::server::api_error::ApiError;

/// The most bytes of a schema: what it costs to make ready grows with it.
const MAX_SCHEMA: usize = 128 * 1024;

const SCHEMA: &str = "response_format.json_schema.schema";

/// What the answer has to be, in the chain's terms.
pub(super) fn answer_format(wire: Option<Object<ResponseFormat>>) -> Result<AnswerFormat, ApiError> {
    let Some(Object(ResponseFormat { kind, json_schema })) = wire else { return Ok(AnswerFormat::Text) };
    match kind.as_str() {
        "text" => Ok(AnswerFormat::Text),
        "json_object" => Ok(AnswerFormat::JsonObject),
        "json_schema" => {
            let Object(json_schema) = json_schema.ok_or_else(|| missing("response_format.json_schema"))?;
            let schema = json_schema.schema.ok_or_else(|| missing(SCHEMA))?;
            if schema.to_string().len() > MAX_SCHEMA {
                return Err(invalid_value(SCHEMA, format!("must have at most {MAX_SCHEMA} bytes")));
            }
            let schema = AnswerSchema::new(schema)
                .map_err(|why| invalid_value(SCHEMA, format!("can't be used: {why}")))?;
            Ok(AnswerFormat::JsonSchema(Arc::new(schema)))
        }
        _ => Err(unsupported("response_format.type", "must be text, json_object or json_schema")),
    }
}
