//! The keys of the CBOR maps in commands and replies, named as in the specification (CTAP 2.2
//! sections 6.1, 6.2 and 6.4).

/// authenticatorMakeCredential, the command.
pub mod make_credential {
    /// `clientDataHash`, 32 bytes.
    pub const CLIENT_DATA_HASH: u64 = 1;
    /// `rp`, a map with `id` and `name`.
    pub const RP: u64 = 2;
    /// `user`, a map with `id`, `name` and `displayName`.
    pub const USER: u64 = 3;
    /// `pubKeyCredParams`, a list of algorithms.
    pub const PUB_KEY_CRED_PARAMS: u64 = 4;
    /// `excludeList`, a list of credential descriptors.
    pub const EXCLUDE_LIST: u64 = 5;
    /// `extensions`, a map.
    pub const EXTENSIONS: u64 = 6;
    /// `options`, a map of booleans.
    pub const OPTIONS: u64 = 7;
}

/// authenticatorMakeCredential, the reply.
pub mod attestation {
    /// `fmt`, a text.
    pub const FMT: u64 = 1;
    /// `authData`, bytes.
    pub const AUTH_DATA: u64 = 2;
    /// `attStmt`, a map.
    pub const ATT_STMT: u64 = 3;
    /// `unsignedExtensionOutputs`, a map.
    pub const UNSIGNED_EXTENSION_OUTPUTS: u64 = 6;
}

/// authenticatorGetAssertion, the command.
pub mod get_assertion {
    /// `rpId`, a text.
    pub const RP_ID: u64 = 1;
    /// `clientDataHash`, 32 bytes.
    pub const CLIENT_DATA_HASH: u64 = 2;
    /// `allowList`, a list of credential descriptors.
    pub const ALLOW_LIST: u64 = 3;
    /// `extensions`, a map.
    pub const EXTENSIONS: u64 = 4;
    /// `options`, a map of booleans.
    pub const OPTIONS: u64 = 5;
}

/// authenticatorGetAssertion, the reply.
pub mod assertion {
    /// `credential`, a descriptor.
    pub const CREDENTIAL: u64 = 1;
    /// `authData`, bytes.
    pub const AUTH_DATA: u64 = 2;
    /// `signature`, bytes.
    pub const SIGNATURE: u64 = 3;
    /// `user`, a map.
    pub const USER: u64 = 4;
    /// `userSelected`, a boolean.
    pub const USER_SELECTED: u64 = 6;
    /// `unsignedExtensionOutputs`, a map.
    pub const UNSIGNED_EXTENSION_OUTPUTS: u64 = 8;
}

/// authenticatorGetInfo, the reply.
pub mod get_info {
    /// `versions`, a list of texts.
    pub const VERSIONS: u64 = 1;
    /// `extensions`, a list of texts.
    pub const EXTENSIONS: u64 = 2;
    /// `aaguid`, 16 bytes.
    pub const AAGUID: u64 = 3;
    /// `options`, a map of booleans.
    pub const OPTIONS: u64 = 4;
    /// `transports`, a list of texts.
    pub const TRANSPORTS: u64 = 9;
}
