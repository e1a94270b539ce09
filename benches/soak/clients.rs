//! The clients: who they are, and what they do next.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::chat::{failure, post, question, read, send, streamed, whole};
use crate::house::House;
use crate::tally::{Met, Tally};
use crate::{raw, refused};

/// Clients that ask one thing after the other.
const ASKING: u64 = 16;
/// Connections that are kept alive and mostly say nothing.
const IDLE: u64 = 40;
/// Connections that begin a head and don't end it.
const HALF: usize = 3;
/// How long a client thinks, at most.
const PAUSE: Duration = Duration::from_millis(200);
/// How long one waits that was told to come later.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a client does, and how often of a hundred times.
const HABITS: [(Habit, u32); 11] = [
    (Habit::Stream, 30),
    (Habit::Whole, 12),
    (Habit::Format, 8),
    (Habit::Repeat, 10),
    (Habit::Leave, 16),
    (Habit::NeverRead, 2),
    (Habit::Greedy, 4),
    (Habit::BadToken, 8),
    (Habit::Oversize, 3),
    (Habit::Malformed, 5),
    (Habit::Look, 2),
];

#[derive(Debug, Clone, Copy)]
enum Habit {
    Stream,
    Whole,
    /// Asks for JSON.
    Format,
    /// Asks with a key, and then again.
    Repeat,
    Leave,
    NeverRead,
    /// The one subject that asks more often than it may.
    Greedy,
    BadToken,
    Oversize,
    Malformed,
    /// Looks at models, readiness and what isn't there.
    Look,
}

/// All of them.
pub(crate) struct Clients {
    house: Arc<House>,
    tally: Arc<Tally>,
    seed: u64,
}

impl Clients {
    pub(crate) fn new(house: Arc<House>, tally: Arc<Tally>, seed: u64) -> Result<Self, Box<dyn Error>> {
        let total: u32 = HABITS.iter().map(|(_, share)| share).sum();
        if total != 100 {
            return Err(format!("habits come to {total} of a hundred").into());
        }
        Ok(Self { house, tally, seed })
    }

    /// Begins with the load, which ends at that time.
    pub(crate) fn begin(&self, load: &mut JoinSet<()>, end: Instant) {
        for number in 0..ASKING {
            let (house, tally) = (Arc::clone(&self.house), Arc::clone(&self.tally));
            let rng = fastrand::Rng::with_seed(self.seed.wrapping_mul(1000) + number);
            load.spawn(async move { Client { house, tally, rng }.ask_on(end).await });
        }
        for number in 0..IDLE {
            let (house, tally) = (Arc::clone(&self.house), Arc::clone(&self.tally));
            let pause = Duration::from_secs(3 + number);
            load.spawn(async move {
                while Instant::now() < end {
                    tally.count("idle connection", raw::idle(&house, pause, end).await);
                }
            });
        }
        for _ in 0..HALF {
            let (house, tally) = (Arc::clone(&self.house), Arc::clone(&self.tally));
            load.spawn(async move {
                while Instant::now() < end {
                    tally.count("half a head", raw::half_head(&house).await);
                }
            });
        }
    }
}

/// One that asks one thing after the other.
struct Client {
    house: Arc<House>,
    tally: Arc<Tally>,
    rng: fastrand::Rng,
}

impl Client {
    async fn ask_on(mut self, end: Instant) {
        while Instant::now() < end {
            let mut drawn = self.rng.u32(..100);
            let habit = HABITS.iter().find(|(_, share)| {
                let is_it = drawn < *share;
                drawn = drawn.saturating_sub(*share);
                is_it
            });
            let habit = habit.map_or(Habit::Look, |(habit, _)| *habit);
            let (client, met) = self.follow(habit).await;
            let is_to_wait =
                met.as_ref().is_ok_and(|met| met.starts_with("503") || met.ends_with("circuit_open"));
            self.tally.count(client, met);
            sleep(if is_to_wait { PATIENCE } else { PAUSE }.mul_f64(self.rng.f64())).await;
        }
    }

