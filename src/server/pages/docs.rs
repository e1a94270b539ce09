//! The documentation of the API, at `/docs`: Swagger UI, showing `/openapi.json`.

use std::sync::LazyLock;

use axum::Router;

use super::asset::{Asset, routes};

/// The page and what it loads.
pub(super) static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        Asset::html("/docs", include_str!("docs/index.html")),
        Asset::script("/assets/docs.js", include_str!("docs/docs.js")),
        Asset::script("/assets/swagger-ui-bundle.js", include_str!("swagger_ui/swagger-ui-bundle.js")),
        Asset::css("/assets/swagger-ui.css", include_str!("swagger_ui/swagger-ui.css")),
    ]
});

/// The documentation of the API: `/docs`, and its files under `/assets/`. The document that it shows,
/// `/openapi.json`, isn't among them.
pub fn docs_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes(&*ASSETS)
}
