//! The worker's command line.

use crate::options::{DEFAULT_ADDRESS_SPACE_BYTES, DEFAULT_MAX_PAGES, DEFAULT_MAX_PIXELS};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arguments {
    pub(super) mode: Mode,
    /// The parent process; the worker exits with it.
    pub(super) parent: Option<u32>,
    pub(super) address_space_bytes: u64,
    pub(super) max_pixels: u64,
    pub(super) max_pages: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Serve,
    SelfTest,
    Version,
}

impl Arguments {
    pub(super) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self {
            mode: Mode::Serve,
            parent: None,
            address_space_bytes: DEFAULT_ADDRESS_SPACE_BYTES,
            max_pixels: DEFAULT_MAX_PIXELS,
            max_pages: DEFAULT_MAX_PAGES,
        };
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            if name == "--self-test" {
                parsed.mode = Mode::SelfTest;
                continue;
            }
            if name == "--version" {
                parsed.mode = Mode::Version;
                continue;
            }
            let value = arguments.next();
            match name.as_str() {
                "--parent" => parsed.parent = Some(number(&name, value)?),
                "--address-space" => parsed.address_space_bytes = number(&name, value)?,
                "--max-pixels" => parsed.max_pixels = number(&name, value)?,
                "--max-pages" => parsed.max_pages = number(&name, value)?,
                _ => {
                    return Err(format!(
                        "{name} is not known; this program is started by vyveska and vyveska-central, not by hand"
                    ));
                }
            }
        }
        Ok(parsed)
    }
}

fn number<T: std::str::FromStr>(name: &str, value: Option<String>) -> Result<T, String> {
    value
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| format!("{name} needs a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn limits_are_parsed() {
        let parsed = parse("--parent 7 --address-space 5 --max-pixels 6 --max-pages 8").unwrap();
        assert_eq!(parsed.parent, Some(7));
        assert_eq!(parsed.address_space_bytes, 5);
        assert_eq!(parsed.max_pixels, 6);
        assert_eq!(parsed.max_pages, 8);
        assert_eq!(parsed.mode, Mode::Serve);
        assert_eq!(parse("--self-test").unwrap().mode, Mode::SelfTest);
        assert_eq!(parse("--version").unwrap().mode, Mode::Version);
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(parse("document.pdf").is_err());
        assert!(parse("--max-pages").is_err());
        assert!(parse("--max-pages many").is_err());
    }
}
