//! Limits of a tunnel, from the wait for the other side to the end.

use super::{SOON, closed, documented, told};
use crate::client::{Client, TUNNEL, binary, frame, metric, relay, request, until, within};
use crate::program::Program;
use rustix::process::Signal;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

cases! {
    waiting {
        let relay = relay(|config| config.limits.waiting = SOON).await;
        let (mut phone, _) = Client::open(relay.local_addr()).await;
        assert_eq!(phone.closed().await, (1008, "timed out waiting for the other side".to_owned()));
        closed(&relay, "waiting", 1008, "waited").await;
    }

    early {
        let relay = relay(|config| config.limits.early = 64).await;
        let (mut phone, id) = Client::open(relay.local_addr()).await;
        phone.send((0..5).flat_map(|n| binary(&[n; 50])).collect::<Vec<_>>()).await;
        let (mut desktop, _) = Client::upgrade(relay.local_addr(), &format!("/cable/connect/{id}/{TUNNEL}")).await;
        for n in 0..5 {
            assert_eq!(desktop.message().await, [n; 50], "nothing is lost");
        }
        phone.send(frame(0x88, &[])).await;
        desktop.closed().await;
        told(&relay, "early", "reading pauses until the other side joins", "early_full").await;
    }

    session {
        let relay = relay(|config| config.limits.session = SOON).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        for side in [&mut phone, &mut desktop] {
            assert_eq!(side.closed().await, (1008, "tunnel open for too long".to_owned()));
        }
        closed(&relay, "session", 1008, "lasted").await;
    }

    ping {
        let relay = relay(|config| config.limits.ping = SOON).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        let talking = tokio::spawn(async move {
            while let Some((first, payload)) = desktop.frame().await {
                match first {
                    0x89 => desktop.send(frame(0x8a, &payload)).await,
                    _ => return payload,
                }
            }
            Vec::new()
        });
        assert_eq!(phone.frame().await.unwrap().0, 0x89, "silence is asked about first");
        assert_eq!(phone.closed().await, (1008, "no answer to pings".to_owned()));
        closed(&relay, "ping", 1008, "silent").await;
        assert_eq!(within(talking).await.unwrap()[..2], 1001u16.to_be_bytes());
    }

    stall {
        let relay = relay(|config| {
            config.limits.stall = Duration::from_millis(300);
            config.limits.closing = SOON;
            (config.limits.bytes, config.limits.messages) = (1 << 30, 1 << 20);
        }).await;
        let (phone, id) = Client::open(relay.local_addr()).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut desktop = Client::on(within(socket.connect(relay.local_addr())).await.unwrap());
        desktop.send(request(&format!("/cable/connect/{id}/{TUNNEL}"))).await;
        desktop.head().await;
        let (mut reading, mut writing) = phone.stream.into_split();
        let sending = tokio::spawn(async move { while writing.write_all(&binary(&[7; 60_000])).await.is_ok() {} });
        assert_eq!(within(reading.read_u8()).await.unwrap(), 0x88, "the phone is told");
        // The desktop reads after all; what was cut within a message has no place for a close
        // frame.
        while let Some((first, payload)) = desktop.frame().await {
            if first == 0x88 {
                assert_eq!(payload[..2], 1008u16.to_be_bytes());
                break;
            }
        }
        closed(&relay, "stall", 1008, "stalled").await;
        sending.abort();
    }

    closing {
        let relay = relay(|config| config.limits.closing = SOON).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        desktop.send(frame(0x88, &[])).await;
        assert_eq!(phone.frame().await.unwrap().0, 0x88);
        // The answer never comes.
        assert_eq!(phone.frame().await, None);
        told(&relay, "closing", "connection closed", "connections_cut").await;
    }

    message_size {
        let relay = relay(|config| config.limits.message_size = 200).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        phone.send(binary(&[1; 200])).await;
        assert_eq!(desktop.message().await, [1; 200], "the limit itself is allowed");
        phone.send([frame(0x02, &[1; 150]), frame(0x80, &[1; 51])].concat()).await;
        assert_eq!(phone.closed().await, (1009, "message too long".to_owned()));
        closed(&relay, "message_size", 1009, "message_size").await;
    }

    messages {
        let relay = relay(|config| config.limits.messages = 2).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        for _ in 0..2 {
            phone.send(binary(b"x")).await;
            desktop.send(binary(b"y")).await;
            assert_eq!((desktop.message().await, phone.message().await), (b"x".to_vec(), b"y".to_vec()));
        }
        phone.send(binary(b"x")).await;
        assert_eq!(phone.closed().await, (1008, "too many messages".to_owned()));
        closed(&relay, "messages", 1008, "messages").await;
    }

    bytes {
        let relay = relay(|config| config.limits.bytes = 200).await;
        let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
        for _ in 0..2 {
            phone.send(binary(&[1; 100])).await;
            desktop.message().await;
        }
        phone.send(binary(b"x")).await;
        assert_eq!(phone.closed().await, (1008, "too many bytes".to_owned()));
        closed(&relay, "bytes", 1008, "bytes").await;
    }

    control_rate {
        let relay = relay(|config| config.limits.control_rate = 3).await;
        let fragments = [frame(0x02, b""), frame(0x00, b"").repeat(8)].concat();
        for flood in [frame(0x89, b"").repeat(8), frame(0x8a, b"").repeat(8), fragments] {
            let before = metric(&relay, "tunnels_ended_total{ended=\"control_rate\"}");
            let (mut phone, _desktop) = Client::pair(relay.local_addr()).await;
            phone.send(flood).await;
            assert_eq!(phone.closed().await, (1008, "too many pings".to_owned()));
            drop(phone);
            drop(_desktop);
            until(&relay, "tunnels_ended_total{ended=\"control_rate\"}", before + 1).await;
        }
        documented("control_rate", "close 1008,", "tunnels_ended{ended=\"control_rate\"}");
    }

    drain {
        let program = Program::serve(&["--drain", "100ms"]).await;
        let (mut phone, mut desktop) = Client::pair(program.addr).await;
        program.signal(Signal::TERM);
        for side in [&mut phone, &mut desktop] {
            assert_eq!(side.closed().await, (1012, "relay is shutting down".to_owned()));
        }
        let (code, log) = program.end().await;
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("drain time is over"), "{log}");

        // The metric of the same ending, which a program that has ended cannot be asked for.
        let relay = relay(|_| ()).await;
        let admin = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = admin.local_addr().unwrap();
        let _admin = relay.admin(admin);
        let (mut phone, _) = Client::open(relay.local_addr()).await;
        let stopping = tokio::spawn(relay.shutdown());
        assert_eq!(phone.closed().await.0, 1012);
        within(stopping).await.unwrap();
        let text = Client::sending(at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.refusal().await;
        assert!(text.contains("\ntunnel_tunnels_ended_total{ended=\"stopped\"} 1\n"), "{text}");
        documented("drain", "close 1012,", "tunnels_ended{ended=\"stopped\"}");
    }
}
