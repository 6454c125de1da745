//! The flags that say who asks, with which passkey and on which way.

use super::words::{
    self, AppVersion, BrowserWord, GroupList, OccasionWord, PathWord, PhoneWord, TypeWord, YesNo,
};
use crate::export_files::now;
use hybrid_attestation::Evidence;
use hybrid_policy::{
    Aaguid, AttestationFacts, Client, DeviceFacts, Groups, Guid, Holder, Inquiry, Moment, Occasion,
    Site,
};

/// Facts about the person.
#[derive(clap::Args, Default)]
pub(in crate::cli) struct PersonArgs {
    /// All groups and roles of the user, by object id (roles by template id) and with commas between
    /// them; none for a user in no group. An export of them (transitiveMemberOf) can be one of the
    /// files in place of this. policy how-to-export says where ids are found.
    #[arg(long, value_name = "ID,…", value_parser = words::groups)]
    groups: Option<GroupList>,
    /// The user's object id in the directory (admin center: Users, the user, Overview).
    #[arg(long, value_name = "ID", value_parser = words::id)]
    user: Option<Guid>,
}

impl PersonArgs {
    /// Nothing was said of anybody.
    pub(super) const fn is_empty(&self) -> bool {
        self.groups.is_none() && self.user.is_none()
    }

    pub(in crate::cli) fn holder(&self) -> Holder {
        Holder {
            id: self.user,
            groups: match &self.groups {
                Some(GroupList(ids)) => Groups::Exactly(ids.clone()),
                None => Groups::Unknown,
            },
            ..Holder::default()
        }
    }
}

/// Facts about one registration or sign-in.
#[derive(clap::Args, Default)]
pub(in crate::cli) struct QuestionArgs {
    #[command(flatten)]
    person: PersonArgs,
    /// The user principal name of today. The passkey's comes from the options of its registration.
    #[arg(long, value_name = "NAME")]
    user_name: Option<String>,
    /// The user is a guest of this tenant.
    #[arg(long)]
    guest: bool,
    /// Whether the user has a method for multi-factor authentication (isMfaCapable).
    #[arg(long, value_enum, value_name = "yes|no")]
    mfa: Option<YesNo>,
    /// When the user last signed in with multi-factor authentication.
    #[arg(long, value_name = "TIME", value_parser = words::moment)]
    mfa_at: Option<Moment>,
    /// When the user signed in with a one-time Temporary Access Pass.
    #[arg(long, value_name = "TIME", value_parser = words::moment)]
    pass_used_at: Option<Moment>,
    /// How the passkey comes to the computer.
    #[arg(long, value_enum, default_value = "qr")]
    path: Option<PathWord>,
    /// The browser in front of the virtual key; some erase the model of a passkey.
    #[arg(long, value_enum)]
    browser: Option<BrowserWord>,
    /// Judges a registration or a sign-in [default: what the files are of, else a registration].
    #[arg(long = "for", value_enum, value_name = "WHAT")]
    occasion: Option<OccasionWord>,
    /// The model of the passkey, where no response tells it (aaGuid in an export of the user's methods);
    /// beside a response, what the phone itself states.
    #[arg(long, value_name = "ID", value_parser = words::aaguid)]
    aaguid: Option<Aaguid>,
    /// The type of the passkey, where no response tells it.
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<TypeWord>,
    /// Whether the passkey is attested, where no response tells it: to plan for a model that would be.
    #[arg(long, value_enum, value_name = "yes|no")]
    attested: Option<YesNo>,
    /// The app to sign in to, by its application (client) id (admin center: Enterprise apps, the app,
    /// Application ID); without it, every app that a policy names.
    #[arg(long, value_name = "ID", value_parser = words::id)]
    app: Option<Guid>,
    /// The phone's system and major version, such as ios:17.
    #[arg(long, value_name = "SYSTEM:N", value_parser = words::phone)]
    phone: Option<PhoneWord>,
    /// The version of Microsoft Authenticator on it, such as 6.8.37.
    #[arg(long, value_name = "VERSION", value_parser = words::version)]
    authenticator: Option<AppVersion>,
}

