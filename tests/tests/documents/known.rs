//! What programs say that they know, by their own `--help`.

use super::document::root;
use hybrid_tests::programs;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs of the workspace that read a command line with sub-commands or options.
pub const OURS: &[&str] = &["hybridd", "tunnel-server", "phone-sim", "demo"];

/// Programs that the documents use and that come from elsewhere.
const OTHERS: &[&str] = &[
    "apt",
    "apt-get",
    "cd",
    "certbot",
    "chromium",
    "cp",
    "curl",
    "dpkg",
    "git",
    "grep",
    "install",
    "nano",
    "podman",
    "rm",
    "sed",
    "systemctl",
];

/// The programs, their help read once each.
pub struct Known {
    help: RefCell<BTreeMap<Vec<String>, String>>,
}

impl Known {
    pub fn new() -> Self {
        programs::build();
        Self {
            help: RefCell::default(),
        }
    }

    /// What is wrong with a command.
    pub fn check(&self, command: &[String]) -> Result<(), String> {
        let Some((program, words)) = command.split_first() else {
            return Ok(());
        };
        match program.as_str() {
            "cargo" => self.check_cargo(words),
            ours if OURS.contains(&ours) => {
                self.check_words(&programs::program(ours), &[ours], words)
            }
            script if script.contains('/') && !script.starts_with('/') => is_there(script),
            other if OTHERS.contains(&other) || other.starts_with('/') => Ok(()),
            other => Err(format!("no program of the workspace is called {other}")),
        }
    }

    /// Goes down as long as words are sub-commands, and looks at the options of the last.
    fn check_words(&self, file: &Path, start: &[&str], words: &[String]) -> Result<(), String> {
        let mut path: Vec<String> = start.iter().map(|word| (*word).to_owned()).collect();
        let mut help = self.help(file, &path);
        for word in words {
            let word = word.trim_matches(['[', ']', '…', '(', ')']);
            if let Some(option) = word.strip_prefix("--") {
                let name = option.split(['=', '[', '|', ']']).next().unwrap();
                let known = options(&help).any(|known| known == name);
                if !known && !name.is_empty() {
                    return Err(format!("{} has no option --{name}", path.join(" ")));
                }
                continue;
            }
            let choices = subcommands(&help);
            if choices.is_empty() || !word.starts_with(|c: char| c.is_ascii_lowercase()) {
                continue;
            }
            // `on|off|status` in a sentence is a choice of sub-commands; the first one is followed.
            for choice in word.split('|') {
                if !choices.contains(&choice) {
                    return Err(format!("{} has no command {choice}", path.join(" ")));
                }
            }
            if !word.contains('|') {
                path.push(word.to_owned());
                help = self.help(file, &path);
            }
        }
        Ok(())
    }

    fn check_cargo(&self, words: &[String]) -> Result<(), String> {
        let (own, passed) = match words.iter().position(|word| word == "--") {
            Some(at) => (words.get(..at).unwrap(), words.get(at + 1..).unwrap()),
            None => (words, [].as_slice()),
        };
        let Some(command) = own.first() else {
            return Ok(());
        };
        // Plug-ins of cargo's need not be installed.
        if !["run", "build", "test", "bench", "doc", "install"].contains(&command.as_str()) {
            return Ok(());
        }
        let file = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
        self.check_words(&file, &["cargo", command], &[])?;
        let help = self.help(&file, &["cargo".to_owned(), command.clone()]);
        let mut package = None;
        for (option, value) in own.iter().zip(own.iter().skip(1)) {
            match option.as_str() {
                "-p" | "--package" => package = Some(folder_of(value)?),
                "--test" | "--example" | "--bin" => target(package.as_deref(), option, value)?,
                "--path" => is_there(&format!("{value}/Cargo.toml"))?,
                _ => {}
            }
        }
        for word in own {
            if let Some(option) = word.strip_prefix("--") {
                let name = option.split('=').next().unwrap();
                if !options(&help).any(|known| known == name) {
                    return Err(format!("cargo {command} has no option --{name}"));
                }
            }
        }
        match own.iter().position(|word| word == "--bin") {
            Some(at) => {
                let mut run = vec![own.get(at + 1).cloned().unwrap_or_default()];
                run.extend_from_slice(passed);
                match run.first() {
                    Some(program) if OURS.contains(&program.as_str()) => self.check(&run),
                    // It is there, as was seen above, and reads no options.
                    Some(_) | None => Ok(()),
                }
            }
            None if passed
                .first()
                .is_some_and(|word| OURS.contains(&word.as_str())) =>
            {
                self.check(passed)
            }
            None => Ok(()),
        }
    }

    fn help(&self, file: &Path, path: &[String]) -> String {
        if let Some(help) = self.help.borrow().get(path) {
            return help.clone();
        }
        let mut command = Command::new(file);
        command.args(path.iter().skip(1)).arg("--help");
        // Pages of cargo's would go through a pager.
        let output = command.env("PAGER", "cat").env("LC_ALL", "C").output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(output.status.success(), "{} --help", path.join(" "));
        let help = String::from_utf8(output.stdout).unwrap();
        self.help.borrow_mut().insert(path.to_vec(), help.clone());
        help
    }
}

/// The long options that a help text lists.
fn options(help: &str) -> impl Iterator<Item = &str> {
    help.lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| {
            line.split("--")
                .nth(1)?
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .next()
        })
        .chain(["help", "version"])
}

/// The sub-commands that a help text lists.
fn subcommands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// The folder of a package of the workspace.
fn folder_of(package: &str) -> Result<PathBuf, String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.split("members").nth(1).unwrap_or_default();
    let members = members.split(']').next().unwrap_or_default();
    members
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|member| root().join(member))
        .find(|folder| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest
                .lines()
                .any(|line| line == format!("name = \"{package}\""))
        })
        .ok_or_else(|| format!("the workspace has no package {package}"))
}

/// Whether a package has this test, example or program; without a package, any may.
fn target(package: Option<&Path>, option: &str, name: &str) -> Result<(), String> {
    let place = match option {
        "--test" => "tests",
        "--example" => "examples",
        _ => return is_program(name),
    };
    let folder = package.map_or_else(root, Path::to_owned).join(place);
    let found = [format!("{name}.rs"), format!("{name}/main.rs")]
        .iter()
        .any(|file| folder.join(file).is_file());
    if found {
        Ok(())
    } else {
        Err(format!("{} has no {name}", folder.display()))
    }
}

fn is_program(name: &str) -> Result<(), String> {
    if programs::program(name).is_file() {
        Ok(())
    } else {
        Err(format!("the workspace has no program {name}"))
    }
}

fn is_there(path: &str) -> Result<(), String> {
    if root().join(path).exists() {
        Ok(())
    } else {
        Err(format!("there is no {path}"))
    }
}
