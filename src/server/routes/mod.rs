//! The handlers of the small routes.

pub(super) mod health;
pub(super) mod metrics;
pub(super) mod models;
pub(super) mod openapi;
pub(super) mod unknown;
pub(super) mod usage;
