//! The commands that a person runs to get the exports. This program itself never asks Graph.

use crate::export_kind::ExportKind;
use std::fmt::Write as _;

/// What to run, as text for a terminal.
pub fn how_to_export() -> String {
    let mut text = String::from(
        "The exports are responses of Microsoft Graph, saved unchanged. hybridd never contacts Graph: somebody who has\n\
         the permission and one of the roles that are named runs one command for each file.\n\n",
    );
    for (of, scopes, files) in CONNECTIONS {
        let _ = write!(
            text,
            "The files of {of}. With Microsoft Graph PowerShell (7 or later), first:\n\n    Connect-MgGraph -Scopes \
             {scopes}\n\nthen one command for each file:\n\n",
        );
        for (kind, file) in *files {
            let address = kind.address();
            let _ = write!(
                text,
                "{kind}\n  permission: {}\n  role: {}\n    \
                 Invoke-MgGraphRequest -Method GET -Uri '{address}' -OutputType Json > {file}\n    \
                 az rest --method get --url 'https://graph.microsoft.com{address}' > {file}\n    \
                 m365 request --url 'https://graph.microsoft.com{address}' -o json > {file}\n\n",
                permission(*kind),
                role(*kind),
            );
        }
    }
    text.push_str(NOTES);
    text.push_str(BEFORE_A_CHANGE);
    text
}

type Connection = (
    &'static str,
    &'static str,
    &'static [(ExportKind, &'static str)],
);

/// The scopes that a session needs for its files.
const CONNECTIONS: &[Connection] = &[
    (
        "the policy",
        "Policy.Read.AuthenticationMethod,Policy.Read.All",
        &[
            (ExportKind::Methods, "methods.json"),
            (ExportKind::Strengths, "strengths.json"),
            (ExportKind::Access, "access.json"),
        ],
    ),
    (
        "one user",
        "UserAuthenticationMethod.Read.All,GroupMember.Read.All,RoleManagement.Read.Directory",
        &[
            (ExportKind::UserMethods, "user.json"),
            (ExportKind::Groups, "groups.json"),
        ],
    ),
];

const NOTES: &str = "\
Passkeys and passes are in methods.json. In other clouds the host is graph.microsoft.us or
microsoftgraph.chinacloudapi.cn.

USER is the user's object id or principal name. A guest's principal name contains #EXT#: write %23 in place of # in the
address, or use the object id.

Ids, as policy check takes them, in the Microsoft Entra admin center:
- --user: Users, the user, Overview: Object ID.
- --groups: Groups, the group, Overview: Object ID; roles by their template id (Roles & admins, the role, Description).
- --app: Enterprise apps, the app, Overview: Application ID, which is the client id, and not the object id.
- --aaguid: the passkey under Users, the user, Authentication methods, or aaGuid in user.json.

What goes wrong:
- az rest as a signed-in user is likely to end with 403 for the policy: the Azure CLI's own app lacks these permissions,
  and az login cannot ask for them (Azure/azure-cli issues 23906 and 33062). az works as a service principal that has
  Policy.Read.All; otherwise use PowerShell, or Graph Explorer (grant the permission under Modify permissions, and save
  the response as it is). The app that m365 signs in with needs the same permissions.
- Without RoleManagement.Read.Directory (or Directory.Read.All), Graph returns a role with little more than its id.
  Policies name roles by their template id, so hybridd then takes the list of groups as incomplete.
- Roles for which the user is only eligible (Privileged Identity Management) are not in groups.json until they are active.
- A response with @odata.nextLink is a page of several, and makes verdicts uncertain: no page shows that the
  others are there. Ask for longer pages (groups: transitiveMemberOf?$top=999), or join all pages in one list.
- ConvertTo-Json truncates nested values of cmdlet objects (Get-Mg…): use -OutputType Json.
- UTF-16 files with a byte order mark, as PowerShell 5 writes them, are accepted; tables and CSV are not.
- Never save the response that creates a Temporary Access Pass: it contains the pass, and hybridd rejects the file.

Sources: Microsoft Graph's reference pages of these requests, as of 2024 and 2025; which role reads another user's groups
was not verified. We have run none of these commands against a tenant.
";

/// What is not saved cannot be exported.
const BEFORE_A_CHANGE: &str = "
Before a change is saved:
- It cannot be exported. Save the exports of today in a folder before, copy it (cp -rp before after), and edit the copy: a
  list of models in after/methods.json is, in passkeyProfiles,
    \"keyRestrictions\": {\"isEnforced\": true, \"enforcementType\": \"allow\", \"aaGuids\": [\"…\"]}
  Then: hybridd policy diff before after
- Whom it concerns among many: /v1.0/reports/authenticationMethods/userRegistrationDetails (AuditLog.Read.All) says in one
  list who has a passkey and what else, but not which model. Ask for user.json of these alone.
";

/// The least that is needed, as Microsoft documents it.
const fn permission(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Methods | ExportKind::Fido2 | ExportKind::Pass | ExportKind::Strengths => {
            "Policy.Read.AuthenticationMethod"
        }
        ExportKind::Access => "Policy.Read.All; not verified whether less is enough",
        ExportKind::UserMethods => {
            "UserAuthenticationMethod.Read.All; one's own: UserAuthMethod-Passkey.Read; not in China"
        }
        ExportKind::Groups => {
            "GroupMember.Read.All, and RoleManagement.Read.Directory for roles; one's own: /v1.0/me/transitiveMemberOf"
        }
    }
}

/// The roles of the person who runs it, as Microsoft documents them.
const fn role(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Methods | ExportKind::Fido2 | ExportKind::Pass => {
            "Global Reader or Authentication Policy Administrator"
        }
        ExportKind::Strengths => {
            "Security Reader, Security Administrator or Conditional Access Administrator"
        }
        ExportKind::Access => "Security Reader, Global Reader or Conditional Access Administrator",
        ExportKind::UserMethods => {
            "Global Reader, Authentication Administrator or Privileged Authentication Administrator"
        }
        ExportKind::Groups => "Global Reader or Directory Readers (not verified)",
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
        for part in [
            // Each file's permission is asked for before its command.
            "Connect-MgGraph -Scopes Policy.Read.AuthenticationMethod,Policy.Read.All\n",
            "Connect-MgGraph -Scopes UserAuthenticationMethod.Read.All,GroupMember.Read.All,RoleManagement.Read.Directory\n",
            // Who may run it.
            "Security Reader, Global Reader or Conditional Access Administrator",
            "Global Reader, Authentication Administrator or Privileged Authentication Administrator",
            // What works where the Azure CLI does not.
            "issues 23906 and 33062",
            "a service principal that has\n  Policy.Read.All",
            "write %23 in place of #",
            "only eligible (Privileged Identity Management)",
            // Where the ids of the options are.
            "the client id, and not the object id",
        ] {
            assert!(text.contains(part), "{part}");
        }
        for word in ["POST", "PATCH", "DELETE", "ReadWrite"] {
            assert!(!text.contains(word), "{word}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 150));
    }
}
