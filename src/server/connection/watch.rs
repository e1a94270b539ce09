//! What a connection is doing, and until when it may go on without doing anything else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

/// How long a request's head may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection is kept for another request. Longer than the 60 s after which load balancers as a
/// rule let go of theirs: whoever closes first must be the one that would send.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// After so long without taking any of what waits for it, a client is one that others are preferred to.
const TAKES_NOTHING: Duration = Duration::from_secs(5);

/// How often a connection that isn't read is looked at for whether its client is still there.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a connection is doing. Shared by its socket, by what answers its requests, and by the task that
/// drives them: that one ends the connection when a limit is reached, even where nothing else is polled,
/// because the client takes nothing.
#[derive(Debug, Clone)]
pub(in crate::server) struct ConnectionWatch {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    doing: Doing,
    /// Whether the socket is being read, so that the end of what comes in is noticed at once.
    is_read: bool,
    /// Since when the client hasn't taken anything, while something waits for it.
    blocked_since: Option<Instant>,
    has_served: bool,
    /// Whether it is to end for others, unless something goes over it first.
    is_dismissed: bool,
    /// How long the client may take nothing of what waits for it.
    stall: Duration,
    /// Wakes whoever drives the connection.
    driver: Option<Waker>,
}

#[derive(Debug, Clone, Copy)]
enum Doing {
    /// Waiting for a request, or for the rest of its head.
    Listening { since: Instant, until: Instant, head_has_begun: bool },
    /// Answering a request; what is ready must be taken until then, because a limit is reached that only the
    /// answer itself could keep.
    Answering { until: Option<Instant> },
    /// Closing in good order, which has limits of its own.
    Closing,
}

/// A request that is being answered. Dropped, the answer is complete.
#[derive(Debug)]
pub(in crate::server) struct Exchange {
    watch: ConnectionWatch,
}

impl ConnectionWatch {
    /// Of a connection that was just made, whose client may take nothing for that long.
    pub(in crate::server) fn new(stall: Duration) -> Self {
        let doing = Doing::listening(HEAD_TIMEOUT, false);
        let state = State {
            doing,
            is_read: true,
            blocked_since: None,
            has_served: false,
            is_dismissed: false,
            stall,
            driver: None,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The client takes nothing for now.
    pub(super) fn is_blocked(&self) {
        self.lock().blocked_since.get_or_insert_with(Instant::now);
    }

    /// The client has taken something.
    pub(super) fn bytes_went(&self) {
        let mut state = self.lock();
        (state.blocked_since, state.is_dismissed) = (None, false);
        // The end of an answer may still be on its way.
        if let Doing::Listening { head_has_begun: false, .. } = state.doing {
            state.doing = Doing::listening(IDLE_TIMEOUT, false);
        }
    }

    /// Something has come in.
    pub(super) fn bytes_came(&self) {
        let mut state = self.lock();
        if let Doing::Listening { head_has_begun: false, .. } = state.doing {
            state.doing = Doing::listening(HEAD_TIMEOUT, true);
            state.is_dismissed = false;
        }
    }

    /// Whether the socket is being read from now on.
    pub(super) fn set_read(&self, is_read: bool) {
        self.lock().is_read = is_read;
    }

    /// A request has come, and is being answered from now on. The client may take nothing of the answer for
    /// that long.
    pub(super) fn begin_exchange(&self, stall: Duration) -> Exchange {
        let mut state = self.lock();
        state.stall = stall;
        state.doing = Doing::Answering { until: None };
        (state.has_served, state.is_dismissed) = (true, false);
        Exchange { watch: self.clone() }
    }

    /// There is something for the client to take, and until then.
    pub(in crate::server) fn must_take_by(&self, instant: Instant) {
        self.set_limit(Some(instant));
    }

    /// The client has taken all there was.
    pub(in crate::server) fn has_taken(&self) {
        self.set_limit(None);
    }

    /// Whether a request has come over it yet.
    pub(super) fn has_served(&self) -> bool {
        self.lock().has_served
    }

    /// Whether a request is being answered while nobody would notice that the client leaves.
    pub(super) fn is_blind(&self) -> bool {
        let state = self.lock();
        matches!(state.doing, Doing::Answering { .. }) && !state.is_read
    }

    /// When the connection has to be looked at again; `None` if nothing limits what it is doing.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let limit = self.limit();
        let look = self.is_blind().then(|| Instant::now() + LOOK_EVERY);
        limit.into_iter().chain(look).min()
    }

    /// When it has to end if nothing changes.
    pub(super) fn limit(&self) -> Option<Instant> {
        let state = self.lock();
        if state.is_dismissed {
            return Some(Instant::now());
        }
        let stalled = state.blocked_since.map(|since| since + state.stall);
        match state.doing {
            // Whatever the client is to take, it is in its time.
            Doing::Listening { .. } if stalled.is_some() => stalled,
            Doing::Listening { until, .. } => Some(until),
            Doing::Answering { until } => until.into_iter().chain(stalled).min(),
            Doing::Closing => None,
        }
    }

    /// Whether the client has taken nothing for too long.
    pub(in crate::server) fn is_stalled(&self) -> bool {
        let state = self.lock();
        state.blocked_since.is_some_and(|since| since.elapsed() >= state.stall)
    }

    /// Whether nothing is under way that either side would miss.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        matches!(state.doing, Doing::Listening { .. }) && state.blocked_since.is_none()
    }