impl QuestionArgs {
    /// Anything was asked.
    pub(in crate::cli) fn is_given(&self) -> bool {
        let Self {
            person,
            user_name,
            guest,
            mfa,
            mfa_at,
            pass_used_at,
            path,
            browser,
            occasion,
            aaguid,
            kind,
            attested,
            app,
            phone,
            authenticator,
        } = self;
        let path = path.is_some_and(|path| path != PathWord::Qr);
        let of_person = user_name.is_some() || *guest || mfa.is_some() || mfa_at.is_some();
        let of_passkey = aaguid.is_some() || kind.is_some() || attested.is_some();
        let of_way = path || browser.is_some() || phone.is_some() || authenticator.is_some();
        let rest =
            occasion.is_some() || pass_used_at.is_some() || app.is_some() || !person.is_empty();
        of_person || of_passkey || of_way || rest
    }

    /// The command line says something of a passkey.
    pub(super) const fn describes_passkey(&self) -> bool {
        self.aaguid.is_some() || self.kind.is_some() || self.attested.is_some()
    }

    /// It asks for a registration, or says what counts at one alone.
    pub(super) fn is_of_registration(&self) -> bool {
        self.occasion == Some(OccasionWord::Register)
            || self.mfa.is_some()
            || self.mfa_at.is_some()
            || self.pass_used_at.is_some()
            || self.phone.is_some()
            || self.authenticator.is_some()
    }

    /// The question, with what the options and the response say.
    pub(super) fn inquiry(&self, options: Evidence, response: Evidence) -> Inquiry {
        let told = response.occasion.or(options.occasion);
        let occasion = match (self.occasion, told) {
            (Some(OccasionWord::SignIn), _) => Occasion::SignIn,
            (Some(OccasionWord::Register), Some(Occasion::Registration)) => Occasion::Registration,
            (Some(OccasionWord::Register), _) => Occasion::BeforeRegistration,
            (None, told) => told.unwrap_or(Occasion::BeforeRegistration),
        };
        let way = self.path.unwrap_or(PathWord::Qr).way();
        let mut inquiry = Inquiry::new(occasion, way, now());
        inquiry.client = self.browser.map_or(Client::Unknown, BrowserWord::client);
        inquiry.site = site(options.site, response.site);
        inquiry.passkey = response.passkey;
        let passkey = &mut inquiry.passkey;
        passkey.user_name = options.passkey.user_name;
        passkey.aaguid = self.aaguid.or(passkey.aaguid);
        passkey.synced = passkey
            .synced
            .or(self.kind.map(|kind| kind == TypeWord::Synced));
        passkey.attestation = passkey.attestation.take().or(match self.attested {
            Some(YesNo::Yes) => Some(AttestationFacts::Supposed),
            Some(YesNo::No) => Some(AttestationFacts::Missing),
            None => None,
        });
        inquiry.holder = Holder {
            guest: self.guest.then_some(true),
            user_name: self.user_name.clone(),
            mfa_capable: self.mfa.map(|mfa| mfa == YesNo::Yes),
            last_mfa: self.mfa_at,
            one_time_pass_used: self.pass_used_at,
            ..self.person.holder()
        };
        inquiry.device = DeviceFacts {
            system: self.phone.map(|PhoneWord(system, _)| system),
            version: self.phone.map(|PhoneWord(_, version)| version),
            authenticator: self.authenticator.map(|AppVersion(version)| version),
        };
        inquiry.app = self.app;
        inquiry
    }
}

/// What the site asked for, and who it turned out to be.
fn site(asked: Option<Site>, answered: Option<Site>) -> Site {
    match (asked, answered) {
        (Some(asked), Some(answered)) => Site {
            rp_id: answered.rp_id,
            ..asked
        },
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Site::entra(),
    }
}
