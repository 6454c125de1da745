//! What a reply, or a request that cannot be made, means for the person.

use hybrid_diagnosis::catalogue::{
    NO_SCREEN_LOCK, PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, PHONE_NOT_UNDERSTOOD,
};
use hybrid_diagnosis::explain::status;
use hybrid_diagnosis::finding::Finding;
use hybrid_webauthn::{CannotAsk, ReplyError};

/// The phone was not asked, because it cannot do what the site requires.
pub fn cannot_ask(reason: &CannotAsk) -> Finding {
    let entry = match reason {
        CannotAsk::NoUserVerification => &NO_SCREEN_LOCK,
        CannotAsk::NoResidentKey | CannotAsk::NoCredProtect | CannotAsk::NoLargeBlob | _ => {
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES
        }
    };
    Finding::certain(entry, &reason.to_string())
}

/// The phone replied, and there is no response for the site in it.
pub fn reply(error: &ReplyError) -> Finding {
    match error {
        ReplyError::Declined(answered) => status(answered.0),
        ReplyError::Malformed(_)
        | ReplyError::OtherRp
        | ReplyError::OtherCredential
        | ReplyError::Algorithm(_)
        | ReplyError::NotPresent
        | ReplyError::NotVerified
        | _ => Finding::likely(&PHONE_NOT_UNDERSTOOD, &error.to_string()),
    }
}
