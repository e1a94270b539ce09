//! The page to try the chain in a browser, at `/`.

use std::sync::LazyLock;

use axum::Router;

use super::asset::{Asset, routes};

/// The page and what it loads.
pub(super) static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::html("/", include_str!("playground/index.html")),
        Asset::css("/assets/playground.css", include_str!("playground/playground.css")),
        Asset::script("/assets/playground.js", include_str!("playground/playground.js")),
    ]
});

/// The page to try the chain: `/`, and its files under `/assets/`.
pub fn playground_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes(&*ASSETS)
}
