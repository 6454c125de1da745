//! The QR code: a CBOR map with the desktop's key and secret, shown as `FIDO:/` and digits (CTAP
//! 2.2 §11.5.1, docs/wire.md section 1).

use crate::cbor::{self, CborError, Value};
use crate::derive::QrSecret;
use crate::digits::{self, DigitsError};
use crate::domain::ASSIGNED_DOMAINS;
use crate::key::{BadPoint, PublicKey};
use crate::link::Hint;
use crate::secret::Secret;
use core::fmt;
use zeroize::Zeroizing;

/// What the text of every QR code starts with. One slash; compared without regard to case.
pub const QR_PREFIX: &str = "FIDO:/";

/// The content of a QR code. It holds the QR secret, so there is no `Debug`.
#[derive(Clone)]
pub struct QrCode {
    /// Key 0: the desktop's public key for this code.
    pub public_key: PublicKey,
    /// Key 1: the secret from which tunnel id and advert key follow.
    pub secret: QrSecret,
    /// Key 2: how many assigned tunnel domains the desktop knows; 0 when absent.
    pub known_domains: u64,
    /// Key 3: when the code was made, in seconds of Unix time. Informative only.
    pub unix_time: Option<u64>,
    /// Key 4: whether the desktop can be linked.
    pub state_assisted: Option<bool>,
    /// Key 5 as sent.
    pub hint: Option<String>,
    /// Key 6 as sent: the data channels offered. See [`Self::effective_channels`].
    pub channels: Option<Vec<u64>>,
    /// Key 6 as the boolean that it was before CTAP 2.3: "supports non-discoverable
    /// makeCredential".
    pub legacy_non_discoverable: Option<bool>,
    /// Keys that this version does not know, with their values.
    pub unknown: Vec<(Value, Value)>,
}

impl QrCode {
    /// A code as this desktop shows it: keys 0 to 5. Key 6 is left out, because older phones refuse
    /// an array there.
    pub fn new(
        public_key: PublicKey,
        secret: QrSecret,
        unix_time: u64,
        hint: Hint,
        state_assisted: bool,
    ) -> Self {
        Self {
            public_key,
            secret,
            known_domains: ASSIGNED_DOMAINS.len() as u64,
            unix_time: Some(unix_time),
            state_assisted: Some(state_assisted),
            hint: Some(hint.text().to_owned()),
            channels: None,
            legacy_non_discoverable: None,
            unknown: Vec::new(),
        }
    }

    /// Reads the text that a camera saw.
    ///
    /// # Errors
    /// [`QrError`] says what was expected.
    pub fn parse(text: &str) -> Result<Self, QrError> {
        let prefix = text.get(..QR_PREFIX.len()).ok_or(QrError::Prefix)?;
        if !prefix.eq_ignore_ascii_case(QR_PREFIX) {
            return Err(QrError::Prefix);
        }
        let bytes = digits::decode(text.get(QR_PREFIX.len()..).unwrap_or_default())?;
        let Value::Map(map) = cbor::read(&bytes)? else {
            return Err(QrError::NotAMap);
        };
        Self::from_map(map)
    }

    /// The text to show: `FIDO:/` and digits. A secret; never make it a link.
    pub fn to_text(&self) -> QrText {
        let mut text = Zeroizing::new(String::from(QR_PREFIX));
        text.push_str(&digits::encode(&self.to_cbor()));
        QrText(text)
    }

    /// What the desktop will ask for. An unknown or missing hint means a sign-in.
    pub fn effective_hint(&self) -> Hint {
        self.hint
            .as_deref()
            .and_then(Hint::from_text)
            .unwrap_or(Hint::SignIn)
    }

    /// The data channels offered: 0 is WebSocket, 1 is Bluetooth. WebSocket alone when the code
    /// does not say.
    pub fn effective_channels(&self) -> &[u64] {
        self.channels.as_deref().unwrap_or(&[0])
    }

    /// Whether the phone may offer to be remembered; a missing key 4 means no.
    pub fn offers_linking(&self) -> bool {
        self.state_assisted == Some(true)
    }

    pub(crate) fn to_cbor(&self) -> Zeroizing<Vec<u8>> {
        let mut map = vec![
            (
                Value::from(0),
                Value::Bytes(self.public_key.compressed().to_vec()),
            ),
            (Value::from(1), Value::Bytes(self.secret.expose().to_vec())),
        ];
        let mut put = |key: u64, value: Option<Value>| {
            map.extend(value.map(|value| (Value::from(key), value)))
        };
        put(
            2,
            (self.known_domains > 0).then(|| Value::from(self.known_domains)),
        );
        put(3, self.unix_time.map(Value::from));
        put(4, self.state_assisted.map(Value::from));
        put(5, self.hint.clone().map(Value::from));
        put(
            6,
            self.channels
                .as_ref()
                .map(|channels| Value::Array(channels.iter().copied().map(Value::from).collect())),
        );
        put(6, self.legacy_non_discoverable.map(Value::from));
        map.extend(self.unknown.iter().cloned());
        Zeroizing::new(cbor::write(&Value::Map(map)))
    }

