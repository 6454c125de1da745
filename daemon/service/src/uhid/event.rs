//! `struct uhid_event` (linux/uhid.h): a type in four bytes and, right behind it, what belongs to
//! that type. Numbers are in the machine's own order.

use hybrid_ctaphid::{REPORT_SIZE, Report, device};

/// The size of the struct. A shorter write leaves the rest zero.
pub const EVENT_SIZE: usize = 4376;

/// The room for a report in it.
const DATA: usize = 4096;

/// What the kernel says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromKernel {
    /// The device is there.
    Start,
    /// The device is gone.
    Stop,
    /// The first handle was opened.
    Open,
    /// The last handle was closed.
    Close,
    /// A program wrote this report. Of one that is too long, as much as shows that.
    Output(Vec<u8>),
    /// A program wants a report outside the stream. It waits five seconds when nobody answers.
    GetReport(u32),
    /// A program hands over a report outside the stream, and waits as long.
    SetReport(u32),
    /// Of a type that this program does not know.
    Unknown(u32),
}

const DESTROY: u32 = 1;
const START: u32 = 2;
const STOP: u32 = 3;
const OPEN: u32 = 4;
const CLOSE: u32 = 5;
const OUTPUT: u32 = 6;
const GET_REPORT: u32 = 9;
const GET_REPORT_REPLY: u32 = 10;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const SET_REPORT: u32 = 13;
const SET_REPORT_REPLY: u32 = 14;

/// A report has 64 bytes, or 65 with a number before it. One byte more shows that there are more.
const KEPT: usize = REPORT_SIZE + 2;

impl FromKernel {
    /// Reads what one `read` returned. `None` when it is too short to be an event.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (kind, body) = bytes.split_first_chunk()?;
        Some(match u32::from_ne_bytes(*kind) {
            START => Self::Start,
            STOP => Self::Stop,
            OPEN => Self::Open,
            CLOSE => Self::Close,
            OUTPUT => {
                // 4096B data + 2B size + 1B type
                let (data, rest) = body.split_at_checked(DATA)?;
                let (size, _) = rest.split_first_chunk()?;
                let size = usize::from(u16::from_ne_bytes(*size)).min(KEPT);
                Self::Output(data.get(..size)?.to_vec())
            }
            GET_REPORT => Self::GetReport(number(body)?),
            SET_REPORT => Self::SetReport(number(body)?),
            other => Self::Unknown(other),
        })
    }
}

fn number(body: &[u8]) -> Option<u32> {
    body.first_chunk().map(|id| u32::from_ne_bytes(*id))
}

/// What the kernel is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToKernel {
    /// Make the device: always this one, nothing of it comes from outside.
    Create,
    /// Take it away.
    Destroy,
    /// A report for the programs.
    Input(Report),
    /// There is no such report (to [`FromKernel::GetReport`]).
    NoReport(u32),
    /// It is not taken (to [`FromKernel::SetReport`]).
    ReportNotTaken(u32),
}

/// What a program is told that asks for a report outside the stream: `EIO`.
const IO_ERROR: u16 = 5;

impl ToKernel {
    /// What one `write` takes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Create => create(),
            Self::Destroy => DESTROY.to_ne_bytes().to_vec(),
            // 2B size + data
            Self::Input(report) => {
                let size = u16::to_ne_bytes(REPORT_SIZE as u16);
                [&INPUT2.to_ne_bytes()[..], &size, report.bytes()].concat()
            }
            // 4B id + 2B error + 2B size
            Self::NoReport(id) => answer(GET_REPORT_REPLY, *id),
            // 4B id + 2B error; what follows is not read
            Self::ReportNotTaken(id) => answer(SET_REPORT_REPLY, *id),
        }
    }
}

/// 128B name + 64B place + 64B serial number + 2B size of descriptor + 2B bus + 4B vendor +
/// 4B product + 4B version + 4B country + descriptor
fn create() -> Vec<u8> {
    let mut bytes = CREATE2.to_ne_bytes().to_vec();
    let mut field = |text: &str, size: usize| {
        let end = bytes.len() + size;
        // With a zero at the end.
        bytes.extend(text.bytes().take(size - 1));
        bytes.resize(end, 0);
    };
    field(device::NAME, 128);
    field("", 64);
    field("", 64);
    bytes.extend(u16::to_ne_bytes(device::REPORT_DESCRIPTOR.len() as u16));
    bytes.extend(device::BUS.to_ne_bytes());
    for number in [device::VENDOR, device::PRODUCT, 0, 0] {
        bytes.extend(number.to_ne_bytes());
    }
    bytes.extend(device::REPORT_DESCRIPTOR);
    bytes.resize(EVENT_SIZE, 0);
    bytes
}

