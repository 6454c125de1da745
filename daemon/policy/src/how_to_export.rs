//! The commands that a person runs to get the exports. This program itself never asks Graph.

use crate::export_kind::ExportKind;
use std::fmt::Write as _;

/// What to run, as text for a terminal.
pub fn how_to_export() -> String {
    let mut text = String::from(
        "The exports are responses of Microsoft Graph, saved unchanged. hybridd never contacts Graph: an\n\
         administrator, or a reader with the permission that is named, runs one command for each file.\n\n\
         With Microsoft Graph PowerShell (7 or later), once:\n\n    Connect-MgGraph -Scopes \
         Policy.Read.AuthenticationMethod,Policy.Read.All\n\n\
         and for the files of one user also UserAuthenticationMethod.Read.All,GroupMember.Read.All;\n\
         then for each file:\n\n",
    );
    let files = [
        (ExportKind::Methods, "methods.json"),
        (ExportKind::Strengths, "strengths.json"),
        (ExportKind::Access, "access.json"),
        (ExportKind::UserMethods, "user.json"),
        (ExportKind::Groups, "groups.json"),
    ];
    for (kind, file) in files {
        let address = kind.address();
        let _ = write!(
            text,
            "{kind} ({})\n    Invoke-MgGraphRequest -Method GET -Uri '{address}' -OutputType Json > {file}\n    \
             az rest --method get --url 'https://graph.microsoft.com{address}' > {file}\n    \
             m365 request --url 'https://graph.microsoft.com{address}' -o json > {file}\n\n",
            permission(kind),
        );
    }
    text.push_str(
        "Passkeys and passes are in methods.json. Replace USER by the user's principal name. In other clouds the\n\
         host is graph.microsoft.us or microsoftgraph.chinacloudapi.cn.\n\n\
         What goes wrong:\n\
         - A response with @odata.nextLink is a page of several, and makes verdicts uncertain: no page shows that the\n  \
           others are there. Ask for longer pages (groups: transitiveMemberOf?$top=999), or join all pages in one list.\n\
         - ConvertTo-Json truncates nested values of cmdlet objects (Get-Mg…): use -OutputType Json.\n\
         - UTF-16 files with a byte order mark, as PowerShell 5 writes them, are accepted; tables and CSV are not.\n\
         - Never save the response that creates a Temporary Access Pass: it contains the pass, and hybridd rejects the file.\n\
         - Whether the Azure CLI's own app has these permissions was not verified; 403 means that it has not.\n",
    );
    text
}

/// The least that is needed, as Microsoft documents it.
const fn permission(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Methods | ExportKind::Fido2 | ExportKind::Pass | ExportKind::Strengths => {
            "Policy.Read.AuthenticationMethod; Global Reader or Authentication Policy Administrator"
        }
        ExportKind::Access => "Policy.Read.All; not verified whether less is enough",
        ExportKind::UserMethods => {
            "UserAuthenticationMethod.Read.All; one's own: UserAuthMethod-Passkey.Read; not in China"
        }
        ExportKind::Groups => "GroupMember.Read.All; one's own: /v1.0/me/transitiveMemberOf",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_export_has_a_command_that_only_reads() {
        let text = how_to_export();
        for kind in [
            ExportKind::Methods,
            ExportKind::Strengths,
            ExportKind::Access,
        ] {
            assert!(text.contains(kind.address()), "{kind}");
        }
        for word in ["POST", "PATCH", "DELETE", "ReadWrite"] {
            assert!(!text.contains(word), "{word}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 150));
    }
}