    fn from_map(map: Vec<(Value, Value)>) -> Result<Self, QrError> {
        let entry = |key| cbor::entry(&map, key);
        let public_key = entry(0).and_then(Value::as_bytes).ok_or(QrError::Entry {
            key: 0,
            expected: "a public key of 33 bytes",
        })?;
        let secret = entry(1)
            .and_then(Value::as_bytes)
            .and_then(|bytes| Secret::from_slice(bytes));
        let unsigned = |key| entry(key).map(cbor::as_uint);
        Ok(Self {
            public_key: PublicKey::from_compressed(public_key)?,
            secret: secret.ok_or(QrError::Entry {
                key: 1,
                expected: "a secret of 16 bytes",
            })?,
            known_domains: unsigned(2).unwrap_or(Some(0)).ok_or(QrError::Entry {
                key: 2,
                expected: "an unsigned number",
            })?,
            // Chromium never looks at key 3; a mistyped one is as absent.
            unix_time: unsigned(3).flatten(),
            state_assisted: typed(entry(4), Value::as_bool).map_err(|()| QrError::Entry {
                key: 4,
                expected: "a boolean",
            })?,
            hint: typed(entry(5), |value| value.as_text().map(str::to_owned)).map_err(|()| {
                QrError::Entry {
                    key: 5,
                    expected: "a text",
                }
            })?,
            channels: entry(6)
                .and_then(Value::as_array)
                .map(|channels| channels.iter().filter_map(cbor::as_uint).collect()),
            legacy_non_discoverable: entry(6).and_then(Value::as_bool),
            unknown: map
                .into_iter()
                .filter(|(key, _)| cbor::as_uint(key).is_none_or(|key| key > 6))
                .collect(),
        })
    }
}

/// The text of a QR code, wiped on drop. It holds the QR secret: whoever reads it can answer in the
/// phone's place or watch for it, so it has no `Debug` and no `Display`.
#[derive(Clone)]
pub struct QrText(Zeroizing<String>);

impl QrText {
    /// Shows the text, for drawing it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a QR code of this protocol. None of the texts repeats the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum QrError {
    /// It does not start with `FIDO:/`.
    Prefix,
    /// The digits are wrong.
    Digits(DigitsError),
    /// The bytes are not canonical CBOR.
    Cbor(CborError),
    /// They are CBOR, but not a map.
    NotAMap,
    /// A required entry is missing, or an entry has the wrong type.
    Entry {
        /// Which key of the map.
        key: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// The public key is not on the curve.
    Key(BadPoint),
}

impl From<DigitsError> for QrError {
    fn from(error: DigitsError) -> Self {
        Self::Digits(error)
    }
}

impl From<CborError> for QrError {
    fn from(error: CborError) -> Self {
        Self::Cbor(error)
    }
}

impl From<BadPoint> for QrError {
    fn from(error: BadPoint) -> Self {
        Self::Key(error)
    }
}

impl fmt::Display for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix => {
                f.write_str("expected text that starts with FIDO:/ and continues with digits")
            }
            Self::Digits(error) => error.fmt(f),
            Self::Cbor(error) => error.fmt(f),
            Self::NotAMap => f.write_str("expected a CBOR map inside the code"),
            Self::Entry { key, expected } => {
                write!(f, "expected {expected} under key {key} of the code")
            }
            Self::Key(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for QrError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Digits(error) => Some(error),
            Self::Cbor(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Prefix | Self::NotAMap | Self::Entry { .. } => None,
        }
    }
}

/// A missing entry is `None`, a present one must have the type.
fn typed<'a, T>(
    entry: Option<&'a Value>,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>, ()> {
    entry.map(|value| read(value).ok_or(())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;
    use proptest::prelude::*;

    fn code() -> QrCode {
        let key = PrivateKey::new(&Secret::new([7; 32])).unwrap().public();
        QrCode::new(
            key,
            Secret::new([9; 16]),
            1_790_000_000,
            Hint::Register,
            false,
        )
    }

    #[test]
    fn our_own_code_has_keys_0_to_5_and_survives_its_text() {
        let text = code().to_text();
        let again = QrCode::parse(text.expose()).unwrap();
        assert!(again.secret == Secret::new([9; 16]));
        assert_eq!(again.effective_hint(), Hint::Register);
        assert_eq!(
            (again.known_domains, again.effective_channels()),
            (2, [0].as_slice())
        );
        assert_eq!(again.to_text().expose(), text.expose());
        assert!(text.expose().len() <= 179);
    }

    #[test]
    fn every_cut_of_a_code_is_refused() {
        let text = code().to_text();
        for length in 0..text.expose().len() {
            assert!(QrCode::parse(&text.expose()[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in ".*") {
            let _ = QrCode::parse(&text);
            let _ = QrCode::parse(&format!("FIDO:/{text}"));
        }

        #[test]
        fn parsing_any_map_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..90)) {
            let _ = QrCode::parse(&format!("FIDO:/{}", *digits::encode(&bytes)));
        }
    }
}
