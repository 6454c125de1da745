//! The kinds of exports that are understood, each once with its name and its address.

use std::fmt;

/// What an export is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExportKind {
    /// The authentication methods policy: passkeys, passes and the registration campaign.
    Methods,
    /// The configuration of passkeys alone.
    Fido2,
    /// The configuration of Temporary Access Passes alone.
    Pass,
    /// Authentication strengths.
    Strengths,
    /// Conditional Access policies.
    Access,
    /// What one user has registered.
    UserMethods,
    /// The groups and roles of one user.
    Groups,
}

impl ExportKind {
    /// All of them, in the order in which a person is asked for them.
    pub const ALL: [Self; 7] = [
        Self::Methods,
        Self::Fido2,
        Self::Pass,
        Self::Strengths,
        Self::Access,
        Self::UserMethods,
        Self::Groups,
    ];

    /// Below `https://graph.microsoft.com`.
    pub const fn address(self) -> &'static str {
        match self {
            Self::Methods => "/v1.0/policies/authenticationMethodsPolicy",
            Self::Fido2 => {
                "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2"
            }
            Self::Pass => {
                "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"
            }
            Self::Strengths => "/v1.0/policies/authenticationStrengthPolicies",
            Self::Access => "/v1.0/identity/conditionalAccess/policies",
            Self::UserMethods => "/v1.0/users/USER/authentication/methods",
            Self::Groups => "/v1.0/users/USER/transitiveMemberOf",
        }
    }
}

impl fmt::Display for ExportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Methods => "the authentication methods policy",
            Self::Fido2 => "the passkey (FIDO2) configuration",
            Self::Pass => "the Temporary Access Pass configuration",
            Self::Strengths => "the authentication strengths",
            Self::Access => "the Conditional Access policies",
            Self::UserMethods => "the user's registered methods",
            Self::Groups => "the user's groups",
        })
    }
}
