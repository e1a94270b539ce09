//! Which batches a list shows: a page of them, the newest first.

use std::sync::Arc;

use super::batch::Batch;
use crate::simulator::api_error::ApiError;

/// Batches on a page, unless something else is asked for.
const DEFAULT_LIMIT: usize = 20;
/// The most batches on a page.
const MAX_LIMIT: usize = 1000;

/// What is asked of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paging {
    limit: usize,
    from: From,
}

#[derive(Debug, PartialEq, Eq)]
enum From {
    Newest,
    /// The batches right after that one, which are older.
    After(String),
    /// The batches right before that one, which are newer.
    Before(String),
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) batches: Vec<Arc<Batch>>,
    /// Whether there are more in the direction in which pages are turned.
    pub(super) has_more: bool,
}

impl Paging {
    /// Reads it from a URL's query.
    pub(super) fn read(query: &str) -> Result<Self, ApiError> {
        let mut paging = Self { limit: DEFAULT_LIMIT, from: From::Newest };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    let wrong =
                        || ApiError::invalid(format!("limit: must be a number from 1 to {MAX_LIMIT}"));
                    paging.limit = limit.ok_or_else(wrong)?;
                }
                "after_id" | "before_id" if paging.from != From::Newest => {
                    return Err(ApiError::invalid("after_id, before_id: only one can be given"));
                }
                "after_id" => paging.from = From::After(value.into_owned()),
                "before_id" => paging.from = From::Before(value.into_owned()),
                other => return Err(ApiError::invalid(format!("{other}: there is no such parameter"))),
            }
        }
        Ok(paging)
    }

    /// That page of `batches`, which are in the list's order.
    pub(super) fn page(&self, mut batches: Vec<Arc<Batch>>) -> Result<Page, ApiError> {
        let place = |id: &str| {
            let place = batches.iter().position(|batch| batch.id == id);
            place.ok_or_else(|| ApiError::not_found(format!("batch: {id}")))
        };
        let (start, end, has_more) = match &self.from {
            From::Before(id) => {
                let end = place(id)?;
                let start = end.saturating_sub(self.limit);
                (start, end, start > 0)
            }
            From::Newest | From::After(_) => {
                let start = if let From::After(id) = &self.from { place(id)? + 1 } else { 0 };
                let end = batches.len().min(start + self.limit);
                (start, end, end < batches.len())
            }
        };
        batches.truncate(end);
        Ok(Page { batches: batches.split_off(start), has_more })
    }
}
