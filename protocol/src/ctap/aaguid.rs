//! Model ids of authenticators and passkey providers, each once with its maker's name.

use core::fmt;

/// The 16 bytes by which a passkey or a getInfo names the model that made it. Zeros say nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Aaguid(pub [u8; 16]);

/// Apple's provider, in passkeys.
pub const APPLE_PASSWORDS: Aaguid = Aaguid::of(0xfbfc3007_154e_4ecc_8c0b_6e020557d7bd);
/// iPhones, in getInfo.
pub const IPHONE: Aaguid = Aaguid::of(0xf24a8e70_d0d3_f82c_2937_32523cc4de5a);
/// Google's provider.
pub const GOOGLE_PASSWORD_MANAGER: Aaguid = Aaguid::of(0xea9b8d66_4d01_1d21_3ce4_b6b48cb575d4);
/// Microsoft's provider on iPhones.
pub const MICROSOFT_AUTHENTICATOR_IOS: Aaguid = Aaguid::of(0x90a3ccdf_635c_4729_a248_9b709135078f);
/// Microsoft's provider on Android.
pub const MICROSOFT_AUTHENTICATOR_ANDROID: Aaguid =
    Aaguid::of(0xde1e552d_db1d_4423_a619_566b625cdc84);
/// 1Password.
pub const ONE_PASSWORD: Aaguid = Aaguid::of(0xbada5566_a7aa_401f_bd96_45619a55120d);
/// Bitwarden.
pub const BITWARDEN: Aaguid = Aaguid::of(0xd548826e_79b4_db40_a3d8_11116f7e8349);

/// Those that are known, from the makers' documents and the public list of passkey providers.
const NAMES: [(Aaguid, &str); 25] = [
    (APPLE_PASSWORDS, "Apple Passwords"),
    (IPHONE, "iPhone"),
    (GOOGLE_PASSWORD_MANAGER, "Google Password Manager"),
    (
        MICROSOFT_AUTHENTICATOR_IOS,
        "Microsoft Authenticator on iOS",
    ),
    (
        MICROSOFT_AUTHENTICATOR_ANDROID,
        "Microsoft Authenticator on Android",
    ),
    (ONE_PASSWORD, "1Password"),
    (BITWARDEN, "Bitwarden"),
    (
        Aaguid::of(0xdd4ec289_e01d_41c9_bb89_70fa845d4bf2),
        "iCloud Keychain of an organisation",
    ),
    (
        Aaguid::of(0x53414d53_554e_4700_0000_000000000000),
        "Samsung Pass",
    ),
    (
        Aaguid::of(0x531126d6_e717_415c_9320_3d9aa6981239),
        "Dashlane",
    ),
    (Aaguid::of(0x0ea242b4_43c4_4a1b_8b17_dd6d0b6baec6), "Keeper"),
    (
        Aaguid::of(0xb84e4048_15dc_4dd0_8640_f4f60813c8af),
        "NordPass",
    ),
    (
        Aaguid::of(0x50726f74_6f6e_5061_7373_50726f746f6e),
        "Proton Pass",
    ),
    (
        Aaguid::of(0xb78a0a55_6ef8_d246_a042_ba0f6d55050c),
        "LastPass",
    ),
    (Aaguid::of(0xf3809540_7f14_49c1_a8b3_8f813b225541), "Enpass"),
    (
        Aaguid::of(0xfdb141b2_5d84_443e_8a35_4698c205a502),
        "KeePassXC",
    ),
    (
        Aaguid::of(0xeaecdef2_1c31_5634_8639_f1cbd9c00a08),
        "KeePassDX",
    ),
    (
        Aaguid::of(0xb35a26b2_8f6e_4697_ab1d_d44db4da28c6),
        "Zoho Vault",
    ),
    (
        Aaguid::of(0xa10c6dd9_465e_4226_8198_c7c44b91c555),
        "Kaspersky Password Manager",
    ),
    (
        Aaguid::of(0xadce0002_35bc_c60a_648b_0b25f1f05503),
        "Chrome on macOS",
    ),
    (
        Aaguid::of(0x771b48fd_d3d4_4f74_9232_fc157ab0507a),
        "Edge on macOS",
    ),
    (
        Aaguid::of(0x08987058_cadc_4b81_b6e1_30de50dcbe96),
        "Windows Hello",
    ),
    (
        Aaguid::of(0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9),
        "Windows Hello",
    ),
    (
        Aaguid::of(0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2),
        "Windows Hello",
    ),
    (
        Aaguid::of(0xcc45f64e_52a2_451b_831a_4edd8022a202),
        "ToothPic Passkey Provider",
    ),
];

