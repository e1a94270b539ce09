//! The models, as clients list them.

use serde::Serialize;
use utoipa::ToSchema;

/// All models.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModelList {
    #[schema(example = "list")]
    object: &'static str,
    data: Vec<ModelObject>,
}

/// One model.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModelObject {
    id: String,
    #[schema(example = "model")]
    object: &'static str,
    /// Seconds of unix time.
    created: u64,
    owned_by: &'static str,
}

impl ModelList {
    /// A list of these.
    #[must_use]
    pub fn new(data: Vec<ModelObject>) -> Self {
        Self { object: "list", data }
    }
}

impl ModelObject {
    /// A model of that name, there since then, in seconds of unix time.
    #[must_use]
    pub fn new(id: String, created: u64) -> Self {
        Self { id, object: "model", created, owned_by: "promptchain" }
    }
}
