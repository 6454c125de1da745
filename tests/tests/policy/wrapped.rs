//! Files as PowerShell, Graph Explorer and people leave them, given to the program: understood, or
//! refused by file and place with what to do. Nothing is guessed, and no secret is repeated.

use crate::stage::{hybridd, sample, world};
use hybrid_tests::programs::{Ended, World};
use serde_json::{Value, json};
use std::fs;

const CHECK: [&str; 3] = ["policy", "check", "--policy"];
const RESPONSE: [&str; 2] = ["--response", "registration.json"];
const GRAPH: &str = "https://graph.microsoft.com/v1.0/$metadata#";
const FIDO2: &str = "/authenticationMethodConfigurations/0";

/// Judges the sample's registration by a file, beside the user's groups.
async fn check(world: &World, name: &str, content: &[u8]) -> Ended {
    fs::write(world.path("samples/policy").join(name), content).unwrap();
    let args = [&CHECK[..], &[name, "groups.json"], &RESPONSE].concat();
    hybridd(world, &args, "").await
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn what_is_only_wrapped_is_understood() {
    let world = world();
    let methods = sample("methods.json");
    let fido2 = methods.pointer(FIDO2).unwrap().clone();
    let mut list = json!({"@odata.context": format!("{GRAPH}policies"), "value": [fido2.clone()]});
    list["@odata.count"] = json!(1);
    let batch = json!({"responses": [{"id": "1", "status": 200, "headers": {},
        "body": methods.clone()}]});
    let powershell_5 = json!({"value": [methods.clone()], "Count": 1});
    let mut cmdlet = fido2.clone();
    let members = cmdlet.as_object_mut().unwrap();
    let rest: Vec<&str> = vec!["passkeyProfiles", "includeTargets", "defaultPasskeyProfile"];
    let additional: serde_json::Map<String, Value> = rest
        .iter()
        .map(|name| ((*name).to_owned(), members.remove(*name).unwrap()))
        .collect();
    members.insert("AdditionalProperties".to_owned(), additional.into());
    for (name, content) in [
        ("graph-explorer.json", list.to_string().into_bytes()),
        ("batch.json", batch.to_string().into_bytes()),
        ("powershell-5.json", utf16(&powershell_5.to_string())),
        ("cmdlet.json", cmdlet.to_string().into_bytes()),
        (
            "pretty.json",
            utf16(
                &serde_json::to_string_pretty(&methods)
                    .unwrap()
                    .replace('\n', "\r\n"),
            ),
        ),
    ] {
        let ended = check(&world, name, &content).await;
        assert_eq!(ended.code, Some(0), "{name}: {ended}");
        assert!(ended.stdout.contains(&format!("{name}#/")), "{name}");
    }
}

#[tokio::test]
async fn what_powershell_left_out_is_named_and_decides_nothing() {
    let world = world();
    let methods = sample("methods.json");
    for (place, text) in [
        (
            "/authenticationMethodConfigurations",
            json!("System.Object[]"),
        ),
        (
            "/authenticationMethodConfigurations",
            json!([
                "System.Collections.Hashtable",
                "System.Collections.Hashtable"
            ]),
        ),
        (
            "/authenticationMethodConfigurations/0/passkeyProfiles",
            json!(["@{id=00000000-0000-0000-0000-000000000001; name=Default}"]),
        ),
        (
            "/authenticationMethodConfigurations/0/includeTargets",
            json!(["Microsoft.Graph.PowerShell.Models.MicrosoftGraphTarget"]),
        ),
        (
            "/authenticationMethodConfigurations/0/passkeyProfiles/0/keyRestrictions",
            json!("System.Collections.Hashtable"),
        ),
    ] {
        let mut cut = methods.clone();
        *cut.pointer_mut(place).unwrap() = text;
        let ended = check(&world, "cut.json", cut.to_string().as_bytes()).await;
        assert_eq!(ended.code, Some(3), "{place}: {ended}");
        let told = format!("PowerShell truncated nested values at cut.json#{place}");
        assert!(ended.stdout.contains(&told), "{place}: {}", ended.stdout);
        let verdicts = ended.stdout.replace("PK002 (input, certain)", "");
        assert!(!verdicts.contains(", certain)"), "{}", ended.stdout);
    }
    let list = json!({"value": ["System.Collections.Hashtable"]});
    let ended = check(&world, "list.json", list.to_string().as_bytes()).await;
    assert_eq!(ended.code, Some(2));
    assert!(
        ended
            .stderr
            .contains("list.json#/value/0: PowerShell wrote a type's name")
    );
}

#[tokio::test]
async fn what_is_no_response_of_graph_is_refused_by_name_and_place_with_what_to_do() {
    let world = world();
    let methods = sample("methods.json").to_string();
    let pretty = serde_json::to_string_pretty(&sample("methods.json")).unwrap();
    let table = "\r\nName                           Value\r\n----                           -----\r\nstate                          enabled\r\n";
    let list = "\r\n\r\nId                   : Fido2\r\nState                : enabled\r\nAdditionalProperties : {[@odata.type, #microsoft.graph]}\r\n";
    for (name, content, told) in [
        (
            "list.txt",
            list.as_bytes().to_vec(),
            "table or list from PowerShell",
        ),
        ("table.txt", utf16(table), "table or list from PowerShell"),
        (
            "hash.txt",
            b"@{id=Fido2; state=enabled}".to_vec(),
            "table or list from PowerShell",
        ),
        (
            "clixml.xml",
            b"<Objs Version=\"1.1.0.1\">".to_vec(),
            "HTML or XML",
        ),
        (
            "copied.html",
            b"<div class=\"monaco\"><span>{</span></div>".to_vec(),
            "copy the response as text",
        ),
        (
            "table.csv",
            b"\"Id\",\"State\"\r\n\"Fido2\",\"enabled\"\r\n".to_vec(),
            "comma-separated",
        ),
        (
            "cut.json",
            methods.as_bytes()[..methods.len() - 40].to_vec(),
            "truncated at line 1",
        ),
        (
            "two.json",
            format!("{pretty}\n{methods}\n").into_bytes(),
            "a second JSON document begins at line",
        ),
        (
            "error.json",
            b"{\"error\": {\"code\": \"Authorization_RequestDenied\", \"message\": \"x\"}}"
                .to_vec(),
            "error.json#/error: Graph returned the error Authorization_RequestDenied",
        ),
        (
            "headers.json",
            format!("HTTP/1.1 200 OK\n\n{methods}").into_bytes(),
            "stands before the JSON, which begins at line 3",
        ),
        (
            "quotes.json",
            "{“id”: “Fido2”}".as_bytes().to_vec(),
            "not valid JSON at line 1",
        ),
    ] {
        let ended = check(&world, name, &content).await;
        assert_eq!(ended.code, Some(2), "{name}: {ended}");
        let start = format!("hybridd: {name}");
        assert!(ended.stderr.starts_with(&start), "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{name}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[tokio::test]
async fn a_file_of_another_tenant_or_cloud_is_refused_with_both_names() {
    let world = world();
    let one = "aaaaaaaa-1111-1111-1111-111111111111";
    let other = "bbbbbbbb-2222-2222-2222-222222222222";
    let object = |tenant: &str| {
        json!({"@odata.type": "#microsoft.graph.group", "id": "11111111-1111-1111-1111-111111111111",
            "@odata.id": format!("https://graph.microsoft.com/v2/{tenant}/directoryObjects/x/Microsoft.DirectoryServices.Group")})
    };
    let mut methods = sample("methods.json");
    methods["tenantId"] = json!(one);
    for (name, groups, expected) in [
        ("same.json", json!({"value": [object(one)]}), Some(0)),
        ("foreign.json", json!({"value": [object(other)]}), Some(2)),
        (
            "wrapped.json",
            json!({"tenantId": other, "value": [{"id": other}]}),
            Some(2),
        ),
    ] {
        let folder = world.path("samples/policy");
        fs::write(folder.join("methods-one.json"), methods.to_string()).unwrap();
        fs::write(folder.join(name), groups.to_string()).unwrap();
        let args = [&CHECK[..], &["methods-one.json", name], &RESPONSE].concat();
        let ended = hybridd(&world, &args, "").await;
        assert_eq!(ended.code, expected, "{name}: {ended}");
        if expected == Some(2) {
            for part in [name, "methods-one.json", "different cloud or tenant"] {
                assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
            }
        }
    }
}

#[tokio::test]
async fn beta_beside_v1_is_told_and_makes_less_certain() {
    let world = world();
    let mut off = sample("self-service-off.json");
    let ended = check(&world, "off.json", off.to_string().as_bytes()).await;
    assert!(
        ended.stdout.contains("PK020 (capability, certain)"),
        "{}",
        ended.stdout
    );
    off["@odata.context"] =
        json!("https://graph.microsoft.com/beta/$metadata#authenticationMethodsPolicy");
    let ended = check(&world, "off.json", off.to_string().as_bytes()).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("PK020 (capability, likely)"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("off.json is from Graph's beta"),
        "{}",
        ended.stdout
    );
}

#[tokio::test]
async fn a_file_with_the_value_of_a_pass_is_refused_in_every_wrapping_and_never_repeated() {
    const VALUE: &str = "X7!kpQz4Lm";
    let world = world();
    let pass = json!({"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod",
        "id": "t", "isUsableOnce": true, "temporaryAccessPass": VALUE});
    let cmdlet = json!({"Id": "t", "AdditionalProperties": {"TemporaryAccessPass": VALUE}});
    let batch = json!({"responses": [{"id": "1", "status": 201, "body": pass}]});
    let list = format!("Id                  : t\r\nTemporaryAccessPass : {VALUE}\r\n");
    let csv = format!("Id,TemporaryAccessPass\r\nt,{VALUE}\r\n");
    let truncated = pass.to_string();
    for (name, content) in [
        ("one.json", pass.to_string().into_bytes()),
        ("utf16.json", utf16(&json!({"value": [pass]}).to_string())),
        ("cmdlet.json", cmdlet.to_string().into_bytes()),
        ("batch.json", batch.to_string().into_bytes()),
        ("list.txt", list.into_bytes()),
        ("table.csv", csv.into_bytes()),
        (
            "cut.json",
            truncated.as_bytes()[..truncated.len() - 1].to_vec(),
        ),
        ("two.json", format!("{truncated}\n{truncated}").into_bytes()),
    ] {
        for more in [&[][..], &["--json"]] {
            fs::write(world.path("samples/policy").join(name), &content).unwrap();
            let args = [&CHECK[..], &["methods.json", name], more].concat();
            let ended = hybridd(&world, &args, "").await;
            assert_eq!(ended.code, Some(2), "{name}: {ended}");
            let said = ended.to_string();
            assert!(said.contains(name) && !said.contains("X7!k"), "{said}");
        }
    }
}
