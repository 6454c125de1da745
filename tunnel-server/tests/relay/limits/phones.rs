//! Limits of phones that listen, and of contacts.

use super::{SOON, refused, told};
use crate::client::{Client, relay, request, request_with, status, until};
use crate::contact::{Phone, contact, contact_path, headers, listen_path};
use hybrid_protocol::contact::ContactRequest;

cases! {
    listeners {
        let relay = relay(|config| config.limits.listeners = 1).await;
        let _first = Phone::listening(relay.local_addr(), 1).await;
        let answer = Client::sending(relay.local_addr(), request(&listen_path(2))).await.refusal().await;
        refused(&relay, "listeners", &answer, "listeners").await;
    }

    listeners_per_address {
        let relay = relay(|config| config.limits.listeners_per_address = 1).await;
        let _first = Phone::listening(relay.local_addr(), 1).await;
        let answer = Client::sending(relay.local_addr(), request(&listen_path(2))).await.refusal().await;
        refused(&relay, "listeners_per_address", &answer, "listeners_address").await;
    }

    contact_rate {
        let relay = relay(|config| config.limits.contact_rate = 1).await;
        let _phone = Phone::listening(relay.local_addr(), 1).await;
        drop(contact(relay.local_addr(), 1).await);
        until(&relay, "rooms", 0).await;
        let answer = Client::sending(relay.local_addr(), request_with(&contact_path(1), &headers())).await.refusal().await;
        refused(&relay, "contact_rate", &answer, "contact_rate").await;
    }

    contacts_pending {
        let relay = relay(|config| config.limits.contacts_pending = 1).await;
        let _phone = Phone::listening(relay.local_addr(), 1).await;
        let _waiting = contact(relay.local_addr(), 1).await;
        let answer = Client::sending(relay.local_addr(), request_with(&contact_path(1), &headers())).await.refusal().await;
        refused(&relay, "contacts_pending", &answer, "contacts_pending").await;
    }

    payload_size {
        let relay = relay(|config| config.limits.payload_size = 16).await;
        let _phone = Phone::listening(relay.local_addr(), 1).await;
        let more = |size| format!("X-caBLE-Client-Payload: {}\r\n", "ab".repeat(size));
        let head = Client::sending(relay.local_addr(), request_with(&contact_path(1), &more(16))).await.head().await;
        assert_eq!(status(&head), 101, "the limit itself is allowed");
        let answer = Client::sending(relay.local_addr(), request_with(&contact_path(1), &more(17))).await.refusal().await;
        refused(&relay, "payload_size", &answer, "payload").await;
    }

    listen_proof {
        let relay = relay(|config| config.limits.listen_proof = SOON).await;
        let (mut phone, _) = Client::upgrade(relay.local_addr(), &listen_path(1)).await;
        phone.message().await;
        assert_eq!(phone.closed().await.0, 1008);
        told(&relay, "listen_proof", "close 1008,", "refused{reason=\"listen_proof\"}").await;
    }

    revocations {
        let relay = relay(|config| config.limits.revocations = 0).await;
        let mut phone = Phone::wishing(relay.local_addr(), 1, ContactRequest::Revoke).await;
        assert_eq!(phone.client.closed().await, (1013, "the relay is full, try again later".to_owned()));
        told(&relay, "revocations", "close 1013,", "refused{reason=\"revocations\"}").await;
    }

    revocations_per_address {
        let relay = relay(|config| config.limits.revocations_per_address = 1).await;
        let mut first = Phone::wishing(relay.local_addr(), 1, ContactRequest::Revoke).await;
        assert_eq!(first.client.message().await, [0xa0]);
        let mut second = Phone::wishing(relay.local_addr(), 2, ContactRequest::Revoke).await;
        assert_eq!(second.client.closed().await.0, 1013);
        told(&relay, "revocations_per_address", "close 1013,", "refused{reason=\"revocations\"}").await;
    }
}
