//! The handlers of the endpoints of batches.

use std::sync::Arc;

use axum::extract::{Path, Request as HttpRequest};
use axum::response::Response;
use serde_json::json;

use super::batch::{Batch, Order};
use super::envelope;
use super::paging::{Page, Paging};
use super::visit::{Answer, AnswerBody, Visit};
use crate::simulator::BatchEndpoint;
use crate::simulator::api_error::ApiError;
use crate::simulator::intake::read_json;

/// The most bytes of the body that creates a batch: 256 MB.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// Creates a batch. A fault that is an HTTP error strikes before there is one; any other only spoils the
/// answer, so that there is a batch of which the client doesn't know.
pub(in crate::simulator) async fn create(visit: Visit, request: HttpRequest) -> Response {
    let answer = async {
        let injected = visit.admit(BatchEndpoint::Create)?;
        let body = read_json(request.into_body(), &visit.headers, MAX_BODY, visit.exchange()).await?;
        let requests = envelope::read(&body)?;
        visit.pass(injected).await?;
        let order = Order { requests, version: visit.version()?.to_owned(), faults: visit.asked_faults()? };
        let batch = visit.shared.batches.create(order);
        Ok(Answer { injected, body: AnswerBody::Json(visit.to_json(&batch)) })
    };
    let answer = answer.await;
    visit.respond(answer).await
}

/// Lists a page of the batches.
pub(in crate::simulator) async fn list(visit: Visit) -> Response {
    let answer = async {
        let injected = visit.admit(BatchEndpoint::List)?;
        let paging = Paging::read(&visit.query)?;
        visit.pass(injected).await?;
        let Page { batches, has_more } = paging.page(visit.shared.batches.newest_first())?;
        let id = |batch: Option<&Arc<Batch>>| batch.map(|batch| batch.id.clone());
        let list = json!({
            "data": batches.iter().map(|batch| visit.to_json(batch)).collect::<Vec<_>>(),
            "has_more": has_more,
            "first_id": id(batches.first()),
            "last_id": id(batches.last()),
        });
        Ok(Answer { injected, body: AnswerBody::Json(list) })
    };
    let answer = answer.await;
    visit.respond(answer).await
}

/// Shows how far a batch is.
pub(in crate::simulator) async fn show(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        let injected = visit.admit(BatchEndpoint::Poll)?;
        visit.pass(injected).await?;
        let batch = visit.find(&id)?;
        Ok(Answer { injected, body: AnswerBody::Json(visit.to_json(&batch)) })
    };
    let answer = answer.await;
    visit.respond(answer).await
}

/// Hands out the results of a batch that has ended.
pub(in crate::simulator) async fn results(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        let injected = visit.admit(BatchEndpoint::Results)?;
        visit.pass(injected).await?;
        let lines = visit.find(&id)?.results();
        let lines = lines.ok_or_else(|| ApiError::invalid(format!("batch: {id} hasn't ended")))?;
        Ok(Answer { injected, body: AnswerBody::Lines(lines) })
    };
    let answer = answer.await;
    visit.respond(answer).await
}

/// Cancels what isn't done of a batch.
pub(in crate::simulator) async fn cancel(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        let injected = visit.admit(BatchEndpoint::Cancel)?;
        visit.pass(injected).await?;
        let batch = visit.find(&id)?;
        if !batch.cancel() {
            return Err(ApiError::invalid(format!("batch: {id} has ended")));
        }
        Ok(Answer { injected, body: AnswerBody::Json(visit.to_json(&batch)) })
    };
    let answer = answer.await;
    visit.respond(answer).await
}

/// Forgets a batch that has ended.
pub(in crate::simulator) async fn delete(visit: Visit, Path(id): Path<String>) -> Response {
    let answer = async {
        let injected = visit.admit(BatchEndpoint::Delete)?;
        visit.pass(injected).await?;
        if !visit.find(&id)?.has_ended() {
            return Err(ApiError::invalid(format!("batch: {id} hasn't ended; cancel it first")));
        }
        visit.shared.batches.forget(&id);
        Ok(Answer { injected, body: AnswerBody::Json(json!({"id": id, "type": "message_batch_deleted"})) })
    };
    let answer = answer.await;
    visit.respond(answer).await
}
