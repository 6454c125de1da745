//! The pages that rules rest on, each with its date, its revision where it has one, and the day on
//! which it was read.

/// A page.
#[derive(PartialEq, Eq, Debug)]
pub struct Page {
    /// Its name, and where it is kept.
    pub name: &'static str,
    /// Its own date, as far as it was noted.
    pub dated: Option<&'static str>,
    /// When it was read.
    pub checked: &'static str,
}

const fn page(name: &'static str, dated: Option<&'static str>) -> Page {
    Page {
        name,
        dated,
        checked: "2026-11-22",
    }
}

pub(super) const PASSKEYS: Page = page(
    "Microsoft Learn, how-to-authentication-passkeys-fido2 (290f92e)",
    Some("2026-03-08"),
);
pub(super) const AUTHENTICATOR: Page = page(
    "Microsoft Learn, how-to-enable-authenticator-passkey (04efcb8)",
    Some("2026-07-05"),
);
pub(super) const VENDORS: Page = page(
    "Microsoft Learn, concept-fido2-hardware-vendor (01deb00)",
    Some("2026-10-06"),
);
pub(super) const REGISTERING: Page =
    page("Microsoft Learn, passkey-authenticator-faq (0388491)", None);
pub(super) const PASSES: Page = page(
    "Microsoft Learn, howto-authentication-temporary-access-pass (15730cf)",
    Some("2023-09"),
);
pub(super) const STRENGTHS: Page = page(
    "Microsoft Learn, concept-authentication-strengths (09f9abd)",
    None,
);
pub(super) const STRENGTHS_WORK: Page = page(
    "Microsoft Learn, concept-authentication-strength-how-it-works (07cd7ac)",
    Some("2025-03"),
);
pub(super) const GUESTS: Page = page(
    "Microsoft Learn, concept-authentication-strength-external-users (23ccb11)",
    None,
);
pub(super) const WINDOWS: Page = page(
    "Microsoft Learn, how-to-authentication-entra-passkeys-on-windows (099582a)",
    Some("2026-02-18"),
);
pub(super) const COMPATIBILITY: Page = page(
    "Microsoft Learn, concept-fido2-compatibility (5ccabc1)",
    Some("2024-10-11"),
);
pub(super) const SCHEMA: Page = page(
    "microsoftgraph/msgraph-metadata, schemas/v1.0-Prod.csdl (f54f11b)",
    Some("2026-08-20"),
);
pub(super) const PROVISIONING: Page = page(
    "Microsoft Graph, fido2authenticationmethod-creationoptions (050fae0)",
    Some("2026-04-20"),
);
pub(super) const STRENGTH_SCHEMA: Page =
    page("Microsoft Graph, fido2CombinationConfiguration", None);
pub(super) const TWO_SOURCES: Page = page("microsoft/Microsoft365DSC, issue 7292", None);
pub(super) const CAMPAIGN: Page = page(
    "Microsoft Learn, the page on registration campaigns, as a third party quotes it",
    Some("2026"),
);
pub(super) const WEBAUTHN: Page = page("W3C, Web Authentication Level 3 (146d0db)", None);
pub(super) const METADATA: Page = page("FIDO Alliance, Metadata Service no. 291", Some("2026-10"));
pub(super) const DERIVED: Page = page("derived only from the exports", None);
pub(super) const MEASURED: Page = Page {
    name: "our own measurement with Chromium 156 and Firefox 153",
    dated: Some("2026-11-28"),
    checked: "2026-11-28",
};
