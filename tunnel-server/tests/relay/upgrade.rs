//! The request that opens or joins a tunnel, and its answer.

use crate::client::{
    Client, TUNNEL, binary, frame, header, metric, relay, request, request_with, status,
};

#[tokio::test]
async fn frames_in_the_segment_of_the_upgrade_are_kept() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let opening = [
        request(&format!("/cable/new/{TUNNEL}")).as_bytes(),
        &binary(b"early"),
        &binary(b"birds"),
    ]
    .concat();
    let mut phone = Client::sending(to, opening).await;
    let id = header(&phone.head().await, "X-caBLE-Routing-ID").unwrap();
    // The last frame in two pieces, cut within its header.
    let joining = [
        request(&format!("/cable/connect/{id}/{TUNNEL}")).as_bytes(),
        &binary(b"hello"),
        &binary(b"again")[..1],
    ]
    .concat();
    let mut desktop = Client::sending(to, joining).await;
    assert_eq!(status(&desktop.head().await), 101);
    assert_eq!(desktop.message().await, b"early");
    assert_eq!(desktop.message().await, b"birds");
    assert_eq!(phone.message().await, b"hello");
    desktop.send(&binary(b"again")[1..]).await;
    assert_eq!(phone.message().await, b"again");
}

#[tokio::test]
async fn a_request_in_single_bytes_is_one_request() {
    let relay = relay(|_| ()).await;
    let mut client = Client::connect(relay.local_addr()).await;
    for byte in [
        request(&format!("/cable/new/{TUNNEL}")).as_bytes(),
        &binary(b"x"),
    ]
    .concat()
    {
        client.send([byte]).await;
    }
    assert_eq!(status(&client.head().await), 101);
}

#[tokio::test]
async fn the_subprotocol_is_found_in_a_list_and_chosen_alone() {
    let relay = relay(|_| ()).await;
    for list in [
        "fido.cable",
        "other, fido.cable",
        "fido.cable,other",
        "other ,\tfido.cable , another",
        "other\r\nSec-WebSocket-Protocol: fido.cable",
    ] {
        let text = request(&format!("/cable/new/{TUNNEL}"))
            .replace("Protocol: fido.cable", &format!("Protocol: {list}"));
        let head = Client::sending(relay.local_addr(), text).await.head().await;
        assert_eq!(status(&head), 101, "{list}");
        assert_eq!(
            header(&head, "Sec-WebSocket-Protocol").as_deref(),
            Some("fido.cable"),
            "{list}"
        );
    }
    for list in ["other", "fido.cable2", "FIDO.CABLE", "fido cable", ""] {
        let text = request(&format!("/cable/new/{TUNNEL}"))
            .replace("Protocol: fido.cable", &format!("Protocol: {list}"));
        assert_eq!(
            status(
                &Client::sending(relay.local_addr(), text)
                    .await
                    .refusal()
                    .await
            ),
            400,
            "{list}"
        );
    }
}

#[tokio::test]
async fn hex_of_either_case_names_the_same_tunnel() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    for (new, connect) in [
        (
            str::to_ascii_lowercase as fn(&str) -> String,
            str::to_ascii_uppercase as fn(&str) -> String,
        ),
        (str::to_ascii_uppercase, str::to_ascii_lowercase),
        (str::to_owned, str::to_owned),
    ] {
        let (_phone, head) = Client::upgrade(to, &format!("/cable/new/{}", new(TUNNEL))).await;
        let id = header(&head, "x-cable-routing-id").unwrap();
        assert_eq!(id.len(), 6);
        Client::upgrade(
            to,
            &format!("/cable/connect/{}/{}", connect(&id), connect(TUNNEL)),
        )
        .await;
    }
}

#[tokio::test]
async fn permessage_deflate_is_declined_and_nothing_else_offered_is_taken() {
    let relay = relay(|_| ()).await;
    let more = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-other\r\n";
    let mut phone = Client::sending(
        relay.local_addr(),
        request_with(&format!("/cable/new/{TUNNEL}"), more),
    )
    .await;
    let head = phone.head().await;
    assert_eq!(status(&head), 101);
    assert_eq!(header(&head, "Sec-WebSocket-Extensions"), None);
    phone.send(frame(0xc2, b"compressed")).await;
    assert_eq!(phone.closed().await.0, 1002);
}

#[tokio::test]
async fn an_unknown_tunnel_and_a_wrong_routing_id_get_the_same_bytes() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let (_waiting, id) = Client::open(to).await;
    let (_phone, _desktop) = Client::pair(to).await;
    let wrong = format!("{:06X}", u32::from_str_radix(&id, 16).unwrap() ^ 1);
    let unknown = TUNNEL.replace("00", "ff");
    let mut answers = Vec::new();
    for (routing, tunnel) in [
        (wrong.as_str(), TUNNEL),
        (&id, &unknown),
        (&wrong, &unknown),
        ("000000", TUNNEL),
    ] {
        answers.push(
            Client::sending(to, request(&format!("/cable/connect/{routing}/{tunnel}")))
                .await
                .refusal()
                .await,
        );
    }
    // The clock may tick between two answers.
    let timeless = |answer: &String| -> Vec<String> {
        let lines = answer.lines().filter(|line| !line.starts_with("Date: "));
        lines.map(str::to_owned).collect()
    };
    assert!(
        answers
            .iter()
            .all(|answer| timeless(answer) == timeless(&answers[0]) && status(answer) == 404),
        "{answers:?}"
    );
    assert_eq!(metric(&relay, "refused_total{reason=\"no_room\"}"), 4);
    Client::upgrade(to, &format!("/cable/connect/{id}/{TUNNEL}")).await;
}
