//! The parsers of the virtual security key: hybrid-ctaphid, its service and its bus.

use hybrid_ctaphid::hazmat::{self, Command, Encoded, Frame};
use hybrid_ctaphid::{Report, credential_of};
use hybrid_key_bus::Code;
use hybrid_key_service::uhid::{EVENT_SIZE, FromKernel};
use hybrid_protocol::cbor;
use std::str;

/// Reports, frames, and the messages that become of them.
pub fn frames(data: &[u8]) {
    for chunk in data.chunks(64) {
        let Ok(report) = Report::from_host(chunk) else {
            continue;
        };
        let frame = Frame::parse(&report);
        assert_eq!(Frame::parse(&frame.report()), frame);
        assert_eq!(frame.report(), report);
    }
    for message in hazmat::messages(data) {
        assert!(message.data().len() <= 7609);
    }
}

/// A whole key: reports, answers of an agent and steps of time.
pub fn key(data: &[u8]) {
    // 129 frames are the longest message; an input gets no more than so many for each of its chunks.
    assert!(hazmat::key(data) <= 140 * (data.len() / 64 + 2));
}

/// What a program asks for, and a phone's answer to it, which the first byte separates.
pub fn command(data: &[u8]) {
    let Some((length, data)) = data.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length)).min(data.len());
    let (message, answer) = data.split_at(length);
    let (Command::Create(request) | Command::Get(request)) = Command::parse(message) else {
        return;
    };
    let relayed = hazmat::relayed(&request, [1; 32], "label");
    assert!(cbor::read_unordered(&relayed[1..]).is_ok());
    let (Command::Create(again) | Command::Get(again)) = Command::parse(&relayed) else {
        panic!("what is relayed is a request");
    };
    assert_eq!(
        (again.rp_id(), again.operation()),
        (request.rp_id(), request.operation())
    );
    for answer in [answer.to_vec(), [&[0], answer].concat()] {
        let (reply, _) = hazmat::judged(&request, &answer);
        let status = reply.bytes()[0];
        // Statuses on which Firefox asks again.
        assert!(![0x27, 0x33, 0x36].contains(&status), "{status:02x}");
        assert!(status != 0 || answer[0] == 0);
        let known = credential_of(message, &answer);
        assert!(known.is_none() || status == 0);
    }
}

/// One CBOR item as the bytes that encode it.
pub fn encoded(data: &[u8]) {
    let item = Encoded::read(data);
    assert_eq!(item.is_ok(), cbor::read_unordered(data).is_ok());
    let Ok(item) = item else {
        return;
    };
    let value = cbor::read_unordered(data).unwrap();
    assert_eq!(item.bytes(), data);
    assert_eq!(item.as_text(), value.as_text());
    assert_eq!(item.as_bytes(), value.as_bytes().map(Vec::as_slice));
    assert_eq!(item.as_bool(), value.as_bool());
    assert_eq!(item.as_uint(), cbor::as_uint(&value));
    assert_eq!(
        item.as_map().map(|map| map.len()),
        value.as_map().map(Vec::len)
    );
}

/// What the kernel says of the device.
pub fn uhid(data: &[u8]) {
    let read = FromKernel::parse(data);
    let mut whole = data.to_vec();
    whole.resize(EVENT_SIZE, 0);
    assert!(FromKernel::parse(&whole).is_some());
    if let Some(FromKernel::Output(report)) = read {
        assert!(report.len() <= 66);
    }
}

/// A code on the bus.
pub fn code(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data)
        && let Some(code) = Code::new(text)
    {
        assert_eq!(code.as_str(), text);
    }
}