    /// Whether a request's head has begun to come, and nothing else ends the wait for its rest but its own limit.
    pub(super) fn has_half_a_head(&self) -> bool {
        let state = self.lock();
        !state.is_dismissed
            && state.blocked_since.is_none()
            && matches!(state.doing, Doing::Listening { head_has_begun: true, .. })
    }

    /// Since when nothing has gone over it that either side would miss: it waits for a request, or for the rest
    /// of a head, or its client takes nothing. `None` while something goes, and if it is dismissed already.
    pub(in crate::server) fn quiet_since(&self) -> Option<Instant> {
        let state = self.lock();
        match (state.doing, state.blocked_since) {
            _ if state.is_dismissed => None,
            (Doing::Closing, _) | (Doing::Answering { .. }, None) => None,
            (_, Some(blocked_since)) => Some(blocked_since).filter(|it| it.elapsed() >= TAKES_NOTHING),
            (Doing::Listening { since, .. }, None) => Some(since),
        }
    }

    /// Has a connection end that is quiet, unless something goes over it first: others need its place.
    pub(in crate::server) fn dismiss(&self) {
        let mut state = self.lock();
        let is_quiet = matches!(state.doing, Doing::Listening { .. }) || state.blocked_since.is_some();
        if is_quiet && !matches!(state.doing, Doing::Closing) {
            state.is_dismissed = true;
            state.driver.iter().for_each(Waker::wake_by_ref);
        }
    }

    /// Whether it is to end for others, and that is a matter of a moment.
    pub(in crate::server) fn is_dismissed(&self) -> bool {
        self.lock().is_dismissed
    }

    /// It is closing in good order, and can't be had to end any sooner.
    pub(super) fn is_closing(&self) {
        let mut state = self.lock();
        (state.doing, state.is_dismissed) = (Doing::Closing, false);
    }

    /// Who is to be woken when something has changed from without.
    pub(super) fn is_driven_by(&self, driver: &Waker) {
        let mut state = self.lock();
        match &mut state.driver {
            Some(known) => known.clone_from(driver),
            none => *none = Some(driver.clone()),
        }
    }