    async fn follow(&mut self, habit: Habit) -> (&'static str, Met) {
        match habit {
            Habit::Stream => ("streamed", self.stream().await),
            Habit::Whole => ("whole", self.whole("").await),
            Habit::Format => ("JSON asked for", self.format().await),
            Habit::Repeat => ("repeat", self.repeat().await),
            Habit::Leave => ("leaves", self.leave().await),
            Habit::NeverRead => {
                let (subject, body) = (self.subject(), question(&mut self.rng, true));
                ("never reads", raw::never_read(&self.house, &subject, &body).await)
            }
            Habit::Greedy => ("asks too often", self.whole("greedy").await),
            Habit::BadToken => ("bad token", refused::bad_token(&self.house, &mut self.rng).await),
            Habit::Oversize => ("oversize", refused::oversize(&self.house, &mut self.rng).await),
            Habit::Malformed => ("malformed", refused::malformed(&self.house, &mut self.rng).await),
            Habit::Look => ("looks", self.look().await),
        }
    }

    /// Somebody new: what is remembered of them must be forgotten in time.
    fn subject(&mut self) -> String {
        format!("subject-{}", self.rng.u64(..))
    }

    async fn stream(&mut self) -> Met {
        let (subject, mut body) = (self.subject(), question(&mut self.rng, true));
        body["stream_options"] = json!({"include_usage": self.rng.bool(), "include_steps": self.rng.bool()});
        streamed(send(post(&self.house, &subject, &body)?).await?).await
    }

    async fn whole(&mut self, subject: &str) -> Met {
        let subject = if subject.is_empty() { self.subject() } else { subject.to_owned() };
        let body = question(&mut self.rng, false);
        whole(send(post(&self.house, &subject, &body)?).await?).await.map(|(met, _)| met)
    }

    async fn format(&mut self) -> Met {
        let (subject, mut body) = (self.subject(), question(&mut self.rng, false));
        body["response_format"] = json!({"type": "json_object"});
        let (met, text) = whole(send(post(&self.house, &subject, &body)?).await?).await?;
        match text {
            Some(text) if serde_json::from_str::<serde_json::Value>(&text).is_err() => {
                // One that was cut by a limit, or that the model broke off to decline, is said to be.
                let is_cut = matches!(met.as_str(), "200 length" | "200 content_filter");
                if is_cut { Ok(met) } else { Err(format!("{met} with a text that isn't JSON")) }
            }
            _ => Ok(met),
        }
    }

    /// Asks with a key, then with the same key for the same, and for something else.
    async fn repeat(&mut self) -> Met {
        let (subject, body) = (self.subject(), question(&mut self.rng, false));
        let key = format!("key-{}", self.rng.u64(..));
        let generation = self.house.generation();
        let ask = || Ok::<_, String>(post(&self.house, &subject, &body)?.header("idempotency-key", &key));
        let (first, text) = whole(send(ask()?).await?).await?;
        let (again, same) = whole(send(ask()?).await?).await?;
        // With other prompts it is another answer.
        let has_changed = generation.is_none() || self.house.generation() != generation;
        if let (Some(text), false) = (&text, has_changed)
            && same.as_ref() != Some(text)
        {
            return Err(format!("{first}, then {again} with another text"));
        }
        if text.is_some() && self.rng.bool() {
            return refused::reused_key(&self.house, &subject, &key, &mut self.rng).await;
        }
        Ok(if text.is_some() { "the same again".to_owned() } else { again })
    }

    async fn leave(&mut self) -> Met {
        let is_streamed = self.rng.u32(..4) > 0;
        let (subject, body) = (self.subject(), question(&mut self.rng, is_streamed));
        raw::leave(&self.house, &subject, &body, &mut self.rng).await
    }

    async fn look(&mut self) -> Met {
        let url = &self.house.server.url;
        match self.rng.u32(..3) {
            0 => {
                let answer = send(self.house.client.get(format!("{url}/health/ready"))).await?;
                let status = answer.status().as_u16();
                let met = format!("{status} from readiness");
                if matches!(status, 200 | 503) { Ok(met) } else { Err(met) }
            }
            1 => {
                let (status, _) = read(send(self.house.client.get(format!("{url}/nowhere"))).await?).await?;
                if status == 404 {
                    Ok("404".to_owned())
                } else {
                    Err(format!("{status} in the place of 404"))
                }
            }
            _ => {
                let token = crate::support::token("reader").map_err(|error| error.to_string())?;
                let request = self.house.client.get(format!("{url}/v1/models")).bearer_auth(token);
                let (status, json) = read(send(request).await?).await?;
                if status == 200 { Ok("200 with models".to_owned()) } else { failure(status, &json) }
            }
        }
    }
}
