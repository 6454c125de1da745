//! A relying party that is not ours: `webauthn_rp` makes the options and verifies the responses.

use std::fmt;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    USER_HANDLE_MAX_LEN, UserHandle64, Username,
};
use webauthn_rp::request::{AsciiDomain, RpId};
use webauthn_rp::response::register::{CompressedPubKey, StaticState};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

/// The site of the demo and the scenarios.
pub const ORIGIN: &str = "https://example.com";

/// A site with one account.
pub struct RelyingParty {
    id: RpId,
    origin: String,
    user: UserHandle64,
}

/// What the site remembers of a registered passkey.
pub struct Account {
    id: Vec<u8>,
    static_state: Vec<u8>,
    dynamic_state: webauthn_rp::response::register::DynamicState,
}

impl Account {
    /// The passkey's.
    pub fn id(&self) -> &[u8] {
        &self.id
    }
}

/// A ceremony that was begun: its options, and what is needed to verify the response.
pub struct Begun<S> {
    /// The options JSON.
    pub options: String,
    state: S,
}

/// Why a response was refused, in the verifier's words.
#[derive(Debug)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Options of a registration whose response nobody verifies.
///
/// # Errors
/// As [`RelyingParty::new`] and [`RelyingParty::begin_registration`].
pub fn creation_options() -> Result<String, Refused> {
    Ok(RelyingParty::new()?.begin_registration()?.options)
}

impl RelyingParty {
    /// A site at [`ORIGIN`] with a new account.
    ///
    /// # Errors
    /// Never with the fixed name.
    pub fn new() -> Result<Self, Refused> {
        Self::at("example.com", ORIGIN)
    }

    /// A site of this domain, whose pages are at this origin.
    ///
    /// # Errors
    /// [`Refused`] when it is no domain.
    pub fn at(domain: &str, origin: &str) -> Result<Self, Refused> {
        let domain = AsciiDomain::try_from(domain.to_owned()).map_err(refused)?;
        Ok(Self {
            id: RpId::Domain(domain),
            origin: origin.to_owned(),
            user: UserHandle64::new(),
        })
    }

    /// Begins a registration of a passkey.
    ///
    /// # Errors
    /// [`Refused`] when the library does not take its own options.
    pub fn begin_registration(
        &self,
    ) -> Result<Begun<RegistrationServerState<USER_HANDLE_MAX_LEN>>, Refused> {
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from("alice@example.com").map_err(refused)?,
            id: &self.user,
            display_name: Some(Nickname::try_from("Alice").map_err(refused)?),
        };
        let mut options = PublicKeyCredentialCreationOptions::first_passkey(&self.id, user);
        options.extensions.cred_protect = CredProtect::None;
        let (state, client) = options.start_ceremony().map_err(refused)?;
        Ok(Begun {
            options: serde_json::to_string(&client).map_err(refused)?,
            state,
        })
    }

    /// Verifies a registration.
    ///
    /// # Errors
    /// [`Refused`] says what does not hold.
    pub fn finish_registration(
        &self,
        begun: Begun<RegistrationServerState<USER_HANDLE_MAX_LEN>>,
        response: &str,
    ) -> Result<Account, Refused> {
        let registration: Registration = serde_json::from_str(response).map_err(refused)?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            ..Default::default()
        };
        let credential = begun
            .state
            .verify(&self.id, &registration, &options)
            .map_err(refused)?;
        let static_state = credential.static_state().encode().map_err(refused)?;
        Ok(Account {
            id: credential.id().as_ref().to_vec(),
            static_state,
            dynamic_state: credential.dynamic_state(),
        })
    }

    /// Begins a sign-in with any passkey of the site.
    ///
    /// # Errors
    /// As [`Self::begin_registration`].
    pub fn begin_sign_in(&self) -> Result<Begun<DiscoverableAuthenticationServerState>, Refused> {
        let (state, client) = DiscoverableCredentialRequestOptions::passkey(&self.id)
            .start_ceremony()
            .map_err(refused)?;
        Ok(Begun {
            options: serde_json::to_string(&client).map_err(refused)?,
            state,
        })
    }

    /// Verifies a sign-in.
    ///
    /// # Errors
    /// [`Refused`] says what does not hold.
    pub fn finish_sign_in(
        &self,
        begun: Begun<DiscoverableAuthenticationServerState>,
        account: &Account,
        response: &str,
    ) -> Result<(), Refused> {
        let authentication: DiscoverableAuthentication64 =
            serde_json::from_str(response).map_err(refused)?;
        let state = StaticState::<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>::decode(
            &account.static_state,
        )
        .map_err(refused)?;
        if *authentication.response().user_handle() != self.user {
            return Err(Refused("the response names another account".to_owned()));
        }
        if authentication.raw_id().as_ref() != account.id.as_slice() {
            return Err(Refused("the response is of another passkey".to_owned()));
        }
        let mut credential = AuthenticatedCredential::new(
            authentication.raw_id(),
            &self.user,
            state,
            account.dynamic_state,
        )
        .map_err(refused)?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            ..Default::default()
        };
        begun
            .state
            .verify(&self.id, &authentication, &mut credential, &options)
            .map_err(refused)?;
        Ok(())
    }
}

fn refused(error: impl fmt::Display) -> Refused {
    Refused(error.to_string())
}
