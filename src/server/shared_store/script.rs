//! A script that the store runs, and what it returns.

use redis::{ErrorKind, ServerErrorKind, Value};

use super::StoreError;
use super::link::Link;

/// A script, which a store knows by its hash once it has run it.
pub(in crate::server) struct Script {
    text: &'static str,
    hash: String,
}

/// What a script returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) enum Reply {
    /// Nothing.
    Nil,
    /// A whole number.
    Number(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Several.
    List(Vec<Reply>),
}

impl Script {
    pub(in crate::server) fn new(text: &'static str) -> Self {
        Self { text, hash: redis::Script::new(text).get_hash().to_owned() }
    }

    /// Runs it. A store that doesn't know it, because it was restarted or told to forget, is given its text,
    /// which is then all that the call has done.
    pub(super) async fn run(&self, link: &mut Link, key: &str, args: &[&[u8]]) -> Result<Reply, StoreError> {
        let called = |command: &str, script: &str| {
            let mut command = redis::cmd(command);
            command.arg(script).arg(1).arg(key).arg(args);
            command
        };
        let value = match link.query(&called("EVALSHA", &self.hash)).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                link.query(&called("EVAL", self.text)).await?
            }
            result => result?,
        };
        Reply::try_from(value)
    }
}

impl TryFrom<Value> for Reply {
    type Error = StoreError;

    fn try_from(value: Value) -> Result<Self, StoreError> {
        Ok(match value {
            Value::Nil => Self::Nil,
            Value::Int(number) => Self::Number(number),
            Value::BulkString(bytes) => Self::Bytes(bytes),
            Value::SimpleString(text) => Self::Bytes(text.into_bytes()),
            Value::Array(values) => {
                Self::List(values.into_iter().map(Self::try_from).collect::<Result<_, _>>()?)
            }
            _ => return Err(StoreError::unexpected()),
        })
    }
}
