//! stub
use serde_json::{Map, Value};
pub struct Found {
    pub object: Map<String, Value>,
    pub tolerated: Tolerated,
}
#[derive(Default)]
pub struct Tolerated;
impl Tolerated {
    pub fn any(&self) -> bool {
        false
    }
}
pub fn find_object(reply: &str) -> Result<Found, String> {
    serde_json::from_str(reply.trim())
        .map(|object| Found { object, tolerated: Tolerated })
        .map_err(|e| e.to_string())
}
