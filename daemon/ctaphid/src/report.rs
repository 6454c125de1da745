//! A HID report of a FIDO key: 64 bytes without a report id.

use core::fmt;

/// The size of a report in either direction.
pub const REPORT_SIZE: usize = 64;

/// One report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Report([u8; REPORT_SIZE]);

impl Report {
    /// Takes the 64 bytes as they are.
    pub const fn new(bytes: [u8; REPORT_SIZE]) -> Self {
        Self(bytes)
    }

    /// Takes an output report as the kernel hands it over: a host writes a leading zero in place of
    /// the report id that this device has none of, and some kernels and clients leave it out.
    ///
    /// # Errors
    /// [`ReportError`] when it is neither 64 bytes nor 65 with a leading zero.
    pub fn from_host(bytes: &[u8]) -> Result<Self, ReportError> {
        let payload = match bytes.split_first() {
            Some((0, payload)) if payload.len() == REPORT_SIZE => payload,
            Some((id, payload)) if payload.len() == REPORT_SIZE => {
                return Err(ReportError::Numbered(*id));
            }
            Some(_) | None => bytes,
        };
        payload
            .try_into()
            .map(Self)
            .map_err(|_| ReportError::Size(bytes.len()))
    }

    /// The bytes to hand to the kernel as an input report.
    pub const fn bytes(&self) -> &[u8; REPORT_SIZE] {
        &self.0
    }
}

impl fmt::Debug for Report {
    /// Without the payload: it belongs to the programs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report(64 bytes)")
    }
}

/// Why an output report is none of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportError {
    /// This many bytes.
    Size(usize),
    /// 65 bytes that begin with this report id.
    Numbered(u8),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(size) => write!(f, "a report of {size} bytes, expected 64 or 65"),
            Self::Numbered(id) => write!(f, "a report with the id {id}, expected none"),
        }
    }
}

impl core::error::Error for ReportError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sixty_five_bytes_with_a_leading_zero_and_sixty_four_are_reports() {
        let mut written = [7; 65];
        written[0] = 0;
        assert_eq!(Report::from_host(&written), Ok(Report::new([7; 64])));
        assert_eq!(Report::from_host(&[7; 64]), Ok(Report::new([7; 64])));
        // A report that begins with a zero byte of its own is not taken for a numbered one.
        assert_eq!(Report::from_host(&[0; 64]), Ok(Report::new([0; 64])));
    }

    #[test]
    fn every_other_size_and_a_report_id_are_refused() {
        for size in (0..200)
            .filter(|size| ![64, 65].contains(size))
            .chain([4096])
        {
            assert_eq!(
                Report::from_host(&vec![0; size]),
                Err(ReportError::Size(size))
            );
        }
        assert_eq!(Report::from_host(&[1; 65]), Err(ReportError::Numbered(1)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..130)) {
            if let Ok(report) = Report::from_host(&bytes) {
                prop_assert!(bytes.ends_with(report.bytes()));
            }
        }
    }
}
