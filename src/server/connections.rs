//! The connections of a port. Where there are as many as may be, those over which nothing has gone for longest make
//! room for who comes: otherwise whoever opens enough of them and says nothing, or takes nothing, would keep all
//! others out.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::connection::{self, ConnectionWatch, Serving};

/// Of those that are quiet, at most one in so many makes room at a time, and at most so many: enough that looking
/// through all of them costs each that comes little.
const ONE_IN: usize = 8;
const AT_MOST: usize = 32;

/// How often at most it is said that there are as many as may be.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// The connections of a port.
#[derive(Default)]
pub(super) struct Connections {
    tasks: JoinSet<()>,
    watches: HashMap<Id, ConnectionWatch>,
    told: Option<Instant>,
}

impl Connections {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Serves a client, in a task of its own.
    pub(super) fn serve(&mut self, stream: TcpStream, address: SocketAddr, serving: Serving) {
        let watch = serving.watch();
        let task = self.tasks.spawn(connection::serve(stream, address, serving, watch.clone()));
        self.watches.insert(task.id(), watch);
    }

    /// Waits until one of them has ended; `None` if there is none.
    pub(super) async fn next_end(&mut self) -> Option<()> {
        let id = match self.tasks.join_next_with_id().await? {
            Ok((id, ())) => id,
            Err(error) => error.id(),
        };
        self.watches.remove(&id);
        Some(())
    }

    /// Has some of those end over which nothing goes, first those over which nothing has gone for longest. One
    /// over which something goes before it has ended stays.
    pub(super) fn make_room(&mut self) {
        if self.watches.values().any(ConnectionWatch::is_dismissed) {
            // They end in a moment: what comes meanwhile needs no others to.
            return;
        }
        let mut quiet: Vec<_> =
            self.watches.values().filter_map(|watch| Some((watch.quiet_since()?, watch))).collect();
        let count = quiet.len().div_ceil(ONE_IN).min(AT_MOST);
        if count < quiet.len() {
            quiet.select_nth_unstable_by_key(count, |(since, _)| *since);
        }
        for (_, watch) in quiet.iter().take(count) {
            watch.dismiss();
        }
        if self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            self.told = Some(Instant::now());
            tracing::warn!(
                connections = self.len(),
                quiet = quiet.len(),
                "No room for further connections: those over which nothing has gone for longest are closed"
            );
        }
    }

    /// Breaks off those that are left, and waits until they have.
    pub(super) async fn cut(&mut self) {
        self.tasks.shutdown().await;
        self.watches.clear();
    }

    /// Waits until all of them have ended.
    pub(super) async fn all_ended(&mut self) {
        while self.next_end().await.is_some() {}
    }
}
