//! The API described for programs.

use std::sync::LazyLock;

use axum::http::header::{CONTENT_TYPE, HeaderName};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{health, models, usage};
use crate::server::chat;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "promptchain",
        description = "A three-step prompt chain (analyze, process, synthesize) behind OpenAI's chat completions API"
    ),
    paths(chat::create, models::list, models::one, usage::own, health::live, health::ready),
    modifiers(&Bearer),
    security(("bearer" = [])),
    tags(
        (name = "Chat", description = "The chain"),
        (name = "Models", description = "What can be asked for as `model`"),
        (name = "Usage", description = "What the caller has spent"),
        (name = "Health", description = "For load balancers; without a token")
    )
)]
struct Document;

/// How clients identify themselves.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A token of this server; `promptchain token --subject NAME --expires-in 24h` makes one",
            ))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Made once: it is the same for everybody.
static JSON: LazyLock<String> = LazyLock::new(|| {
    // None of the document's types can fail to be written.
    Document::openapi().to_json().unwrap_or_default()
});

/// The document.
pub(in crate::server) async fn document() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], JSON.as_str())
}
