//! The wrappings around exports: Graph's list, a bare list, one object, PowerShell's list with its
//! count, and the answers of a batch.

use super::error::{ImportError, ImportFault};
use crate::json_node::JsonNode;
use crate::pointer::Pointer;

/// One answer of Graph without its wrapping.
pub(super) struct Document<'a> {
    pub(super) place: Pointer,
    /// What `@odata.context` says.
    pub(super) context: Option<(&'a str, Pointer)>,
    pub(super) entries: Vec<JsonNode<'a>>,
    /// There was an `@odata.nextLink`, or a count of more.
    pub(super) incomplete: bool,
}

impl Document<'_> {
    /// Whether its context names this.
    pub(super) fn is_of(&self, part: &str) -> bool {
        let context = self.context.as_ref();
        context.is_some_and(|(text, _)| text.to_ascii_lowercase().contains(part))
    }

    /// Whose methods its context names: `…/$metadata#users('alice%40example.org')/authentication/methods`.
    pub(super) fn user(&self) -> Option<String> {
        let (context, _) = self.context.as_ref()?;
        let (_, rest) = context.split_once("#users('")?;
        let (user, _) = rest.split_once("')")?;
        Some(user.to_ascii_lowercase().replace("%40", "@"))
    }

    /// One object of a list that has more.
    pub(super) fn is_entity(&self) -> bool {
        let context = self.context.as_ref();
        context.is_some_and(|(text, _)| text.ends_with("/$entity"))
    }
}

/// The answers in a file.
///
/// # Errors
/// [`ImportError`] when there is an error of Graph's, or no object where one is expected.
pub(super) fn documents<'a>(root: &JsonNode<'a>) -> Result<Vec<Document<'a>>, ImportError> {
    let Some(responses) = root.get("responses").filter(|_| root.get("id").is_none()) else {
        return Ok(vec![document(root)?]);
    };
    let mut documents = Vec::new();
    for response in objects(&responses)? {
        let status = response.get("status").and_then(|node| node.value.as_i64());
        if let Some(status) = status.filter(|status| *status != 200) {
            return Err(ImportError::new(
                response.place,
                ImportFault::BatchStatus(status),
            ));
        }
        let Some(body) = response.get("body") else {
            return Err(ImportError::new(response.place, ImportFault::NotObjects));
        };
        documents.push(document(&body)?);
    }
    Ok(documents)
}

fn document<'a>(node: &JsonNode<'a>) -> Result<Document<'a>, ImportError> {
    if let Some(error) = node.get("error").filter(|_| node.get("id").is_none()) {
        let code = error.text_of("code").unwrap_or("without a code");
        let code = code.chars().take(60).collect();
        return Err(ImportError::new(error.place, ImportFault::GraphError(code)));
    }
    let context = node
        .get("@odata.context")
        .and_then(|node| Some((node.text()?, node.place.clone())));
    let list = node.get("value").filter(|_| node.get("id").is_none());
    let entries = objects(list.as_ref().unwrap_or(node))?;
    let counted = node.get("@odata.count");
    let counted = counted.and_then(|node| node.value.as_u64());
    let fewer = counted.is_some_and(|counted| counted > entries.len() as u64);
    Ok(Document {
        place: node.place.clone(),
        context,
        entries,
        incomplete: fewer || node.filled("@odata.nextLink").is_some(),
    })
}

fn objects<'a>(node: &JsonNode<'a>) -> Result<Vec<JsonNode<'a>>, ImportError> {
    let items = node.items();
    match items.iter().find(|item| !item.value.is_object()) {
        Some(other) if other.is_cut_off() => {
            Err(ImportError::new(other.place.clone(), ImportFault::CutOff))
        }
        Some(other) => Err(ImportError::new(
            other.place.clone(),
            ImportFault::NotObjects,
        )),
        None => Ok(items),
    }
}