/// What people and directories call some of them, too, in small letters.
const OTHER_NAMES: [(&str, &[&str]); 5] = [
    ("Apple Passwords", &["icloud keychain", "keychain"]),
    ("iCloud Keychain of an organisation", &["apple", "keychain"]),
    ("iPhone", &["apple", "ios"]),
    ("Microsoft Authenticator on iOS", &["authenticator"]),
    ("Microsoft Authenticator on Android", &["authenticator"]),
];

impl Aaguid {
    /// Of a model that does not say what it is.
    pub const NONE: Self = Self([0; 16]);

    /// From the number that its hexadecimal form is.
    pub const fn of(number: u128) -> Self {
        Self(number.to_be_bytes())
    }

    /// The model's name, if it is a known one.
    pub fn name(&self) -> Option<&'static str> {
        NAMES
            .iter()
            .find(|(aaguid, _)| aaguid == self)
            .map(|(_, name)| *name)
    }

    /// Whether these words may be meant for this model: they have its maker, or another of its names.
    /// `None` if the model is not a known one.
    pub fn is_called(&self, words: &str) -> Option<bool> {
        let name = self.name()?;
        let words = words.to_lowercase();
        let maker = name.split(' ').next().unwrap_or(name).to_lowercase();
        let others = OTHER_NAMES.iter().find(|(known, _)| *known == name);
        let mut names = others.into_iter().flat_map(|(_, names)| *names);
        Some(words.contains(&maker) || names.any(|other| words.contains(other)))
    }
}

/// As people write it: `fbfc3007-154e-4ecc-8c0b-6e020557d7bd`.
impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_other_names_and_not_those_of_others() {
        for (aaguid, words, is_called) in [
            (APPLE_PASSWORDS, "iCloud Keychain", Some(true)),
            (APPLE_PASSWORDS, "Apple Passwords", Some(true)),
            (APPLE_PASSWORDS, "YubiKey 5 NFC", Some(false)),
            (IPHONE, "Apple iOS device", Some(true)),
            (
                MICROSOFT_AUTHENTICATOR_IOS,
                "Authenticator - iOS",
                Some(true),
            ),
            (
                MICROSOFT_AUTHENTICATOR_ANDROID,
                "Security Key NFC by Yubico",
                Some(false),
            ),
            (Aaguid::NONE, "YubiKey", None),
        ] {
            assert_eq!(aaguid.is_called(words), is_called, "{words}");
        }
        for (name, _) in OTHER_NAMES {
            assert!(NAMES.iter().any(|(_, known)| *known == name), "{name}");
        }
    }

    #[test]
    fn an_aaguid_prints_as_people_write_it_and_is_listed_once() {
        assert_eq!(
            APPLE_PASSWORDS.to_string(),
            "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
        );
        assert_eq!(BITWARDEN.name(), Some("Bitwarden"));
        assert_eq!(Aaguid::NONE.name(), None);
        for (place, (aaguid, _)) in NAMES.iter().enumerate() {
            assert!(
                NAMES
                    .iter()
                    .skip(place + 1)
                    .all(|(other, _)| other != aaguid)
            );
        }
    }
}
