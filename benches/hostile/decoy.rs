//! A server that refuses everything at once and thinks nothing of it: flooded in the place of the real one, it
//! shows what the flood itself takes of the machine.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Result;

/// About as long as the server's own refusals.
const BODY: usize = 260;

pub(crate) struct Decoy {
    pub(crate) address: String,
    _serving: JoinSet<()>,
}

impl Decoy {
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                clients.spawn(refuse(client));
            }
        });
        Ok(Self { address, _serving: serving })
    }
}

async fn refuse(mut client: TcpStream) {
    let filler = "x".repeat(200);
    let answer = format!(
        "HTTP/1.1 429 Too Many Requests\r\nx-filler: {filler}\r\ncontent-length: {BODY}\r\n\r\n{}",
        " ".repeat(BODY)
    );
    let mut came = Vec::new();
    loop {
        let mut answers = String::new();
        while let Some(end) = came.windows(4).position(|window| window == b"\r\n\r\n") {
            came.drain(..end + 4);
            answers.push_str(&answer);
        }
        let is_sent = client.write_all(answers.as_bytes()).await.is_ok();
        if !is_sent || client.read_buf(&mut came).await.unwrap_or(0) == 0 {
            return;
        }
    }
}
