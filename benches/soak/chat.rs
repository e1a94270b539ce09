//! Chat completions, and what may become of them while the upstream fails now and then.

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::house::House;
use crate::support::{frames, is_ended, token};
use crate::tally::Met;

/// What a run may fail with where the upstream does, or the model refuses, or the caller asks too often.
const FAILURES: [u16; 5] = [422, 429, 502, 503, 504];

/// What is asked: of some length, one thing or three.
pub(crate) fn question(rng: &mut fastrand::Rng, stream: bool) -> Value {
    let subjects = ["ownership", "borrowing", "lifetimes", "traits", "closures", "iterators", "macros"];
    let mut text = String::new();
    for _ in 0..[1, 1, 3][rng.usize(..3)] {
        let subject = subjects.get(rng.usize(..subjects.len())).copied().unwrap_or_default();
        text.push_str(&format!("What is {subject}, number {}? ", rng.u16(..)));
    }
    let filler = "Some context that goes with it. ".repeat(rng.usize(..60));
    json!({
        "model": "prompt-chaining", "stream": stream,
        "messages": [{"role": "user", "content": format!("{filler}{text}")}],
    })
}

/// The request, by that subject.
pub(crate) fn post(house: &House, subject: &str, body: &Value) -> Result<RequestBuilder, String> {
    let token = token(subject).map_err(|error| error.to_string())?;
    let url = format!("{}/v1/chat/completions", house.server.url);
    let request = house.client.post(url).bearer_auth(token).header("content-type", "application/json");
    Ok(request.body(body.to_string()))
}

/// Sends it.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, String> {
    request.send().await.map_err(|error| format!("no answer: {}", causes(&error)))
}

/// An answer that isn't streamed: its words, and its text if it is a good one.
pub(crate) async fn whole(answer: Response) -> Result<(String, Option<String>), String> {
    let (status, json) = read(answer).await?;
    if status != 200 {
        return failure(status, &json).map(|met| (met, None));
    }
    let choice = &json["choices"][0];
    let text = choice["message"]["content"].as_str().ok_or(format!("200 without a text: {json}"))?;
    let finish = choice["finish_reason"].as_str().ok_or(format!("200 without an end: {json}"))?;
    Ok((format!("200 {finish}"), Some(text.to_owned())))
}

/// A streamed answer.
pub(crate) async fn streamed(answer: Response) -> Met {
    if answer.status() != 200 {
        let (status, json) = read(answer).await?;
        return failure(status, &json);
    }
    let body = answer.bytes().await.map_err(|error| format!("cut: {}", causes(&error)))?;
    let text = std::str::from_utf8(&body).map_err(|_| "a stream that isn't UTF-8")?;
    if !is_ended(&body) {
        return Err(format!("a stream without its end: …{}", tail(text)));
    }
    let mut ends = Vec::new();
    for frame in frames(text) {
        let frame = frame.ok_or("a frame that isn't JSON")?;
        if let Some(finish) = frame["choices"][0]["finish_reason"].as_str() {
            ends.push(format!("200 {finish}"));
        }
        if let Some(code) = frame.get("error").map(|error| error["code"].as_str().unwrap_or("?").to_owned()) {
            ends.push(format!("200, then {code}"));
        }
    }
    match ends.as_slice() {
        [end] if end.ends_with("internal_error") => Err(end.clone()),
        [end] => Ok(end.clone()),
        _ => Err(format!("a stream with the ends {ends:?}: …{}", tail(text))),
    }
}

/// A refusal, in both of its forms, with a code.
pub(crate) async fn read(answer: Response) -> Result<(u16, Value), String> {
    let status = answer.status().as_u16();
    let has_id = answer.headers().contains_key("x-request-id");
    let waits = answer.headers().contains_key("retry-after");
    let body = answer.bytes().await.map_err(|error| format!("{status}, cut: {}", causes(&error)))?;
    let json: Value = serde_json::from_slice(&body).map_err(|_| format!("{status} with what isn't JSON"))?;
    if !has_id {
        return Err(format!("{status} without a request id"));
    }
    if status != 200 && !(json["detail"].is_string() && json["error"]["code"].is_string()) {
        return Err(format!("{status} without both forms: {json}"));
    }
    if json["error"]["code"] == "rate_limit_exceeded" && !waits {
        return Err("a limit without Retry-After".to_owned());
    }
    Ok((status, json))
}

/// What a refusal with that status and body is, if it may be.
pub(crate) fn failure(status: u16, json: &Value) -> Met {
    let code = json["error"]["code"].as_str().unwrap_or("?");
    let met = format!("{status} {code}");
    if FAILURES.contains(&status) && code != "internal_error" { Ok(met) } else { Err(met) }
}

pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(200).map_or(0, |(at, _)| at);
    text.get(from..).unwrap_or_default()
}
