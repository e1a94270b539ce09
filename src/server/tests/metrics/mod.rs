//! What the server counts, as whoever collects it reads it.

mod access;
mod causes;
mod outline;
mod runs;
mod scraped;
mod series;
mod streams;

use super::*;
pub(super) use scraped::Scraped;

fn scrape() -> Ask {
    Ask::get("/metrics").by("prometheus")
}
