//! Passkeys that the options name (WebAuthn Level 3 section 5.8.3), to allow or to exclude.

use crate::webidl::{Dictionary, Member, WrongMember};

/// The one type of credential that there is. Others are of the future and none that a phone could
/// use.
pub(crate) const PUBLIC_KEY: &str = "public-key";

/// One passkey, by its id. Transports are not read: a phone is reached in one way.
pub(crate) struct CredentialDescriptor {
    kind: String,
    pub(crate) id: Vec<u8>,
}

impl CredentialDescriptor {
    /// The list that is a member of these options; empty when it is left out.
    pub(crate) fn read_list(
        options: &Dictionary<'_>,
        name: &str,
    ) -> Result<Vec<Self>, WrongMember> {
        let list = options.optional(name, Member::list)?.unwrap_or_default();
        list.into_iter().map(Self::read).collect()
    }

    /// Whether it names a passkey, and not a credential of a type of the future.
    pub(crate) fn is_public_key(&self) -> bool {
        self.kind == PUBLIC_KEY
    }

    fn read(descriptor: Member<'_>) -> Result<Self, WrongMember> {
        let descriptor = descriptor.dictionary()?;
        let kind = descriptor.converted("type", "the word public-key")?;
        let id = descriptor.required("id", "a passkey's id in base64url")?;
        Ok(Self {
            kind: kind.text()?,
            id: id.some_bytes()?,
        })
    }
}
