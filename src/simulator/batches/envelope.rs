//! Reads the body that creates a batch, and refuses what the API refuses at once. What is wrong with the
//! requests themselves only their results say.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use crate::simulator::api_error::ApiError;

/// The most requests in a batch.
const MAX_REQUESTS: usize = 100_000;
/// The most characters of a request's name.
const MAX_CUSTOM_ID: usize = 64;

/// A request within a batch.
#[derive(Debug, Clone)]
pub(super) struct BatchedRequest {
    pub(super) custom_id: String,
    pub(super) params: Arc<Value>,
}

/// The requests of `body`.
pub(super) fn read(body: &Value) -> Result<Vec<BatchedRequest>, ApiError> {
    let body = body.as_object().ok_or_else(|| ApiError::invalid("the body must be a JSON object"))?;
    if let Some(other) = body.keys().find(|name| *name != "requests") {
        return Err(ApiError::invalid(format!("{other}: there is no such field")));
    }
    let requests = body.get("requests").ok_or_else(|| ApiError::invalid("requests: field required"))?;
    let requests = requests.as_array().ok_or_else(|| ApiError::invalid("requests: must be an array"))?;
    if requests.is_empty() || requests.len() > MAX_REQUESTS {
        return Err(ApiError::invalid(format!(
            "requests: must have 1 to {MAX_REQUESTS} items, has {}",
            requests.len()
        )));
    }
    let mut names = HashSet::new();
    let mut read = Vec::with_capacity(requests.len());
    for (place, request) in requests.iter().enumerate() {
        let request = one(request).map_err(|why| ApiError::invalid(format!("requests.{place}.{why}")))?;
        if !names.insert(request.custom_id.clone()) {
            return Err(ApiError::invalid(format!(
                "requests.{place}.custom_id: {} is not unique",
                request.custom_id
            )));
        }
        read.push(request);
    }
    Ok(read)
}

fn one(request: &Value) -> Result<BatchedRequest, String> {
    let custom_id = match request.get("custom_id").and_then(Value::as_str) {
        Some(id) if is_custom_id(id) => id.to_owned(),
        Some(_) => {
            return Err(format!("custom_id: must be 1 to {MAX_CUSTOM_ID} of the characters A-Z a-z 0-9 _ -"));
        }
        None => return Err("custom_id: field required".to_owned()),
    };
    let params = request.get("params").filter(|params| params.is_object());
    let params = params.ok_or_else(|| "params: must be an object".to_owned())?;
    Ok(BatchedRequest { custom_id, params: Arc::new(params.clone()) })
}

fn is_custom_id(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=MAX_CUSTOM_ID).contains(&id.len()) && id.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: &Value) -> String {
        read(body).unwrap_err().message
    }

    fn ids(ids: &[&str]) -> Value {
        json!({"requests": ids.iter().map(|id| json!({"custom_id": id, "params": {}})).collect::<Vec<_>>()})
    }

    #[test]
    fn requests_are_read_in_their_order_whatever_their_params() {
        let read = read(&ids(&["b", "a_1-Z", &"x".repeat(64)])).unwrap();
        let names: Vec<&str> = read.iter().map(|request| request.custom_id.as_str()).collect();
        assert_eq!(names, ["b", "a_1-Z", &"x".repeat(64)]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let custom_id = "custom_id: must be 1 to 64 of the characters A-Z a-z 0-9 _ -";
        for (body, message) in [
            (json!([]), "the body must be a JSON object".to_owned()),
            (json!({}), "requests: field required".to_owned()),
            (json!({"requests": {}}), "requests: must be an array".to_owned()),
            (json!({"requests": [], "x": 1}), "x: there is no such field".to_owned()),
            (json!({"requests": []}), "requests: must have 1 to 100000 items, has 0".to_owned()),
            (ids(&["a", ""]), format!("requests.1.{custom_id}")),
            (ids(&["a b"]), format!("requests.0.{custom_id}")),
            (ids(&["ä"]), format!("requests.0.{custom_id}")),
            (ids(&[&"x".repeat(65)]), format!("requests.0.{custom_id}")),
            (ids(&["a", "b", "a"]), "requests.2.custom_id: a is not unique".to_owned()),
            (json!({"requests": [{"params": {}}]}), "requests.0.custom_id: field required".to_owned()),
            (json!({"requests": [{"custom_id": "a"}]}), "requests.0.params: must be an object".to_owned()),
        ] {
            assert_eq!(refused(&body), message);
        }
        let too_many = vec![json!({}); MAX_REQUESTS + 1];
        let message = "requests: must have 1 to 100000 items, has 100001";
        assert_eq!(refused(&json!({ "requests": too_many })), message);
    }
}
