//! Clients that open connections and say nothing: there is room for those who do.

use crate::support::{Connection, EndlessUpstream, Request, Served, chat, serve};

/// Four for each run that there may be, and a thousand for all else.
const MOST: usize = 4 + 1000;

/// Who comes when there is no room.
const FURTHER: usize = 100;

/// As many may make room at a time, be there need for so many or not.
const AT_A_TIME: usize = 32;

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let upstream = EndlessUpstream::start();
    let mut command = serve(&[("MAX_CONCURRENT_RUNS", "1"), ("CHAIN_SYNTHESIZE_MAX_TOKENS", "64000")]);
    command.env("ANTHROPIC_BASE_URL", &upstream.base_url());
    let served = Served::start(command);

    let mut busy = Connection::with_small_window(served.address());
    busy.send(chat(true).bytes());
    assert_eq!(busy.head().status, 200);
    // Every other has begun a head.
    let beginning = ["", "GET /health HTTP/1.1\r\nHost: "];
    let mut silent: Vec<Connection> = (0..MOST)
        .map(|number| {
            let mut client = served.connect();
            client.send(beginning[number % 2]);
            client
        })
        .collect();

    let mut further: Vec<_> = (0..FURTHER).map(|_| served.connect()).collect();
    for client in &mut further {
        assert_eq!(client.ask(&Request::get("/health")).status, 200);
    }
    let told = served.log().wait_for(
        "No room for further connections: those over which nothing has gone for longest are closed",
    );
    assert_eq!((&told["level"], &told["connections"]), (&"WARNING".into(), &MOST.into()));
    silent[0].says_no_more();
    let kept = silent.iter().filter(|client| client.is_quiet()).count();
    assert!(kept >= MOST - FURTHER - AT_A_TIME, "no more are closed than there is need for: {kept} are left");
    // Those that came last are there, and so is the one over which something goes, though it came first.
    let last = silent.last_mut().unwrap();
    last.send("x\r\n\r\n");
    assert_eq!(last.response().status, 200);
    upstream.wait_for(1, |reply| !reply.has_ended);
}
