//! Bodies that stop halfway.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::{OPERATOR, Setup, on_both};

/// After which a connection counts as one that is never given up.
const NEVER: Duration = Duration::from_mins(2);

/// Sends the head of a request and half of its body, and answers what comes until the service closes the connection.
async fn stalled(url: &str, head: &str) -> String {
    let mut connection = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: billing\r\nAuthorization: Bearer {OPERATOR}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{{\"account_id\""
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has ended as well.
    let _ = timeout(NEVER, connection.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_halfway_is_answered_and_its_connection_closed() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let url = &service.url;
        let (spend, webhook, unread, nowhere) = tokio::join!(
            stalled(url, "POST /credits/consume"),
            stalled(url, "POST /payment/webhook/sandbox"),
            stalled(url, "GET /credits/packs"),
            stalled(url, "POST /nowhere"),
        );
        for answer in [&spend, &webhook] {
            assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_timeout"), "{answer}");
        }
        assert!(unread.starts_with("HTTP/1.1 200"), "{unread}");
        assert!(nowhere.starts_with("HTTP/1.1 404"), "{nowhere}");
        assert!(service.stop());
    })
    .await;
}
