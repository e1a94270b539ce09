//! Something between a client and a server that passes on what they say, until it is told to do worse.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a proxy does with what the server answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passes {
    /// It passes it on.
    All,
    /// It swallows it.
    Nothing,
    /// It passes one byte on and breaks the connection.
    OneByte,
}

/// A proxy before a port of this machine. It lives as long as the test's process.
pub(crate) struct Proxy {
    address: SocketAddr,
    passes: Arc<Mutex<Passes>>,
}

impl Proxy {
    pub(crate) fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let passes = Arc::new(Mutex::new(Passes::All));
        let shared = Arc::clone(&passes);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || pass_on(from_client, to_server, |()| Passes::All));
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || pass_on(server, client, |()| *shared.lock().unwrap()));
            }
        });
        Self { address, passes }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it passes that on.
    pub(crate) fn pass(&self, passes: Passes) {
        *self.passes.lock().unwrap() = passes;
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, passes: impl Fn(()) -> Passes) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let is_passed_on = match passes(()) {
            Passes::All => to.write_all(&bytes[..length]).is_ok(),
            Passes::Nothing => true,
            Passes::OneByte => {
                let _ = to.write_all(&bytes[..1]);
                false
            }
        };
        if !is_passed_on {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