    fn set_limit(&self, limit: Option<Instant>) {
        let mut state = self.lock();
        if let Doing::Answering { until } = &mut state.doing {
            *until = limit;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doing {
    /// Waiting from now on, for so long.
    fn listening(time: Duration, head_has_begun: bool) -> Self {
        let since = Instant::now();
        Self::Listening { since, until: since + time, head_has_begun }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.watch.lock().doing = Doing::listening(IDLE_TIMEOUT, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALL: Duration = Duration::from_mins(1);

    async fn is_over_after(watch: &ConnectionWatch, time: Duration) -> bool {
        tokio::time::advance(time).await;
        watch.limit().is_some_and(|limit| limit <= Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_its_time_from_its_first_byte() {
        let watch = ConnectionWatch::new(STALL);
        assert!(!is_over_after(&watch, HEAD_TIMEOUT / 2).await);
        watch.bytes_came();
        assert!(!is_over_after(&watch, HEAD_TIMEOUT * 3 / 4).await);
        watch.bytes_came();
        assert!(is_over_after(&watch, HEAD_TIMEOUT / 4).await, "further bytes don't prolong it");
        assert!(watch.has_half_a_head());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_takes_as_long_as_it_takes_unless_the_client_takes_nothing() {
        let watch = ConnectionWatch::new(STALL);
        let exchange = watch.begin_exchange(STALL);
        assert!(!is_over_after(&watch, Duration::from_hours(1)).await);
        watch.must_take_by(Instant::now() + Duration::from_secs(5));
        assert!(!is_over_after(&watch, Duration::from_secs(4)).await);
        watch.has_taken();
        assert!(!is_over_after(&watch, Duration::from_mins(1)).await);
        watch.must_take_by(Instant::now() + Duration::from_secs(5));
        assert!(is_over_after(&watch, Duration::from_secs(5)).await);
        drop(exchange);
        assert!(!is_over_after(&watch, Duration::ZERO).await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_kept_longer_than_load_balancers_keep_theirs() {
        let watch = ConnectionWatch::new(STALL);
        drop(watch.begin_exchange(STALL));
        assert!(!is_over_after(&watch, Duration::from_mins(1)).await);
        assert!(is_over_after(&watch, IDLE_TIMEOUT).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up_and_one_that_takes_something_is_not() {
        let watch = ConnectionWatch::new(STALL);
        let exchange = watch.begin_exchange(STALL);
        for _ in 0..10 {
            watch.is_blocked();
            assert!(!is_over_after(&watch, STALL * 3 / 4).await);
            watch.bytes_went();
        }
        // What is left of an answer has the same time as its beginning had.
        watch.is_blocked();
        drop(exchange);
        assert!(!is_over_after(&watch, STALL * 3 / 4).await);
        assert!(!watch.is_idle());
        watch.bytes_went();
        assert!(watch.is_idle());
        assert!(!is_over_after(&watch, IDLE_TIMEOUT * 3 / 4).await);
        watch.is_blocked();
        assert!(is_over_after(&watch, STALL).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_waits_makes_room_unless_a_request_comes_first() {
        let watch = ConnectionWatch::new(STALL);
        assert_eq!(watch.quiet_since(), Some(Instant::now()));
        tokio::time::advance(Duration::from_secs(1)).await;
        watch.dismiss();
        assert!(is_over_after(&watch, Duration::ZERO).await && watch.is_idle());
        assert_eq!(watch.quiet_since(), None, "nobody dismisses it twice");
        watch.bytes_came();
        assert!(!is_over_after(&watch, Duration::ZERO).await, "what came first is read");
        watch.dismiss();
        watch.bytes_came();
        assert!(is_over_after(&watch, Duration::ZERO).await, "half a head is no request, however it goes on");
        assert!(watch.is_dismissed());
        drop(watch.begin_exchange(STALL));
        assert!(!watch.is_dismissed() && !is_over_after(&watch, Duration::ZERO).await, "a whole one is");
        watch.is_closing();
        watch.dismiss();
        assert_eq!((watch.quiet_since(), watch.is_dismissed()), (None, false), "it can't end any sooner");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_being_answered_makes_no_room() {
        let watch = ConnectionWatch::new(STALL);
        let _exchange = watch.begin_exchange(STALL);
        watch.dismiss();
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!((watch.quiet_since(), watch.limit()), (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_makes_room_after_a_moment_and_before_it_is_given_up() {
        let watch = ConnectionWatch::new(STALL);
        let exchange = watch.begin_exchange(STALL);
        watch.is_blocked();
        let blocked_since = Instant::now();
        assert_eq!(watch.quiet_since(), None, "it may only be slow");
        tokio::time::advance(TAKES_NOTHING).await;
        assert_eq!(watch.quiet_since(), Some(blocked_since));
        watch.dismiss();
        assert!(is_over_after(&watch, Duration::ZERO).await && !watch.is_idle());
        watch.bytes_went();
        assert!(!is_over_after(&watch, Duration::ZERO).await, "it took something after all");
        watch.is_blocked();
        drop(exchange);
        assert_eq!(watch.quiet_since(), None, "the end of the answer is on its way");
        watch.bytes_went();
        assert_eq!(watch.quiet_since(), Some(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_looked_at_often_only_while_nobody_reads_it() {
        let watch = ConnectionWatch::new(STALL);
        let _exchange = watch.begin_exchange(STALL);
        assert_eq!(watch.next_look(), None);
        watch.set_read(false);
        assert!(watch.is_blind());
        assert_eq!(watch.next_look(), Some(Instant::now() + LOOK_EVERY));
        watch.must_take_by(Instant::now() + Duration::from_millis(1));
        assert_eq!(watch.next_look(), Some(Instant::now() + Duration::from_millis(1)));
    }
}
