//! The models that clients can ask for.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::server::api_error::{ApiError, ErrorBody};
use crate::server::app::App;
use crate::server::openai::{ModelList, ModelObject};
use crate::server::served_models::ServedModel;

/// All models: the chain, and its profiles.
#[utoipa::path(get, path = "/v1/models", tag = "Models",
    responses(
        (status = 200, description = "The models", body = ModelList),
        (status = 401, description = "No token, or an expired one", body = ErrorBody),
        (status = 403, description = "A bad token", body = ErrorBody),
        (status = 429, description = "Too many requests", body = ErrorBody),
        (status = 503, description = "The request can't be counted", body = ErrorBody)))]
pub(in crate::server) async fn list(State(app): State<Arc<App>>) -> Json<ModelList> {
    Json(ModelList::new(app.models.listed().map(|model| object(&app, model)).collect()))
}

/// One model. Its name may have slashes.
#[utoipa::path(get, path = "/v1/models/{model}", tag = "Models",
    params(("model" = String, Path, description = "A model's name or an alias")),
    responses(
        (status = 200, description = "The model", body = ModelObject),
        (status = 401, description = "No token, or an expired one", body = ErrorBody),
        (status = 403, description = "A bad token", body = ErrorBody),
        (status = 404, description = "There is no such model", body = ErrorBody),
        (status = 429, description = "Too many requests", body = ErrorBody),
        (status = 503, description = "The request can't be counted", body = ErrorBody)))]
pub(in crate::server) async fn one(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<ModelObject>, ApiError> {
    let Path(name) = name.map_err(|_| {
        ApiError::invalid_request("invalid_value", "The model's name isn't UTF-8").about("model")
    })?;
    app.models.find(&name).map(|model| Json(object(&app, model))).ok_or_else(|| not_found(&app, &name))
}

/// There is no such model.
pub(in crate::server) fn not_found(app: &App, name: &str) -> ApiError {
    let listed: Vec<&str> = app.models.listed().map(|model| model.name.as_str()).collect();
    // A name of any length would be sent back.
    let name: String = name.chars().take(100).collect();
    let message = format!("The model {name:?} doesn't exist; there are: {}", listed.join(", "));
    ApiError::new(StatusCode::NOT_FOUND, "invalid_request_error", "model_not_found", message).about("model")
}

fn object(app: &App, model: &ServedModel) -> ModelObject {
    ModelObject::new(model.name.clone(), app.models.created)
}
