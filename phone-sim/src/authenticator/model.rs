//! What a phone claims to be: what it says in getInfo, and what its passkeys say of it.

use hybrid_protocol::ctap::{Aaguid, GetInfo};
use sha2::{Digest, Sha256};

/// What kind of phone it claims to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Model {
    /// The model id in new passkeys.
    pub aaguid: Aaguid,
    /// The model id in getInfo, which on phones is often another one or none (zeros).
    pub info_aaguid: Aaguid,
    /// Passkeys can be backed up (flag BE).
    pub backup_eligible: bool,
    /// Passkeys are backed up (flag BS).
    pub backed_up: bool,
    /// Offers the prf extension.
    pub prf: bool,
    /// New passkeys come with a statement that their own key has signed (`packed`, WebAuthn §8.2
    /// without certificates). Phones make none: their statement is `none`.
    pub self_attested: bool,
    /// Options in getInfo that are true.
    pub options: &'static [&'static str],
    /// CTAP versions in getInfo.
    pub versions: &'static [&'static str],
    /// Transports in getInfo.
    pub transports: &'static [&'static str],
}

impl Default for Model {
    fn default() -> Self {
        Self {
            aaguid: Aaguid::NONE,
            info_aaguid: Aaguid::NONE,
            backup_eligible: true,
            backed_up: true,
            prf: true,
            self_attested: false,
            options: &["rk", "up", "uv"],
            versions: &["FIDO_2_0", "FIDO_2_1"],
            transports: &["hybrid", "internal"],
        }
    }
}

impl Model {
    /// The reply to authenticatorGetInfo. No list of algorithms: phones give none, and a browser
    /// that finds none of the site's in it sends a command that phones do not know.
    pub(super) fn get_info(&self) -> GetInfo {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let named = |name: &str| self.options.contains(&name).then_some(true);
        let other = self
            .options
            .iter()
            .filter(|name| !matches!(**name, "rk" | "uv"));
        GetInfo {
            versions: texts(self.versions),
            extensions: texts(if self.prf { &["prf"] } else { &[] }),
            aaguid: Some(self.info_aaguid),
            rk: named("rk"),
            uv: named("uv"),
            other_options: other.map(|name| ((*name).to_owned(), true)).collect(),
            transports: texts(self.transports),
        }
    }

    /// Authenticator data up to the credential: rpId hash, flags (user present and verified),
    /// counter 0 as synced passkeys have it.
    pub(super) fn auth_data(&self, rp_id: &str, more_flags: u8) -> Vec<u8> {
        const PRESENT_AND_VERIFIED: u8 = 0x05;
        let backup = u8::from(self.backup_eligible) << 3 | u8::from(self.backed_up) << 4;
        let mut bytes = Sha256::digest(rp_id).to_vec();
        bytes.push(PRESENT_AND_VERIFIED | backup | more_flags);
        bytes.extend([0; 4]);
        bytes
    }
}
