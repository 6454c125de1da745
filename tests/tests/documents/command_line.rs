//! A command line as a shell would take it apart: the words of each command of it.

/// The commands of a line, each as its words. Comments and redirections are left out; a piece
/// between quotes is one word.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut words = words(line).into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "|" | "&&" | "||" | ";" | "·" => commands.push(Vec::new()),
            ">" | "2>" | ">>" | "<" => {
                words.next();
            }
            redirection if redirection.contains(">&") || redirection.starts_with('>') => {}
            _ => {
                if let Some(command) = commands.last_mut() {
                    command.push(word);
                }
            }
        }
    }
    commands.iter_mut().for_each(strip);
    commands.retain(|command| !command.is_empty());
    commands
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                quoted = true;
            }
            None if c == '#' && word.is_empty() => break,
            None if c.is_whitespace() => {
                if quoted || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                quoted = false;
            }
            None => word.push(c),
        }
    }
    if quoted || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Takes away what stands before a program: variables, and whoever runs it.
fn strip(command: &mut Vec<String>) {
    while command
        .first()
        .is_some_and(|word| word == "sudo" || is_variable(word))
    {
        command.remove(0);
    }
}

fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

#[test]
fn a_line_is_taken_apart_as_a_shell_does() {
    let line = "A=1 cargo build --bins && sudo hybridd explain \"a | b\" 2> log | grep x # why";
    let expected: [&[&str]; 3] = [
        &["cargo", "build", "--bins"],
        &["hybridd", "explain", "a | b"],
        &["grep", "x"],
    ];
    assert_eq!(commands(line), expected);
}