fn answer(kind: u32, id: u32) -> Vec<u8> {
    let error = IO_ERROR.to_ne_bytes();
    let size = [0; 2];
    [&kind.to_ne_bytes()[..], &id.to_ne_bytes(), &error, &size].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_device_is_a_fido_key_on_usb_byte_for_byte() {
        let bytes = ToKernel::Create.bytes();
        assert_eq!(bytes.len(), EVENT_SIZE);
        assert_eq!(bytes[..4], 11u32.to_ne_bytes());
        assert_eq!(bytes[4..21], *b"hybridd phone key");
        assert!(
            bytes[21..260].iter().all(|byte| *byte == 0),
            "no place, no serial number"
        );
        assert_eq!(bytes[260..262], 34u16.to_ne_bytes());
        assert_eq!(bytes[262..264], 3u16.to_ne_bytes(), "BUS_USB");
        assert_eq!(bytes[264..268], 0x1209u32.to_ne_bytes());
        assert_eq!(bytes[268..272], 0xf1d0u32.to_ne_bytes());
        assert!(bytes[272..280].iter().all(|byte| *byte == 0));
        let descriptor = "06d0f10901a1010920150026ff0075089540810209211500\
                          26ff00750895409102c0";
        assert_eq!(hex::encode(&bytes[280..314]), descriptor);
        assert!(bytes[314..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_report_for_programs_has_64_bytes_and_no_number() {
        let bytes = ToKernel::Input(Report::new([7; 64])).bytes();
        assert_eq!(bytes[..4], 12u32.to_ne_bytes());
        assert_eq!(bytes[4..6], 64u16.to_ne_bytes());
        assert_eq!(bytes[6..], [7; 64]);
    }

    #[test]
    fn a_report_outside_the_stream_is_refused_with_its_number() {
        for (event, kind) in [
            (ToKernel::NoReport(9), 10u32),
            (ToKernel::ReportNotTaken(9), 14),
        ] {
            let bytes = event.bytes();
            assert_eq!(bytes[..4], kind.to_ne_bytes());
            assert_eq!(bytes[4..8], 9u32.to_ne_bytes());
            assert_eq!(bytes[8..10], 5u16.to_ne_bytes(), "EIO");
        }
    }

    /// An event of the kernel, as large as it writes it.
    fn event(kind: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = [&kind.to_ne_bytes()[..], body].concat();
        bytes.resize(EVENT_SIZE, 0);
        bytes
    }

    fn output(data: &[u8]) -> Vec<u8> {
        let mut body = data.to_vec();
        body.resize(DATA, 0);
        body.extend(u16::try_from(data.len()).unwrap().to_ne_bytes());
        event(OUTPUT, &body)
    }

    #[test]
    fn every_event_of_the_kernel_is_read() {
        let parse = |bytes: &[u8]| FromKernel::parse(bytes).unwrap();
        assert_eq!(parse(&event(2, &[])), FromKernel::Start);
        assert_eq!(parse(&event(3, &[])), FromKernel::Stop);
        assert_eq!(parse(&event(4, &[])), FromKernel::Open);
        assert_eq!(parse(&event(5, &[])), FromKernel::Close);
        assert_eq!(parse(&output(&[1; 65])), FromKernel::Output(vec![1; 65]));
        assert_eq!(parse(&output(&[])), FromKernel::Output(vec![]));
        assert_eq!(
            parse(&event(9, &7u32.to_ne_bytes())),
            FromKernel::GetReport(7)
        );
        assert_eq!(
            parse(&event(13, &7u32.to_ne_bytes())),
            FromKernel::SetReport(7)
        );
        assert_eq!(parse(&event(99, &[])), FromKernel::Unknown(99));
        assert_eq!(FromKernel::parse(&[2, 0, 0]), None);
    }

    #[test]
    fn a_report_of_4096_bytes_takes_no_more_room_than_shows_that_it_is_too_long() {
        assert_eq!(
            FromKernel::parse(&output(&[1; 4096])),
            Some(FromKernel::Output(vec![1; 66]))
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            kind in 0u32..20,
            bytes in proptest::collection::vec(any::<u8>(), 0..EVENT_SIZE),
        ) {
            let _ = FromKernel::parse(&bytes);
            let _ = FromKernel::parse(&[&kind.to_ne_bytes()[..], &bytes].concat());
        }

        #[test]
        fn a_written_report_comes_back(data in proptest::collection::vec(any::<u8>(), 0..=66)) {
            prop_assert_eq!(FromKernel::parse(&output(&data)), Some(FromKernel::Output(data)));
        }
    }
}
